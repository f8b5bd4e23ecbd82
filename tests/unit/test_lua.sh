#!/bin/sh
# Runs test_lua.lua by the interpreter that the module was built for, on the example configuration.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
lua=${AIF_LUA:-lua5.1}
command -v "$lua" >/dev/null || { echo "no $lua here"; exit 77; }
module=$PWD/lua/.libs/aif.so
test -f "$module" || { echo "run from the top of the build directory: no $module"; exit 99; }
conf=$(mktemp -d)
trap 'rm -rf "$conf"' EXIT
cp "$here/../../etc/policy.json" "$here/../../etc/allocations.json" "$conf"
if nm -D "$module" | grep -q __asan_init; then
    # the interpreter is not instrumented, so the runtime has to be there first
    LD_PRELOAD=$(${AIF_CC:-cc} -print-file-name=libasan.so)
    ASAN_OPTIONS=detect_leaks=0
    export LD_PRELOAD ASAN_OPTIONS
fi
TZ=UTC LUA_CPATH="$PWD/lua/.libs/?.so" "$lua" "$here/test_lua.lua" "$conf"
