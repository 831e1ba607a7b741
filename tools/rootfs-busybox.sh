#!/bin/sh
# rootfs-busybox.sh: a small root file system, made from the busybox program
# that this machine has. Needs no network and no root.
#
#     tools/rootfs-busybox.sh            make it, unless it is there already
#     tools/rootfs-busybox.sh --fresh    as new, whatever containers did to it
#
# The tree belongs to whoever owns the clone. A container started without root
# has a single user id mapped, its starter's; overlay can copy a file up only
# when the file's owner has a number inside as well.
. "$(dirname "$0")/lib.sh"

root=rootfs/busybox
new=rootfs/.busybox.$$

find_busybox() {
    busybox=$(command -v busybox) || die "busybox is missing" \
        "install the package busybox-static: sudo make setup"
    if ldd "$busybox" >/dev/null 2>&1; then
        die "$busybox is linked dynamically: it would not start in a root" \
            "file system without its libraries. Install the package" \
            "busybox-static in its place: sudo make setup"
    fi
}

make_directories() {
    for dir in bin dev etc home mnt proc root run sys tmp usr var var/tmp; do
        mkdir "$new/$dir"
    done
    chmod 1777 "$new/tmp" "$new/var/tmp"
    # One directory of programs under four names, as Debian has it as well.
    ln -s bin "$new/sbin"
    ln -s ../bin "$new/usr/bin"
    ln -s ../bin "$new/usr/sbin"
}

make_programs() {
    cp "$busybox" "$new/bin/busybox"
    chmod 0755 "$new/bin/busybox"
    "$busybox" --list | while read -r applet; do
        [ "$applet" = busybox ] || say "$applet"
    done | (cd "$new/bin" && xargs -n 1 ln -s busybox)
}

make_settings() {
    cat >"$new/etc/passwd" <<'EOF'
root:x:0:0:root:/root:/bin/sh
nobody:x:65534:65534:nobody:/:/bin/false
EOF
    cat >"$new/etc/group" <<'EOF'
root:x:0:
nogroup:x:65534:
EOF
    cat >"$new/etc/hosts" <<'EOF'
127.0.0.1 localhost
::1 localhost
EOF
    cat >"$new/etc/os-release" <<'EOF'
PRETTY_NAME="duct's busybox root"
NAME="busybox"
ID=busybox
EOF
    say "duct's busybox root" >"$new/etc/issue"
}

build() {
    find_busybox
    mkdir -p rootfs
    rm -rf rootfs/.busybox.* # an interrupted run's
    trap 'rm -rf "$new"' EXIT
    trap 'exit 130' INT TERM HUP
    mkdir "$new"
    umask 022
    chmod 0755 "$new"
    make_directories
    make_programs
    make_settings
    # One date for all, so that two machines make the same tree.
    find "$new" -exec touch -h -d '2020-01-01 00:00:00 UTC' {} +
    give_back rootfs/.busybox.$$
}

# Everything that a container may have changed, but for the dates.
listing() {
    (cd "$1" && find . -xdev -printf '%p %y %m %U %G %l\n' | sort &&
        find . -xdev -type f -print0 | sort -z | xargs -0 sha256sum)
}

install_tree() {
    if [ -e "$root" ]; then
        remove_tree "$root"
        action="made anew"
    else
        action="made"
    fi
    mv "$new" "$root"
    give_back rootfs/busybox
    own_directory rootfs
    say "$root: $action, $(find "$root" | wc -l) files," \
        "$(du -sk "$root" | cut -f1) KiB"
}

if [ "${1-}" = --fresh ]; then
    refuse_mounts "$root"
    build
    if [ -e "$root" ] && [ "$(listing "$root")" = "$(listing "$new")" ]; then
        say "$root: as new already"
    else
        install_tree
    fi
elif [ ! -x "$root/bin/busybox" ] || [ ! -e "$root/etc/os-release" ]; then
    build
    install_tree
fi
