#pragma once
/*
 * diff: what a container has done to the tree below it.
 */
#include <jansson.h>

#include "failure.h"

enum diff_kind { /* Docker's numbers */
    DIFF_CHANGED = 0,
    DIFF_ADDED = 1,
    DIFF_DELETED = 2,
};

/**
 * diff_find - compare an overlay's upper directory with the trees below
 * @upper_fd:  the upper directory, opened for reading
 * @lowerdirs: top first, NULL-terminated
 * @why:       filled in when the call fails
 *
 * Looks at nothing but the upper directory and the same paths below. A running
 * container may change the tree meanwhile. Mount points that the engine itself
 * makes in every root are left out.
 *
 * Returns: [{"Path", "Kind"}] by path, a new reference; perhaps empty; or NULL
 *          with @why.
 * Source:  overlayfs.rst, "whiteouts and opaque directories"; Docker, "docker
 *          container diff".
 */
json_t *diff_find(int upper_fd, char *const *lowerdirs, struct failure *why);
