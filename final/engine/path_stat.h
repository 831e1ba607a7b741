#pragma once
/*
 * path_stat: what a path in a container leads to, as docker's API says it.
 */
#include <jansson.h>
#include <sys/types.h>

#include "failure.h"

/* In "mode": as Go has them, above the nine bits of permissions. */
#define PATH_DIRECTORY (1LL << 31)
#define PATH_LINK      (1LL << 27)
#define PATH_DEVICE    (1LL << 26)
#define PATH_PIPE      (1LL << 25)
#define PATH_SOCKET    (1LL << 24)

/**
 * path_stat - look at a file
 * @root_fd:   the container's root
 * @path:      from there; a link at its end is followed only if the path ends
 *             in "/" or "/."
 * @container: how to call the container in messages
 * @why:       FAILURE_NOT_FOUND: there is none
 *
 * Returns: {"name", "size", "mode", "mtime", "linkTarget"}, a new reference,
 *          or NULL with @why.
 * Source:  Docker Engine API, "ContainerArchiveInfo"; Go, io/fs, FileMode.
 */
json_t *path_stat(int root_fd, const char *path, const char *container,
                  struct failure *why);

/**
 * path_evaluate - where a path leads, with all links followed
 * @root_fd: the container's root
 * @path:    from there
 *
 * What is not there has the name that it would have. Only text: it may be
 * otherwise by the time that it is used.
 *
 * Returns: an absolute path that the caller frees, or NULL with errno.
 */
char *path_evaluate(int root_fd, const char *path);

/**
 * path_mode - a mode as Go has it
 * @mode: as of stat(2)
 */
json_int_t path_mode(mode_t mode);
