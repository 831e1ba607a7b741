#!/bin/sh
# doctor.sh: what this machine's kernel can do, and what to do where it can't.
#
# Each line begins with ok, missing or note. Ends with status 1 when something
# is missing that steps 01 to 07 need. Everything that can be tried is tried,
# in namespaces of its own; nothing stays behind.
. "$(dirname "$0")/lib.sh"

missing_count=0

ok() {
    printf '%sok%s       %s\n' "$green" "$plain" "$*"
}

# note TEXT [LINE...]: worth knowing; nothing in steps 01 to 07 fails of it.
note() {
    printf '%snote%s     %s\n' "$yellow" "$plain" "$1"
    shift
    more "$@"
}

# missing TEXT [LINE...]: the lines say what to do.
missing() {
    missing_count=$((missing_count + 1))
    printf '%smissing%s  %s\n' "$red" "$plain" "$1"
    shift
    more "$@"
}

more() {
    [ $# -eq 0 ] || printf '         %s\n' "$@"
}

heading() {
    printf '\n%s%s%s\n' "$bold" "$1" "$plain"
}

sysctl_value() {
    cat "/proc/sys/$(say "$1" | tr . /)" 2>/dev/null || true
}

# as_user COMMAND...: without root's powers, as duct's rootless tests do it.
as_user() {
    if is_root; then
        setpriv --reuid 65534 --regid 65534 --clear-groups "$@"
    else
        "$@"
    fi
}

quiet() {
    "$@" >/dev/null 2>&1
}

# ------------------------------------------------------------------ machine

at_least() {
    [ "$(printf '%s\n%s\n' "$1" "$2" | sort -V | head -n 1)" = "$1" ]
}

check_kernel() {
    if at_least 5.12 "$(uname -r)"; then
        ok "kernel $(uname -r) ($(uname -m))"
    else
        missing "kernel $(uname -r) is older than 5.12" \
            "use a newer release of your distribution, or a VM with one"
    fi
    libc=$(getconf GNU_LIBC_VERSION 2>/dev/null || echo unknown)
    if at_least 'glibc 2.34' "$libc"; then
        ok "C library: $libc"
    else
        missing "C library: $libc; close_range(2) came with glibc 2.34" \
            "use Debian 12, Ubuntu 22.04 or newer"
    fi
}

check_container() {
    # Whoever sees the kernel's own threads is not in a pid namespace.
    if [ "$(cat /proc/2/comm 2>/dev/null)" != kthreadd ]; then
        note "this machine is a container itself" \
            "Expect refusals below: its engine keeps mounts, namespaces and" \
            "cgroups from what runs in it. A VM is the better place."
    fi
}

check_programs() {
    if list=$(tools/setup.sh -n student); then
        ok "compiler, libraries and programs"
    else
        missing "programs and libraries; \`sudo make setup\` installs them:"
        say "$list" | sed 's/^ */         /'
    fi
}

check_limits() {
    # shellcheck disable=SC3045 # dash has it, as has every shell on Linux
    files=$(ulimit -n)
    if [ "$files" = unlimited ] || [ "$files" -ge 1024 ]; then
        ok "open files: $files for each process"
    else
        note "open files: only $files for each process" "ulimit -n 1024"
    fi
}

# --------------------------------------------------------------- namespaces

# The option that unshare(1) has for a name in /proc/self/ns.
unshare_option() {
    case $1 in
    mnt) echo --mount ;;
    *) echo "--$1" ;;
    esac
}

check_namespace() {
    if [ ! -e "/proc/self/ns/$1" ]; then
        missing "$1 namespace: not in this kernel" \
            "use a distribution's kernel, or one with the right CONFIG_*_NS"
    elif ! is_root; then
        ok "$1 namespace: in the kernel"
    elif quiet unshare "$(unshare_option "$1")" --fork true; then
        ok "$1 namespace"
    else
        missing "$1 namespace: in the kernel, but unshare(2) is refused" \
            "limits: $(sysctl_value "user.max_$1_namespaces")" \
            "in user.max_$1_namespaces; inside a container, its engine refuses"
    fi
}

# Each of these is one distribution's way of keeping users from namespaces.
userns_obstacles() {
    if [ "$(sysctl_value kernel.unprivileged_userns_clone)" = 0 ]; then
        say "sudo sysctl kernel.unprivileged_userns_clone=1"
    fi
    if [ "$(sysctl_value user.max_user_namespaces)" = 0 ]; then
        say "sudo sysctl user.max_user_namespaces=15000"
    fi
    if [ "$(sysctl_value kernel.apparmor_restrict_unprivileged_userns)" = 1 ]
    then
        cat <<EOF
AppArmor allows them to named programs only (Ubuntu 23.10 and later). Either
for all programs, until the next boot:
    sudo sysctl kernel.apparmor_restrict_unprivileged_userns=0
or for duct alone, with a profile in /etc/apparmor.d/duct:
    abi <abi/4.0>,
    include <tunables/global>
    profile duct $top/{steps,workshop}/*/duct flags=(unconfined) {
      userns,
    }
and then: sudo apparmor_parser -r /etc/apparmor.d/duct
EOF
    fi
}

# With AppArmor's restriction the namespace is made, but has no power in it:
# a mount tells.
check_user_namespaces() {
    obstacles=$(userns_obstacles)
    # shellcheck disable=SC2016 # the inner shell's
    if quiet as_user unshare --user --map-root-user --mount \
        sh -c 'mount -t tmpfs none /tmp'; then
        ok "user namespaces without root (steps 02 to 07 as an ordinary user)"
        [ -z "$obstacles" ] || note "but duct may need:" "$obstacles"
    else
        missing "user namespaces without root (steps 02 to 07 as an ordinary" \
            "user); with sudo everything works. To allow them:" \
            "${obstacles:-none of the usual settings forbids it; are you inside a container?}"
    fi
}

# ------------------------------------------------------------------- mounts

# mounts as root, or as root of a user namespace: both have to work.
in_namespaces() {
    if is_root; then
        quiet unshare --mount --pid --net --ipc --fork sh -ec "$1"
    else
        quiet unshare --user --map-root-user --mount --pid --net --ipc --fork \
            sh -ec "$1"
    fi
}

check_mount() {
    if in_namespaces "$2"; then
        ok "$1"
    else
        missing "$1: refused" \
            "inside a container the engine masks it; use a VM"
    fi
}

check_propagation() {
    case $(findmnt -no PROPAGATION / 2>/dev/null) in
    shared*) note "/ is shared: a mount made without \`private\` shows" \
        "everywhere (lesson 02 shows how that goes wrong)" ;;
    *) ok "mount propagation of /: $(findmnt -no PROPAGATION / || echo '?')" ;;
    esac
}

# Where --state keeps upper layers, or the nearest directory above it.
state_place() {
    if is_root; then
        place=/var/lib/duct/steps
    else
        place=${XDG_DATA_HOME:-$HOME/.local/share}/duct/steps
    fi
    while [ ! -d "$place" ]; do
        place=$(dirname "$place")
    done
    say "$place"
}

# try_overlay DIR OPTIONS: mount an overlay whose upper layer is in DIR.
try_overlay() {
    dirs=$(as_user mktemp -d "$1/.doctor.XXXXXX" 2>/dev/null ||
        mktemp -d "$1/.doctor.XXXXXX") || return 1
    mkdir "$dirs/lower" "$dirs/upper" "$dirs/work" "$dirs/merged"
    result=0
    in_namespaces "mount -t overlay -o $2lowerdir=$dirs/lower,upperdir=$dirs/upper,workdir=$dirs/work overlay $dirs/merged
        echo written >$dirs/merged/file" || result=1
    chmod -R u+rwx "$dirs"
    rm -rf "$dirs"
    return "$result"
}

check_overlay() {
    if ! grep -qw overlay /proc/filesystems && ! quiet modprobe overlay; then
        missing "overlay: not in this kernel" "sudo modprobe overlay"
        return
    fi
    place=$(state_place)
    type=$(stat -f -c %T "$place")
    options=''
    is_root || options=userxattr,
    if try_overlay "$place" "$options"; then
        ok "overlay, with upper layers below $place ($type)"
    else
        missing "overlay: $place is on $type, which can't hold upper layers" \
            "overlay on overlay, shared folders (vboxsf, 9p) and NFS can't;" \
            "choose a directory on ext4, xfs, btrfs or tmpfs: --state DIR"
    fi
}

# ------------------------------------------------------------------ cgroups

cgroup2_mount() {
    awk '{
        for (i = 7; i < NF; i++)
            if ($i == "-" && $(i + 1) == "cgroup2") { print $5; exit }
    }' /proc/self/mountinfo
}

# cgroup1_mount CONTROLLER
cgroup1_mount() {
    awk -v controller="$1" '{
        for (i = 7; i < NF; i++)
            if ($i == "-" && $(i + 1) == "cgroup" &&
                ("," $(i + 3) ",") ~ ("," controller ",")) { print $5; exit }
    }' /proc/self/mountinfo
}

# Our own path in a hierarchy: `0::PATH` on v2, `N:CONTROLLERS:PATH` on v1.
cgroup1_path() {
    awk -F: -v controller="$1" '
        ("," $2 ",") ~ ("," controller ",") { print $3; exit }' \
        /proc/self/cgroup
}

# The nearest cgroup, our own first, that gives its children this controller.
cgroup2_parent() {
    path=$2
    while :; do
        if grep -qsw "$1" "$cgroup2$path/cgroup.subtree_control"; then
            say "$cgroup2$path"
            return
        fi
        case $path in
        '' | /) return ;;
        esac
        path=${path%/*}
    done
}

# can_make DIR: may we have a cgroup of our own below it?
can_make() {
    try=$1/duct-doctor-$$
    quiet mkdir "$try" && rmdir "$try"
}

report_cgroup() {
    if can_make "$3"; then
        ok "$1 limits: cgroup $2, below $3"
    elif is_root; then
        missing "$1 limits: cgroup $2, but nothing can be made below $3" \
            "inside a container its engine keeps cgroups read-only; use a VM"
    elif [ "$2" = v2 ]; then
        note "$1 limits: cgroup v2, but $3 isn't yours: with sudo only" \
            "or in a scope of your own:" \
            "systemd-run --user --scope -p Delegate=yes \$SHELL"
    else
        note "$1 limits: cgroup $2, with sudo only"
    fi
}

check_controller() {
    where=$(cgroup1_mount "$1")
    if [ -n "$where" ]; then
        report_cgroup "$1" v1 "$where$(cgroup1_path "$1" | sed 's|/$||')"
        return
    fi
    parent=$(cgroup2_parent "$1" "$cgroup2_own")
    if [ -n "$parent" ]; then
        report_cgroup "$1" v2 "$parent"
    elif grep -qsw "$1" "$cgroup2/cgroup.controllers"; then
        missing "$1 limits: the controller is there, but no cgroup above this" \
            "shell hands it on. As root: echo +$1 >$cgroup2/cgroup.subtree_control"
    else
        missing "$1 limits: no cgroup hierarchy has this controller" \
            "look at /proc/cgroups; memory may need cgroup_enable=memory on" \
            "the kernel's command line (Raspberry Pi and some others)"
    fi
}

check_swap_accounting() {
    where=$(cgroup1_mount memory)
    if [ -n "$where" ]; then
        accounting=$where/memory.memsw.limit_in_bytes
    else
        accounting=$(find "$cgroup2" -mindepth 2 -maxdepth 2 \
            -name memory.swap.max 2>/dev/null | head -n 1)
    fi
    if [ -n "$accounting" ] && [ -e "$accounting" ]; then
        ok "swap is accounted (--memory-swap)"
    else
        note "swap is not accounted: --memory-swap has no effect" \
            "boot with swapaccount=1"
    fi
}

check_cgroups() {
    cgroup2=$(cgroup2_mount)
    cgroup2_own=$(sed -n 's|^0::||p' /proc/self/cgroup)
    version1=$(awk '{
        for (i = 7; i < NF; i++)
            if ($i == "-" && $(i + 1) == "cgroup") { print "yes"; exit }
    }' /proc/self/mountinfo)
    case ${cgroup2:+2}${version1:+1} in
    2) ok "cgroup v2 at $cgroup2" ;;
    1) ok "cgroup v1" ;;
    21) ok "cgroups: hybrid, v1 hierarchies and v2 at $cgroup2" ;;
    *) missing "no cgroup file system is mounted" \
        "sudo mount -t cgroup2 none /sys/fs/cgroup" ;;
    esac
    for controller in memory cpu cpuset pids; do
        check_controller "$controller"
    done
    check_swap_accounting
}

# ------------------------------------------------------------------ network

# What duct asks of nftables: NAT both ways, by a map of ranges, and whether an
# address is one of the machine's own.
rules='
add table ip doctor
add map ip doctor m { type inet_proto . ipv4_addr . inet_service : ipv4_addr . inet_service ; flags interval ; }
add chain ip doctor in { type nat hook prerouting priority dstnat ; }
add chain ip doctor out { type nat hook postrouting priority srcnat ; }
add rule ip doctor in meta l4proto { tcp, udp } fib daddr type local dnat ip to meta l4proto . ip daddr . th dport map @m
add rule ip doctor out ct status dnat masquerade'

check_link() {
    if quiet unshare --net ip link add doctor0 type "$1"; then
        ok "$1 links"
    else
        missing "$1 links: refused" "sudo modprobe $1"
    fi
}

check_rules() {
    if ! command -v nft >/dev/null; then
        missing "nft, to try nftables with" "sudo make setup"
    elif quiet unshare --net nft "$rules"; then
        ok "nftables, with NAT and maps"
    else
        missing "nftables: not all that is wanted is in this kernel" \
            "sudo modprobe -a nf_tables nft_nat nft_chain_nat nft_masq nft_fib_ipv4"
    fi
}

# Somebody else's drop counts, whatever our own table accepts.
check_firewall() {
    others=$(nft list ruleset 2>/dev/null) || return 0
    if say "$others" | grep -q 'hook forward.*policy drop'; then
        note "a firewall here drops what is forwarded (docker's and ufw's do)" \
            "duct says so when a container starts, and what to do about it"
    else
        ok "no firewall drops what is forwarded"
    fi
}

check_network() {
    if ! is_root; then
        note "links, bridges and nftables: ask again with sudo"
        return
    fi
    check_link veth
    check_link bridge
    check_rules
    check_firewall
}

# ------------------------------------------------------------------- images

# try_whiteout DIR: may who unpacks a layer there make what hides a name?
try_whiteout() {
    dirs=$(as_user mktemp -d "$1/.doctor.XXXXXX" 2>/dev/null ||
        mktemp -d "$1/.doctor.XXXXXX") || return 1
    result=0
    in_namespaces "mknod $dirs/whiteout c 0 0" || result=1
    rm -rf "$dirs"
    return "$result"
}

check_images() {
    place=$(state_place)
    if try_whiteout "$place"; then
        ok "whiteouts can be unpacked below $place"
    else
        missing "whiteouts: $place can't hold a device 0,0" \
            "choose a directory on ext4, xfs, btrfs or tmpfs: --state DIR"
    fi
    free=$(df -Pm "$place" | awk 'NR == 2 { print $4 }')
    if [ "${free:-0}" -ge 500 ]; then
        ok "room for images below $place: $free MB"
    else
        note "room for images below $place: only ${free:-0} MB" \
            "each layer is kept twice, as it came and unpacked"
    fi
}

# ------------------------------------------------------------------ and then

check_later() {
    if grep -qsw allow /proc/sys/kernel/seccomp/actions_avail; then
        ok "seccomp"
    else
        note "seccomp is not in this kernel; final/ will want it"
    fi
}

heading "The machine"
check_kernel
check_container
check_programs
check_limits

heading "Namespaces (step 02)"
for namespace in mnt pid uts ipc net user cgroup time; do
    check_namespace "$namespace"
done
check_user_namespaces

heading "Mounts (steps 02 and 04)"
check_propagation
check_mount "a /proc of its own" 'mount -t proc proc /proc'
check_mount "a /sys of its own" 'mount -t sysfs -o ro sysfs /sys'
check_mount "a /dev of its own" 'mount -t tmpfs tmpfs /dev
    mkdir /dev/pts /dev/mqueue
    mount -t devpts -o newinstance devpts /dev/pts
    mount -t mqueue mqueue /dev/mqueue'
check_overlay

heading "cgroups (step 03)"
check_cgroups

heading "Network (step 05)"
check_network

heading "Images (steps 06 and 07)"
check_images

heading "For later"
check_later

say
if [ "$missing_count" -gt 0 ]; then
    say "${red}$missing_count missing.${plain} What to do stands below each."
    exit 1
fi
say "${green}Nothing is missing${plain} that steps 01 to 07 need."
is_root || say "As root there is more to try: sudo make doctor"
