# spank_aif.so, for sbatch, srun, salloc and slurmstepd. It needs <slurm/spank.h> only, not the source tree, and takes
# just the files of the core that it uses, so that no JSON or TLS library is loaded on every node.
aifplugin_LTLIBRARIES += spank/spank_aif.la
spank_spank_aif_la_SOURCES = \
	spank/spank_aif.c spank/contexts.h spank/option_table.c spank/option_table.h \
	spank/request.c spank/request.h spank/allocator.c spank/local.c spank/remote.c spank/leaf.c spank/leaf.h \
	lib/options.c lib/options.h lib/message.c lib/message.h lib/error.c lib/error.h
spank_spank_aif_la_CPPFLAGS = $(AM_CPPFLAGS) $(SLURM_CPPFLAGS)
spank_spank_aif_la_CFLAGS = -std=gnu11 $(WARNING_CFLAGS) $(HARDENING_CFLAGS) -fvisibility=hidden
spank_spank_aif_la_LDFLAGS = -module -avoid-version -shared $(NOW_LDFLAGS) -Wl,--version-script=$(top_srcdir)/spank/spank_aif.map
spank_spank_aif_la_DEPENDENCIES = spank/spank_aif.map
EXTRA_DIST += spank/spank_aif.map

if HAVE_CMOCKA
check_PROGRAMS += tests/unit/test_leaf
tests_unit_test_leaf_SOURCES = tests/unit/test_leaf.c spank/leaf.c
tests_unit_test_leaf_CPPFLAGS = $(UNIT_CPPFLAGS) -I$(top_srcdir)/spank
tests_unit_test_leaf_LDADD = $(CMOCKA_LIBS)
endif
