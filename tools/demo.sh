#!/bin/sh
# demo.sh: show on a projector what a step does, and look at it from outside.
#
#     tools/demo.sh [STEP]
#
# With a STEP (which may be `final`) it waits for Enter before each command;
# without one it walks through all and waits between their scenes. PAUSE=0 never
# waits. The scenes are in tools/demo/NN.sh and are written with the verbs below.
# Whatever is shown was just run: no output is kept anywhere. A command that
# ends otherwise than it should ends the demonstration with an error.
. "$(dirname "$0")/lib.sh"

# ------------------------------------------------------- verbs for a script

# scene TITLE: a new chapter.
scene() {
    printf '\n%s== %s%s\n' "$bold" "$1" "$plain"
    [ "$pace" = scenes ] && wait_for_enter
    return 0
}

# tell TEXT: what the instructor says.
tell() {
    printf '\n%s\n' "$*" | fold -s -w 76 | sed 's/ $//'
}

# run COMMAND: type it, run it, expect that it ends well.
run() {
    run_to 0 "$1"
}

# run_to STATUS COMMAND: the same for one that ends with another status.
run_to() {
    prompt "$2"
    status=0
    $here sh -c "$2" || status=$?
    [ "$status" -eq "$1" ] && return
    die "the command above ended with status $status, not $1"
}

# run_badly COMMAND: the same for one that has to fail, however.
run_badly() {
    prompt "$1"
    ! $here sh -c "$1" || die "the command above should have failed"
}

# begin COMMAND: run it in the background, as from a second terminal. $duct is
# its process then, and $pid the container's first, as the host sees them.
begin() {
    prompt "$1 &"
    $here sh -c "exec $1" &
    duct=$!
    started="$started $duct"
    wait_for_container
    printf '%s(duct is process %s, and the container'\''s init %s)%s\n' \
        "$dim" "$duct" "$pid" "$plain"
}

# finish [PROCESS]: end a background container, by duct's number. Its init is
# what is killed: an init that has no handler for it does not notice TERM.
finish() {
    set -- "${1:-$duct}"
    init=$(first_child "$1")
    [ -z "$init" ] || kill -KILL "$init" 2>/dev/null || true
    end_within 30 "$1"
}

# at_end COMMAND: what has to be undone, however the demonstration ends.
at_end() {
    undo="$undo
$1"
}

# on_a_lan: from here on commands run in a network of the demonstration's own,
# so that the real one stays as it is: on a machine, 192.0.2.1, that has
# another, 192.0.2.2, for a neighbour. 192.0.2.0/24 is kept for examples.
on_a_lan() {
    new_machine
    here="nsenter --net=/proc/$machine/ns/net"
    new_machine
    there="nsenter --net=/proc/$machine/ns/net"
    $here ip link add lan0 type veth peer name lan0 netns "$machine"
    $here sh -c 'ip addr add 192.0.2.1/24 dev lan0; ip link set lan0 up'
    $there sh -c 'ip addr add 192.0.2.2/24 dev lan0; ip link set lan0 up'
}

# run_there COMMAND: run it on the other machine.
run_there() {
    prompt "$1" "192.0.2.2"
    $there sh -c "$1" || die "the command above ended with status $?"
}

# begin_there COMMAND: the same, in the background.
begin_there() {
    prompt "$1 &" "192.0.2.2"
    $there sh -c "exec $1" &
    at_end "kill $!"
}

# expect WORDS COMMAND: a silent check that what was told is true.
expect() {
    $here sh -c "$2" >/dev/null 2>&1 || die "not as the demonstration says: $1" "$2"
}

# unprivileged: the words that run a command as an ordinary user, if such a
# user can run this step's program and have a user namespace; else nothing.
unprivileged() {
    words="setpriv --reuid 65534 --regid 65534 --clear-groups"
    # shellcheck disable=SC2086
    $words "$program" run "$root" true >/dev/null 2>&1 && say "$words"
    return 0
}

# ------------------------------------------------------------ what they use

# prompt COMMAND [MACHINE]
prompt() {
    printf '\n%s%s# %s%s' "$cyan" "${2-}" "$1" "$plain"
    if [ "$pace" = commands ]; then
        wait_for_enter
    else
        echo
    fi
}

wait_for_enter() {
    read -r answer <&3 || answer=q
    [ "$answer" != q ] || exit 0
}

# A network namespace, kept by the process $machine.
new_machine() {
    unshare --net sleep 100000 &
    machine=$!
    at_end "kill $machine"
    while [ "$(readlink "/proc/$machine/ns/net")" = \
        "$(readlink /proc/self/ns/net)" ]; do
        sleep 0.05
    done
    nsenter --net="/proc/$machine/ns/net" ip link set lo up
}

first_child() {
    cut -d' ' -f1 "/proc/$1/task/$1/children" 2>/dev/null || true
}

# The container is there when duct's child has become the command.
wait_for_container() {
    tries=0
    while [ "$tries" -lt 100 ]; do
        pid=$(first_child "$duct")
        [ -n "$pid" ] &&
            [ "$(readlink "/proc/$pid/exe")" != "$program" ] && return
        kill -0 "$duct" 2>/dev/null || break
        sleep 0.05
        tries=$((tries + 1))
    done
    die "the container did not start"
}

# end_within TENTHS PROCESS: wait for it; after that, kill it.
end_within() {
    tries=0
    while kill -0 "$2" 2>/dev/null && [ "$tries" -lt "$1" ]; do
        sleep 0.1
        tries=$((tries + 1))
    done
    kill -KILL "$2" 2>/dev/null || true
    wait "$2" 2>/dev/null || true
}

tidy() {
    trap '' INT TERM HUP # once begun, to the end
    for process in $started; do
        finish "$process"
    done
    sh -c "$undo" >/dev/null 2>&1 || true
    # Step 01 mounts on the host; what was not unmounted inside is ours to do.
    mounts_below "$root" | while read -r mounted; do
        case " $mounted_before " in
        *" $mounted "*) ;;
        *) umount "$mounted" ;;
        esac
    done
    rm -rf --one-file-system "$scratch"
}

# ------------------------------------------------------------------ a step

show_step() {
    number=${1%%-*} where=steps/$1 title="step $1"
    [ "$1" != final ] || where=final title="final: the engine"
    [ -e "tools/demo/$number.sh" ] || return 0
    program=$top/$where/duct
    [ -x "$program" ] || die "$where/duct is not built: make all"
    printf '\n%s%s%s\n' "$bold" \
        "---------------------------------------------- $title" "$plain"
    prompt "PATH=\$PWD/$where:\$PATH"
    path=$PATH
    PATH=$top/$where:$PATH
    # shellcheck source=/dev/null
    . "tools/demo/$number.sh"
    PATH=$path here=''
}

# How long to wait: for Enter before each command, between scenes, or never.
choose_pace() {
    pace=never
    [ "${PAUSE-1}" != 0 ] && [ -t 1 ] || return 0
    # A pipe of make's may be our standard input; the terminal is still there.
    { exec 3</dev/tty; } 2>/dev/null || return 0
    pace=${1:+commands}
    pace=${pace:-scenes}
    say "Enter goes on, q and Enter ends it; PAUSE=0 runs without stops."
}

# The verbs' own state, and the root file system that the scripts use.
root=rootfs/busybox
[ -e rootfs/debian/etc/debian_version ] && root=rootfs/debian
started='' undo='' here=''
mounted_before=$(mounts_below "$root" | tr '\n' ' ')
scratch=$(mktemp -d "${TMPDIR:-/tmp}/duct-demo.XXXXXX")
trap tidy EXIT
trap 'exit 130' INT TERM HUP

is_root || die "chroot and half of the rest need root: sudo make demo"
[ -e "$root" ] || die "there is no root file system: make rootfs"
chosen=${1-}
[ -z "$chosen" ] || [ "$chosen" = final ] || chosen=$(step_named "$chosen")
choose_pace "$chosen"
for step in ${chosen:-$(steps) final}; do
    show_step "$step"
done
say
say "${green}That was it.${plain} The lessons tell the rest: lessons/"
