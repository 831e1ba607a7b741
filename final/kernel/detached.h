#pragma once
/*
 * detached: mounts that are finished before anybody can see them.
 */
#include <stdbool.h>
#include <stdint.h>

#include "failure.h"

/**
 * detached_make - make a file system, attached nowhere
 * @type:    "tmpfs", "proc", ...
 * @options: "KEY=VALUE" or "FLAG", NULL-terminated
 * @flags:   MOUNT_ATTR_*
 *
 * Returns: a descriptor of its root, or -1 with errno.
 * Source:  fsopen(2), fsconfig(2), fsmount(2).
 */
int detached_make(const char *type, const char *const options[],
                  unsigned flags);

/**
 * detached_clone - the same file or directory once more, attached nowhere
 * @fd:           of it, perhaps opened with O_PATH
 * @is_recursive: with all that is mounted below?
 *
 * Returns: a descriptor, or -1 with errno.
 * Source:  open_tree(2), OPEN_TREE_CLONE.
 */
int detached_clone(int fd, bool is_recursive);

/**
 * detached_set - set flags of a mount
 * @fd:           of its root
 * @is_recursive: of all that is mounted below as well?
 * @flags:        MOUNT_ATTR_*
 *
 * Returns: 0, or -1 with errno.
 * Source:  mount_setattr(2).
 */
int detached_set(int fd, bool is_recursive, uint64_t flags);

/**
 * detached_target - open what a mount is to be attached to
 * @base_fd: a directory
 * @path:    leads down from there, over no link
 *
 * Returns: a descriptor with O_PATH, or -1 with errno.
 * Source:  openat2(2), RESOLVE_BENEATH, RESOLVE_NO_SYMLINKS.
 */
int detached_target(int base_fd, const char *path);

/**
 * detached_attach - let a mount be seen, and see that it is
 * @fd:      of its root
 * @base_fd: a directory
 * @path:    leads down from there, over no link
 * @why:     filled in when the call fails
 *
 * Returns: 0, or -1 with @why.
 * Errors:  ELOOP (there is a link), ENOENT, ENOTDIR, EAGAIN (what is seen
 *          there afterwards is another mount).
 * Source:  move_mount(2); statx(2), STATX_MNT_ID.
 */
int detached_attach(int fd, int base_fd, const char *path, struct failure *why);

/**
 * detached_attach_to - the same, where what is there is open already
 * @fd:     as for detached_attach(), and so are the others
 * @target: what detached_target() has opened at @path
 */
int detached_attach_to(int fd, int target, int base_fd, const char *path,
                       struct failure *why);
