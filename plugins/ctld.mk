# job_submit/aif, priority/aif, site_factor/aif and what they share
COMPAT_BASE = plugins/compat/version.h plugins/compat/list.h plugins/compat/slurmctld.h
COMPAT_SNAPWATCH = plugins/compat/snapwatch.c plugins/compat/snapwatch.h

aifplugin_LTLIBRARIES += plugins/job_submit/job_submit_aif.la
plugins_job_submit_job_submit_aif_la_CPPFLAGS = $(SLURM_PLUGIN_CPPFLAGS)
plugins_job_submit_job_submit_aif_la_CFLAGS = $(SLURM_PLUGIN_CFLAGS) $(LTO_CFLAGS)
plugins_job_submit_job_submit_aif_la_LDFLAGS = $(PLUGIN_LINK_FLAGS)
plugins_job_submit_job_submit_aif_la_LIBADD = $(HOOK_LIB)
plugins_job_submit_job_submit_aif_la_SOURCES = $(COMPAT_BASE) $(COMPAT_SNAPWATCH) \
	lib/directcalls.h \
	plugins/compat/audit.c plugins/compat/audit.h \
	plugins/compat/env_list.c plugins/compat/env_list.h \
	plugins/compat/federation.c plugins/compat/federation.h \
	plugins/compat/gres_count.c plugins/compat/gres_count.h \
	plugins/compat/job_alloc.c plugins/compat/job_alloc.h \
	plugins/compat/job_hold.c plugins/compat/job_hold.h \
	plugins/compat/job_start.c plugins/compat/job_start.h \
	plugins/compat/job_submit_api.h \
	plugins/compat/own_thread.c plugins/compat/own_thread.h \
	plugins/compat/state_file.c plugins/compat/state_file.h \
	plugins/job_submit/audit_submit.c plugins/job_submit/audit_submit.h \
	plugins/job_submit/advised.c plugins/job_submit/advised.h \
	plugins/job_submit/array_count.c plugins/job_submit/array_count.h \
	plugins/job_submit/billing.c plugins/job_submit/billing.h \
	plugins/job_submit/change.c plugins/job_submit/change.h \
	plugins/job_submit/exclusive.c plugins/job_submit/exclusive.h \
	plugins/job_submit/guard.c plugins/job_submit/guard.h \
	plugins/job_submit/guard_act.c plugins/job_submit/guard_act.h \
	plugins/job_submit/guard_look.c plugins/job_submit/guard_look.h \
	plugins/job_submit/het.c plugins/job_submit/het.h \
	plugins/job_submit/imprint.c plugins/job_submit/imprint.h \
	plugins/job_submit/job_fields.c plugins/job_submit/job_fields.h \
	plugins/job_submit/keep_siblings.c plugins/job_submit/keep_siblings.h \
	plugins/job_submit/may_update.c plugins/job_submit/may_update.h \
	plugins/job_submit/modify.c plugins/job_submit/modify.h \
	plugins/job_submit/no_policy.c plugins/job_submit/no_policy.h \
	plugins/job_submit/options_of.c plugins/job_submit/options_of.h \
	plugins/job_submit/override.c plugins/job_submit/override.h \
	plugins/job_submit/parts.c plugins/job_submit/parts.h \
	plugins/job_submit/plugin.c \
	plugins/job_submit/redecide.c plugins/job_submit/redecide.h \
	plugins/job_submit/refused.c plugins/job_submit/refused.h \
	plugins/job_submit/submission.c plugins/job_submit/submission.h \
	plugins/job_submit/tally.c plugins/job_submit/tally.h \
	plugins/job_submit/tally_table.c plugins/job_submit/tally_table.h \
	plugins/job_submit/usage_of.c plugins/job_submit/usage_of.h \
	plugins/job_submit/usage_read.c plugins/job_submit/usage_read.h \
	plugins/job_submit/qos_index.c plugins/job_submit/qos_index.h \
	plugins/job_submit/usage_table.c plugins/job_submit/usage_table.h \
	plugins/job_submit/user_names.c plugins/job_submit/user_names.h \
	plugins/job_submit/verdict.c plugins/job_submit/verdict.h \
	plugins/job_submit/view.c plugins/job_submit/view.h \
	plugins/compat/select_stamp.h plugins/job_submit/wrapper_probe.c plugins/job_submit/wrapper_probe.h

# two shims over one function
LANE_SOURCES = $(COMPAT_BASE) $(COMPAT_SNAPWATCH) \
	plugins/compat/env_list.c plugins/compat/env_list.h \
	plugins/compat/job_alloc.c plugins/compat/job_alloc.h \
	plugins/compat/job_priority.c plugins/compat/job_priority.h \
	plugins/compat/own_thread.c plugins/compat/own_thread.h \
	plugins/compat/state_file.c plugins/compat/state_file.h \
	plugins/job_submit/usage_read.c plugins/job_submit/usage_read.h \
	plugins/priority/job_env.c plugins/priority/job_env.h \
	plugins/priority/lane_apply.c plugins/priority/lane_apply.h \
	plugins/priority/lane_book.c plugins/priority/lane_book.h \
	plugins/priority/lane_file.c plugins/priority/lane_file.h \
	plugins/priority/lane_look.c plugins/priority/lane_look.h \
	plugins/priority/lane_run.c plugins/priority/lane_run.h \
	plugins/priority/lane_table.c plugins/priority/lane_table.h \
	plugins/priority/lane_thread.c plugins/priority/lane_thread.h

aifplugin_LTLIBRARIES += plugins/priority/priority_aif.la
plugins_priority_priority_aif_la_CPPFLAGS = $(SLURM_PLUGIN_CPPFLAGS) -I$(top_srcdir)/plugins/job_submit
plugins_priority_priority_aif_la_CFLAGS = $(SLURM_PLUGIN_CFLAGS)
plugins_priority_priority_aif_la_LDFLAGS = $(PLUGIN_LINK_FLAGS)
plugins_priority_priority_aif_la_LIBADD = lib/libaif.la
plugins_priority_priority_aif_la_SOURCES = $(LANE_SOURCES) \
	plugins/compat/multifactor.c plugins/compat/multifactor.h \
	plugins/compat/priority_api.h \
	plugins/priority/priority_aif.c

aifplugin_LTLIBRARIES += plugins/site_factor/site_factor_aif.la
plugins_site_factor_site_factor_aif_la_CPPFLAGS = $(SLURM_PLUGIN_CPPFLAGS) -I$(top_srcdir)/plugins/priority \
	-I$(top_srcdir)/plugins/job_submit
plugins_site_factor_site_factor_aif_la_CFLAGS = $(SLURM_PLUGIN_CFLAGS)
plugins_site_factor_site_factor_aif_la_LDFLAGS = $(PLUGIN_LINK_FLAGS)
plugins_site_factor_site_factor_aif_la_LIBADD = lib/libaif.la
plugins_site_factor_site_factor_aif_la_SOURCES = $(LANE_SOURCES) \
	plugins/site_factor/site_factor_aif.c

# the parts that need no Slurm to be tested
if HAVE_CMOCKA
check_PROGRAMS += tests/unit/test_user_names
tests_unit_test_user_names_SOURCES = tests/unit/test_user_names.c plugins/job_submit/user_names.c
tests_unit_test_user_names_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/plugins/job_submit $(CMOCKA_CFLAGS)
tests_unit_test_user_names_LDADD = $(CMOCKA_LIBS)
check_PROGRAMS += tests/unit/test_lane_table
tests_unit_test_lane_table_SOURCES = tests/unit/test_lane_table.c plugins/priority/lane_table.c
tests_unit_test_lane_table_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/plugins/priority $(CMOCKA_CFLAGS)
tests_unit_test_lane_table_LDADD = $(CMOCKA_LIBS)

check_PROGRAMS += tests/unit/test_lane_book
tests_unit_test_lane_book_SOURCES = tests/unit/test_lane_book.c plugins/priority/lane_book.c plugins/priority/lane_file.c \
	plugins/priority/lane_table.c
tests_unit_test_lane_book_CPPFLAGS = $(UNIT_CPPFLAGS) -I$(top_srcdir)/plugins/priority
tests_unit_test_lane_book_LDADD = $(UNIT_LIBS)
check_PROGRAMS += tests/unit/test_lane_file
tests_unit_test_lane_file_SOURCES = tests/unit/test_lane_file.c plugins/priority/lane_book.c plugins/priority/lane_file.c \
	plugins/compat/state_file.c plugins/priority/lane_table.c
tests_unit_test_lane_file_CPPFLAGS = $(UNIT_CPPFLAGS) -I$(top_srcdir)/plugins/priority -I$(top_srcdir)/plugins/compat
tests_unit_test_lane_file_LDADD = $(UNIT_LIBS)

check_PROGRAMS += tests/unit/test_tally_table
tests_unit_test_tally_table_SOURCES = tests/unit/test_tally_table.c plugins/job_submit/tally_table.c
tests_unit_test_tally_table_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/plugins/job_submit $(CMOCKA_CFLAGS)
tests_unit_test_tally_table_LDADD = $(CMOCKA_LIBS)

check_PROGRAMS += tests/unit/test_array_count
tests_unit_test_array_count_SOURCES = tests/unit/test_array_count.c plugins/job_submit/array_count.c
tests_unit_test_array_count_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/plugins/job_submit $(CMOCKA_CFLAGS)
tests_unit_test_array_count_LDADD = $(CMOCKA_LIBS)
endif
