# What will be built, for whom?
AC_DEFUN([AIF_SUMMARY], [
    aif_hint=
    AS_IF([test $have_slurm_source = no], [aif_hint="(for these give --with-slurm-source=DIR; tests/slurm-source prints one)"])
    AC_MSG_NOTICE([

  slurm-aif $PACKAGE_VERSION
    Slurm installed        $SLURM_VERSION
    controller plugins     $have_slurm_source $aif_hint
    Lua module             $have_lua ${LUA_VERSION:+(Lua $LUA_VERSION)}
    PMIx, hwloc            $have_pmix, $have_hwloc
    unit tests             $have_cmocka
    sanitizers/fuzz/cover  $enable_sanitizers/$enable_fuzzing/$enable_coverage
])
])
