# shellcheck shell=sh
# lib.sh: what the other tools share. They begin with
#
#     . "$(dirname "$0")/lib.sh"
#
# and are then in the project's top directory, whoever called them from where.

set -eu
cd "$(dirname "$0")/.."
top=$PWD
tool=$(basename "$0" .sh)
PATH=$PATH:/usr/sbin:/sbin # where Debian keeps half of what we call

# ----------------------------------------------------------------- speaking

if [ -t 1 ] && [ -z "${NO_COLOR-}" ] && [ "${TERM-dumb}" != dumb ]; then
    bold=$(printf '\033[1m') dim=$(printf '\033[2m') red=$(printf '\033[31m')
    green=$(printf '\033[32m') yellow=$(printf '\033[33m')
    cyan=$(printf '\033[36m') plain=$(printf '\033[0m')
    colour=always
else
    # shellcheck disable=SC2034 # the tools use these, each some of them
    bold='' dim='' red='' green='' yellow='' cyan='' plain='' colour=never
fi

say() {
    printf '%s\n' "$*"
}

warn() {
    printf '%s: %s\n' "$tool" "$*" >&2
}

# die MESSAGE [HINT...]: each hint is a line of its own below the message.
die() {
    warn "$1"
    shift
    for hint in "$@"; do
        printf '    %s\n' "$hint" >&2
    done
    exit 1
}

# ask QUESTION: yes from a person at the terminal; no where nobody answers.
ask() {
    [ -t 0 ] && [ -t 1 ] || return 1
    printf '%s [y/N] ' "$1"
    read -r answer || return 1
    case $answer in
    [yY]*) return 0 ;;
    *) return 1 ;;
    esac
}

# page: show what comes in, in a pager when a person is watching.
page() {
    if [ -t 1 ] && command -v "${PAGER:-less}" >/dev/null; then
        LESS=${LESS:--FRX} ${PAGER:-less}
    else
        cat
    fi
}

is_root() {
    [ "$(id -u)" -eq 0 ]
}

# -------------------------------------------------------------------- steps

# The steps' names, lowest first: 01-chroot, 02-namespaces, ...
steps() {
    for dir in steps/[0-9]*/; do
        [ -d "$dir" ] && basename "$dir"
    done
}

# step_named STEP: the full name for 2, 02 or 02-namespaces.
step_named() {
    [ -n "$1" ] || die "which step? Say it with STEP=, for example STEP=02" \
        "The steps are: $(steps | tr '\n' ' ')"
    for step in $(steps); do
        case $step in
        "$1" | "$1"-* | 0"$1"-*)
            say "$step"
            return
            ;;
        esac
    done
    die "there is no step \"$1\"" "The steps are: $(steps | tr '\n' ' ')"
}

# step_before NAME: the step below it on the ladder; nothing below the first.
step_before() {
    steps | awk -v step="$1" '$0 == step { print before } { before = $0 }'
}

# step_after NAME: the step above it; nothing above the last.
step_after() {
    steps | awk -v step="$1" 'found { print; exit } $0 == step { found = 1 }'
}

# new_rooms NAME: the .c files that the step has and the one before has not.
new_rooms() {
    before=$(step_before "$1")
    for file in "steps/$1"/*.c; do
        name=$(basename "$file")
        if [ -z "$before" ]; then
            [ "$name" = rootfs.c ] && say "$name"
        else
            [ -e "steps/$before/$name" ] || say "$name"
        fi
    done
    return 0
}

# -------------------------------------------------------------------- files

# give_back PATH...: what root made here belongs to whoever owns the clone, so
# that `sudo make` and `make` can take turns.
give_back() {
    is_root || return 0
    owner=$(stat -c %u:%g "$top")
    [ "$owner" != 0:0 ] || return 0
    for path in "$@"; do
        [ -e "$path" ] || continue
        find "$path" -xdev -user 0 -exec chown -h "$owner" {} +
    done
}

# own_directory DIR: the same for the directory alone, not for what is in it.
own_directory() {
    is_root || return 0
    chown "$(stat -c %u:%g "$top")" "$1"
}

# mounts_below DIR: mount points at DIR or below it, the innermost first.
mounts_below() {
    below=$(realpath -m "$1")
    BELOW=$below awk '
        BEGIN { below = ENVIRON["BELOW"] }
        {
            path = $5
            gsub(/\\040/, " ", path)
            gsub(/\\011/, "\t", path)
            gsub(/\\134/, "\\", path)
            if (path == below || index(path, below "/") == 1)
                print path
        }' /proc/self/mountinfo | sort -r
}

# refuse_mounts DIR: end here when something is mounted there by hand.
refuse_mounts() {
    mounted=$(mounts_below "$1")
    [ -z "$mounted" ] || die "$1 has something mounted in it:" "$mounted" \
        "unmount it first; \`sudo make clean-host\` does that"
}

# remove_tree DIR: rm -rf that never walks into something mounted there by
# hand, such as the host's own /dev.
remove_tree() {
    refuse_mounts "$1"
    rm -rf --one-file-system -- "$1"
}
