#pragma once
/*
 * writer: bytes on their way into a store, as a blob.
 */
#include <jansson.h>

#include "failure.h"
#include "hash.h"

struct writer {
    int dir_fd; /* the directory of blobs */
    int fd;     /* -1: only hash, nothing is written */
    struct hash hash;
    long long size;
};

/**
 * writer_begin - begin a blob
 * @w:      ends with writer_end() or writer_drop()
 * @dir_fd: the directory of blobs, -1: only hash
 * @why:    filled in when the call fails
 *
 * Returns: 0, or -1 with @why.
 * Source:  open(2), O_TMPFILE.
 */
int writer_begin(struct writer *w, int dir_fd, struct failure *why);

/**
 * writer_add - write and hash the next bytes
 * @w:      begun
 * @data:   the bytes
 * @length: how many
 * @why:    filled in when the call fails
 *
 * Returns: 0, or -1 with @why.
 */
int writer_add(struct writer *w, const void *data, size_t length,
               struct failure *why);

/**
 * writer_end - give a blob its name
 * @w:      begun; done with afterwards, whatever happens
 * @digest: receives the name
 * @why:    filled in when the call fails
 *
 * Returns: 0, or -1 with @why.  Source: linkat(2).
 */
int writer_end(struct writer *w, struct digest *digest, struct failure *why);

/**
 * writer_drop - there shall be no blob
 * @w: begun or not
 */
void writer_drop(struct writer *w);

/**
 * writer_json - write a JSON text as a blob
 * @dir_fd: the directory of blobs
 * @json:   what to write
 * @digest: receives its name
 * @size:   receives its length
 * @why:    filled in when the call fails
 *
 * Returns: 0, or -1 with @why.
 */
int writer_json(int dir_fd, const json_t *json, struct digest *digest,
                long long *size, struct failure *why);
