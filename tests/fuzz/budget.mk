# what the reporter hands to slurmctld
if ENABLE_FUZZING
noinst_PROGRAMS += tests/fuzz/fuzz_balances
tests_fuzz_fuzz_balances_SOURCES = tests/fuzz/fuzz_balances.c
tests_fuzz_fuzz_balances_CFLAGS = $(AM_CFLAGS) $(FUZZ_CFLAGS) -fsanitize=fuzzer
tests_fuzz_fuzz_balances_LDADD = tests/fuzz/libaiffuzz.la
endif
