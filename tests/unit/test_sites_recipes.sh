#!/bin/bash
# test_sites_recipes.sh - the example sites of etc/sites are complete, valid, and listed in their README
#
# Runs in the build directory, with $srcdir from make.

sites=${srcdir:-.}/etc/sites
failures=0
count=0

fail()
{
    echo "$1" >&2
    failures=$((failures + 1))
}

check_site()
{
    local name=${1##*/} out

    for file in policy.json allocations.json slurm.conf.snippet; do
        [ -s "$1/$file" ] || fail "$name: no $file"
    done
    out=$(./tools/aif --conf-dir "$1" config check 2>&1) || fail "$name: $out"
    grep -q "^ClusterName=$(sed -n 's/.*"cluster": "\([^"]*\)".*/\1/p' "$1/policy.json")$" "$1/slurm.conf.snippet" ||
        fail "$name: the cluster is called otherwise in slurm.conf.snippet"
    grep -q '"carrier": "association"' "$1/policy.json" && [ "$(grep -c -e "^PriorityDecayHalfLife=0$" -e "^PriorityUsageResetPeriod=NONE$" "$1/slurm.conf.snippet")" != 2 ] &&
        fail "$name: limits of accounts need PriorityDecayHalfLife=0 and PriorityUsageResetPeriod=NONE"
    # shellcheck disable=SC2046 # names of partitions have no blanks
    for partition in $(sed -n 's/.*"partitions": \[\([^]]*\)\].*/\1/p' "$1/policy.json" | tr -d '",' | sort -u); do
        grep -q "^PartitionName=$partition " "$1/slurm.conf.snippet" || fail "$name: no partition $partition in slurm.conf.snippet"
    done
    grep -q "^| \`$name\` |" "$sites/README.md" || fail "$name: not in README.md"
}

for site in "$sites"/*-like; do
    count=$((count + 1))
    check_site "$site"
done
[ "$count" -ge 5 ] || fail "only $count example sites found in $sites"
[ "$failures" -eq 0 ]
