# What the installed library makes of Slurm's records as the source has them. Never installed.
noinst_PROGRAMS += tests/layout/probe
tests_layout_probe_CPPFLAGS = $(SLURM_PLUGIN_CPPFLAGS)
tests_layout_probe_CFLAGS = $(SLURM_PLUGIN_CFLAGS)
tests_layout_probe_LDADD = -ldl
tests_layout_probe_SOURCES = tests/layout/probe.c tests/layout/members.c tests/layout/members.h plugins/compat/slurmctld.h \
	plugins/compat/list.h plugins/compat/version.h
