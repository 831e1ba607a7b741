#pragma once
/*
 * apart: work for which only root of a user namespace has the rights.
 */
#include <sys/types.h>

#include "failure.h"

/**
 * apart_run - do something as the root to whom all of a container's files
 * belong
 * @work:     returns 0, or -1 with its @why
 * @argument: for @work; what it changes there we see only in shared memory
 * @why:      filled in when the call fails
 *
 * Who is root does it here and now. Others need a child, which has a user
 * namespace like those of their containers, and lets go of it at its end.
 *
 * Returns: 0, or -1 with @why.
 */
int apart_run(int (*work)(void *argument, struct failure *why), void *argument,
              struct failure *why);

/**
 * apart_enter - do something as root of the user namespace of a process
 * @pid:      the process, a child of ours, or one that can't end meanwhile
 * @work:     as for apart_run(), in a child in any case
 * @argument: the same
 * @why:      filled in when the call fails
 *
 * Returns: 0, or -1 with @why.
 * Source:  setns(2), CLONE_NEWUSER.
 */
int apart_enter(pid_t pid, int (*work)(void *argument, struct failure *why),
                void *argument, struct failure *why);

/**
 * apart_remove - tree_remove() for what a container may have made
 * @parent_fd: a directory of ours, or AT_FDCWD
 * @name:      what is to go in it
 *
 * Returns: 0, or -1 with errno; what could be removed is removed.
 */
int apart_remove(int parent_fd, const char *name);
