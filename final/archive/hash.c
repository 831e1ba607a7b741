/*
 * hash: from bytes to their digest.
 *
 * Look at it     cd DATA/images/blobs/sha256; sha256sum [0-9a-f]*
 */
#include "hash.h"

#include <openssl/evp.h>
#include <stdio.h>

void hash_begin(struct hash *hash)
{
    hash->context = EVP_MD_CTX_new();
    hash->failed = hash->context == NULL ||
                   !EVP_DigestInit_ex(hash->context, EVP_sha256(), NULL);
}

void hash_add(struct hash *hash, const void *data, size_t length)
{
    if (!hash->failed)
        hash->failed = !EVP_DigestUpdate(hash->context, data, length);
}

int hash_end(struct hash *hash, struct digest *digest)
{
    unsigned char bytes[EVP_MAX_MD_SIZE];

    if (!hash->failed)
        hash->failed = !EVP_DigestFinal_ex(hash->context, bytes, NULL);
    EVP_MD_CTX_free(hash->context);
    hash->context = NULL;
    for (size_t i = 0; !hash->failed && i < sizeof(digest->hex) / 2; i++)
        snprintf(digest->hex + 2 * i, 3, "%02x", bytes[i]);
    return hash->failed ? -1 : 0;
}
