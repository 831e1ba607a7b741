#pragma once
/*
 * import: an image from scratch, of a tar and what has to be said about it.
 */
#include <jansson.h>

#include "digest.h"
#include "failure.h"
#include "store.h"

struct import {
    int fd;             /* the tar, from here to its end, perhaps compressed */
    const char *origin; /* where it came from, for the image's history */
    const char *name;   /* in full, or NULL */
    struct digest id;   /* receives the image's id */
};

/**
 * import_tar - make an image of a tar of a root file system
 * @store:  gets it
 * @import: says of what, and receives what it has become
 * @why:    filled in when the call fails; the store is unchanged then
 *
 * Returns: 0, or -1 with @why.
 * Source:  OCI Image Specification, "Image Configuration"; Docker, "docker
 *          image import".
 */
int import_tar(const struct store *store, struct import *import,
               struct failure *why);

/**
 * import_config - begin a config, of an image without layers for this machine
 * @created: when, as in RFC 3339
 *
 * Returns: a config, or NULL.
 */
json_t *import_config(const char *created);

/**
 * import_layer - describe a layer for a manifest
 * @store: has it
 * @blob:  its digest
 * @why:   filled in when the call fails
 *
 * Returns: a descriptor, or NULL with @why.
 * Source:  OCI Image Specification, "Content Descriptors".
 */
json_t *import_layer(const struct store *store, const struct digest *blob,
                     struct failure *why);

/**
 * import_manifest - write the manifest of an image whose other parts are there
 * @store:  has its config and layers
 * @id:     the digest of its config
 * @layers: descriptors of its layers, base first
 * @why:    filled in when the call fails
 *
 * Returns: a descriptor of the manifest, or NULL with @why.
 * Source:  OCI Image Specification, "Image Manifest".
 */
json_t *import_manifest(const struct store *store, const struct digest *id,
                        json_t *layers, struct failure *why);
