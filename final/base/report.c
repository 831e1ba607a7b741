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

static ssize_t read_report(int fd, struct failure *why)
{
    ssize_t length;

    do
        length = read(fd, why, sizeof(*why));
    while (length < 0 && errno == EINTR);
    return length;
}

int report_wait(int fds[2], struct failure *why)
{
    close_fd(&fds[1]);
    ssize_t length = read_report(fds[0], why);
    if (length < 0)
        return fail(why, errno, "read the child's report");
    return length == 0 ? 0 : -1;
}

void report_success(int *fd)
{
    const struct failure none = {.exit_status = 0};

    /* A parent that is gone can't be told; there is nobody else to tell. */
    (void)!write(*fd, &none, sizeof(none));
    close_fd(fd);
}

int report_read(int fd, const char *who, struct failure *why)
{
    if (read_report(fd, why) != (ssize_t)sizeof(*why))
        return fail(why, 0, "%s was killed", who);
    return why->exit_status == 0 ? 0 : -1;
}
