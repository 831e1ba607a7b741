#pragma once
/*
 * child: a part of duct's own work, done by a process of its own.
 */
#include <sys/types.h>

#include "failure.h"
#include "namespaces.h"

struct child {
    struct namespaces namespaces;
    pid_t pid; /* 0: none */
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

/**
 * child_stop - end it, whatever it is doing
 * @child: from child_start(), or zeroes
 */
void child_stop(struct child *child);

/**
 * child_confine - in the child: see nothing but a directory, keep nothing but
 * a few files open
 * @child:     ourselves
 * @directory: becomes the root directory, NULL: it stays as it is
 * @in_fd:     stays open
 * @out_fd:    the same, -1: none
 * @why:       filled in when the call fails
 *
 * Takes a mount namespace of its own. Also sets what one file, and all memory,
 * may be at most, and lets nothing we start gain rights.
 *
 * Returns: 0, or -1 with @why.
 * Source:  pivot_root(2); close_range(2); setrlimit(2).
 */
int child_confine(const struct child *child, const char *directory, int in_fd,
                  int out_fd, struct failure *why);

/**
 * child_limit - in the child: have bounds
 *
 * On its memory; and nothing that it starts gains rights. Part of
 * child_confine().
 *
 * Returns: 0, or -1 with errno.  Source: setrlimit(2); prctl(2).
 */
int child_limit(void);
