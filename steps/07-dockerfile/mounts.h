#pragma once
/*
 * mounts: what else of the host is shown in a container, and what of its own.
 */
#include <stdbool.h>
#include <stddef.h>

#include "failure.h"

struct mount_request {
    char *source; /* absolute path on the host; NULL: a tmpfs */
    char *target; /* absolute path in the container */
    bool read_only;
};

struct mounts {
    struct mount_request *list;
    size_t count;
    bool read_only_root;
};

/**
 * mounts_volume - read the value of a -v
 * @m:    receives the mount; release it with mounts_release()
 * @text: "SOURCE:TARGET" or "SOURCE:TARGET:ro"
 * @why:  names the flag and the value when it is nonsense
 *
 * Returns: 0, or -1 with @why.
 * Source:  Docker, "docker container run: -v".
 */
int mounts_volume(struct mounts *m, const char *text, struct failure *why);

/**
 * mounts_tmpfs - read the value of a --tmpfs
 * @m:    receives the mount; release it with mounts_release()
 * @text: an absolute path in the container
 * @why:  names the flag and the value when it is nonsense
 *
 * Returns: 0, or -1 with @why.
 */
int mounts_tmpfs(struct mounts *m, const char *text, struct failure *why);

/**
 * mounts_attach - mount everything that was asked for
 * @m:   in the order in which it was asked for
 * @why: filled in when the call fails
 *
 * The working directory is the container's root, and the old root is still
 * there. Targets are looked up inside of the new one, and made if missing.
 *
 * Returns: 0, or -1 with @why.
 * Source:  open_tree(2), mount_setattr(2), fsopen(2), move_mount(2): a mount
 *          is made, then changed, and only then attached.
 */
int mounts_attach(const struct mounts *m, struct failure *why);

/**
 * mounts_release - free the list
 * @m: may be empty
 */
void mounts_release(struct mounts *m);
