# What tests/bench decide runs: the core alone, and what times the job_submit hook inside slurmctld.
noinst_PROGRAMS += tests/benchlib/decide
tests_benchlib_decide_SOURCES = tests/benchlib/decide.c
tests_benchlib_decide_LDADD = lib/libaif.la

noinst_LTLIBRARIES += tests/benchlib/hooktimer.la
tests_benchlib_hooktimer_la_SOURCES = tests/benchlib/hooktimer.c
tests_benchlib_hooktimer_la_LDFLAGS = $(AM_LDFLAGS) -module -avoid-version -shared -rpath /nonexistent
tests_benchlib_hooktimer_la_LIBADD = -ldl
