/*
 * caps: root's power comes in pieces, and a container gets only some of them.
 *
 * Kernel object  five sets of bits in each process
 * Side           container, after the last mount and before the command
 * Look at it     grep Cap /proc/PID/status     capsh --decode=...
 *                getpcaps PID
 */
#include "caps.h"

#include <errno.h>
#include <grp.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/capability.h>
#include <sys/prctl.h>

#include "explain.h"

/* docker's default. CAP_SYS_ADMIN, which mounts, is the one most missed. */
static const cap_value_t kept[] = {
    CAP_CHOWN,            /* give files away */
    CAP_DAC_OVERRIDE,     /* read and write files in spite of their mode */
    CAP_FSETID,           /* keep set-user-ID bits when a file changes */
    CAP_FOWNER,           /* change modes of others' files */
    CAP_MKNOD,            /* make device nodes */
    CAP_NET_RAW,          /* ping */
    CAP_SETGID,           /* become another group: su, apt */
    CAP_SETUID,           /* become another user: su, apt */
    CAP_SETFCAP,          /* give files capabilities */
    CAP_SETPCAP,          /* drop capabilities */
    CAP_NET_BIND_SERVICE, /* listen below port 1024 */
    CAP_SYS_CHROOT,       /* chroot, for sshd and others */
    CAP_KILL,             /* signal others' processes */
    CAP_AUDIT_WRITE,      /* write to the audit log: login */
};

static bool is_kept(cap_value_t cap)
{
    for (size_t i = 0; i < sizeof(kept) / sizeof(kept[0]); i++)
        if (kept[i] == cap)
            return true;
    return false;
}

/* What no program may ever get again, and what we hold ourselves. */
static int drop_each(cap_t ours)
{
    for (cap_value_t cap = 0; cap < cap_max_bits(); cap++) {
        if (is_kept(cap))
            continue;
        if (cap_drop_bound(cap) < 0 ||
            cap_set_flag(ours, CAP_EFFECTIVE, 1, &cap, CAP_CLEAR) < 0 ||
            cap_set_flag(ours, CAP_PERMITTED, 1, &cap, CAP_CLEAR) < 0)
            return -1;
    }
    /* What isn't inheritable isn't ambient either. */
    if (cap_clear_flag(ours, CAP_INHERITABLE) < 0)
        return -1;
    return cap_set_proc(ours);
}

int caps_drop(struct failure *why)
{
    /* A user namespace that denies setgroups has to keep them. */
    if (setgroups(0, NULL) < 0 && errno != EPERM)
        return fail(why, errno, "drop supplementary groups");

    explain_look("setpriv --clear-groups --no-new-privs --inh-caps=-all "
                 "--bounding-set=-all,+chown,...");
    cap_t ours = cap_get_proc();
    int dropped = ours == NULL ? -1 : drop_each(ours);
    int errnum = errno;
    cap_free(ours);
    if (dropped < 0)
        return fail(why, errnum, "drop capabilities");

    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
        return fail(why, errno, "prctl PR_SET_NO_NEW_PRIVS");
    return 0;
}
