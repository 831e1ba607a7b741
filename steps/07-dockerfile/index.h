#pragma once
/*
 * index: which name stands for which image.
 */
#include <jansson.h>

#include "failure.h"
#include "store.h"

/* A name in the index, in full; see reference.h. */
#define INDEX_NAME "org.opencontainers.image.ref.name"

/**
 * index_lock - keep others from changing an index
 * @store_fd: the directory that it is in
 * @why:      filled in when the call fails
 *
 * Returns: a lock that ends when it is closed, or -1 with @why.
 */
int index_lock(int store_fd, struct failure *why);

/**
 * index_make - say that a store is an image layout, and give it an index
 * @store: a store, so far only a directory
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
 * @name:       what to call it, in full; or NULL
 *
 * Returns: a descriptor, or NULL.
 * Source:  OCI Image Specification, "Content Descriptors", "Pre-Defined
 *          Annotation Keys".
 */
json_t *index_named(const json_t *descriptor, const char *name);

/**
 * index_name - what a descriptor calls its image
 * @descriptor: from an index
 *
 * Returns: the name in full, or NULL.
 */
const char *index_name(const json_t *descriptor);

/**
 * index_count - how often is an image in an index?
 * @store:  has the image
 * @images: the index
 * @id:     its id, which it keeps however its layers are compressed
 */
int index_count(const struct store *store, const json_t *images,
                const struct digest *id);

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
 * @images: its index, or NULL, which is none to find anything in
 * @text:   what a user calls it
 * @by_id:  receives whether it was the id, or NULL
 * @why:    filled in when there is no such image, or more than one; unless
 *          @images is NULL
 *
 * Returns: its place in the index, or -1 with @why.
 */
int index_find(const struct store *store, const json_t *images,
               const char *text, bool *by_id, struct failure *why);
