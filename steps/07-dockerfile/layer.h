#pragma once
/*
 * layer: where a container's changes are kept, and under which name.
 *
 * STATE/NAME/upper    the changes     STATE/NAME/merged   where both are seen
 * STATE/NAME/work     overlay's own   STATE/NAME/lower/N  links to the trees
 *                                                         below, top first
 * STATE/NAME/image    a link that leads nowhere: the id of the image, if any
 *
 * Layers without a name begin with a dot and end with their container.
 */
#include <stdbool.h>

#include "failure.h"

struct layer_request {
    const char *state; /* directory of all layers, NULL: the usual one */
    const char *name;  /* kept under this name, NULL: not kept */
    char **lowerdirs;  /* absolute paths, top first, NULL-terminated */
    const char *image; /* the id of the image that they are of, or NULL */
    bool remove;       /* not even if it has a name */
};

struct layer {
    char *directory; /* STATE/NAME */
    char *upper;
    char *work;
    char *merged;
    char *links; /* STATE/NAME/lower */
    int lock_fd; /* of the directory; locked while somebody uses it */
    bool remove; /* when it is closed */
};

/**
 * layer_open - find or make a layer, for us alone
 * @layer:   receives where it is; release it with layer_close()
 * @request: what to find or make
 * @why:     filled in when the call fails
 *
 * Returns: 0, or -1 with @why, also when the name is nonsense or in use, or
 *          when the layer was made over other trees.
 * Source:  flock(2); mkdtemp(3).
 */
int layer_open(struct layer *layer, const struct layer_request *request,
               struct failure *why);

/**
 * layer_find - find a layer that was kept, to look at it
 * @layer:   receives where it is; release it with layer_close()
 * @request: its state and its name
 * @why:     filled in when the call fails
 *
 * Does not lock it: it may be in use.
 *
 * Returns: 0, or -1 with @why.
 */
int layer_find(struct layer *layer, const struct layer_request *request,
               struct failure *why);

/**
 * layer_lock - keep others from using a layer, until it is closed
 * @layer: from layer_find(); layer_open() has done it already
 * @why:   filled in when the call fails, also when it is in use
 *
 * Returns: 0, or -1 with @why.
 * Source:  flock(2), LOCK_NB.
 */
int layer_lock(struct layer *layer, struct failure *why);

/**
 * layer_lowerdir - the tree that a layer lies on
 * @layer: from layer_open() or layer_find()
 * @index: 0 for the topmost
 *
 * Returns: an absolute path, which the caller frees, or NULL after the last.
 */
char *layer_lowerdir(const struct layer *layer, int index);

/**
 * layer_close - let go of a layer, and remove it if that was asked for
 * @layer: may be half made
 * @why:   filled in when it can't be removed
 *
 * Returns: 0, or -1 with @why.
 */
int layer_close(struct layer *layer, struct failure *why);
