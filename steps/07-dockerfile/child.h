#pragma once
/*
 * child: a part of duct's own work, done by a process of its own.
 */
#include <sys/types.h>

#include "failure.h"
#include "namespaces.h"

struct child {
    struct namespaces namespaces;
    pid_t pid;
    int report[2];
    int go[2];
};

/**
 * child_start - let a child do something
 * @child:      receives it; end it with child_wait()
 * @namespaces: CLONE_NEW* of those that it gets; who isn't root is root of a
 *              user namespace as well, as in a container
 * @work:       what to do; returns 0, or -1 with its @why
 * @argument:   for @work
 * @why:        filled in when the call fails
 *
 * Returns: 0, or -1 with @why.
 */
int child_start(struct child *child, int namespaces,
                int (*work)(void *argument, struct failure *why),
                void *argument, struct failure *why);

/**
 * child_wait - wait for its end
 * @child: from child_start()
 * @why:   filled in when it has failed
 *
 * Returns: 0, or -1 with @why.
 */
int child_wait(struct child *child, struct failure *why);
