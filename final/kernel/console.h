#pragma once
/*
 * console: the terminal of a container, which is none of the host's.
 */
#include "failure.h"

struct console {
    int master; /* for who looks at it */
    int slave;  /* for who runs in it */
};

/**
 * console_open - make a terminal
 * @pts_fd:  the container's /dev/pts
 * @console: receives both ends, which the caller closes
 * @why:     filled in when the call fails
 *
 * Returns: 0, or -1 with @why.
 * Source:  pts(4); ioctl_tty(2), TIOCGPTPEER.
 */
int console_open(int pts_fd, struct console *console, struct failure *why);

/**
 * console_become - make a terminal ours, and standard input and output
 * @slave: of the terminal; a session leader without one calls this
 * @why:   filled in when the call fails
 *
 * Returns: 0, or -1 with @why.
 * Source:  ioctl_tty(2), TIOCSCTTY; setsid(2).
 */
int console_become(int slave, struct failure *why);
