# Was a build with AddressSanitizer and UndefinedBehaviourSanitizer asked for?
AC_DEFUN([AIF_SANITIZERS], [
    AC_ARG_ENABLE([sanitizers],
        [AS_HELP_STRING([--enable-sanitizers], [build lib, tools and unit tests with ASan and UBSan])])
    AS_IF([test "x$enable_sanitizers" = xyes], [
        SANITIZER_CFLAGS="-fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer"
        SANITIZER_LDFLAGS="-fsanitize=address,undefined"
    ], [enable_sanitizers=no])
    AC_SUBST([SANITIZER_CFLAGS])
    AC_SUBST([SANITIZER_LDFLAGS])
])
