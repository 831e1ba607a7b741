#pragma once
/*
 * terminal: how a terminal that was opened in a container gets out of it.
 */
#include "failure.h"

/**
 * terminal_send - hand out the end that people look at
 * @socket: a unix socket to the monitor
 * @master: of the terminal; stays the caller's
 * @why:    filled in when the call fails
 *
 * Returns: 0, or -1 with @why.
 * Source:  unix(7), SCM_RIGHTS.
 */
int terminal_send(int socket, int master, struct failure *why);

/**
 * terminal_receive - take it
 * @socket: the monitor's end
 * @why:    filled in when nothing comes
 *
 * Returns: a descriptor, or -1 with @why.
 */
int terminal_receive(int socket, struct failure *why);
