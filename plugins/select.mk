# the wrapper around select/cons_tres
SELECT_CPPFLAGS = $(SLURM_PLUGIN_CPPFLAGS) -I$(top_srcdir)/plugins/select
SELECT_SOURCES = \
	plugins/compat/select_api.c plugins/compat/select_api.h \
	plugins/compat/select_job.c plugins/compat/select_job.h \
	plugins/compat/select_nodes.c plugins/compat/select_nodes.h \
	plugins/compat/slurmctld.h plugins/compat/list.h plugins/compat/version.h \
	plugins/compat/snapwatch.c plugins/compat/snapwatch.h \
	plugins/select/delegate.c plugins/select/delegate.h \
	plugins/select/job_tag.c plugins/select/job_tag.h \
	plugins/select/narrow.c plugins/select/narrow.h \
	plugins/select/nodes.c plugins/select/nodes.h \
	plugins/select/probe.c plugins/select/probe.h \
	plugins/select/residency_mask.c plugins/select/residency_mask.h \
	plugins/select/select_cons_tres.c

if SELECT_OWN_NAME
aifplugin_LTLIBRARIES += select_cons_tres_aif.la
else
aifplugin_LTLIBRARIES += select_cons_tres.la
endif

select_cons_tres_la_CPPFLAGS = $(SELECT_CPPFLAGS)
select_cons_tres_la_CFLAGS = $(SLURM_PLUGIN_CFLAGS)
select_cons_tres_la_LDFLAGS = $(PLUGIN_LINK_FLAGS)
select_cons_tres_la_LIBADD = lib/libaif.la
select_cons_tres_la_SOURCES = $(SELECT_SOURCES)

select_cons_tres_aif_la_CPPFLAGS = $(SELECT_CPPFLAGS)
select_cons_tres_aif_la_CFLAGS = $(SLURM_PLUGIN_CFLAGS)
select_cons_tres_aif_la_LDFLAGS = $(PLUGIN_LINK_FLAGS)
select_cons_tres_aif_la_LIBADD = lib/libaif.la
select_cons_tres_aif_la_SOURCES = $(SELECT_SOURCES)
