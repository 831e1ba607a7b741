#pragma once
/*
 * changeset: from a container's changes to a layer.
 */
#include "failure.h"
#include "intake.h"

/**
 * changeset_take - make a layer of an upper directory
 * @in:     receives the layer: a blob, and a tree
 * @store:  opened to change; gets it
 * @upper:  the directory; nobody changes it meanwhile
 * @why:    filled in when the call fails, as for a file called ".wh.NAME"
 *
 * SIGPIPE has to be ignored.
 *
 * Returns: 1, 0 when nothing has changed: then there is no layer, or -1 with
 *          @why.
 * Source:  OCI Image Specification, "Image Layer Filesystem Changeset";
 *          overlayfs.rst, "whiteouts and opaque directories".
 */
int changeset_take(struct intake *in, const struct store *store,
                   const char *upper, struct failure *why);
