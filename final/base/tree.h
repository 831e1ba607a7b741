#pragma once
/*
 * tree: a directory full of anything.
 */

/**
 * tree_remove - remove it with all that is in it, or what else has its name
 * @parent_fd: the directory it is in, or AT_FDCWD
 * @name:      its name there
 *
 * Follows no links, and goes on when something can't be removed.
 *
 * Returns: 0, or -1 with errno.  Source: unlinkat(2).
 */
int tree_remove(int parent_fd, const char *name);
