#pragma once
/*
 * inside: paths that can't lead out of a tree, whatever links it holds.
 */
#include <sys/types.h>

#include "failure.h"

/**
 * inside_open - open a path as if a directory were the root
 * @root_fd: the directory
 * @path:    "/etc/passwd", "etc/passwd", "../etc" all stay in there
 * @flags:   as for open(2); O_CLOEXEC is added; with O_NOFOLLOW no link is
 *           followed on the way either
 *
 * Returns: a descriptor, or -1 with errno.
 * Source:  openat2(2), RESOLVE_IN_ROOT, RESOLVE_NO_SYMLINKS.
 */
int inside_open(int root_fd, const char *path, int flags);

/**
 * inside_make - make a directory or an empty file, unless there is one
 * @root_fd: the directory that is the root of @path
 * @path:    begins with a slash; its parents are made as well
 * @type:    S_IFDIR or S_IFREG
 * @why:     filled in when the call fails
 *
 * Returns: a descriptor of it, opened with O_PATH, or -1 with @why.
 */
int inside_make(int root_fd, const char *path, mode_t type,
                struct failure *why);
