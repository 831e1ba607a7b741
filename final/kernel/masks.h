#pragma once
/*
 * masks: what of the kernel a container need not see, or not change.
 */
#include "failure.h"

/* What is hidden, and what is read-only, unless somebody says otherwise.
 * NULL-terminated. */
extern const char *const masks_hidden[];
extern const char *const masks_read_only[];

/* The file systems that they are in, which have to be our own. */
struct masks {
    int proc_fd;
    int sys_fd; /* or -1 */
    int dev_fd;
    int null_fd, empty_fd; /* masks_hide()'s own */
};

/**
 * masks_check - may such a path be hidden or made read-only?
 * @path: as somebody typed it
 * @why:  filled in when it may not
 *
 * Returns: 0, or -1 with @why.
 */
int masks_check(const char *path, struct failure *why);

/**
 * masks_hide - put nothing in place of a few files and directories
 * @masks: where they are
 * @paths: below /proc or /sys, NULL-terminated; what isn't there is fine, and
 *         "*" stands for any part of a name
 * @why:   filled in when the call fails
 *
 * Returns: 0, or -1 with @why.
 */
int masks_hide(const struct masks *masks, const char *const paths[],
               struct failure *why);

/**
 * masks_protect - make a few files and directories read-only
 * @masks: where they are
 * @paths: as for masks_hide()
 * @why:   filled in when the call fails
 *
 * Returns: 0, or -1 with @why.
 */
int masks_protect(const struct masks *masks, const char *const paths[],
                  struct failure *why);
