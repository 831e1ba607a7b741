#!/bin/sh
# rootfs-debian.sh: a real root file system, made by debootstrap(8).
#
#     tools/rootfs-debian.sh [--if-reachable]
#
# Packages come from where this machine's apt has its own, or from MIRROR=URL;
# the release is this machine's, or SUITE=NAME. Made once: a second run does
# nothing. --if-reachable: without a mirror say so and end well.
. "$(dirname "$0")/lib.sh"

root=rootfs/debian
new=rootfs/.debian.$$
# minbase has no ps and no ip, and they are what a student tries first.
include=procps,iproute2
if_reachable=false
[ "${1-}" != --if-reachable ] || if_reachable=true

# The value of NAME= in this machine's /etc/os-release.
release_says() {
    # shellcheck source=/dev/null
    (. /etc/os-release && eval "printf %s \"\${$1-}\"")
}

# Where apt has the package lists of this machine's release from. The security
# and update archives are no whole distributions and have other names.
apt_mirror() {
    # shellcheck disable=SC2016 # apt's own variables
    apt-get indextargets --format \
        '$(CREATED_BY) $(RELEASE) $(COMPONENT) $(SITE)' 2>/dev/null |
        awk -v suite="$1" '
            $1 == "Packages" && $3 == "main" &&
            ($2 == suite || (suite == "bookworm" && $2 == "stable")) {
                print $4
                exit
            }'
}

# apt's "mirror+file:" method: the first line of a list of mirrors.
first_of_list() {
    case $1 in
    mirror+file:*) grep -om1 '^http[^[:space:]]*' "${1#mirror+file:}" ;;
    *) say "$1" ;;
    esac
}

choose_suite() {
    suite=${SUITE-}
    [ -n "$suite" ] || suite=$(release_says VERSION_CODENAME)
    if [ ! -e "/usr/share/debootstrap/scripts/$suite" ]; then
        suite=bookworm
    fi
}

choose_mirror() {
    mirror=${MIRROR-}
    [ -n "$mirror" ] || mirror=$(first_of_list "$(apt_mirror "$suite")")
    if [ -z "$mirror" ]; then
        die "apt's configuration names no archive that has $suite" \
            "say which: sudo make rootfs-debian MIRROR=http://... SUITE=..."
    fi
}

# debootstrap fetches with wget, which does not know apt's proxy.
use_apt_proxy() {
    proxy=$(apt-config dump --format '%v%n' Acquire::http::Proxy 2>/dev/null)
    case ${http_proxy-}$proxy in
    http*) export http_proxy="${http_proxy:-$proxy}" ;;
    esac
}

is_reachable() {
    wget -q -O /dev/null -T 15 -t 2 "$mirror/dists/$suite/InRelease" ||
        wget -q -O /dev/null -T 15 -t 2 "$mirror/dists/$suite/Release"
}

bootstrap() {
    mkdir -p rootfs build
    own_directory rootfs
    own_directory build
    trap 'remove_tree "$new"' EXIT
    trap 'exit 130' INT TERM HUP
    say "$root: debootstrap $suite, a minute or two"
    if ! debootstrap --variant=minbase --include="$include" \
        "$suite" "$new" "$mirror" >build/debootstrap.log 2>&1; then
        tail -n 20 build/debootstrap.log >&2
        die "debootstrap failed; its last words are above," \
            "all of them in build/debootstrap.log"
    fi
    rm -f "$new"/var/cache/apt/archives/*.deb
    chmod 0755 "$new"
    mv "$new" "$root"
    trap - EXIT
    give_back build/debootstrap.log
    say "$root: made, $(du -smx "$root" | cut -f1) MiB"
}

if [ -e "$root/etc/debian_version" ]; then
    exit 0
fi
choose_suite
choose_mirror
use_apt_proxy
if ! is_reachable; then
    if $if_reachable; then
        say "$root: no package archive can be reached from here; going on" \
            "with rootfs/busybox alone"
        exit 0
    fi
    die "the package archive can't be reached:" "$mirror ($suite)" \
        "another one: sudo make rootfs-debian MIRROR=http://..." \
        "none is needed for the lessons: rootfs/busybox does for all of them"
fi
is_root || die "debootstrap needs root: sudo make rootfs-debian"
bootstrap
