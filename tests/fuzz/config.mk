# the configuration's files, with the core compiled for coverage
if ENABLE_FUZZING
FUZZ_CFLAGS = -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=undefined
noinst_LTLIBRARIES += tests/fuzz/libaiffuzz.la
tests_fuzz_libaiffuzz_la_SOURCES = $(lib_libaif_la_SOURCES)
tests_fuzz_libaiffuzz_la_CFLAGS = $(AM_CFLAGS) $(JSONC_CFLAGS) $(CRYPTO_CFLAGS) $(FUZZ_CFLAGS)
tests_fuzz_libaiffuzz_la_LIBADD = $(JSONC_LIBS) $(CRYPTO_LIBS) -lpthread

noinst_PROGRAMS += tests/fuzz/fuzz_policy tests/fuzz/fuzz_allocations tests/fuzz/fuzz_residency tests/fuzz/fuzz_restag
tests_fuzz_fuzz_policy_SOURCES = tests/fuzz/fuzz_policy.c
tests_fuzz_fuzz_policy_CFLAGS = $(AM_CFLAGS) $(FUZZ_CFLAGS) -fsanitize=fuzzer
tests_fuzz_fuzz_policy_LDADD = tests/fuzz/libaiffuzz.la
tests_fuzz_fuzz_allocations_SOURCES = tests/fuzz/fuzz_allocations.c
tests_fuzz_fuzz_allocations_CFLAGS = $(AM_CFLAGS) $(FUZZ_CFLAGS) -fsanitize=fuzzer
tests_fuzz_fuzz_allocations_LDADD = tests/fuzz/libaiffuzz.la
tests_fuzz_fuzz_residency_SOURCES = tests/fuzz/fuzz_residency.c
tests_fuzz_fuzz_residency_CFLAGS = $(AM_CFLAGS) $(FUZZ_CFLAGS) -fsanitize=fuzzer
tests_fuzz_fuzz_residency_LDADD = tests/fuzz/libaiffuzz.la
tests_fuzz_fuzz_restag_SOURCES = tests/fuzz/fuzz_restag.c
tests_fuzz_fuzz_restag_CFLAGS = $(AM_CFLAGS) $(FUZZ_CFLAGS) -fsanitize=fuzzer
tests_fuzz_fuzz_restag_LDADD = tests/fuzz/libaiffuzz.la
endif
