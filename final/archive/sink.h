#pragma once
/*
 * sink: a layer that is unpacked while its bytes are still coming.
 *
 *     bytes --> (decompress) --> hash --> unpack --> a tree
 */
#include <stddef.h>

#include "child.h"
#include "digest.h"
#include "failure.h"
#include "store.h"

struct sink {
    const struct store *store;
    const char *suffix;        /* how it is compressed: "", "+gzip", "+zstd" */
    int fd;                    /* what is written here is unpacked */
    char *tree;                /* a directory without a name yet */
    struct found *found;       /* what the children tell */
    struct child unpacker;     /* sees nothing but the tree */
    struct child decompressor; /* if it is compressed */
};

/**
 * sink_suffix - could these bytes begin a layer, and how is it compressed?
 * @data:   the first bytes of a file, 512 if there are so many
 * @length: how many
 *
 * Returns: "", "+gzip" or "+zstd", as in media types, or NULL: no layer.
 * Source:  tar(5); RFC 1952; RFC 8878.
 */
const char *sink_suffix(const void *data, size_t length);

/**
 * sink_begin - begin to unpack a layer
 * @s:      ends with sink_end() or sink_drop()
 * @store:  gets the tree
 * @suffix: from sink_suffix()
 * @why:    filled in when the call fails
 *
 * SIGPIPE has to be ignored.
 *
 * Returns: 0, or -1 with @why.
 */
int sink_begin(struct sink *s, const struct store *store, const char *suffix,
               struct failure *why);

/**
 * sink_add - the next bytes
 * @s:      begun
 * @data:   the bytes
 * @length: how many
 * @why:    filled in when they can't be unpacked; sink_drop() is due then
 *
 * Returns: 0, or -1 with @why.
 */
int sink_add(struct sink *s, const void *data, size_t length,
             struct failure *why);

/**
 * sink_end - there are no more bytes: keep the tree
 * @s:       begun; done with afterwards, whatever happens
 * @diff_id: receives its name; give that of the bytes that came in if they
 *           are not compressed, so that nobody hashes them again
 * @why:     filled in when they were no layer, or the call fails
 *
 * Returns: 0, or -1 with @why.
 */
int sink_end(struct sink *s, struct digest *diff_id, struct failure *why);

/**
 * sink_drop - there shall be no tree
 * @s: begun or not
 */
void sink_drop(struct sink *s);
