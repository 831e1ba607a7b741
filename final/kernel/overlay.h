#pragma once
/*
 * overlay: every container writes to its own copy of a shared, read-only tree.
 */
#include <stdbool.h>

#include "failure.h"

struct overlay {
    char *const *lowerdirs; /* top first, NULL-terminated; never written to */
    const char *upperdir;   /* receives every change */
    const char *workdir;    /* empty, on the same file system as upperdir */
    const char *merged;     /* where the container finds its root */
    const char *links;      /* has short names for lowerdirs; or NULL */
    bool user;              /* are we in a user namespace? */
    bool is_volatile;       /* does nobody want the changes afterwards? */
};

/**
 * overlay_mount - let a container write to a tree that it shares read-only
 * @o:   existing directories, as absolute paths
 * @why: filled in when the call fails
 *
 * An image may have more layers than the kernel takes paths for: then those
 * that have a link of their number in @o's links are mounted by it.
 *
 * Call it in the container's own mount namespace, isolated: the mount then
 * ends with the namespace and nothing is left on the host.
 *
 * Returns: 0, or -1 with @why.
 * Errors:  EINVAL (upperdir's file system can't carry whiteouts, or is overlay
 *          itself), ENODEV (no overlay in this kernel), EPERM (a user
 *          namespace, and a kernel before 5.11), ENAMETOOLONG (all paths
 *          together are longer than a page).
 * Source:  mount(2); Documentation/filesystems/overlayfs.rst, "Upper and
 *          Lower", "Multiple lower layers", "userxattr", "Volatile mount".
 */
int overlay_mount(const struct overlay *o, struct failure *why);
