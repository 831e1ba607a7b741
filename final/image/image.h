#pragma once
/*
 * image: a config, which says how to run it and of which layers it is made.
 *
 * To make a container of one:
 *
 *     store_open(&store, engine->data, engine->data_fd, STORE_READ, why)
 *     image_find(&image, &store, "busybox", why)
 *     image_pin(&store, &image.id, container_id, why)
 *     image_lowerdirs(&image, &store, list, why)
 *     ... make DATA/containers/ID: a pin without that is of somebody killed
 *     store_close(&store)
 *
 * As long as the store is open nothing goes, afterwards the pin keeps it.
 */
#include <jansson.h>

#include "bounds.h"
#include "digest.h"
#include "failure.h"
#include "store.h"

struct image {
    struct digest id; /* the digest of the config */
    json_t *config;   /* all of it; in "config" is what docker calls Config */
    size_t layers;
    struct digest diff_ids[BOUND_LAYERS]; /* base first */
    /* The rest only of image_open(): what came over the wire. */
    json_t *manifest;
    struct digest manifest_digest;
    struct digest blobs[BOUND_LAYERS]; /* perhaps compressed */
    json_int_t sizes[BOUND_LAYERS];    /* of those */
};

/* Lets go of an image when it goes out of scope. */
#define cleanup_image __attribute__((cleanup(image_close)))

/**
 * image_find - find an image in a store
 * @image:     receives it; release it with image_close()
 * @store:     the store
 * @reference: what a user calls it: NAME[:TAG], NAME@DIGEST, an id, or the
 *             beginning of one
 * @why:       filled in when there is none (404), or it is damaged
 *
 * Hashes nothing: that was done when it came in.
 *
 * Returns: 0, or -1 with @why and nothing to release.
 */
int image_find(struct image *image, const struct store *store,
               const char *reference, struct failure *why);

/**
 * image_find_id - the image of a container that has pinned it
 * @image: receives it; release it with image_close()
 * @store: the store
 * @id:    "sha256:..." as a container's config.json has it in "Image"
 * @why:   filled in when the call fails
 *
 * It need not have a name any more, nor be in any list.
 *
 * Returns: 0, or -1 with @why and nothing to release.
 */
int image_find_id(struct image *image, const struct store *store,
                  const char *id, struct failure *why);

/**
 * image_open - read all that there is of an image
 * @image:      receives it; release it with image_close()
 * @store:      the store
 * @descriptor: from an index
 * @why:        filled in when parts are damaged, or contradict each other
 *
 * Returns: 0, or -1 with @why and nothing to release.
 * Source:  OCI Image Specification, "Image Manifest", "Image Configuration".
 */
int image_open(struct image *image, const struct store *store,
               const json_t *descriptor, struct failure *why);

/**
 * image_close - let go of an image
 * @image: zeroes, or from one of the above
 */
void image_close(struct image *image);

/**
 * image_lowerdirs - the trees that an image is made of
 * @image: an image
 * @store: where it is
 * @list:  receives paths, top first, for the caller to free; has room for
 *         BOUND_LAYERS + 1 of them, zeroes before, and ends with NULL
 * @why:   filled in when the call fails; @list may have some then
 *
 * Returns: 0, or -1 with @why.
 */
int image_lowerdirs(const struct image *image, const struct store *store,
                    char **list, struct failure *why);

/**
 * image_pin - say that a container needs an image
 * @store:     open
 * @id:        the image's
 * @container: the container's id
 * @why:       filled in when the call fails
 *
 * Call it before the container is made, and keep the store open until it is.
 *
 * Returns: 0, or -1 with @why.
 */
int image_pin(const struct store *store, const struct digest *id,
              const char *container, struct failure *why);

/**
 * image_unpin - say that it doesn't any more
 * @store:     open
 * @id:        the image's
 * @container: the container's id; need not be there
 * @why:       filled in when the call fails
 *
 * Call it when the container is gone. What nobody else needs is removed by who
 * next changes the store.
 *
 * Returns: 0, or -1 with @why.
 */
int image_unpin(const struct store *store, const struct digest *id,
                const char *container, struct failure *why);
