# Where is the configured source tree of exactly the installed Slurm? Only the controller plugins need it.
AC_DEFUN([AIF_SLURM_SOURCE], [
    AC_ARG_WITH([slurm-source],
        [AS_HELP_STRING([--with-slurm-source=DIR],
            [configured source tree of the installed Slurm, same micro version; without it only lib, spank and tools are built])])
    have_slurm_source=no
    AS_IF([test -n "$with_slurm_source" && test "x$with_slurm_source" != xno], [
        AS_IF([test ! -f "$with_slurm_source/META"],
            [AC_MSG_ERROR([--with-slurm-source=$with_slurm_source is no Slurm source tree (no META file in it); tests/slurm-source prints the path of a matching one])])
        AC_MSG_CHECKING([for the version of $with_slurm_source])
        aif_meta_version=`sed -n 's/^ *Version:[[ \t]]*//p' "$with_slurm_source/META" | head -n 1`
        AC_MSG_RESULT([$aif_meta_version])
        AS_IF([test "$aif_meta_version" != "$SLURM_VERSION"],
            [AC_MSG_ERROR([the source tree is Slurm $aif_meta_version, the installed Slurm is $SLURM_VERSION: they must be equal to the last digit; tests/slurm-source prints the path of a matching tree])])
        AS_IF([test ! -f "$with_slurm_source/config.h" || test ! -f "$with_slurm_source/slurm/slurm_version.h"],
            [AC_MSG_ERROR([$with_slurm_source is not configured: run ./configure in it (make is not needed), or use tests/slurm-source])])
        # Slurm's headers include "config.h" and mean their own: -iquote comes before our build directory
        SLURM_SOURCE_CPPFLAGS="-iquote $with_slurm_source -I$with_slurm_source"
        AC_MSG_CHECKING([that $with_slurm_source is as plugins/compat assumes])
        AS_IF([aif_wrong=`"$srcdir/plugins/compat/assume" "$SLURM_VERSION" $CC $CPPFLAGS $SLURM_SOURCE_CPPFLAGS -I"$srcdir/lib"`],
            [AC_MSG_RESULT([yes])],
            [AC_MSG_RESULT([no])
             AC_MSG_ERROR([$aif_wrong])])
        have_slurm_source=yes
    ])
    AC_SUBST([SLURM_SOURCE_CPPFLAGS])
    AC_SUBST([with_slurm_source])
    AM_CONDITIONAL([HAVE_SLURM_SOURCE], [test "$have_slurm_source" = yes])
])
