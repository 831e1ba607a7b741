#pragma once
/*
 * import: an image from scratch, of a tar and what has to be said about it.
 */
#include <jansson.h>

#include "digest.h"
#include "failure.h"
#include "store.h"

struct import {
    int fd;                /* the tar, from here to its end, or compressed */
    const char *message;   /* for the image's history */
    const char *name;      /* what to call it, NULL: nothing */
    const json_t *changes; /* texts such as "CMD top", or NULL */
    const char *platform;  /* "linux/arm64", NULL: this machine's */
    struct digest id;      /* receives the image's id */
};

/**
 * import_tar - make an image of a tar of a root file system
 * @store:  opened to change; gets it
 * @import: says of what, and receives what it has become
 * @why:    filled in when the call fails; the store is unchanged then
 *
 * Returns: 0, or -1 with @why.
 * Source:  OCI Image Specification, "Image Configuration"; Docker, "docker
 *          image import".
 */
int import_tar(const struct store *store, struct import *import,
               struct failure *why);
