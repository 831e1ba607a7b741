#!/bin/sh
# manual.sh [DUCT [DIRECTORY]]: does all that `duct --help` lists stand in the
# manual page and in the shell's completion, with every flag?
#
# DIRECTORY has duct.1 and duct.bash; usually final/manual, as built. The
# completion is also used, as bash does it. Nothing is run and nothing stays.
here=$(cd "$(dirname "$0")/../.." && pwd)
duct=${1:-$here/final/duct}
outputs=${2:-$here/final/manual}
scratch=$(mktemp -d) || exit
trap 'rm -rf "$scratch"' EXIT
passed=0 failed=0

duct() {
    "$duct" --data-root "$scratch/data" --run-root "$scratch/run" "$@"
}

# expect WHAT COMMAND...: counts; says what failed.
expect() {
    what=$1
    shift
    if "$@" >"$scratch/told" 2>&1; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        printf 'FAILED  %s\n' "$what"
        sed 's/^/    /' "$scratch/told"
    fi
}

# A flag as the page has it: each dash is escaped, and a blank or the end of
# the font is behind it.
is_in_page() {
    escaped=$(printf '%s' "$1" | sed 's/-/\\\\-/g')
    grep -qE "(\\\\fB| )$escaped(\\\\fR|[],\" ]|\$)" "$scratch/page"
}

# complete_line LINE: what bash offers at the end of it, one a line.
complete_line() {
    bash --norc -c '
        . "$1"
        COMP_LINE=$2 COMP_POINT=${#2}
        _duct
        printf "%s\n" "${COMPREPLY[@]}"' bash "$outputs/duct.bash" "$2$1"
}

offers() { # LINE WORD
    complete_line "$1" "duct --data-root $scratch/data --run-root $scratch/run " |
        grep -qxF -- "$2"
}

flags_of() { # VERB...
    duct "$@" --help | sed -n '/^Options:/,$ s/^ .*\(--[a-z0-9-]*\).*/\1/p' |
        sort -u
}

# check_verb TITLE VERB...: the page's part of that title, and what is offered.
check_verb() {
    title=$1
    shift
    expect "the page has no $*" grep -qE "^\.SS .*duct ${title}[\",]" "$outputs/duct.1"
    sed -nE "/^\.SS .*duct ${title}[\",]/,/^\.S[SH] /p" "$outputs/duct.1" |
        sed '$d' >"$scratch/page"
    last=$(eval "printf '%s' \"\${$#}\"")
    typed=$*
    expect "\"$typed\" is not offered" offers "${typed%?}" "$last"
    for flag in $(flags_of "$@"); do
        expect "the page of $* has no $flag" is_in_page "$flag"
        expect "$* $flag is not offered" offers "$* $flag" "$flag"
    done
}

# The first words of the lines of one part of a --help.
listed() {
    sed -n "/^$1:/,/^\$/ s/^  \([a-z]*\) .*/\1/p"
}

duct --help >"$scratch/help" || exit
for verb in $(listed Commands <"$scratch/help"); do
    check_verb "$verb" "$verb"
done
for noun in $(listed 'Management Commands' <"$scratch/help"); do
    expect "\"$noun\" is not offered" offers "${noun%?}" "$noun"
    for verb in $(duct "$noun" | listed Commands); do
        check_verb "$noun $verb" "$noun" "$verb"
    done
done
cp "$outputs/duct.1" "$scratch/page"
# shellcheck disable=SC2013 # words
for flag in $(sed -n '/^Global/,$ s/^ .*\(--[a-z-]*\).*/\1/p' "$scratch/help"); do
    expect "the page has no $flag" is_in_page "$flag"
    expect "$flag is not offered" offers "$flag" "$flag"
done
[ "$passed" -gt 200 ] || { echo "FAILED  too little was checked"; failed=1; }
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
