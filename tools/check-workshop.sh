#!/bin/sh
# check-workshop.sh: walk each step's exercise as a student would, in a scratch
# directory: begin, build, read every hint, take over the model. As root, and
# where the suites are built, also: the start fails its suite.
. "$(dirname "$0")/lib.sh"

WORKSHOP=$(mktemp -d "${TMPDIR:-/tmp}/duct-workshop.XXXXXX")
export WORKSHOP
unset PASTE
trap 'rm -rf "$WORKSHOP"' EXIT
trap 'exit 130' INT TERM HUP

problem() {
    die "$1" "step $step; what was said:" "$(cat "$WORKSHOP/words")"
}

# quietly COMMAND...: what it says is for problem() only.
quietly() {
    "$@" >"$WORKSHOP/words" 2>&1
}

check_start() {
    quietly tools/workshop.sh start "$step" || problem "it can't be begun"
    grep -q '^[A-Za-z]' "$copy/TASK.md" ||
        problem "$copy/TASK.md has no task in it"
    ! quietly tools/workshop.sh start "$step" ||
        problem "a second start was not refused"
    quietly make -s -C "$copy" duct CFLAGS=-O0 ||
        problem "the start does not compile"
}

check_start_fails() {
    is_root && [ -x "build/tests/$step" ] && [ -e rootfs/busybox ] || return 0
    status=0
    DUCT=$copy/duct FAILFAST=1 VERDICT=student quietly "build/tests/$step" ||
        status=$?
    [ "$status" -eq 1 ] || problem "the suite does not fail at the start"
}

check_hints() {
    count=0
    while [ "$count" -lt 30 ]; do
        quietly tools/workshop.sh hint "$step" || problem "no hint"
        ! grep -q 'the last hint' "$WORKSHOP/words" || break
        count=$((count + 1))
    done
    [ "$count" -ge 3 ] || problem "it has $count hints; 3 is the least"
}

check_solution() {
    quietly tools/workshop.sh solution "$step" || problem "no comparison"
    [ "$(wc -l <"$WORKSHOP/words")" -gt 5 ] ||
        problem "the start does not differ from the model"
    PASTE=1 quietly tools/workshop.sh solution "$step" || problem "no model"
    [ -d "$copy.mine-1" ] || problem "the student's own version is lost"
    for file in "steps/$step"/*.[ch] "steps/$step/Makefile"; do
        cmp -s "$file" "$copy/$(basename "$file")" ||
            problem "$file was not taken over"
    done
}

for step in $(steps); do
    copy=$WORKSHOP/$step
    check_start
    check_start_fails
    check_hints
    check_solution
done
say "the exercises of $(steps | wc -l) steps can be begun, hinted at and solved"
