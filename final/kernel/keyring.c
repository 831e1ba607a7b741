/*
 * keyring: the keys that a session has, which need not be the host's.
 *
 * Kernel object  a session keyring, which children share with their parent
 * Side           container, before system calls are filtered
 * Look at it     keyctl show     cat /proc/keys
 */
#include "keyring.h"

#include <errno.h>
#include <linux/keyctl.h>
#include <stddef.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "explain.h"

int keyring_new(struct failure *why)
{
    explain_look("keyctl new_session");
    if (syscall(SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, NULL) >= 0 ||
        errno == ENOSYS)
        return 0;
    fail(why, errno, "join a new session keyring");
    return hint(why, errno == EDQUOT
                         ? "see /proc/key-users and /proc/sys/kernel/keys"
                         : NULL);
}
