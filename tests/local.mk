# Unit tests: one program per module of lib/, each test_<module>.c with cmocka.
if HAVE_CMOCKA
UNIT_CPPFLAGS = $(AM_CPPFLAGS) $(CMOCKA_CFLAGS) -DTEST_DATA_DIR=\"$(abs_top_srcdir)/tests/data\" -DETC_DIR=\"$(abs_top_srcdir)/etc\"
UNIT_LIBS = lib/libaif.la $(CMOCKA_LIBS)
UNIT_LIBS_REPORT = lib/libaifreport.la lib/libaif.la $(CMOCKA_LIBS)
include tests/unit/budget.mk
include tests/unit/config.mk
include tests/unit/core.mk
include tests/unit/report.mk
include tests/unit/tools.mk
endif
include tests/fuzz/local.mk
include tests/benchlib/local.mk
include tests/fault/local.mk
include tests/forger/local.mk
include tests/pmixclient/local.mk
include tests/select_steps/local.mk
include tests/sim/local.mk
if HAVE_SLURM_SOURCE
include tests/select_audit/local.mk
include tests/layout/local.mk
endif

# What tests/try, tests/check and tests/bench need, so that a tarball can be tested like a checkout.
EXTRA_DIST += tests/try tests/check tests/setup tests/cluster tests/bench tests/slurm-source tests/slurm-root tests/exports tests/support-table tests/upgrade tests/upgradelib \
	tests/packages.txt tests/pytest.ini tests/conftest.py tests/story.py tests/storylib.py tests/checklib tests/clusterlib \
	tests/cluster_tests tests/steplib tests/sim tests/validators tests/data/aif

# Of folders that are taken as a whole automake takes what was built in them, too.
dist-hook:
	find $(distdir)/tests '(' -name __pycache__ -o -name '*.o' -o -name '*.lo' -o -name .deps -o -name .libs -o -name .dirstamp ')' \
		-prune -exec rm -rf {} +
	for program in $(noinst_PROGRAMS) $(check_PROGRAMS); do rm -f "$(distdir)/$$program"; done
