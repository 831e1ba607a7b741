#pragma once
/*
 * changeset: from a container's changes to a layer.
 */
#include <stdbool.h>
#include <time.h>

#include "digest.h"
#include "failure.h"
#include "store.h"

/**
 * changeset_put - make a layer of an upper directory
 * @store:  gets it, as a blob and as a tree
 * @upper:  the directory; no overlay is mounted on it any more
 * @latest: no file gets a later time than this
 * @blob:   receives its digest, which is its diffID as well
 * @why:    filled in when the call fails, as for a file called ".wh.NAME"
 *
 * Returns: 1, 0 when nothing has changed: then there is no layer, or -1 with
 *          @why.
 * Source:  OCI Image Specification, "Image Layer Filesystem Changeset";
 *          overlayfs.rst, "whiteouts and opaque directories".
 */
int changeset_put(const struct store *store, const char *upper, time_t latest,
                  struct digest *blob, struct failure *why);
