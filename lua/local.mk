# require "aif". liblua is not linked: the symbols are those of the program that loads the module, as for every Lua module.
if HAVE_LUA
aiflua_LTLIBRARIES = lua/aif.la
lua_aif_la_SOURCES = lua/aif.c lua/luadecide.c lua/luadecide.h lua/fields.c lua/fields.h
lua_aif_la_CPPFLAGS = $(AM_CPPFLAGS) -DAIF_LUA_MODULE_VERSION=\"$(PACKAGE_VERSION)\"
lua_aif_la_CFLAGS = $(AM_CFLAGS) -fvisibility=hidden $(LUA_CFLAGS)
lua_aif_la_LDFLAGS = $(AM_LDFLAGS) -module -avoid-version -shared $(NOW_LDFLAGS) -export-symbols-regex '^luaopen_aif$$'
lua_aif_la_LIBADD = lib/libaif.la
TESTS += tests/unit/test_lua.sh
endif
AM_TESTS_ENVIRONMENT = AIF_LUA=lua$(LUA_VERSION); AIF_CC='$(CC)'; SLURM_SOURCE='$(with_slurm_source)'; \
	export AIF_LUA AIF_CC SLURM_SOURCE;
dist_noinst_SCRIPTS = tests/unit/test_lua.sh
EXTRA_DIST += tests/unit/test_lua.lua

aifluaexampledir = $(docdir)/examples/lua
dist_aifluaexample_DATA = lua/job_submit.lua lua/cli_filter.lua
