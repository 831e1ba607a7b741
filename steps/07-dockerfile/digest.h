#pragma once
/*
 * digest: a name that bytes give themselves.
 */
#include <stdbool.h>
#include <stddef.h>

struct digest {
    char hex[2 * 32 + 1]; /* SHA-256: what stands behind "sha256:" */
};

struct digest_state {
    void *context;
    bool failed;
};

/**
 * digest_begin, digest_add, digest_end - hash bytes as they come
 * @state:  between begin and end
 * @data:   the next bytes
 * @length: how many
 * @digest: receives what they are called
 *
 * Returns: digest_end: 0, or -1 when there was no memory, or no SHA-256.
 * Source:  EVP_DigestInit(3).
 */
void digest_begin(struct digest_state *state);
void digest_add(struct digest_state *state, const void *data, size_t length);
int digest_end(struct digest_state *state, struct digest *digest);

/**
 * digest_parse - read "sha256:" and 64 digits
 * @digest: receives the digits: nothing else may become the name of a file
 * @text:   from anywhere, also NULL
 *
 * Returns: 0, or -1 when it is none.
 */
int digest_parse(struct digest *digest, const char *text);

/**
 * digest_eq - are two digests the same?
 * @a: a digest
 * @b: another
 */
bool digest_eq(const struct digest *a, const struct digest *b);
