# A PMIx client for tests/cluster_tests/test_topo.py.
if HAVE_PMIX
noinst_PROGRAMS += tests/pmixclient/get
tests_pmixclient_get_SOURCES = tests/pmixclient/get.c
tests_pmixclient_get_CFLAGS = $(AM_CFLAGS) $(PMIX_CFLAGS)
tests_pmixclient_get_LDADD = $(PMIX_LIBS)
endif
