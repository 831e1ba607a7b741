#pragma once
/*
 * unpack: from a tar to a tree, by somebody who can't reach anything else.
 */
#include "digest.h"
#include "failure.h"
#include "store.h"

/**
 * unpack_tar - make a tree of a tar
 * @fd:   the tar, from here to its end, perhaps compressed
 * @what: how to call it in messages
 * @tree: the path of an empty directory
 * @why:  filled in when the call fails; half a tree may be there then
 *
 * What only root can make is left out when we aren't.
 *
 * Returns: 0, or -1 with @why.
 * Source:  chroot(2).
 */
int unpack_tar(int fd, const char *what, const char *tree, struct failure *why);

/**
 * unpack_layer - make a layer's tree, unless there is one
 * @store:    has the layer as a blob, and gets the tree
 * @blob:     the layer
 * @expected: the diffID that it has to have, NULL: any
 * @diff_id:  receives the one that it has
 * @why:      filled in when the call fails; there is no tree then
 *
 * Returns: 0, or -1 with @why.
 * Source:  OCI Image Specification, "Image Layer Filesystem Changeset".
 */
int unpack_layer(const struct store *store, const struct digest *blob,
                 const struct digest *expected, struct digest *diff_id,
                 struct failure *why);
