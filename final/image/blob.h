#pragma once
/*
 * blob: a file whose name is the digest of what is in it.
 *
 * Here they are read, and believed: who puts one into a store has hashed it,
 * see archive/hash.h.
 */
#include <jansson.h>

#include "digest.h"
#include "failure.h"

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
 * blob_json - read a blob that is a JSON text
 * @dir_fd: the directory of blobs
 * @digest: its name
 * @why:    filled in when it is none, or can't be read
 *
 * Returns: an object or array, or NULL with @why.
 */
json_t *blob_json(int dir_fd, const struct digest *digest, struct failure *why);

/**
 * blob_parse - read a JSON text from strangers
 * @text:   the text
 * @length: its length in bytes
 * @what:   how to call it in messages
 * @why:    filled in when it is none, says a thing twice, or is beyond its
 *          bounds
 *
 * Returns: an object or array, or NULL with @why.
 */
json_t *blob_parse(const char *text, size_t length, const char *what,
                   struct failure *why);
