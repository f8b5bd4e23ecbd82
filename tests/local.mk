# Unit tests: one program per module of lib/, each test_<module>.c with cmocka.
if HAVE_CMOCKA
UNIT_CPPFLAGS = $(AM_CPPFLAGS) $(CMOCKA_CFLAGS) -DTEST_DATA_DIR=\"$(abs_top_srcdir)/tests/data\" -DETC_DIR=\"$(abs_top_srcdir)/etc\"
UNIT_LIBS = lib/libaif.la $(CMOCKA_LIBS)
UNIT_LIBS_REPORT = lib/libaifreport.la lib/libaif.la $(CMOCKA_LIBS)
include tests/unit/config.mk
include tests/unit/core.mk
include tests/unit/report.mk
endif
include tests/fuzz/local.mk
include tests/benchlib/local.mk

# What tests/try, tests/check and tests/bench need, so that a tarball can be tested like a checkout.
EXTRA_DIST += tests/try tests/check tests/setup tests/cluster tests/bench tests/slurm-source tests/slurm-root \
	tests/packages.txt tests/pytest.ini tests/conftest.py tests/story.py tests/storylib.py tests/checklib tests/clusterlib \
	tests/cluster_tests tests/benchlib tests/sim tests/data/aif

dist-hook:
	find $(distdir)/tests -name __pycache__ -prune -exec rm -rf {} +
