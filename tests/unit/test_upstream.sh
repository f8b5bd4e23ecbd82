#!/bin/bash
# test_upstream.sh - the patches in doc/upstream mend what they say, on the Slurm that this build is for
#
# Runs in the build directory, with $srcdir from make. Skipped where Slurm's source is not at hand or has no such rule.

links=$(cd "${srcdir:-.}/doc/upstream/links-sort" && pwd) || exit 1
source=$(./config.status --config | grep -o -e "--with-slurm-source=[^' ]*" | cut -d= -f2)

run_check()
{
    "$links/check.sh" "$source" "$@" >/dev/null 2>&1
}

[ -n "$source" ] || exit 77
run_check
case $? in
0) exit 0 ;; # this Slurm has been mended
1) ;;
*) exit 77 ;;
esac
for patch in "$links"/*.patch; do
    run_check "$patch" || {
        echo "$patch does not mend $source" >&2
        exit 1
    }
done
