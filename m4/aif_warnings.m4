# Which warning flags does this compiler take? They go to WARNING_CFLAGS, never into the user's CFLAGS.
AC_DEFUN([AIF_WARNINGS], [
    AC_ARG_ENABLE([werror],
        [AS_HELP_STRING([--enable-werror], [treat compiler warnings as failures])])
    WARNING_CFLAGS="-Wall -Wextra -Wshadow -Wstrict-prototypes -Wformat=2"
    AS_IF([test "x$enable_werror" = xyes], [WARNING_CFLAGS="$WARNING_CFLAGS -Werror"])
    AC_SUBST([WARNING_CFLAGS])
])
