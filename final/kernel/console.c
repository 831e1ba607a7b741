/*
 * console: the terminal of a container, which is none of the host's.
 *
 * Who has a terminal may type into it for others to read (TIOCSTI), so a
 * container gets one that nobody else uses. No path leads to it: a file of
 * the container's might lie there instead (CVE-2025-52565).
 *
 * Kernel object  a pair: what is written to one end is typed at the other
 * Side           container, while its devpts is being made
 * Look at it     ls -l /proc/PID/fd     tty, in the container
 */
#include "console.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <sys/ioctl.h>
#include <sys/vfs.h>

#include "cleanup.h"

int console_open(int pts_fd, struct console *console, struct failure *why)
{
    struct statfs status;
    int unlocked = 0;

    if (fstatfs(pts_fd, &status) < 0 || status.f_type != DEVPTS_SUPER_MAGIC)
        return fail(why, 0, "make a terminal: /dev/pts is no devpts");
    cleanup_close int master =
        openat(pts_fd, "ptmx", O_RDWR | O_NOCTTY | O_NOFOLLOW | O_CLOEXEC);
    if (master < 0 || ioctl(master, TIOCSPTLCK, &unlocked) < 0)
        return fail(why, errno, "make a terminal");
    console->slave = ioctl(master, TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC);
    if (console->slave < 0)
        return fail(why, errno, "open the terminal that was made");
    console->master = take_fd(&master);
    return 0;
}

int console_become(int slave, struct failure *why)
{
    if (setsid() < 0 && errno != EPERM) /* a session leader has one already */
        return fail(why, errno, "begin a session");
    if (ioctl(slave, TIOCSCTTY, 0) < 0)
        return fail(why, errno, "make the terminal ours");
    for (int fd = 0; fd < 3; fd++)
        if (dup2(slave, fd) < 0)
            return fail(why, errno, "use the terminal as descriptor %d", fd);
    return 0;
}
