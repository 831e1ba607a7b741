/*
 * digest: a name that bytes give themselves.
 *
 * Who asks for sha256:1234... can tell whether it got that, from whomever it
 * came. A good hash has no two texts with one name, as far as anybody knows.
 *
 * Look at it     cd DATA/images/blobs/sha256; sha256sum [0-9a-f]*
 */
#include "digest.h"

#include "cleanup.h"

int digest_parse_hex(struct digest *digest, const char *text)
{
    if (text == NULL ||
        strspn(text, "0123456789abcdef") != sizeof(digest->hex) - 1 ||
        text[sizeof(digest->hex) - 1] != '\0')
        return -1;
    memcpy(digest->hex, text, sizeof(digest->hex));
    return 0;
}

int digest_parse(struct digest *digest, const char *text)
{
    static const char algorithm[] = "sha256:";

    if (text == NULL || strncmp(text, algorithm, strlen(algorithm)) != 0)
        return -1;
    return digest_parse_hex(digest, text + strlen(algorithm));
}

bool digest_eq(const struct digest *a, const struct digest *b)
{
    return str_eq(a->hex, b->hex);
}
