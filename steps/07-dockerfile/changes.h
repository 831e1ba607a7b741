#pragma once
/*
 * changes: what a container has done to the tree below it.
 */
#include <stddef.h>

#include "failure.h"
#include "layer.h"

struct change {
    char kind;  /* 'A'dded, 'C'hanged, 'D'eleted */
    char *path; /* as seen in the container */
};

struct changes {
    struct change *list;
    size_t count;
};

/**
 * changes_find - compare a layer with the trees below it
 * @changes: zeroes; receives them by path; release with changes_release()
 * @layer:   from layer_find()
 * @why:     filled in when the call fails
 *
 * Looks at nothing but the layer and the same paths below.
 *
 * Returns: 0, or -1 with @why.
 * Source:  overlayfs.rst, "whiteouts and opaque directories"; Docker, "docker
 *          container diff".
 */
int changes_find(struct changes *changes, const struct layer *layer,
                 struct failure *why);

/**
 * changes_release - free a list
 * @changes: from changes_find()
 */
void changes_release(struct changes *changes);
