#pragma once
/*
 * hash: from bytes to their digest.
 */
#include <stddef.h>

#include "digest.h"

struct hash {
    void *context;
    bool failed;
};

/**
 * hash_begin, hash_add, hash_end - hash bytes as they come
 * @hash:   between begin and end
 * @data:   the next bytes
 * @length: how many
 * @digest: receives what they are called
 *
 * Returns: hash_end: 0, or -1 when there was no memory, or no SHA-256.
 * Source:  EVP_DigestInit(3).
 */
void hash_begin(struct hash *hash);
void hash_add(struct hash *hash, const void *data, size_t length);
int hash_end(struct hash *hash, struct digest *digest);
