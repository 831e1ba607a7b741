#!/bin/sh
# setup.sh: install what is missing, and nothing else.
#
#     tools/setup.sh [-q|-n] SET...
#
# Each SET is a line's first word in the table below; `student` stands for
# build, run and test. -q: say nothing when nothing is missing. -n: only say
# what is missing. What is there is found without asking apt, so a machine
# that has everything needs no network and no root.
. "$(dirname "$0")/lib.sh"

# set, package, how to see that it is there, what it is for. A probe is a
# program's name, or `header:` and a file that the compiler would include, or
# `static:` and a program that needs no libraries, or `runtime:` and a library
# of clang's.
packages='
build gcc            cc                     the C compiler
build make           make                   runs the build
build libc6-dev      header:stdio.h         the C library, to compile with
build libcap-dev     header:sys/capability.h  capabilities, from step 02 on
build libnl-route-3-dev header:libnl3/netlink/route/link.h  links and addresses, from step 05 on
build libnftables-dev header:nftables/libnftables.h  rules for packets, from step 05 on
build libarchive-dev header:archive.h        tars, from step 06 on
build libjansson-dev header:jansson.h        JSON, from step 06 on
build libssl-dev     header:openssl/evp.h    SHA-256, from step 06 on
build libseccomp-dev header:seccomp.h        filters of system calls, in final
run   busybox-static static:busybox         the small root file system
run   debootstrap    debootstrap            the Debian root file system
run   util-linux     nsenter                lsns, nsenter, unshare, findmnt
run   procps         ps                     ps, to look from the host
run   iproute2       ip                     ip, to look at interfaces
run   nftables       nft                    nft, to look at rules for packets
run   libcap2-bin    capsh                  capsh, to look at capabilities
run   cgroup-tools   cgcreate               cgroups by hand, in lesson 03
run   jq             jq                     jq, to look at images
run   uidmap         newuidmap              many users for who is not root, in final
run   slirp4netns    slirp4netns            a network for who is not root, in final
test  libcmocka-dev  header:cmocka.h        the test suites are written with it
test  python3        python3                runs the lessons and the checks
test  skopeo         skopeo                 has images as well: a peer, for step 06
test  umoci          umoci                  another
test  zstd           zstd                   a way to compress them
lint  clang-format   clang-format           the house style (make fmt, lint)
lint  clang-tidy     clang-tidy             finds mistakes (make lint)
lint  cppcheck       cppcheck               finds others (make lint)
lint  shellcheck     shellcheck             finds the shell scripts'"'"' mistakes
fuzz  clang          clang                  the compiler that can fuzz (make fuzz)
fuzz  libclang-rt-dev runtime:fuzzer        the other half of it
sanitize valgrind    valgrind               memory errors (make sanitize)
vm    qemu-system-x86 qemu-system-x86_64   a machine of its own (make test-vm)
vm    e2fsprogs      mke2fs                 the disk of that machine
'

quiet=false install=true
case ${1-} in
-q)
    quiet=true
    shift
    ;;
-n)
    install=false
    shift
    ;;
esac
sets=" $* "
case $sets in
*" student "*) sets="$sets build run test " ;;
esac

# Every table line whose set was asked for.
wanted() {
    say "$packages" | while read -r set package probe why; do
        case $sets in
        *" $set "*) say "$package $probe $why" ;;
        esac
    done
}

has_header() {
    for dir in /usr/include /usr/include/*-linux-gnu* /usr/local/include; do
        [ -e "$dir/$1" ] && return 0
    done
    return 1
}

has_static() {
    path=$(command -v "$1") && ! ldd "$path" >/dev/null 2>&1
}

has_runtime() {
    path=$(clang --print-file-name="libclang_rt.$1-$(uname -m).a") 2>/dev/null &&
        [ -e "$path" ]
}

is_there() {
    case $1 in
    runtime:*) has_runtime "${1#runtime:}" ;;
    header:*) has_header "${1#header:}" ;;
    static:*) has_static "${1#static:}" ;;
    *) command -v "$1" >/dev/null || [ -x "/usr/sbin/$1" ] ;;
    esac
}

missing() {
    wanted | while read -r package probe why; do
        is_there "$probe" || say "$package $why"
    done
}

tell_missing() {
    say "$1" | while read -r package why; do
        printf '    %-16s %s\n' "$package" "$why"
    done
}

# apt PACKAGE...: as quiet as apt can be; its words are shown when it fails.
apt() {
    DEBIAN_FRONTEND=noninteractive apt-get -y -qq -o DPkg::Lock::Timeout=300 \
        "$@" >"$log" 2>&1 </dev/null
}

can_be_had() {
    for package in $1; do
        LC_ALL=C apt-cache policy "$package" 2>/dev/null |
            grep -q '^  Candidate: [^(]' || return 1
    done
}

# Old package lists name files that are no longer on the mirror, so a failure
# is worth one more try with new lists.
install_packages() {
    if can_be_had "$1"; then
        # shellcheck disable=SC2086 # one word each
        apt install --no-install-recommends $1 && return
    fi
    say "setup: asking for the package lists (apt-get update)"
    apt update || return
    # shellcheck disable=SC2086
    apt install --no-install-recommends $1
}

install_missing() {
    mkdir -p build
    own_directory build
    exec 9>build/setup.lock
    flock 9 # `make -j` may ask for two sets at once
    list=$(missing)
    [ -n "$list" ] || return 0
    names=$(say "$list" | cut -d' ' -f1 | tr '\n' ' ')

    say "setup: installing what this machine has not got yet:"
    tell_missing "$list"
    log=build/setup.log
    if ! install_packages "$names"; then
        cat "$log" >&2
        die "apt-get could not install: $names" \
            "its own words are above; is there a network?"
    fi
    give_back build/setup.log build/setup.lock
    list=$(missing)
    [ -z "$list" ] || die "installed, but still not found:" \
        "$(tell_missing "$list")"
    say "setup: done"
}

list=$(missing)
if [ -z "$list" ]; then
    $quiet || say "setup: everything is there, nothing to install"
elif ! $install; then
    tell_missing "$list"
    exit 1
elif ! command -v apt-get >/dev/null; then
    warn "this machine has no apt-get; install with its own package manager:"
    tell_missing "$list" >&2
    exit 1
elif ! is_root; then
    warn "missing on this machine:"
    tell_missing "$list" >&2
    die "an ordinary user can't install packages; this does:" \
        "sudo apt-get install $(say "$list" | cut -d' ' -f1 | tr '\n' ' ')"
else
    install_missing
fi
