# What breaks aif-reportd at its N-th call, for test_crash.py and tests/bench crash.
noinst_LTLIBRARIES += tests/fault/fault.la
tests_fault_fault_la_SOURCES = tests/fault/fault.c
tests_fault_fault_la_LDFLAGS = $(AM_LDFLAGS) -module -avoid-version -shared -rpath /nonexistent
tests_fault_fault_la_LIBADD = -ldl
