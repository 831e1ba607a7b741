#pragma once
/*
 * store: a directory of images, each byte of which is kept once.
 *
 * DATA/images/oci-layout              what this directory is
 * DATA/images/index.json              names, and the manifests they stand for
 * DATA/images/blobs/sha256/HEX        manifests, configs, layers as they came
 * DATA/images/sizes/HEX               how large a layer's tree is, in bytes
 * DATA/images/users/ID/CONTAINER      which containers an image is needed for
 * DATA/layers/HEX                     layers as trees, by diffID
 */
#include <jansson.h>

#include "digest.h"
#include "failure.h"

enum store_use {
    STORE_READ,   /* nothing goes away meanwhile */
    STORE_CHANGE, /* the same; who is alone in the end tidies up */
};

struct store {
    char *data;   /* the data root: an absolute path */
    int data_fd;  /* the same; the caller's */
    int fd;       /* DATA/images, locked */
    int blobs_fd; /* DATA/images/blobs/sha256 */
    int trees_fd; /* DATA/layers */
    enum store_use use;
};

#define STORE_CLOSED                                                           \
    {                                                                          \
        .data = NULL, .data_fd = -1, .fd = -1, .blobs_fd = -1, .trees_fd = -1  \
    }

/* Closes a store when it goes out of scope. */
#define cleanup_store __attribute__((cleanup(store_close)))

/**
 * store_open - open the store of a data root, made if it is not there
 * @store:   receives it; release it with store_close()
 * @data:    the data root, an absolute path
 * @data_fd: the same, O_PATH will do; has to stay open as long as the store
 * @use:     for what
 * @why:     filled in when the call fails
 *
 * Waits for nobody but one who is just taking away what no name leads to.
 *
 * Returns: 0, or -1 with @why.
 * Source:  flock(2); OCI Image Specification, "Image Layout".
 */
int store_open(struct store *store, const char *data, int data_fd,
               enum store_use use, struct failure *why);

/**
 * store_close - let go of a store
 * @store: may be half open
 */
void store_close(struct store *store);

/**
 * store_commit - let names stand for images
 * @store:  opened to change; has all that the images are made of
 * @images: descriptors of manifests, from index_named()
 * @why:    filled in when the call fails
 *
 * What is in the store without that goes when it is closed, or when the next
 * one is alone in it.
 *
 * Returns: 0, or -1 with @why.
 * Source:  syncfs(2); rename(2).
 */
int store_commit(const struct store *store, const json_t *images,
                 struct failure *why);

/**
 * store_temporary - make a directory for a tree that has no name yet
 * @store: opened to change
 * @why:   filled in when the call fails
 *
 * Returns: a path, which the caller frees, or NULL with @why.
 */
char *store_temporary(const struct store *store, struct failure *why);

/**
 * store_keep_tree - give a tree its name
 * @store:   opened to change
 * @path:    from store_temporary(); is gone afterwards, whatever happens
 * @diff_id: the layer's
 * @size:    how many bytes are in its files
 * @why:     filled in when the call fails
 *
 * When two do it at once, one tree stays and both are content.
 *
 * Returns: 0, or -1 with @why.
 */
int store_keep_tree(const struct store *store, const char *path,
                    const struct digest *diff_id, long long size,
                    struct failure *why);

/**
 * store_tree - where a layer is unpacked, or will be
 * @store:   a store
 * @diff_id: the layer's
 *
 * Returns: an absolute path, which the caller frees, or NULL.
 */
char *store_tree(const struct store *store, const struct digest *diff_id);

/**
 * store_has_tree - is a layer unpacked?
 * @store:   a store
 * @diff_id: the layer's
 */
bool store_has_tree(const struct store *store, const struct digest *diff_id);

/**
 * store_tree_size - how many bytes are in a layer's files?
 * @store:   a store
 * @diff_id: the layer's
 *
 * Returns: what was told to store_keep_tree(), or 0 when nobody knows.
 */
long long store_tree_size(const struct store *store,
                          const struct digest *diff_id);
