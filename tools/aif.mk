# aif: one command, one file per subcommand. The tools link only Slurm's public library.
noinst_LTLIBRARIES += tools/libaiftool.la
TOOL_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/plugins/compat $(SLURM_CPPFLAGS)
TOOL_CFLAGS = $(AM_CFLAGS) $(JSONC_CFLAGS)

# Shared with aif-reportd.
tools_libaiftool_la_CPPFLAGS = $(TOOL_CPPFLAGS)
tools_libaiftool_la_CFLAGS = $(TOOL_CFLAGS)
tools_libaiftool_la_SOURCES = tools/common.c tools/common.h tools/commands.h tools/slurmconn.c tools/slurmconn.h \
	plugins/compat/slurmdb.h

bin_PROGRAMS += tools/aif
tools_aif_CPPFLAGS = $(TOOL_CPPFLAGS)
tools_aif_CFLAGS = $(TOOL_CFLAGS) $(SQLITE_CFLAGS) $(CRYPTO_CFLAGS)
tools_aif_LDFLAGS = $(AM_LDFLAGS) $(NOW_LDFLAGS) $(SLURM_LDFLAGS)
tools_aif_SOURCES = tools/aif.c tools/aif_config.c tools/aif_explain.c tools/aif_plan.c tools/aif_quota.c tools/aif_rules.c \
	tools/plan.c tools/plan.h tools/plan_assoc.c tools/planning.h tools/apply.c tools/dbd.c tools/dbd.h tools/live.c tools/live.h \
	tools/table.c tools/table.h tools/jobfacts.c tools/jobfacts.h tools/reasons.c tools/reasons.h \
	tools/explain.c tools/explain.h
tools_aif_LDADD = tools/libaiftool.la lib/libaifreport.la lib/libaif.la $(SLURM_LIBS) $(JSONC_LIBS)
