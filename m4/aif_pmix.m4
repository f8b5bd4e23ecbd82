# PMIx and hwloc, both optional: "aif topo" asks its ranks through them, spank_aif tells jobs what they are.
AC_DEFUN([AIF_OPTIONAL_LIBRARY], [
    AC_ARG_WITH([$1], [AS_HELP_STRING([--without-$1], [do not use $1, even where it is found])])
    have_$1=no
    AS_IF([test "x$with_$1" != xno], [PKG_CHECK_MODULES([$2], [$1 >= $3], [have_$1=yes], [:])])
    AS_IF([test "x$with_$1" = xyes && test $have_$1 = no], [AC_MSG_ERROR([--with-$1: pkg-config does not find $1 >= $3])])
    AS_IF([test $have_$1 = yes], [AC_DEFINE([HAVE_$2], [1], [Define to use $1.])])
])
AC_DEFUN([AIF_PMIX], [
    AIF_OPTIONAL_LIBRARY([pmix], [PMIX], [3.0])
    AM_CONDITIONAL([HAVE_PMIX], [test $have_pmix = yes])
    AIF_OPTIONAL_LIBRARY([hwloc], [HWLOC], [2.1])
])
