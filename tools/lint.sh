#!/bin/sh
# lint.sh [--fmt]: the house style, and what the linters say about our code.
#
# --fmt: format the C files instead. A file that two steps share word for word
# is looked at once.
. "$(dirname "$0")/lib.sh"

failed=''

# default.h is what the build makes of default.json.
c_files() {
    find steps final tests bench -name '*.[ch]' ! -path final/kernel/seccomp/default.h | sort
}

shell_files() {
    find tools .ci -type f | while read -r file; do
        case $file in
        *.sh) say "$file" ;;
        *) ! head -n 1 "$file" | grep -qE '^#!.*[/ ](ba)?sh' || say "$file" ;;
        esac
    done
}

# Where a file's headers are. A step has its own, and so has each wing of final;
# which wing may see which is the compiler's business: see final/Makefile.
wings=$(printf -- '-iquote %s ' final/*/)
export wings
headers_of() {
    case $1 in
    tests/final/*) say "$wings -Itests/harness -isystem /usr/include/libnl3" ;;
    final/* | tests/fuzz/*) say "$wings -isystem /usr/include/libnl3" ;;
    *) say "-Itests/harness -isystem /usr/include/libnl3" ;;
    esac
}

# What the compiler would read for a file of ours, system headers left out.
read_with() {
    # shellcheck disable=SC2046 # words
    cc -MM $(headers_of "$1") "$1" | sed 's/^[^:]*://; s/[\]$//'
}

# A file that reads the same, and so do the headers that it includes, is the
# same to a compiler, whichever step it is in: only the first is looked at.
distinct() {
    while read -r file; do
        content=$(read_with "$file" | xargs cat | sha256sum)
        say "${content%% *} $file"
    done | sort -s -k1,1 -u | cut -d' ' -f2 | sort
}

find_sources() {
    c_files | grep '\.c$' | distinct >build/lint/sources
}

sources() {
    cat build/lint/sources
}

# stage NAME COMMAND...: quiet when it has nothing to say.
stage() {
    name=$1
    shift
    log=build/lint/$name.log
    began=$(date +%s)
    if "$@" >"$log" 2>&1; then
        result=ok
    else
        result=FAILED
        failed="$failed $name"
    fi
    printf '  %-14s %-6s %3d s\n' "$name" "$result" $(($(date +%s) - began))
    [ "$result" = ok ] || sed 's/^/    /' "$log"
}

each() {
    xargs -r -n "$1" -P "$(nproc)" sh -c "$2" sh
}

format() {
    c_files | xargs clang-format --dry-run -Werror
}

house_rules() {
    c_files | xargs tools/lint-c
}

# Warnings stop no workshop; here they are errors.
# shellcheck disable=SC2016 # the inner shells' variables, here and below
compile() {
    sources | each 1 '
        case $1 in
        tests/final/*) include="$wings -Itests/harness" ;;
        final/* | tests/fuzz/*) include=$wings ;;
        tests/*) include=-Itests/harness ;;
        *) include="" ;;
        esac
        ${CC:-cc} -std=gnu17 -D_GNU_SOURCE -O2 -Werror -Wall -Wextra -Wshadow \
            -Wstrict-prototypes -Wmissing-prototypes -Wformat=2 -Wvla \
            $include -isystem /usr/include/libnl3 -c -o /dev/null "$1"'
}

# Nearly all the time is the analyzer's, which follows each path through a
# function until it has seen 225000 places: for final that is ten minutes of a
# processor, and with a third of them four.
# shellcheck disable=SC2016
tidy() {
    sources | each 1 '
        fewer="-extra-arg=-Xclang -extra-arg=-analyzer-config"
        fewer="$fewer -extra-arg=-Xclang -extra-arg=max-nodes=75000"
        case $1 in
        tests/final/*) include="$wings -Itests/harness" ;;
        final/* | tests/fuzz/*) include=$wings ;;
        *) include=-Itests/harness fewer="" ;;
        esac
        clang-tidy --quiet $fewer "$1" -- -std=gnu17 -D_GNU_SOURCE \
            $include -isystem /usr/include/libnl3 2>&1 |
            sed "/warnings generated/d; /^Suppressed/d; /^Use -header/d" |
            { ! grep . ; }'
}

# cppcheck does not know __attribute__((cleanup)) and takes it for a leak.
check_cpp() {
    sources | xargs cppcheck --quiet --error-exitcode=1 --inline-suppr --std=c11 \
        --language=c --enable=warning,performance,portability \
        --suppress=missingIncludeSystem --suppress=unknownMacro \
        --suppress=varFuncNullUB --suppress=memleak \
        --suppress=nullPointerArithmeticRedundantCheck \
        -D_GNU_SOURCE -D__linux__ -D__x86_64__ -Itests/harness -j "$(nproc)" \
        --template='{file}:{line}: {id}: {message}'
}

shells() {
    shell_files | xargs shellcheck
}

mkdir -p build/lint
own_directory build
if [ "${1-}" = --fmt ]; then
    c_files | xargs clang-format -i
    say "formatted"
    exit 0
fi

say "lint:"
make -s -C final kernel/seccomp/default.h
find_sources
stage clang-format format
stage house-rules house_rules
stage warnings compile
stage clang-tidy tidy
stage cppcheck check_cpp
stage shellcheck shells
give_back build/lint
if [ -n "$failed" ]; then
    die "these have something to say:$failed"
fi
