#pragma once
/*
 * store: a directory of images, each byte of which is kept once.
 *
 * STATE/_images/oci-layout            what this directory is
 * STATE/_images/index.json            names, and the manifests they stand for
 * STATE/_images/blobs/sha256/HEX      manifests, configs, layers as they came
 * STATE/_images/layers/HEX            layers as trees, by diffID
 *
 * No container and no nameless layer can be called _images: see layer.c.
 */
#include <jansson.h>

#include "blob.h"
#include "failure.h"

enum store_use {
    STORE_READ,   /* nothing goes away meanwhile */
    STORE_ADD,    /* the same; left-overs go before */
    STORE_REMOVE, /* nobody else uses it meanwhile */
};

struct store {
    char *path; /* of the directory, without links */
    int fd;     /* the same, locked */
    int blobs_fd;
    int trees_fd;
    enum store_use use;
};

#define STORE_CLOSED                                                           \
    {                                                                          \
        .path = NULL, .fd = -1, .blobs_fd = -1, .trees_fd = -1                 \
    }

/* Closes a store when it goes out of scope. */
#define cleanup_store __attribute__((cleanup(store_close)))

/**
 * store_open - open the store of a state directory, made if it is not there
 * @store: receives it; release it with store_close()
 * @state: the state directory, NULL: the usual one
 * @use:   for what; waits for those that it excludes
 * @why:   filled in when the call fails
 *
 * Returns: 0, or -1 with @why.
 * Source:  flock(2); OCI Image Specification, "Image Layout".
 */
int store_open(struct store *store, const char *state, enum store_use use,
               struct failure *why);

/**
 * store_leave - rely on nothing in a store any more
 * @store: open
 */
void store_leave(const struct store *store);

/**
 * store_close - let go of a store
 * @store: may be half open
 */
void store_close(struct store *store);

/**
 * store_commit - let names stand for images
 * @store:  opened to add; has all that the images are made of
 * @images: descriptors of manifests, with their names as annotations
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
 * store_temporary - make a directory for what is not to stay
 * @store: opened to add
 * @why:   filled in when the call fails
 *
 * Returns: a path, which the caller frees, or NULL with @why.
 */
char *store_temporary(const struct store *store, struct failure *why);

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
