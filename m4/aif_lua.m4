# Which Lua does Slurm's own job_submit/lua use? A module must be built for the same one.
AC_DEFUN([AIF_LUA], [
    AC_ARG_WITH([lua],
        [AS_HELP_STRING([--with-lua=MODULE], [pkg-config name of Lua, e.g. lua5.3; default: the one that Slurm's job_submit_lua.so uses])])
    AC_MSG_CHECKING([for the Lua of Slurm's job_submit/lua])
    AS_IF([test -z "$with_lua"], [
        aif_lua_so=`for d in /usr/lib/*/slurm-wlm /usr/lib/*/slurm /usr/lib64/slurm /usr/lib/slurm ${with_slurm:+"$with_slurm/lib/slurm"}; do
            test -f "$d/job_submit_lua.so" && echo "$d/job_submit_lua.so" && break; done`
        AS_IF([test -n "$aif_lua_so"],
            [with_lua=`ldd "$aif_lua_so" 2>/dev/null | sed -n 's/.*liblua-\{0,1\}\([[0-9.]]*\)\.so.*/lua\1/p' | sed 's/\.$//' | head -n 1`])
    ])
    AC_MSG_RESULT([${with_lua:-none found}])
    have_lua=no
    AS_IF([test "x$with_lua" != xno], [
        for aif_lua in $with_lua lua5.4 lua5.3 lua5.1 lua; do
            AS_IF([test $have_lua = no],
                [PKG_CHECK_MODULES([LUA], [$aif_lua >= 5.1], [have_lua=yes; LUA_MODULE=$aif_lua], [:])])
        done
    ])
    AS_IF([test $have_lua = yes], [LUA_VERSION=`$PKG_CONFIG --modversion $LUA_MODULE | cut -d. -f1,2`])
    AC_SUBST([LUA_VERSION])
    AC_SUBST([aifluadir], ['${libdir}/lua/${LUA_VERSION}'])
    AM_CONDITIONAL([HAVE_LUA], [test $have_lua = yes])
])
