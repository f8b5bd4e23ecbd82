#!/bin/bash
# check.sh - which GPUs Slurm's own rule gives to jobs of two and four on an idle node with unequal Links
#
# Usage: check.sh SLURM-SOURCE [PATCH]
# Takes the sort and the pick out of the source tree (with PATCH applied to a copy of the file), compiles them against
# stand-ins for Slurm's types, and runs them: seconds instead of a cluster. Prints what each job gets; exit status 0 if all
# get the most linked GPUs, 1 if not, 2 if it cannot tell (a Slurm without this rule, no compiler).

file=src/plugins/select/cons_tres/gres_select_filter.c
here=$(cd "$(dirname "$0")" && pwd)
dir=$(mktemp -d) || exit 2
trap 'rm -rf "$dir"' EXIT

if [ -z "$1" ] || [ ! -r "$1/$file" ]; then
    echo "check.sh: cannot read $1/$file; give a Slurm source tree" >&2
    exit 2
fi
mkdir -p "$dir/$(dirname $file)" || exit 2
cp "$1/$file" "$dir/$file" || exit 2
if [ -n "$2" ]; then
    patch -s -p1 -d "$dir" <"$2" || exit 2
fi

# A function from its first line, given as a pattern, to its closing brace.
cut_function()
{
    sed -n "/^static .*$1(/,/^}/p" "$dir/$file"
}

{
    cut_function _compare_gres_by_links
    cut_function _update_and_sort_by_links
    cut_function _pick_gres_topo
} >"$dir/rule.c"
if ! grep -q '^static int _compare_gres_by_links' "$dir/rule.c"; then
    echo "check.sh: $1 has no sort by links: Slurm before 24.05?" >&2
    exit 2
fi
"${CC:-cc}" -std=gnu11 -I"$dir" -o "$dir/check" "$here/check.c" || exit 2
"$dir/check"
