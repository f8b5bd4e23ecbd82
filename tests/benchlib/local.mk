# What tests/bench decide runs: the core alone, and what times the job_submit hook inside slurmctld; what tests/bench
# site_factor preloads.
noinst_PROGRAMS += tests/benchlib/decide
tests_benchlib_decide_SOURCES = tests/benchlib/decide.c
tests_benchlib_decide_LDADD = lib/libaif.la

noinst_LTLIBRARIES += tests/benchlib/hooktimer.la
tests_benchlib_hooktimer_la_SOURCES = tests/benchlib/hooktimer.c
tests_benchlib_hooktimer_la_LDFLAGS = $(AM_LDFLAGS) -module -avoid-version -shared -rpath /nonexistent
tests_benchlib_hooktimer_la_LIBADD = -ldl

noinst_LTLIBRARIES += tests/benchlib/site_factor_timer.la
tests_benchlib_site_factor_timer_la_SOURCES = tests/benchlib/site_factor_timer.c tests/benchlib/site_factor_timer.h \
	tests/benchlib/site_factor_memory.c
tests_benchlib_site_factor_timer_la_LDFLAGS = $(AM_LDFLAGS) -module -avoid-version -shared -rpath /nonexistent
tests_benchlib_site_factor_timer_la_LIBADD = -ldl

noinst_PROGRAMS += tests/benchlib/submit
tests_benchlib_submit_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/plugins/compat $(SLURM_CPPFLAGS)
tests_benchlib_submit_LDFLAGS = $(AM_LDFLAGS) $(SLURM_LDFLAGS)
tests_benchlib_submit_SOURCES = tests/benchlib/submit.c plugins/compat/slurmdb.h
tests_benchlib_submit_LDADD = $(SLURM_LIBS)

noinst_PROGRAMS += tests/benchlib/submit_gpu
tests_benchlib_submit_gpu_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/plugins/compat $(SLURM_CPPFLAGS)
tests_benchlib_submit_gpu_LDFLAGS = $(AM_LDFLAGS) $(SLURM_LDFLAGS)
tests_benchlib_submit_gpu_SOURCES = tests/benchlib/submit_gpu.c plugins/compat/slurmdb.h
tests_benchlib_submit_gpu_LDADD = $(SLURM_LIBS)

noinst_PROGRAMS += tests/benchlib/lane_sim
tests_benchlib_lane_sim_SOURCES = tests/benchlib/lane_sim.c tests/benchlib/lane_sched.c tests/benchlib/lane_sched.h \
	tests/benchlib/lane_profile.c tests/benchlib/lane_profile.h tests/benchlib/moments.c tests/benchlib/moments.h
tests_benchlib_lane_sim_LDADD = lib/libaif.la

noinst_PROGRAMS += tests/benchlib/place_choice
tests_benchlib_place_choice_SOURCES = tests/benchlib/place_choice.c
tests_benchlib_place_choice_LDADD = lib/libaif.la

noinst_PROGRAMS += tests/benchlib/placement_sim
tests_benchlib_placement_sim_SOURCES = tests/benchlib/placement_sim.c \
	tests/benchlib/placement_choice.c tests/benchlib/placement_choice.h \
	tests/benchlib/placement_cluster.c tests/benchlib/placement_cluster.h \
	tests/benchlib/placement_plan.c tests/benchlib/placement_plan.h \
	tests/benchlib/placement_report.c tests/benchlib/placement_report.h \
	tests/benchlib/placement_sched.c tests/benchlib/placement_sched.h \
	tests/benchlib/placement_stock.c tests/benchlib/placement_stock.h tests/benchlib/moments.c tests/benchlib/moments.h
tests_benchlib_placement_sim_LDADD = lib/libaif.la

noinst_PROGRAMS += tests/benchlib/placement_replay
tests_benchlib_placement_replay_SOURCES = tests/benchlib/placement_replay.c \
	tests/benchlib/placement_choice.c tests/benchlib/placement_choice.h \
	tests/benchlib/placement_cluster.c tests/benchlib/placement_cluster.h \
	tests/benchlib/placement_stock.c tests/benchlib/placement_stock.h
tests_benchlib_placement_replay_LDADD = lib/libaif.la

# File by file: the programs above are built into the same folder.
EXTRA_DIST += tests/benchlib/__init__.py tests/benchlib/apply.py tests/benchlib/cloud.py tests/benchlib/crash.py tests/benchlib/decide.py \
	tests/benchlib/decide_ctld.py tests/benchlib/decide_lua.py tests/benchlib/decide_options.lua \
	tests/benchlib/decide_policy.lua tests/benchlib/decide_site.py tests/benchlib/frame.py tests/benchlib/preload.py \
	tests/benchlib/ledger.py tests/benchlib/lane.py tests/benchlib/lane_run.py tests/benchlib/lane_trace.py \
	tests/benchlib/placement.py tests/benchlib/placement_live.py tests/benchlib/placement_run.py tests/benchlib/placement_trace.py \
	tests/benchlib/residency.py tests/benchlib/residency_ctld.py tests/benchlib/safety.py tests/benchlib/select.py tests/benchlib/select_ctld.py tests/benchlib/select_load.py \
	tests/benchlib/site_factor.py tests/benchlib/site_factor_ctld.py

noinst_PROGRAMS += tests/benchlib/ledger_rows
tests_benchlib_ledger_rows_CPPFLAGS = $(AM_CPPFLAGS) $(SQLITE_CFLAGS)
tests_benchlib_ledger_rows_SOURCES = tests/benchlib/ledger_rows.c
tests_benchlib_ledger_rows_LDADD = lib/libaifreport.la lib/libaif.la $(SQLITE_LIBS)
