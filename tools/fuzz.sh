#!/bin/sh
# fuzz.sh [TARGET...]: throw whatever comes to mind at what reads strangers'
# bytes, built to notice memory errors and undefined behaviour.
# fuzz.sh --build: only build.
#
# FUZZ_SECONDS says how long each of them gets (5); or FUZZ_RUNS how many runs,
# which are the same each time: a gate must not fall shut by chance. It begins
# with what is in tests/fuzz/corpus, and with what earlier runs have found to
# lead somewhere else; that stays in build/fuzz/corpus. What breaks something,
# is in build/fuzz/found: once that is mended, it belongs into tests/fuzz/corpus.
. "$(dirname "$0")/lib.sh"

out=build/fuzz
seconds=${FUZZ_SECONDS:-5}
effort="-max_total_time=$seconds"
[ -z "${FUZZ_RUNS-}" ] || effort="-runs=$FUZZ_RUNS -seed=1"
export out seconds effort

targets() {
    for file in tests/fuzz/*.c; do
        basename "$file" .c
    done
}

# Each for itself, so that one that breaks stops nobody else.
# shellcheck disable=SC2016 # the inner shell's variables
run_all() {
    for target in "$@"; do
        [ -e "tests/fuzz/$target.c" ] || die "there is no target \"$target\"" \
            "The targets are: $(targets | tr '\n' ' ')"
        mkdir -p "$out/corpus/$target" "tests/fuzz/corpus/$target"
    done
    printf '%s\n' "$@" | xargs -n 1 -P "$(nproc)" sh -c '
        log=$out/$1.log
        if timeout -k 5 $((seconds + 60)) "$out/$1" $effort \
            -timeout=10 -rss_limit_mb=1024 -print_final_stats=1 \
            -artifact_prefix="$out/found/$1-" "$out/corpus/$1" \
            "tests/fuzz/corpus/$1" >"$log" 2>&1; then
            result=ok
        else
            result=FAILED
            echo "$1" >>"$out/failed"
        fi
        printf "  %-16s %-6s %s runs\n" "$1" "$result" \
            "$(sed -n "s/^stat::number_of_executed_units: *//p" "$log")"' sh
}

show_failures() {
    while read -r target; do
        say "$target:"
        sed -n '/ERROR: \|runtime error: \|^SUMMARY: /,$ p' "$out/$target.log" |
            grep -v '^stat::' | head -n 40 | sed 's/^/    /'
        say "    again: $out/$target $out/found/$target-..."
    done <"$out/failed"
}

mkdir -p "$out/found"
own_directory build
rm -f "$out/failed"
make -s -j "$(nproc)" -C tests/fuzz || die "the targets could not be built"
if [ "${1-}" != --build ]; then
    say "fuzz: each target with $effort"
    # shellcheck disable=SC2046 # words
    [ $# -gt 0 ] || set -- $(targets)
    run_all "$@"
fi
give_back build/fuzz
if [ -e "$out/failed" ]; then
    show_failures
    die "broken: $(tr '\n' ' ' <"$out/failed")"
fi
