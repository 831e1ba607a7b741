#pragma once
/*
 * supervise: stand between a terminal, a shell and a container, unnoticed.
 */
#include <stdbool.h>
#include <sys/types.h>

#include "failure.h"

/**
 * supervise_begin - from now on, signals wait in line until supervise()
 *
 * Call it before the child is started: no signal can fall in between.
 */
void supervise_begin(void);

/**
 * supervise_forget - in the child: let signals do what they do by default
 */
void supervise_forget(void);

/**
 * supervise - pass signals on to the child until it ends
 * @child:    a process that we are the parent of
 * @is_build: does it end when a signal says that we are to?
 * @why:      filled in when the call fails
 *
 * Returns: the child's exit status, 128+N when signal N killed it, or -1 with
 *          @why.
 * Source:  sigwaitinfo(2); waitpid(2); tcsetpgrp(3).
 */
int supervise(pid_t child, bool is_build, struct failure *why);
