# Which hardening may each kind of object have? Controller plugins refer to symbols of slurmctld that clients
# lack, so they must bind lazily (full RELRO would make dlopen fail); SPANK and the tools get full RELRO.
AC_DEFUN([AIF_HARDENING], [
    HARDENING_CFLAGS="-fstack-protector-strong"
    LAZY_LDFLAGS="-Wl,-z,relro -Wl,-z,lazy -Wl,-z,noexecstack"
    NOW_LDFLAGS="-Wl,-z,relro -Wl,-z,now -Wl,-z,noexecstack"
    AC_SUBST([HARDENING_CFLAGS])
    AC_SUBST([LAZY_LDFLAGS])
    AC_SUBST([NOW_LDFLAGS])
])
