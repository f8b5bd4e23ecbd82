# The audit of the select wrapper: a select plugin in front of it, in a directory of its own. Never installed.
if SELECT_OWN_NAME
noinst_LTLIBRARIES += tests/select_audit/select_cons_tres_aif.la
else
noinst_LTLIBRARIES += tests/select_audit/select_cons_tres.la
endif

SELECT_AUDIT_SOURCES = \
	tests/select_audit/audit.c \
	tests/select_audit/compare.c tests/select_audit/compare.h \
	plugins/compat/select_api.c plugins/compat/select_api.h \
	plugins/compat/select_job.c plugins/compat/select_job.h \
	plugins/compat/select_trial.c plugins/compat/select_trial.h \
	plugins/compat/slurmctld.h plugins/compat/list.h plugins/compat/version.h

tests_select_audit_select_cons_tres_la_CPPFLAGS = $(SLURM_PLUGIN_CPPFLAGS)
tests_select_audit_select_cons_tres_la_CFLAGS = $(SLURM_PLUGIN_CFLAGS)
tests_select_audit_select_cons_tres_la_LDFLAGS = $(PLUGIN_LINK_FLAGS) -rpath /nonexistent
tests_select_audit_select_cons_tres_la_LIBADD = lib/libaif.la -ldl
tests_select_audit_select_cons_tres_la_SOURCES = $(SELECT_AUDIT_SOURCES)

tests_select_audit_select_cons_tres_aif_la_CPPFLAGS = $(SLURM_PLUGIN_CPPFLAGS)
tests_select_audit_select_cons_tres_aif_la_CFLAGS = $(SLURM_PLUGIN_CFLAGS)
tests_select_audit_select_cons_tres_aif_la_LDFLAGS = $(PLUGIN_LINK_FLAGS) -rpath /nonexistent
tests_select_audit_select_cons_tres_aif_la_LIBADD = lib/libaif.la -ldl
tests_select_audit_select_cons_tres_aif_la_SOURCES = $(SELECT_AUDIT_SOURCES)
