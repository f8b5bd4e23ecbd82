# what comes back from outside to the reporter and to those who verify
if ENABLE_FUZZING
noinst_PROGRAMS += tests/fuzz/fuzz_report
tests_fuzz_fuzz_report_SOURCES = tests/fuzz/fuzz_report.c lib/chain.c lib/record.c lib/record_text.c lib/signkey.c lib/statement.c lib/text.c lib/trestext.c lib/waldur.c
tests_fuzz_fuzz_report_CFLAGS = $(AM_CFLAGS) $(FUZZ_CFLAGS) -fsanitize=fuzzer
tests_fuzz_fuzz_report_LDADD = tests/fuzz/libaiffuzz.la $(JSONC_LIBS) $(CRYPTO_LIBS)
endif
