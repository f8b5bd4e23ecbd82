# spank_aif.so, for sbatch, srun, salloc and slurmstepd. It needs <slurm/spank.h> only, not the source tree, and takes
# just the files of the core that it uses, so that no JSON or TLS library is loaded on every node.
aifplugin_LTLIBRARIES += spank/spank_aif.la
spank_spank_aif_la_SOURCES = \
	spank/spank_aif.c spank/contexts.h spank/option_table.c spank/option_table.h \
	spank/request.c spank/request.h spank/allocator.c spank/local.c spank/remote.c spank/leaf.c spank/leaf.h \
	spank/hints.c spank/hints.h spank/conffile.c spank/conffile.h spank/hosts.c spank/hosts.h \
	spank/noderank.c spank/noderank.h spank/gpuorder.c spank/gpuorder.h \
	spank/gate.c spank/gate.h spank/gatefile.c spank/gatefile.h spank/nodecheck.c spank/nodecheck.h \
	spank/gating.c spank/gating.h spank/pmixjob.c spank/pmixjob.h \
	lib/gresconf.c lib/gresconf_links.c lib/gresconf.h lib/gpulinks.c lib/gpulinks.h \
	lib/options.c lib/options.h lib/placement.c lib/placement.h lib/timetext.c lib/timetext.h \
	lib/restag.c lib/restag.h lib/residency.c lib/residency.h lib/names.c lib/names.h \
	lib/datasetids.c lib/datasetids.h \
	lib/message.c lib/message.h lib/error.c lib/error.h
# PMIx: headers only. The library is the one that Slurm's mpi/pmix has loaded, if it has.
spank_spank_aif_la_CPPFLAGS = $(AM_CPPFLAGS) $(SLURM_CPPFLAGS) $(PMIX_CFLAGS)
spank_spank_aif_la_CFLAGS = -std=gnu11 $(WARNING_CFLAGS) $(HARDENING_CFLAGS) -fvisibility=hidden
spank_spank_aif_la_LDFLAGS = -module -avoid-version -shared $(NOW_LDFLAGS) -Wl,--version-script=$(top_srcdir)/spank/spank_aif.map
spank_spank_aif_la_DEPENDENCIES = spank/spank_aif.map
EXTRA_DIST += spank/spank_aif.map

# What the prolog of a tagged job runs, in the plugin's directory.
aifplugin_PROGRAMS += spank/node/aif-node
spank_node_aif_node_CPPFLAGS = $(AM_CPPFLAGS) $(SLURM_CPPFLAGS) $(MUNGE_CFLAGS) -I$(top_srcdir)/spank \
	-I$(top_srcdir)/plugins/compat
spank_node_aif_node_CFLAGS = $(AM_CFLAGS) $(JSONC_CFLAGS)
spank_node_aif_node_LDFLAGS = $(AM_LDFLAGS) $(NOW_LDFLAGS) $(SLURM_LDFLAGS)
spank_node_aif_node_SOURCES = spank/node/aif_node.c spank/node/judge.c spank/node/judge.h \
	spank/node/shown.c spank/node/shown.h spank/gating.c spank/gating.h \
	spank/node/sendback.c spank/node/sendback.h spank/hosts.c spank/hosts.h lib/seal.c lib/seal.h
spank_node_aif_node_LDADD = lib/libaif.la $(SLURM_LIBS) $(JSONC_LIBS) $(MUNGE_LIBS)

if HAVE_CMOCKA
check_PROGRAMS += tests/unit/test_gatefile
tests_unit_test_gatefile_SOURCES = tests/unit/test_gatefile.c spank/gatefile.c
tests_unit_test_gatefile_CPPFLAGS = $(UNIT_CPPFLAGS) -I$(top_srcdir)/spank
tests_unit_test_gatefile_LDADD = $(CMOCKA_LIBS)
check_PROGRAMS += tests/unit/test_gating
tests_unit_test_gating_SOURCES = tests/unit/test_gating.c spank/gating.c
tests_unit_test_gating_CPPFLAGS = $(UNIT_CPPFLAGS) -I$(top_srcdir)/spank
tests_unit_test_gating_LDADD = $(CMOCKA_LIBS)
check_PROGRAMS += tests/unit/test_leaf tests/unit/test_noderank tests/unit/test_gpuorder
tests_unit_test_noderank_SOURCES = tests/unit/test_noderank.c tests/unit/plainhosts.c spank/noderank.c
tests_unit_test_noderank_CPPFLAGS = $(UNIT_CPPFLAGS) -I$(top_srcdir)/spank
tests_unit_test_noderank_LDADD = $(CMOCKA_LIBS)
tests_unit_test_gpuorder_SOURCES = tests/unit/test_gpuorder.c tests/unit/plainhosts.c spank/gpuorder.c
tests_unit_test_gpuorder_CPPFLAGS = $(UNIT_CPPFLAGS) -I$(top_srcdir)/spank
tests_unit_test_gpuorder_LDADD = $(UNIT_LIBS)
tests_unit_test_leaf_SOURCES = tests/unit/test_leaf.c spank/leaf.c
tests_unit_test_leaf_CPPFLAGS = $(UNIT_CPPFLAGS) -I$(top_srcdir)/spank
tests_unit_test_leaf_LDADD = $(CMOCKA_LIBS)
endif
