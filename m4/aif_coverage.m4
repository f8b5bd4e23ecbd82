# Was a build that counts executed lines (gcov) asked for?
AC_DEFUN([AIF_COVERAGE], [
    AC_ARG_ENABLE([coverage],
        [AS_HELP_STRING([--enable-coverage], [build with gcov instrumentation])])
    AS_IF([test "x$enable_coverage" = xyes], [
        COVERAGE_CFLAGS="--coverage -O0"
        COVERAGE_LDFLAGS="--coverage"
    ], [enable_coverage=no])
    AC_SUBST([COVERAGE_CFLAGS])
    AC_SUBST([COVERAGE_LDFLAGS])
])
