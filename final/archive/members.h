#pragma once
/*
 * members: the files of an archive of images, in the store before it is known
 * what they are.
 *
 * What is told of each is an object:
 *
 *     digest     HEX of the file, which is a blob in the store
 *     size       its length in bytes
 *     suffix     of its media type; and diff_id, HEX: if it is a layer
 *     bad        why it is none, though it looks like one
 */
#include <jansson.h>

#include "failure.h"
#include "store.h"

struct members {
    json_t *by_path;
    json_t *by_digest; /* HEX */
    json_t *links;     /* paths, and the paths that they stand for */
    json_t *known;     /* HEX of layers in the store, and their diff_ids */
};

#define cleanup_members __attribute__((cleanup(members_release)))

/**
 * members_read - take in all files of an archive
 * @m:     receives them; release with members_release()
 * @store: gets them as blobs, and trees of those that are layers
 * @fd:    the archive, from here to its end, perhaps compressed
 * @why:   filled in when the call fails
 *
 * Returns: 0, or -1 with @why.
 */
int members_read(struct members *m, const struct store *store, int fd,
                 struct failure *why);

/**
 * members_release - let go of them
 * @m: zeroes, or from members_read()
 */
void members_release(struct members *m);

/**
 * members_find - look one up
 * @m:    from members_read()
 * @path: in the archive; links lead where they would if it were "/"
 *
 * Returns: what is told of it, which belongs to @m, or NULL.
 */
const json_t *members_find(const struct members *m, const char *path);
