#pragma once
/*
 * unpack: from a tar to a tree, by somebody who can't reach anything else.
 */
#include <stdbool.h>

#include "failure.h"

/**
 * unpack_prepare - load what unpacking needs, while the host's files are there
 *
 * What reads names in a tar is a part of the C library that it loads when it
 * first needs it: not from the tree.
 */
void unpack_prepare(void);

/**
 * unpack_here - in a child that child_confine() has shut in: make a tree
 * @fd:   the tar, from here to its end, not compressed
 * @what: how to call it in messages
 * @user: are we in a user namespace? What only root can make is left out then
 * @size: receives how many bytes are in its files
 * @why:  filled in when the call fails; half a tree may be there then
 *
 * Returns: 0, or -1 with @why.
 */
int unpack_here(int fd, const char *what, bool user, long long *size,
                struct failure *why);
