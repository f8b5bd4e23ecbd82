# A ledger of chance, for tests of what is sent from it.
noinst_PROGRAMS += tests/sim/fill_ledger
tests_sim_fill_ledger_SOURCES = tests/sim/fill_ledger.c
tests_sim_fill_ledger_LDADD = lib/libaifreport.la lib/libaif.la
