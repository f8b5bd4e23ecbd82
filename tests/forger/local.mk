# What test_ticket.py has users load.
noinst_LTLIBRARIES += tests/forger/forger.la
tests_forger_forger_la_SOURCES = tests/forger/forger.c
tests_forger_forger_la_CPPFLAGS = $(AM_CPPFLAGS) $(SLURM_CPPFLAGS)
tests_forger_forger_la_LDFLAGS = $(AM_LDFLAGS) -module -avoid-version -shared -rpath /nonexistent
