#!/bin/sh
# test.sh [STEP]: run every suite, check and lesson, or the one suite of STEP,
# which may be `final`.
# test.sh --lessons [STEP]: run the commands of the lessons only.
#
# A step's suite judges the step's program, and then what the last step has
# kept of it. Ends with one line that counts everything: trials, lessons' commands
# and checks. Which trial ended how is in build/results/.
. "$(dirname "$0")/lib.sh"

results=build/results
passed=0 failed=0 skipped=0
began=$(date +%s)

heading() {
    printf '\n%s== %s%s\n' "$bold" "$*" "$plain"
}

# kept NAME COMMAND...: run it; what it prints is shown and kept in a file.
kept() {
    log=$results/$1.log
    shift
    { "$@" 2>&1 && echo 0 >"$log.status" || echo $? >"$log.status"; } |
        tee "$log"
    read -r status <"$log.status"
    rm "$log.status"
}

# unseen NAME COMMAND...: the same, but shown only if it fails; of a suite's
# verdicts only those that say so, and what a lesson says of having stalled.
unseen() {
    log=$results/$1.log
    shift
    status=0
    "$@" >"$log" 2>&1 || status=$?
    sed -n '/^STALLED /,/^    found/p' "$log"
    [ "$status" -eq 0 ] || show_failures
}

show_failures() {
    if grep -q '^FAILED  ' "$log"; then
        awk '/^FAILED  / { bad = 1; print; next } /^[^ ]/ { bad = 0 } bad' "$log"
    else
        tail -n 60 "$log"
    fi
}

# count: add what the log's closing line says. A command that ended badly
# without saying so has failed as one.
count() {
    closing=$(grep -E '^[0-9]+ passed, [0-9]+ failed' "$log" | tail -n 1)
    # shellcheck disable=SC2046,SC2086 # the numbers, one word each
    set -- $(say "${closing:-0 passed, 0 failed}" | tr -c '0-9\n' ' ')
    passed=$((passed + $1))
    failed=$((failed + $2))
    skipped=$((skipped + ${3:-0}))
    if [ "$status" -ne 0 ] && [ "$2" -eq 0 ]; then
        failed=$((failed + 1))
        say "${red}it ended with status $status${plain}"
    fi
    seconds=$(($(date +%s) - began_this))
}

# ------------------------------------------------------------------- suites

# A suite gives up on a program that hangs; this is for one that hangs itself.
limit="timeout -k 10 600"

judge_own() {
    heading "$1, judged by its suite"
    began_this=$(date +%s)
    # shellcheck disable=SC2086 # four words
    kept "$1" $limit env DUCT="steps/$1/duct" ROOTFS=rootfs/busybox \
        RESULTS="$results/$1.tsv" VERDICT="${VERDICT-student}" "build/tests/$1"
    count
    say "($seconds s)"
}

# judge_later SUITE STEP: what a later step has kept; in a sandbox, beside others.
judge_later() {
    began_this=$(date +%s)
    status=0
    tools/suite-beside "build/tests/$1" "steps/$2/duct" "$results/$1-on-$2.tsv" \
        LATER=1 VERDICT="${VERDICT-student}" >"$results/$1-on-$2.log" 2>&1 ||
        status=$?
    say "$status $(($(date +%s) - began_this))" >"$results/$1-on-$2.status"
}

# The last step answers for those in between: their files are the same, or have
# grown into its files.
all_later() {
    last=$(steps | tail -n 1)
    for suite in $(steps); do
        [ "$suite" = "$last" ] || judge_later "$suite" "$last"
    done
}

# What came of it.
tell_later() {
    heading "What the last step has kept, judged by the earlier suites"
    last=$(steps | tail -n 1)
    for suite in $(steps); do
        [ "$suite" != "$last" ] || continue
        log=$results/$suite-on-$last.log began_this=$(date +%s)
        read -r status took <"${log%.log}.status"
        rm "${log%.log}.status"
        [ "$status" -eq 0 ] || show_failures
        count
        printf '%-14s on %-14s %s (%s s)\n' "$suite" "$last" \
            "${closing:-no verdict}" "$took"
    done
}

# ------------------------------------------------------------------- checks

check() {
    name=$(basename "$1" .sh)
    began_this=$(date +%s)
    unseen "$name" "$@"
    if [ "$status" -eq 0 ]; then
        passed=$((passed + 1)) result=ok
    else
        failed=$((failed + 1)) result=FAILED
    fi
    printf '%-6s  %s (%s s)\n' "$result" "$name" \
        "$(($(date +%s) - began_this))"
}

all_checks() {
    heading "Checks"
    for tool in tools/check-*; do
        [ ! -x "$tool" ] || check "$tool"
    done
    check tests/final/manual.sh
}

# -------------------------------------------------------------------- final

# told NAME COMMAND...: counted by trial.
told() {
    name=$1
    shift
    began_this=$(date +%s)
    unseen "$name" "$@"
    count
    printf '%-26s %s (%s s)\n' "$name" "${closing:-no verdict}" "$seconds"
}

# The functions are tried in namespaces of their own: some mount, some make links.
all_final() {
    heading "The engine"
    # shellcheck disable=SC2086
    told final-units $limit unshare -mn build/tests/final-units
    # shellcheck disable=SC2086
    told final $limit env DUCT=final/duct ROOTFS=rootfs/busybox \
        RESULTS="$results/final.tsv" VERDICT="${VERDICT-student}" build/tests/final
}

# ------------------------------------------------------------------ lessons

# run_lesson FILE: counted by command; the lesson's own words if one fails.
run_lesson() {
    began_this=$(date +%s)
    unseen "$(basename "$1" .md)-lesson" tools/run-lesson "$1"
    count
    printf '%-26s %s (%s s)\n' "$1" "${closing:-no verdict}" "$seconds"
}

lessons() {
    heading "The lessons' commands"
    for lesson in lessons/*.md; do
        case $lesson in
        "lessons/${1-}"*) ! grep -q '^```console' "$lesson" ||
            run_lesson "$lesson" ;;
        esac
    done
}

# ---------------------------------------------------------------------- end

# Each skip by name, with its reason, as the suites printed it.
list_skips() {
    [ "$skipped" -gt 0 ] || return 0
    heading "Skipped"
    for log in "$results"/*.log; do
        sed -n "s/^skipped /$(basename "$log" .log): /p" "$log"
    done
}

list_failures() {
    [ "$failed" -gt 0 ] || return 0
    heading "Failed (the verdicts are above)"
    for log in "$results"/*.log; do
        sed -n "s/^FAILED  /$(basename "$log" .log): /p" "$log"
    done
}

is_root || die "the suites need root: sudo make test"
mkdir -p "$results"
rm -f "$results"/*
case ${1-} in
--lessons) lessons "${2-}" ;;
'')
    all_later &
    later=$!
    trap 'kill "$later" 2>/dev/null || true' EXIT
    for step in $(steps); do
        judge_own "$step"
    done
    wait "$later"
    trap - EXIT
    tell_later
    all_final
    all_checks
    lessons
    ;;
final) all_final ;;
*) judge_own "$(step_named "$1")" ;;
esac
list_skips
list_failures
give_back build

say
say "$(($(date +%s) - began)) seconds"
say "$passed passed, $failed failed, $skipped skipped"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
