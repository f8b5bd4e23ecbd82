# Which Slurm is installed? The version comes from slurm/slurm_version.h; slurmctld -V, where present, must agree.
AC_DEFUN([AIF_SLURM_INSTALLED], [
    AC_ARG_WITH([slurm],
        [AS_HELP_STRING([--with-slurm=PREFIX], [prefix of the installed Slurm, when it is not in the default paths])])
    AS_IF([test -n "$with_slurm" && test "x$with_slurm" != xyes && test "x$with_slurm" != xno], [
        # As in the default paths, its headers are not ours to be warned about.
        SLURM_CPPFLAGS="-isystem $with_slurm/include"
        SLURM_LDFLAGS="-L$with_slurm/lib"
        # One prefix is one Slurm: that of the default paths may be another.
        aif_slurm_path="$with_slurm/sbin"
    ], [aif_slurm_path="$PATH$PATH_SEPARATOR/usr/sbin$PATH_SEPARATOR/usr/local/sbin"])
    aif_saved_cppflags="$CPPFLAGS"
    CPPFLAGS="$CPPFLAGS $SLURM_CPPFLAGS"
    AC_CHECK_HEADERS([slurm/slurm.h slurm/slurmdb.h slurm/spank.h], [],
        [AC_MSG_ERROR([Slurm's headers are not here: install libslurm-dev (Debian) or slurm-devel (RHEL), or give --with-slurm=PREFIX])],
        [#include <slurm/slurm.h>])
    AC_MSG_CHECKING([for the version of the installed Slurm])
    AC_COMPUTE_INT([aif_slurm_number], [SLURM_VERSION_NUMBER], [#include <slurm/slurm_version.h>],
        [AC_MSG_ERROR([slurm/slurm_version.h does not define SLURM_VERSION_NUMBER])])
    CPPFLAGS="$aif_saved_cppflags"
    SLURM_VERSION=`printf '%d.%02d.%d' $((aif_slurm_number >> 16)) $(((aif_slurm_number >> 8) & 255)) $((aif_slurm_number & 255))`
    AC_MSG_RESULT([$SLURM_VERSION])
    AC_PATH_PROG([SLURMCTLD], [slurmctld], [], [$aif_slurm_path])
    AS_IF([test -n "$SLURMCTLD"], [
        AC_MSG_CHECKING([that slurmctld -V says the same])
        aif_ctld_version=`"$SLURMCTLD" -V 2>/dev/null | sed -n 's/^slurm[[a-z-]]* //p'`
        AC_MSG_RESULT([$aif_ctld_version])
        AS_IF([test "$aif_ctld_version" != "$SLURM_VERSION"],
            [AC_MSG_ERROR([the headers are Slurm $SLURM_VERSION but $SLURMCTLD is $aif_ctld_version: install the -dev package of the same version])])
    ])
    AC_DEFINE_UNQUOTED([AIF_SLURM_VERSION], ["$SLURM_VERSION"], [version of the Slurm this build is for])
    AC_SUBST([SLURM_CPPFLAGS])
    AC_SUBST([SLURM_LDFLAGS])
    AC_SUBST([SLURM_VERSION])
    AC_SUBST([SLURM_LIBS], [-lslurm])
])
