#!/bin/bash
# test_manual.sh - the manual pages name every command, option and configuration key, and groff takes them
#
# Runs in the build directory, with $srcdir from make.

top=${srcdir:-.}
failures=0

fail()
{
    echo "$1" >&2
    failures=$((failures + 1))
}

# A page without roff's escapes.
plain()
{
    sed 's/\\-/-/g; s/\\(dq/"/g; s/\\f[A-Z]//g' "$top/doc/$1"
}

# All words given must stand in the page.
expect_words()
{
    local page=$1 text word

    shift
    text=$(plain "$page")
    for word; do
        grep -qF -e "$word" <<<"$text" || fail "$page does not name $word"
    done
}

long_options()
{
    "$@" --help | grep -o -e '--[a-z][a-z-]*' | sort -u
}

# The keys of the tables that files of lib/ (given without directory, as patterns) are read by.
keys()
{
    # shellcheck disable=SC2068 # the patterns are meant to grow to names, and only there
    (cd "$top/lib" && sed -n 's/^ *{"\([a-z_-]*\)", AIF_JSON_.*/\1/p' $@ | sort -u)
}

check_layout()
{
    local page text

    command -v groff >/dev/null || return
    for page in "$top"/doc/man?/*.?; do
        text=$(groff -ww -man -Tutf8 -K utf8 "$page" 2>&1 >/dev/null)
        [ -z "$text" ] || fail "$text"
    done
}

expect_words man1/aif.1 $(long_options ./tools/aif)
for command in $(./tools/aif --help | sed -n '/^Commands/,/^$/s/^  \([a-z]*\) .*/\1/p'); do
    expect_words man1/aif.1 "aif $command" $(long_options ./tools/aif "$command")
done
expect_words man8/aif-reportd.8 $(long_options ./tools/aif-reportd)
expect_words man5/aif-policy.5 $(keys policy*.c fabricconf.h fabricmap.c)
expect_words man5/aif-balances.5 $(keys balances*.c)
expect_words man5/aif-membership.5 $(keys membership.c)
expect_words man5/aif-datasets.5 $(keys datasets.c)
expect_words man5/aif-allocations.5 $(keys alloc*.c policycharge.c policypacing.c)
[ -n "$(keys policy.c)" ] && [ -n "$(keys allocentry.c)" ] || fail "no keys found in lib/"
check_layout
[ "$failures" -eq 0 ]
