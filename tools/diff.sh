#!/bin/sh
# diff.sh STEP: what a step adds to the one before, in the order of a lecture:
# how many lines where, the command line, the recipe, the other wiring, and
# then the new rooms, each header before its source.
. "$(dirname "$0")/lib.sh"

new=$(step_named "${1-}")
old=$(step_before "$new")

lines_of() {
    wc -l <"steps/$new/$1"
}

if [ -z "$old" ]; then
    say "steps/$new is the first step: there is none to compare it with."
    say "Read it in this order:"
    for file in Makefile duct.c container.h container.c rootfs.c command.c \
        supervise.c report.c explain.c flags.c failure.c cleanup.h; do
        [ -e "steps/$new/$file" ] || continue
        printf '    %4d lines  %s\n' "$(lines_of "$file")" "steps/$new/$file"
    done
    exit 0
fi

# Sources only: no objects, no program.
files_of() {
    (cd "steps/$1" && ls Makefile ./*.c ./*.h) | sed 's|^\./||'
}

# Wiring first, the way through the program; new rooms last.
rank() {
    while read -r file; do
        case $file in
        Makefile) order=1 ;;
        duct.c) order=2 ;;
        container.h) order=3 ;;
        container.c) order=4 ;;
        *.h) order=5 ;;
        *) order=6 ;;
        esac
        if [ ! -e "steps/$old/$file" ]; then
            stem=${file%.?}
            printf '8 %s.%s %s\n' "$stem" "$order" "$file"
        elif ! cmp -s "steps/$old/$file" "steps/$new/$file"; then
            printf '%s %s %s\n' "$order" "$file" "$file"
        fi
    done | LC_ALL=C sort | cut -d' ' -f3
}

files=$({
    files_of "$old"
    files_of "$new"
} | sort -u | rank)

show_stat() {
    say "${bold}From $old to $new${plain}"
    say
    for file in $files; do
        # diff -N: a file that is missing on one side counts as empty.
        diff -N "steps/$old/$file" "steps/$new/$file" | awk \
            -v file="$file" -v green="$green" -v red="$red" -v plain="$plain" \
            -v new="$([ -e "steps/$old/$file" ] || echo '  (new)')" '
            /^>/ { added++ }
            /^</ { removed++ }
            END {
                printf "    %-16s %s%+5d%s %s%5s%s%s\n", file, green, added,
                    plain, red, removed ? "-" removed : "", plain, new
            }'
    done
    say
}

show_diff() {
    for file in $files; do
        diff -uN --color="$colour" --label "steps/$old/$file" \
            --label "steps/$new/$file" \
            "steps/$old/$file" "steps/$new/$file" || [ $? -eq 1 ]
    done
}

show() {
    show_stat
    show_diff
}

show | page
