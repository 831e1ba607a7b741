/*
 * fds: which descriptors a process goes on with.
 *
 * Kernel object  a process's table of open files
 * Look at it     ls -l /proc/PID/fd
 */
#include "fds.h"

#include <fcntl.h>
#include <limits.h>
#include <unistd.h>

#include "cleanup.h"

/* The lowest of those that stay, from @from on; INT_MAX when there is none. */
static int next_kept(const int *kept, size_t count, int from)
{
    int lowest = INT_MAX;

    for (size_t i = 0; i < count; i++)
        if (kept[i] >= from && kept[i] < lowest)
            lowest = kept[i];
    return lowest;
}

static void null_standard_files(void)
{
    int null = open("/dev/null", O_RDWR | O_CLOEXEC);

    for (int fd = 0; fd <= 2 && null >= 0; fd++)
        (void)dup2(null, fd);
    if (null > 2)
        close_fd(&null);
}

void fds_keep(const int *kept, size_t count)
{
    int from = 3;

    null_standard_files();
    for (int next; from < INT_MAX; from = next == INT_MAX ? next : next + 1) {
        next = next_kept(kept, count, from);
        if (next > from)
            (void)close_range((unsigned)from,
                              next == INT_MAX ? ~0U : (unsigned)next - 1, 0);
    }
}
