#pragma once
/*
 * index: which name stands for which image.
 */
#include <jansson.h>

#include "failure.h"
#include "store.h"

/* A name in the index, in full; see reference.h. */
#define INDEX_NAME "org.opencontainers.image.ref.name"
/* The digest of its config: to tell it, nothing else need be read. */
#define INDEX_ID "duct.image.id"

/**
 * index_lock - keep others from changing an index
 * @store: a store
 * @why:   filled in when the call fails
 *
 * Returns: a lock that ends when it is closed, or -1 with @why.
 */
int index_lock(const struct store *store, struct failure *why);

/**
 * index_make - say that a store is an image layout, and give it an index
 * @store: a store, so far only directories
 * @why:   filled in when the call fails
 *
 * Returns: 0, or -1 with @why.
 * Source:  OCI Image Specification, "oci-layout file".
 */
int index_make(const struct store *store, struct failure *why);

/**
 * index_read - read the index of a store
 * @store: a store
 * @why:   filled in when the call fails
 *
 * Returns: an array of descriptors, latest first, or NULL with @why.
 * Source:  OCI Image Specification, "Image Index", "index.json file".
 */
json_t *index_read(const struct store *store, struct failure *why);

/**
 * index_write - replace the index of a store
 * @store:  a store, and its index locked
 * @images: an array of descriptors
 * @why:    filled in when the call fails
 *
 * Returns: 0, or -1 with @why.
 */
int index_write(const struct store *store, json_t *images, struct failure *why);

/**
 * index_named - call an image otherwise
 * @descriptor: of its manifest
 * @id:         its id
 * @name:       what to call it, in full; or NULL
 *
 * Returns: a descriptor, or NULL.
 * Source:  OCI Image Specification, "Content Descriptors", "Pre-Defined
 *          Annotation Keys".
 */
json_t *index_named(const json_t *descriptor, const struct digest *id,
                    const char *name);

/**
 * index_name - what a descriptor calls its image
 * @descriptor: from an index
 *
 * Returns: the name in full, or NULL.
 */
const char *index_name(const json_t *descriptor);

/**
 * index_id - the id of a descriptor's image
 * @store:      has the image
 * @descriptor: from an index
 * @id:         receives it
 * @why:        filled in when nobody can tell
 *
 * Returns: 0, or -1 with @why.
 */
int index_id(const struct store *store, const json_t *descriptor,
             struct digest *id, struct failure *why);

/**
 * index_add - let names stand for images
 * @store: a store that has the images
 * @added: an array of descriptors; names that stood for others are taken over
 * @why:   filled in when the call fails
 *
 * Returns: 0, or -1 with @why.
 */
int index_add(const struct store *store, const json_t *added,
              struct failure *why);

/**
 * index_find - find an image by its name, or by the beginning of its id
 * @store:  a store
 * @images: its index
 * @text:   what a user calls it
 * @name:   receives the name in full that was found, NULL: it was the id; may
 *          be NULL itself; belongs to @images
 * @why:    filled in when there is no such image (404), or more than one
 *
 * Returns: its place in the index, or -1 with @why.
 */
int index_find(const struct store *store, const json_t *images,
               const char *text, const char **name, struct failure *why);
