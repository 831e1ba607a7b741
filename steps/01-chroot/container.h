#pragma once
/*
 * container: the order in which a container is built.
 */
#include "command.h"

struct container {
    const char *rootfs; /* absolute path of what becomes "/" */
    struct command command;
};

/**
 * container_run - build a container, run its command, wait for it
 * @c:   what it is made of
 * @why: filled in when the call fails
 *
 * Returns: the command's exit status, 128+N when signal N killed it, or -1
 *          with @why when there was no command to wait for.
 */
int container_run(const struct container *c, struct failure *why);
