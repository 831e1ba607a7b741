/*
 * caps: root's power comes in pieces, and a container gets only some of them.
 *
 * Kernel object  five sets of bits in each process
 * Side           container, after the last mount and before the command
 * Look at it     grep Cap /proc/PID/status     capsh --decode=...
 *                getpcaps PID
 */
#include "caps.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <sys/capability.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "cleanup.h"
#include "explain.h"

/* podman's default. CAP_SYS_ADMIN, which mounts, is the one most missed. Not
 * in it, though docker gives them away: NET_RAW (forge packets), MKNOD (make
 * device nodes) and AUDIT_WRITE (write to the host's audit log). */
static const cap_value_t usual[] = {
    CAP_CHOWN,            /* give files away */
    CAP_DAC_OVERRIDE,     /* read and write files in spite of their mode */
    CAP_FSETID,           /* keep set-user-ID bits when a file changes */
    CAP_FOWNER,           /* change modes of others' files */
    CAP_SETGID,           /* become another group: su, apt */
    CAP_SETUID,           /* become another user: su, apt */
    CAP_SETFCAP,          /* give files capabilities */
    CAP_SETPCAP,          /* drop capabilities */
    CAP_NET_BIND_SERVICE, /* listen below port 1024 */
    CAP_SYS_CHROOT,       /* chroot, for sshd and others */
    CAP_KILL,             /* signal others' processes */
};

static uint64_t bit(cap_value_t cap)
{
    return UINT64_C(1) << cap;
}

/* Those that this kernel knows. */
static uint64_t known(void)
{
    return (bit(cap_max_bits() - 1) << 1) - 1;
}

void caps_default(struct caps *caps)
{
    *caps = (struct caps){0};
    for (size_t i = 0; i < sizeof(usual) / sizeof(usual[0]); i++)
        caps->held |= bit(usual[i]);
}

void caps_all(struct caps *caps)
{
    *caps = (struct caps){.held = known()};
}

bool caps_has(const struct caps *caps, int capability)
{
    return caps->held & bit(capability);
}

static bool is_word(const char *text)
{
    if (!isalpha((unsigned char)*text))
        return false;
    while (isalnum((unsigned char)*text) || *text == '_')
        text++;
    return *text == '\0';
}

/* libcap wants "cap_net_admin"; "12", or a name with something behind it,
 * would be fine with it, but not with us. */
static int find(const char *name, uint64_t *found, struct failure *why)
{
    const char *rest = strncasecmp(name, "cap_", 4) == 0 ? name + 4 : name;
    cleanup_free char *full = NULL;
    cap_value_t cap;

    if (strcasecmp(name, "ALL") == 0) {
        *found = known();
        return 0;
    }
    if (asprintf(&full, "cap_%s", rest) < 0)
        return fail(why, ENOMEM, "find capability \"%s\"", name);
    if (!is_word(rest) || cap_from_name(full, &cap) < 0)
        return fail_as(why, FAILURE_BAD_PARAMETER, "unknown capability: \"%s\"",
                       name);
    if (!(bit(cap) & known()))
        return fail_as(why, FAILURE_BAD_PARAMETER,
                       "capability not supported by your kernel or not "
                       "available in the current environment: \"%s\"",
                       name);
    *found = bit(cap);
    return 0;
}

int caps_add(struct caps *caps, const char *name, struct failure *why)
{
    uint64_t found = 0;

    if (find(name, &found, why) < 0)
        return -1;
    caps->held |= found;
    /* "ALL" asks for whatever there is. */
    if (found != known())
        caps->asked |= found;
    return 0;
}

int caps_drop_name(struct caps *caps, const char *name, struct failure *why)
{
    uint64_t found = 0;

    if (find(name, &found, why) < 0)
        return -1;
    caps->held &= ~found;
    caps->asked &= ~found;
    return 0;
}

/* Puts one set of ours into a process's state, or reads it from there. */
static int put(cap_t state, cap_flag_t flag, uint64_t set)
{
    for (cap_value_t cap = 0; cap < cap_max_bits(); cap++)
        if (cap_set_flag(state, flag, 1, &cap,
                         set & bit(cap) ? CAP_SET : CAP_CLEAR) < 0)
            return -1;
    return 0;
}

static uint64_t get(cap_t state, cap_flag_t flag)
{
    cap_flag_value_t value;
    uint64_t set = 0;

    for (cap_value_t cap = 0; cap < cap_max_bits(); cap++)
        if (cap_get_flag(state, cap, flag, &value) == 0 && value == CAP_SET)
            set |= bit(cap);
    return set;
}

static void free_state(cap_t *state)
{
    int saved = errno;

    cap_free(*state);
    errno = saved;
}

#define cleanup_caps __attribute__((cleanup(free_state)))

int caps_regain(struct failure *why)
{
    cleanup_caps cap_t state = cap_get_proc();

    if (state == NULL ||
        put(state, CAP_EFFECTIVE, get(state, CAP_PERMITTED)) < 0 ||
        cap_set_proc(state) < 0)
        return fail(why, errno, "use the capabilities that are permitted");
    return 0;
}

/* What no program may ever get again; needs CAP_SETPCAP. */
static int bound(uint64_t set)
{
    for (cap_value_t cap = 0; cap < cap_max_bits(); cap++)
        if (!(set & bit(cap)) && cap_get_bound(cap) > 0 &&
            cap_drop_bound(cap) < 0)
            return -1;
    return 0;
}

/* What we hold ourselves, and what survives an execve(2) by who isn't root:
 * ambient ones, which have to be inheritable as well. */
static int hold(cap_t state, uint64_t set, uint64_t ambient)
{
    if (put(state, CAP_EFFECTIVE, set) < 0 ||
        put(state, CAP_PERMITTED, set) < 0 ||
        put(state, CAP_INHERITABLE, ambient) < 0 || cap_set_proc(state) < 0 ||
        cap_reset_ambient() < 0)
        return -1;
    for (cap_value_t cap = 0; cap < cap_max_bits(); cap++)
        if (ambient & bit(cap) && cap_set_ambient(cap, CAP_SET) < 0)
            return -1;
    return 0;
}

/* Trusts nobody: asks the kernel what it made of that. */
static int verify(uint64_t bounding, uint64_t set, uint64_t ambient,
                  struct failure *why)
{
    cleanup_caps cap_t state = cap_get_proc();

    if (state == NULL || get(state, CAP_EFFECTIVE) != set ||
        get(state, CAP_PERMITTED) != set ||
        get(state, CAP_INHERITABLE) != ambient)
        return fail(why, 0, "drop capabilities: the kernel kept others");
    /* What is not inheritable can't be ambient, so nobody has to ask. */
    for (cap_value_t cap = 0; cap < cap_max_bits(); cap++)
        if ((cap_get_bound(cap) > 0) != ((bounding & bit(cap)) != 0) ||
            (ambient & bit(cap) && cap_get_ambient(cap) <= 0))
            return fail(why, 0, "drop capability %d: the kernel kept it", cap);
    return 0;
}

int caps_drop(const struct caps *caps, struct failure *why)
{
    bool is_root = geteuid() == 0;
    cleanup_caps cap_t state = cap_get_proc();
    uint64_t ours = state == NULL ? 0 : get(state, CAP_PERMITTED);
    uint64_t bounding = caps->held & ours;
    uint64_t ambient = is_root ? 0 : caps->asked & caps->held;
    uint64_t set = is_root ? bounding : ambient;

    if (state == NULL)
        return fail(why, errno, "read our capabilities");
    if (caps->asked & caps->held & ~ours)
        return fail_as(why, FAILURE_BAD_PARAMETER,
                       "capability not supported by your kernel or not "
                       "available in the current environment: number %d",
                       __builtin_ctzll(caps->asked & caps->held & ~ours));

    explain_look("setpriv --inh-caps=-all --bounding-set=-all,+chown,...");
    if (bound(bounding) < 0 || hold(state, set, ambient) < 0 ||
        prctl(PR_SET_KEEPCAPS, 0) < 0)
        return fail(why, errno, "drop capabilities");
    return verify(bounding, set, ambient, why);
}
