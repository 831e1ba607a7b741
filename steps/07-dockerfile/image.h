#pragma once
/*
 * image: a manifest, which names a config and layers, base first.
 */
#include <jansson.h>

#include "bounds.h"
#include "command.h"
#include "digest.h"
#include "failure.h"
#include "store.h"

struct image {
    json_t *manifest;
    json_t *config;
    struct digest manifest_digest;
    struct digest id; /* the digest of the config */
    size_t layers;
    struct digest blobs[BOUND_LAYERS];    /* as they came, perhaps compressed */
    json_int_t sizes[BOUND_LAYERS];       /* of those */
    struct digest diff_ids[BOUND_LAYERS]; /* as tars */
    char **settings; /* lists that image_command() has made */
    char **argv;
};

/* Lets go of an image when it goes out of scope. */
#define cleanup_image __attribute__((cleanup(image_close)))

/**
 * image_open - read an image's manifest and config
 * @image:      receives them; release it with image_close()
 * @blobs_fd:   the directory that they are in
 * @descriptor: from an index
 * @why:        filled in when they are damaged, or contradict each other
 *
 * Returns: 0, or -1 with @why and nothing to release.
 * Source:  OCI Image Specification, "Image Manifest", "Image Configuration".
 */
int image_open(struct image *image, int blobs_fd, const json_t *descriptor,
               struct failure *why);

/**
 * image_close - let go of an image
 * @image: from image_open()
 */
void image_close(struct image *image);

/**
 * image_find - find an image in a store
 * @image: receives it; release it with image_close()
 * @store: the store
 * @text:  what a user calls it
 * @why:   filled in when there is none, or it is damaged
 *
 * Returns: 0, or -1 with @why and nothing to release.
 */
int image_find(struct image *image, const struct store *store, const char *text,
               struct failure *why);

/**
 * image_lowerdirs - the trees that an image is made of
 * @image: an image
 * @store: where it is
 * @list:  receives paths, top first, for the caller to free; has room for
 *         BOUND_LAYERS of them and ends with NULL
 * @why:   filled in when the call fails
 *
 * Returns: 0, or -1 with @why.
 */
int image_lowerdirs(const struct image *image, const struct store *store,
                    char **list, struct failure *why);

/**
 * image_command - what an image runs, and how
 * @image:      outlives @command, and owns its lists
 * @entrypoint: instead of the image's, NULL: the image's
 * @arguments:  instead of the image's Cmd, unless there are none
 * @command:    what users asked for stays; receives the rest
 * @why:        filled in when the call fails
 *
 * Returns: 0, or -1 with @why.
 * Source:  OCI Image Specification, "Image Configuration: config"; Docker,
 *          "Understand how CMD and ENTRYPOINT interact".
 */
int image_command(struct image *image, char *entrypoint, char **arguments,
                  struct command *command, struct failure *why);
