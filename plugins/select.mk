# the wrapper around select/cons_tres
SELECT_CPPFLAGS = $(SLURM_PLUGIN_CPPFLAGS) -I$(top_srcdir)/plugins/select $(MUNGE_CFLAGS)
SELECT_SOURCES = \
	lib/seal.c lib/seal.h \
	plugins/compat/audit.c plugins/compat/audit.h \
	plugins/compat/job_alloc.c plugins/compat/job_alloc.h \
	plugins/compat/job_start.c plugins/compat/job_start.h \
	plugins/compat/select_api.c plugins/compat/select_api.h \
	plugins/compat/select_chosen.c plugins/compat/select_chosen.h \
	plugins/compat/select_devices.c plugins/compat/select_devices.h \
	plugins/compat/env_list.c plugins/compat/env_list.h \
	plugins/compat/held.h \
	plugins/compat/own_thread.c plugins/compat/own_thread.h \
	plugins/compat/select_gpus.c plugins/compat/select_gpus.h \
	plugins/compat/select_held.c plugins/compat/select_held.h \
	plugins/compat/select_job.c plugins/compat/select_job.h \
	plugins/compat/select_nodes.c plugins/compat/select_nodes.h \
	plugins/compat/slurmctld.h plugins/compat/list.h plugins/compat/version.h \
	plugins/compat/select_stamp.h plugins/compat/snapwatch.c plugins/compat/snapwatch.h \
	plugins/select/audit_job.c plugins/select/audit_job.h \
	plugins/select/candidates.c plugins/select/candidates.h \
	plugins/select/counters.c plugins/select/counters.h \
	plugins/select/delegate.c plugins/select/delegate.h \
	plugins/select/devices.c plugins/select/devices.h \
	plugins/select/ever.c plugins/select/ever.h \
	plugins/select/fabrics.c plugins/select/fabrics.h \
	plugins/select/future.c plugins/select/future.h \
	plugins/select/gpu_counts.c plugins/select/gpu_counts.h \
	plugins/select/held_table.c plugins/select/held_table.h \
	plugins/select/inside_counts.c plugins/select/inside_counts.h \
	plugins/select/intent.c plugins/select/intent.h \
	plugins/select/job_tag.c plugins/select/job_tag.h \
	plugins/select/job_ticket.c plugins/select/job_ticket.h \
	plugins/select/narrow.c plugins/select/narrow.h \
	plugins/select/plan.c plugins/select/plan.h \
	plugins/select/probe.c plugins/select/probe.h \
	plugins/select/stamp.c plugins/select/stamp.h \
	plugins/select/propose.c plugins/select/propose.h \
	plugins/select/ready.c plugins/select/ready.h \
	plugins/select/residency_mask.c plugins/select/residency_mask.h \
	plugins/select/room.c plugins/select/room.h \
	plugins/select/sample.c plugins/select/sample.h \
	plugins/select/score.c plugins/select/score.h \
	plugins/select/sealer.c plugins/select/sealer.h \
	plugins/select/select_cons_tres.c \
	plugins/select/shapes.c plugins/select/shapes.h \
	plugins/select/start_check.c plugins/select/start_check.h \
	plugins/select/strict.c plugins/select/strict.h \
	plugins/select/view.c plugins/select/view.h plugins/select/view_node.c

if SELECT_OWN_NAME
aifplugin_LTLIBRARIES += select_cons_tres_aif.la
else
aifplugin_LTLIBRARIES += select_cons_tres.la
endif

select_cons_tres_la_CPPFLAGS = $(SELECT_CPPFLAGS)
select_cons_tres_la_CFLAGS = $(SLURM_PLUGIN_CFLAGS)
select_cons_tres_la_LDFLAGS = $(PLUGIN_LINK_FLAGS)
select_cons_tres_la_LIBADD = lib/libaif.la $(MUNGE_LIBS)
select_cons_tres_la_SOURCES = $(SELECT_SOURCES)

select_cons_tres_aif_la_CPPFLAGS = $(SELECT_CPPFLAGS)
select_cons_tres_aif_la_CFLAGS = $(SLURM_PLUGIN_CFLAGS)
select_cons_tres_aif_la_LDFLAGS = $(PLUGIN_LINK_FLAGS)
select_cons_tres_aif_la_LIBADD = lib/libaif.la $(MUNGE_LIBS)
select_cons_tres_aif_la_SOURCES = $(SELECT_SOURCES)

if HAVE_CMOCKA
check_PROGRAMS += tests/unit/test_held_table tests/unit/test_ready tests/unit/test_room
tests_unit_test_held_table_SOURCES = tests/unit/test_held_table.c plugins/select/held_table.c
tests_unit_test_held_table_CPPFLAGS = $(UNIT_CPPFLAGS) -I$(top_srcdir)/plugins/compat -I$(top_srcdir)/plugins/select
tests_unit_test_held_table_LDADD = $(UNIT_LIBS)
tests_unit_test_ready_SOURCES = tests/unit/test_ready.c plugins/select/held_table.c plugins/select/ready.c
tests_unit_test_ready_CPPFLAGS = $(UNIT_CPPFLAGS) -I$(top_srcdir)/plugins/compat -I$(top_srcdir)/plugins/select
tests_unit_test_ready_LDADD = $(UNIT_LIBS)
tests_unit_test_room_SOURCES = tests/unit/test_room.c plugins/select/room.c
tests_unit_test_room_CPPFLAGS = $(UNIT_CPPFLAGS) -I$(top_srcdir)/plugins/compat -I$(top_srcdir)/plugins/select
tests_unit_test_room_LDADD = $(UNIT_LIBS)
endif
