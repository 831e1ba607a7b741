#pragma once
/*
 * digest: a name that bytes give themselves.
 *
 * Here are only the names. Who makes them of bytes is in archive/hash.h.
 */
#include <stdbool.h>

enum {
    DIGEST_DIGITS = 64 /* of SHA-256, in hexadecimal */
};

struct digest {
    char hex[DIGEST_DIGITS + 1]; /* what stands behind "sha256:" */
};

/**
 * digest_parse - read "sha256:" and 64 digits
 * @digest: receives the digits: nothing else may become the name of a file
 * @text:   from anywhere, also NULL
 *
 * Returns: 0, or -1 when it is none.
 */
int digest_parse(struct digest *digest, const char *text);

/**
 * digest_parse_hex - read 64 digits, in lower case, and nothing else
 * @digest: receives them
 * @text:   from anywhere, also NULL
 *
 * Returns: 0, or -1 when it is none.
 */
int digest_parse_hex(struct digest *digest, const char *text);

/**
 * digest_eq - are two digests the same?
 * @a: a digest
 * @b: another
 */
bool digest_eq(const struct digest *a, const struct digest *b);
