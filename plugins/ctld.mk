# job_submit/aif, priority/aif, site_factor/aif and what they share
COMPAT_BASE = plugins/compat/version.h plugins/compat/list.h plugins/compat/slurmctld.h
COMPAT_SNAPWATCH = plugins/compat/snapwatch.c plugins/compat/snapwatch.h

aifplugin_LTLIBRARIES += plugins/job_submit/job_submit_aif.la
plugins_job_submit_job_submit_aif_la_CPPFLAGS = $(SLURM_PLUGIN_CPPFLAGS)
plugins_job_submit_job_submit_aif_la_CFLAGS = $(SLURM_PLUGIN_CFLAGS)
plugins_job_submit_job_submit_aif_la_LDFLAGS = $(PLUGIN_LINK_FLAGS)
plugins_job_submit_job_submit_aif_la_LIBADD = lib/libaif.la
plugins_job_submit_job_submit_aif_la_SOURCES = $(COMPAT_BASE) $(COMPAT_SNAPWATCH) \
	plugins/compat/env_list.c plugins/compat/env_list.h \
	plugins/compat/gres_count.c plugins/compat/gres_count.h \
	plugins/compat/job_submit_api.h \
	plugins/job_submit/array_count.c plugins/job_submit/array_count.h \
	plugins/job_submit/exclusive.c plugins/job_submit/exclusive.h \
	plugins/job_submit/imprint.c plugins/job_submit/imprint.h \
	plugins/job_submit/job_fields.c plugins/job_submit/job_fields.h \
	plugins/job_submit/may_update.c plugins/job_submit/may_update.h \
	plugins/job_submit/modify.c plugins/job_submit/modify.h \
	plugins/job_submit/options_of.c plugins/job_submit/options_of.h \
	plugins/job_submit/plugin.c \
	plugins/job_submit/usage_of.c plugins/job_submit/usage_of.h \
	plugins/job_submit/verdict.c plugins/job_submit/verdict.h \
	plugins/job_submit/view.c plugins/job_submit/view.h \
	plugins/job_submit/wrapper_probe.c plugins/job_submit/wrapper_probe.h

# two shims over one function
LANE_SOURCES = $(COMPAT_BASE) $(COMPAT_SNAPWATCH) \
	plugins/compat/env_list.c plugins/compat/env_list.h \
	plugins/priority/job_env.c plugins/priority/job_env.h \
	plugins/priority/lane_apply.c plugins/priority/lane_apply.h

aifplugin_LTLIBRARIES += plugins/priority/priority_aif.la
plugins_priority_priority_aif_la_CPPFLAGS = $(SLURM_PLUGIN_CPPFLAGS)
plugins_priority_priority_aif_la_CFLAGS = $(SLURM_PLUGIN_CFLAGS)
plugins_priority_priority_aif_la_LDFLAGS = $(PLUGIN_LINK_FLAGS)
plugins_priority_priority_aif_la_LIBADD = lib/libaif.la
plugins_priority_priority_aif_la_SOURCES = $(LANE_SOURCES) \
	plugins/compat/multifactor.c plugins/compat/multifactor.h \
	plugins/compat/priority_api.h \
	plugins/priority/priority_aif.c

aifplugin_LTLIBRARIES += plugins/site_factor/site_factor_aif.la
plugins_site_factor_site_factor_aif_la_CPPFLAGS = $(SLURM_PLUGIN_CPPFLAGS) -I$(top_srcdir)/plugins/priority
plugins_site_factor_site_factor_aif_la_CFLAGS = $(SLURM_PLUGIN_CFLAGS)
plugins_site_factor_site_factor_aif_la_LDFLAGS = $(PLUGIN_LINK_FLAGS)
plugins_site_factor_site_factor_aif_la_LIBADD = lib/libaif.la
plugins_site_factor_site_factor_aif_la_SOURCES = $(LANE_SOURCES) \
	plugins/site_factor/site_factor_aif.c

# the one part that needs no Slurm to be tested
if HAVE_CMOCKA
check_PROGRAMS += tests/unit/test_array_count
tests_unit_test_array_count_SOURCES = tests/unit/test_array_count.c plugins/job_submit/array_count.c
tests_unit_test_array_count_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/plugins/job_submit $(CMOCKA_CFLAGS)
tests_unit_test_array_count_LDADD = $(CMOCKA_LIBS)
endif
