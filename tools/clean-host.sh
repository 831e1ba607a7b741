#!/bin/sh
# clean-host.sh: remove what containers left on this machine: mounts, cgroups,
# state (kept changes, images), links, nftables. Says what it removed.
#
# A container that is still running is left alone, as is everything that duct
# did not make. Processes in a cgroup whose duct is gone are ended after a
# question, and so go containers and volumes of the engine in final; FORCE=1
# answers with yes.
. "$(dirname "$0")/lib.sh"

[ $# -eq 0 ] || die "clean-host.sh takes no arguments" "It cleans at once; see its head."

removed=0
left=0

did() {
    removed=$((removed + 1))
    say "removed  $*"
}

leave() {
    left=$((left + 1))
    say "left     $*"
}

confirm() {
    [ "${FORCE-}" = 1 ] || ask "$1"
}

# ------------------------------------------------------------------ cgroups

cgroup_mounts() {
    awk '{
        for (i = 7; i < NF; i++)
            if ($i == "-" && $(i + 1) ~ /^cgroup2?$/) print $5
    }' /proc/self/mountinfo | sort -u
}

# duct names a cgroup for its own process: duct-4321. A suite that is running
# has cgroups of its own around those of its containers, and removes them.
cgroups() {
    for mount in $(cgroup_mounts); do
        find "$mount" -xdev -type d -name 'suite-of-duct-*' -prune -o \
            -type d -name 'duct-[0-9]*' -print 2>/dev/null
    done
}

# live_ducts: the numbers of all ducts, in each pid namespace that they are in.
live_ducts() {
    cat /proc/[0-9]*/status 2>/dev/null | awk '
        $1 == "Name:" { is_duct = $2 == "duct" }
        $1 == "NSpid:" && is_duct { for (i = 2; i <= NF; i++) print $i }'
}

is_live_duct() {
    live_ducts | grep -qx "$1"
}

processes_in() {
    find "$1" -name cgroup.procs -exec cat {} + 2>/dev/null | sort -u
}

# A frozen process does not die before it is thawed.
thaw() {
    for file in "$1/cgroup.freeze:0" "$1/freezer.state:THAWED"; do
        [ ! -w "${file%%:*}" ] || say "${file#*:}" >"${file%%:*}" || true
    done
}

empty_cgroup() {
    processes=$(processes_in "$1")
    [ -n "$processes" ] || return 0
    # shellcheck disable=SC2086
    ps -o pid,user,args -p "$(say $processes | tr ' ' ',')" || true
    confirm "End these processes in $1?" || return 1
    thaw "$1"
    for process in $processes; do
        kill -KILL "$process" 2>/dev/null || true
    done
    tries=0
    while [ -n "$(processes_in "$1")" ] && [ "$tries" -lt 50 ]; do
        sleep 0.1
        tries=$((tries + 1))
    done
}

clean_cgroup() {
    owner=${1##*/duct-}
    if is_live_duct "$owner"; then
        leave "$1: its container is running (process $owner)"
    elif empty_cgroup "$1" && find "$1" -depth -type d -exec rmdir {} +; then
        did "cgroup $1"
    else
        leave "$1: still has processes in it (FORCE=1 ends them)"
    fi
}

clean_cgroups() {
    for cgroup in $(cgroups); do
        [ ! -d "$cgroup" ] || clean_cgroup "$cgroup"
    done
}

# ------------------------------------------------------------ mounts, state

# Ours: the clone's root file systems and copies, and what --state means when
# it is not given. With sudo, the caller's own home as well as root's.
places() {
    printf '%s\n' rootfs workshop build /run/duct /var/lib/duct
    say "${XDG_DATA_HOME:-$HOME/.local/share}/duct"
    if [ -n "${SUDO_USER-}" ]; then
        say "$(getent passwd "$SUDO_USER" | cut -d: -f6)/.local/share/duct"
    fi
}

clean_mounts() {
    places | while read -r place; do
        mounts_below "$place"
    done | while read -r mounted; do
        umount "$mounted" 2>/dev/null || umount -l "$mounted"
        say "$mounted"
    done
}

has_live_containers() {
    [ -n "$(live_ducts)" ]
}

state_places() {
    places | grep '/duct$'
}

# may_remove DIR: root may what is there; anybody else, what is his.
may_remove() {
    [ -d "$1" ] && { is_root || [ -O "$1" ]; }
}

# has_engines_things DIR: what final's engine keeps there can't be made again.
has_engines_things() {
    [ -n "$(find "$1/containers" "$1/volumes" -mindepth 1 -maxdepth 1 2>/dev/null)" ]
}

remove_state() {
    may_remove "$1" || return 0
    if has_live_containers; then
        leave "$1: a duct is running"
        return
    fi
    if has_engines_things "$1" &&
        ! confirm "Remove the engine's containers and volumes in $1?"; then
        leave "$1: the engine's containers and volumes are in it"
        return
    fi
    # overlay makes its work directory so that nobody can look into it.
    chmod -R u+rwx "$1"
    remove_tree "$1"
    did "$1"
}

# ------------------------------------------------------------------ network

clean_links() {
    ip -o link show 2>/dev/null |
        sed -n 's/^[0-9]*: \(\(veth-\)*duct[^:@]*\).*/\1/p' |
        while read -r link; do
            ip link delete "$link" 2>/dev/null && say "$link"
        done
}

clean_nftables() {
    nft list tables 2>/dev/null | sed -n 's/^table \([a-z0-9]*\) duct$/\1/p' |
        while read -r family; do
            nft delete table "$family" duct && say "$family"
        done
}

# A note that forwarding was off is kept beside the addresses of its network.
clean_forwarding() {
    note=/run/duct/steps/net-$(stat -Lc %i /proc/self/ns/net)/ip_forward
    [ -e "$note" ] && rm "$note" && echo 0 >/proc/sys/net/ipv4/ip_forward
}

has_network() {
    [ -n "$(ip -o link show duct0 2>/dev/null)" ] ||
        nft list tables 2>/dev/null | grep -q '^table [a-z0-9]* duct$'
}

clean_network() {
    if has_live_containers; then
        ! has_network || leave "duct0 and its rules: a duct is running"
        return 0
    fi
    for link in $(clean_links); do
        did "link $link"
    done
    for family in $(clean_nftables); do
        did "nftables table $family duct"
    done
    if clean_forwarding; then
        did "forwarding (net.ipv4.ip_forward is 0 again)"
    fi
}

clean_cgroups
if is_root; then
    for mounted in $(clean_mounts); do
        did "mount $mounted"
    done
    clean_network
fi
for place in $(state_places); do
    remove_state "$place"
done

[ $((removed + left)) -gt 0 ] || say "nothing to clean"
is_root || say "(as an ordinary user; what belongs to root: sudo make clean-host)"
[ "$left" -eq 0 ]
