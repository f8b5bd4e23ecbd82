#!/bin/bash
# test_completion.sh - completion knows the commands and options that "aif --help" tells, and no others, in bash and in zsh
#
# Runs in the build directory, with $srcdir from make.

aif=./tools/aif
failures=0

fail()
{
    echo "$1" >&2
    failures=$((failures + 1))
}

words()
{
    tr ' ' '\n' | sed '/^$/d' | sort -u | tr '\n' ' '
}

compare()
{
    [ "$2" = "$3" ] || fail "$1: the completion has '$2', the help '$3'"
}

help_commands()
{
    "$aif" --help | sed -n '/^Commands/,/^$/s/^  \([a-z]*\) .*/\1/p' | words
}

# Long options with "=" where a value follows, as in "--head HASH" and "--format=csv". A command that mentions aif's own
# --conf-dir does not take it.
help_options()
{
    "$aif" "$@" --help | sed "${1:+s/--conf-dir//}" | grep -o -- '--[a-z-]*\(=\| [A-Z]\{2,\}\)\?' | sed 's/ [A-Z]*$/=/' | sort -u
}

# The same option may be named again without its value.
options_once()
{
    local all
    all=$(help_options "$@"; echo --help)
    echo "$all" | while read -r option; do
        [[ $option != *= ]] && echo "$all" | grep -qx -- "$option=" && continue
        echo "$option"
    done | words
}

complete_line()
{
    COMP_WORDS=("$@")
    COMP_CWORD=$(($# - 1))
    COMPREPLY=()
    _aif "$aif" "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD - 1]}" 2>/dev/null
    echo "${COMPREPLY[*]}"
}

expect()
{
    local want=$1 got
    shift
    got=$(complete_line "$@")
    [ "$got" = "$want" ] || fail "completing '$*': '$got' instead of '$want'"
}

. "${srcdir:-.}/etc/completion/aif" || exit 1
compare commands "$(_aif_commands | words)" "$(help_commands)"
compare "options of aif" "$(_aif_options "" | words)" "$(options_once)"
for command in $(_aif_commands); do
    compare "options of aif $command" "$(_aif_options "$command" | words)" "$(options_once "$command")"
done
expect quota aif q
expect init aif config i
expect "--json" aif --conf-dir /tmp plan --j
expect check aif config c
expect quarantine aif report q
expect "AIF-M001" aif rules AIF-M001
expect csv aif export --format = c
expect "" aif verify --head = x

# zsh need not be here: what it completes is the same text.
function_of()
{
    sed -n "/^$2()/,/^}/p" "${srcdir:-.}/etc/completion/$1"
}

for function in _aif_commands _aif_options _aif_arguments _aif_allocations _aif_modes _aif_jobs; do
    [ -n "$(function_of aif $function)" ] || fail "no $function"
    [ "$(function_of aif $function)" = "$(function_of _aif $function)" ] || fail "zsh's $function is another one"
done
if command -v zsh >/dev/null; then
    zsh -n "${srcdir:-.}/etc/completion/_aif" || fail "zsh does not read its completion"
fi
[ "$failures" -eq 0 ]
