#pragma once
/*
 * tree_size: how much room a tree takes.
 */

/**
 * tree_size - add up the sizes of all files in a tree
 * @parent_fd: a directory, or AT_FDCWD
 * @name:      the tree's name there; no link is followed
 *
 * A file with several names counts once, a directory not at all. What can't be
 * read, or vanishes meanwhile, does not count.
 *
 * Returns: bytes, as of st_size, or -1 with errno when there is no such tree.
 */
long long tree_size(int parent_fd, const char *name);
