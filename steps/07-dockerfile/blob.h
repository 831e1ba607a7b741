#pragma once
/*
 * blob: a file whose name is the digest of what is in it.
 */
#include <jansson.h>

#include "digest.h"
#include "failure.h"

/**
 * blob_put - write all that comes out of a file as a blob
 * @dir_fd: the directory of blobs
 * @fd:     the file, from where it is
 * @digest: receives its name
 * @why:    filled in when the call fails
 *
 * Returns: 0, or -1 with @why.
 * Source:  open(2), O_TMPFILE; linkat(2).
 */
int blob_put(int dir_fd, int fd, struct digest *digest, struct failure *why);

/**
 * blob_from_json - write a JSON text into memory, to be read as a file
 * @json: what to write
 * @why:  filled in when the call fails
 *
 * Returns: a descriptor, or -1 with @why.  Source: memfd_create(2).
 */
int blob_from_json(const json_t *json, struct failure *why);

/**
 * blob_put_json - write a JSON text as a blob
 * @dir_fd: the directory of blobs
 * @json:   what to write
 * @digest: receives its name
 * @size:   receives its length
 * @why:    filled in when the call fails
 *
 * Returns: 0, or -1 with @why.
 */
int blob_put_json(int dir_fd, const json_t *json, struct digest *digest,
                  long long *size, struct failure *why);

/**
 * blob_open - open a blob, without looking at what is in it
 * @dir_fd: the directory of blobs
 * @digest: its name
 * @size:   receives its length
 * @why:    filled in when the call fails
 *
 * Returns: a descriptor, or -1 with @why.
 */
int blob_open(int dir_fd, const struct digest *digest, long long *size,
              struct failure *why);

/**
 * blob_check - is a blob still what its name says?
 * @fd:     from blob_open(), at its beginning afterwards
 * @digest: its name
 * @why:    filled in when it is not
 *
 * Returns: 0, or -1 with @why.
 */
int blob_check(int fd, const struct digest *digest, struct failure *why);

/**
 * blob_json - read a JSON text that is what its name says
 * @dir_fd: the directory of blobs
 * @digest: its name
 * @size:   receives its length
 * @why:    filled in when there is none, or another, or one beyond its bounds
 *
 * Returns: the text, or NULL with @why.
 */
json_t *blob_json(int dir_fd, const struct digest *digest, long long *size,
                  struct failure *why);

/**
 * blob_json_from - read a JSON text from a file
 * @fd:   the file
 * @what: how to call it in messages
 * @why:  filled in when it is none, or beyond its bounds
 *
 * Returns: the text, or NULL with @why.
 */
json_t *blob_json_from(int fd, const char *what, struct failure *why);
