# what users and others write into jobs, and slurmctld for itself
if ENABLE_FUZZING
noinst_PROGRAMS += tests/fuzz/fuzz_options tests/fuzz/fuzz_admincomment tests/fuzz/fuzz_sharewindow
tests_fuzz_fuzz_options_SOURCES = tests/fuzz/fuzz_options.c
tests_fuzz_fuzz_options_CFLAGS = $(AM_CFLAGS) $(FUZZ_CFLAGS) -fsanitize=fuzzer
tests_fuzz_fuzz_options_LDADD = tests/fuzz/libaiffuzz.la
tests_fuzz_fuzz_admincomment_SOURCES = tests/fuzz/fuzz_admincomment.c
tests_fuzz_fuzz_admincomment_CFLAGS = $(AM_CFLAGS) $(FUZZ_CFLAGS) -fsanitize=fuzzer
tests_fuzz_fuzz_admincomment_LDADD = tests/fuzz/libaiffuzz.la
tests_fuzz_fuzz_sharewindow_SOURCES = tests/fuzz/fuzz_sharewindow.c
tests_fuzz_fuzz_sharewindow_CFLAGS = $(AM_CFLAGS) $(FUZZ_CFLAGS) -fsanitize=fuzzer
tests_fuzz_fuzz_sharewindow_LDADD = tests/fuzz/libaiffuzz.la
endif
