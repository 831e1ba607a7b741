#pragma once
/*
 * container: the order in which a container is built.
 */
#include "command.h"
#include "limit.h"
#include "namespaces.h"

struct container {
    const char *rootfs; /* absolute path of what becomes "/" */
    struct namespaces namespaces;
    struct limits limits;
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

/**
 * container_exec - run one more command in a container
 * @pid:     any process of it, as seen by us
 * @command: what to run; it can do no more than the container's own
 * @why:     filled in when the call fails
 *
 * Returns: as container_run().
 */
int container_exec(pid_t pid, const struct command *command,
                   struct failure *why);
