#!/bin/sh
# A Slurm that is not as plugins/compat assumes is refused with a sentence that names its version and what differs.
set -u
[ -n "${SLURM_SOURCE:-}" ] || { echo "no Slurm source tree in this build"; exit 77; }
scratch=$(mktemp -d) || exit 99
trap 'rm -rf "$scratch"' EXIT

# What the script says of a tree that has $scratch before it.
said() {
    "$srcdir/plugins/compat/assume" 99.01.2 $AIF_CC -iquote "$scratch" -iquote "$SLURM_SOURCE" -I"$SLURM_SOURCE" -I"$srcdir/lib"
}

# is WANTED...: just these sentences, in their order
is() {
    wanted=
    for sentence in "$@"; do
        wanted="$wanted${wanted:+
}Slurm 99.01.2: slurm-aif assumes that $sentence, which does not hold"
    done
    got=$(said)
    [ "$got" = "$wanted" ] || { printf 'wanted: %s\n   got: %s\n' "$wanted" "$got"; exit 1; }
}

# changed HEADER SED-EXPRESSION: that header otherwise
changed() {
    mkdir -p "$scratch/${1%/*}"
    sed "$2" "$SLURM_SOURCE/$1" >"$scratch/$1"
    ! cmp -s "$SLURM_SOURCE/$1" "$scratch/$1" || { echo "$1: nothing to change"; exit 99; }
}

locks="locks of slurmctld have the members conf, job, node, part and fed"
finds="the association manager finds associations and TRES by record, and says whether its locks are held"
is
changed src/slurmctld/locks.h 's/fed;/federation;/'
is "$locks"
changed src/common/assoc_mgr.h 's/assoc_mgr_find_tres_pos(/&int version, /'
is "$finds" "$locks"
changed src/common/list.h 's/^#define/#no_such/'
case $(said) in
"Slurm 99.01.2: its headers cannot be read as slurm-aif reads them: "*) ;;
*) echo "headers that cannot be read pass"; exit 1 ;;
esac
echo "assumptions are refused one by one"
