/*
 * report: how a child tells its parent why it failed, or that it did not.
 *
 * Kernel object  a pipe with O_CLOEXEC on both ends
 * Side           both: the child writes, the host's side reads
 * Look at it     ls -l /proc/PID/fd, before the exec and after
 */
#include "report.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "cleanup.h"

int report_open(int fds[2], struct failure *why)
{
    if (pipe2(fds, O_CLOEXEC) < 0)
        return fail(why, errno, "make a pipe for the child's report");
    return 0;
}

void report_failure(int fd, const struct failure *why)
{
    /* A parent that is gone can't be told; there is nobody else to tell. */
    (void)!write(fd, why, sizeof(*why));
    _exit(why->exit_status);
}

int report_wait(int fds[2], struct failure *why)
{
    ssize_t length;

    close_fd(&fds[1]);
    do
        length = read(fds[0], why, sizeof(*why));
    while (length < 0 && errno == EINTR);
    if (length < 0)
        return fail(why, errno, "read the child's report");
    return length == 0 ? 0 : -1;
}
