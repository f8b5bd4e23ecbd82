# Were the libFuzzer targets of tests/fuzz asked for? They need clang.
AC_DEFUN([AIF_FUZZING], [
    AC_ARG_ENABLE([fuzzing],
        [AS_HELP_STRING([--enable-fuzzing], [build the libFuzzer targets (needs CC=clang)])])
    AS_IF([test "x$enable_fuzzing" = xyes], [
        aif_saved_cflags="$CFLAGS"
        CFLAGS="$CFLAGS -fsanitize=fuzzer-no-link"
        AC_MSG_CHECKING([whether $CC can build libFuzzer targets])
        AC_COMPILE_IFELSE([AC_LANG_SOURCE([[int LLVMFuzzerTestOneInput(const unsigned char *d, unsigned long n);
            int LLVMFuzzerTestOneInput(const unsigned char *d, unsigned long n) { return d && n ? 0 : 0; }]])],
            [AC_MSG_RESULT([yes])],
            [AC_MSG_RESULT([no])
             AC_MSG_ERROR([--enable-fuzzing needs clang: run configure again with CC=clang])])
        CFLAGS="$aif_saved_cflags"
    ], [enable_fuzzing=no])
    AM_CONDITIONAL([ENABLE_FUZZING], [test "x$enable_fuzzing" = xyes])
])
