# Can the submit hook be compiled as a whole? slurmctld's caches are cold at each submission, so what counts is how many cache
# lines of code the hook goes through, and calls from one small file to another cost many. Not where something else looks at
# each function: sanitizers, coverage, fuzzing.
AC_DEFUN([AIF_LTO], [
    AC_ARG_ENABLE([lto],
        [AS_HELP_STRING([--disable-lto], [do not optimise the submit hook as a whole])])
    LTO_CFLAGS=
    AS_IF([test "x$enable_lto" != xno && test "$enable_sanitizers$enable_coverage$enable_fuzzing" = nonono],
        [AIF_TRY_LTO([-flto -flto-partition=one])])
    AC_SUBST([LTO_CFLAGS])
    AM_CONDITIONAL([HAVE_LTO], [test -n "$LTO_CFLAGS"])
])

# AIF_TRY_LTO(FLAGS): through an archive, as libtool does it, which needs $AR to understand the objects
AC_DEFUN([AIF_TRY_LTO], [
    AC_MSG_CHECKING([whether archives of objects compiled with $1 can be linked])
    mkdir -p conftest.lto
    echo 'int aif_one(void) { return 1; }' > conftest.lto/one.c
    echo 'int aif_one(void); int aif_two(void) { return aif_one() + 1; }' > conftest.lto/two.c
    AS_IF([( cd conftest.lto && $CC $CFLAGS -Werror -fPIC $1 -c one.c && $CC $CFLAGS -fPIC $1 -c two.c && $AR cr one.a one.o &&
             $CC $CFLAGS -fPIC -shared $1 two.o -Wl,--whole-archive one.a -Wl,--no-whole-archive -Wl,--no-undefined -o two.so
           ) >&AS_MESSAGE_LOG_FD 2>&1],
        [LTO_CFLAGS="$1 -include \$(top_srcdir)/lib/directcalls.h"; AC_MSG_RESULT([yes])], [AC_MSG_RESULT([no])])
    rm -rf conftest.lto
])
