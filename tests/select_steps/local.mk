# What steps a slurmctld under test through random events: a clock to preload into it, and the program that drives it.
noinst_LTLIBRARIES += tests/select_steps/clock.la
tests_select_steps_clock_la_SOURCES = tests/select_steps/clock.c tests/select_steps/clock.h
tests_select_steps_clock_la_LDFLAGS = $(AM_LDFLAGS) -module -avoid-version -shared -rpath /nonexistent
tests_select_steps_clock_la_LIBADD = -ldl

noinst_PROGRAMS += tests/select_steps/steps
tests_select_steps_steps_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/plugins/compat $(SLURM_CPPFLAGS)
tests_select_steps_steps_LDFLAGS = $(AM_LDFLAGS) $(SLURM_LDFLAGS)
tests_select_steps_steps_SOURCES = tests/select_steps/steps.c tests/select_steps/clock.h plugins/compat/slurmdb.h
tests_select_steps_steps_LDADD = $(SLURM_LIBS)

if HAVE_SLURM_SOURCE
noinst_LTLIBRARIES += tests/select_steps/answer.la
tests_select_steps_answer_la_CPPFLAGS = $(SLURM_PLUGIN_CPPFLAGS)
tests_select_steps_answer_la_CFLAGS = $(SLURM_PLUGIN_CFLAGS)
tests_select_steps_answer_la_SOURCES = tests/select_steps/answer.c plugins/compat/slurmctld.h plugins/compat/list.h \
	plugins/compat/version.h
tests_select_steps_answer_la_LDFLAGS = $(PLUGIN_LINK_FLAGS) -rpath /nonexistent
endif
