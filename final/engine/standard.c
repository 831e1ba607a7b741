/*
 * standard: the pipes or the terminal between a container and its hub.
 *
 * Kernel object  pipes, or a pty whose master the container sends out
 * Side           host, in the monitor
 * Look at it     ls -l /proc/PID/fd
 */
#include "standard.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/socket.h>

#include "cleanup.h"
#include "terminal.h"

/* @out: does the container write to it? */
static int make_pipe(struct standard *files, int number, bool out,
                     struct failure *why)
{
    int ends[2];

    if (pipe2(ends, O_CLOEXEC) < 0)
        return fail(why, errno, "make a pipe to the container");
    files->theirs[number] = ends[out ? 1 : 0];
    files->ours[number] = ends[out ? 0 : 1];
    return 0;
}

int standard_open(struct standard *files, bool is_terminal, bool has_stdin,
                  struct container *c, struct failure *why)
{
    c->terminal_socket = -1;
    if (is_terminal) {
        if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0,
                       files->terminal) < 0)
            return fail(why, errno, "make a socket to the container");
        c->terminal_socket = files->terminal[1];
        return 0;
    }
    if (has_stdin) {
        if (make_pipe(files, 0, false, why) < 0)
            return -1;
    } else if ((files->theirs[0] = open("/dev/null", O_RDONLY | O_CLOEXEC)) < 0)
        return fail(why, errno, "open /dev/null");
    if (make_pipe(files, 1, true, why) < 0 ||
        make_pipe(files, 2, true, why) < 0)
        return -1;
    for (int i = 0; i < 3; i++)
        c->stdio[i] = files->theirs[i];
    return 0;
}

void standard_started(struct standard *files)
{
    for (int i = 0; i < 3; i++)
        close_fd(&files->theirs[i]);
    close_fd(&files->terminal[1]);
}

/* The hub's from here on, also on failure. */
static int hand_over(int *fd)
{
    int handed = *fd;

    *fd = -1;
    return handed;
}

int standard_to_hub(struct standard *files, struct hub *hub,
                    struct failure *why)
{
    if (files->terminal[0] >= 0) {
        int master = terminal_receive(files->terminal[0], why);

        return master < 0 ? -1 : hub_add_terminal(hub, master, why);
    }
    if (files->ours[0] >= 0 &&
        hub_set_sink(hub, hand_over(&files->ours[0]), why) < 0)
        return -1;
    if (hub_add_source(hub, hand_over(&files->ours[1]), LOG_STDOUT, why) < 0 ||
        hub_add_source(hub, hand_over(&files->ours[2]), LOG_STDERR, why) < 0)
        return -1;
    return 0;
}

void standard_close(struct standard *files)
{
    for (int i = 0; i < 3; i++) {
        close_fd(&files->theirs[i]);
        close_fd(&files->ours[i]);
    }
    close_fd(&files->terminal[0]);
    close_fd(&files->terminal[1]);
}
