/*
 * digest: a name that bytes give themselves.
 *
 * Who asks for sha256:1234... can tell whether it got that, from whomever it
 * came. A good hash has no two texts with one name, as far as anybody knows.
 *
 * Look at it     cd STATE/_images/blobs/sha256; sha256sum [0-9a-f]*
 */
#include "digest.h"

#include <openssl/evp.h>
#include <stdio.h>

#include "cleanup.h"

void digest_begin(struct digest_state *state)
{
    state->context = EVP_MD_CTX_new();
    state->failed = state->context == NULL ||
                    !EVP_DigestInit_ex(state->context, EVP_sha256(), NULL);
}

void digest_add(struct digest_state *state, const void *data, size_t length)
{
    if (!state->failed)
        state->failed = !EVP_DigestUpdate(state->context, data, length);
}

int digest_end(struct digest_state *state, struct digest *digest)
{
    unsigned char bytes[EVP_MAX_MD_SIZE];

    if (!state->failed)
        state->failed = !EVP_DigestFinal_ex(state->context, bytes, NULL);
    EVP_MD_CTX_free(state->context);
    state->context = NULL;
    for (size_t i = 0; !state->failed && i < sizeof(digest->hex) / 2; i++)
        snprintf(digest->hex + 2 * i, 3, "%02x", bytes[i]);
    return state->failed ? -1 : 0;
}

int digest_parse(struct digest *digest, const char *text)
{
    static const char algorithm[] = "sha256:";

    if (text == NULL || strncmp(text, algorithm, strlen(algorithm)) != 0)
        return -1;
    const char *hex = text + strlen(algorithm);
    if (strlen(hex) != sizeof(digest->hex) - 1 ||
        hex[strspn(hex, "0123456789abcdef")] != '\0')
        return -1;
    memcpy(digest->hex, hex, sizeof(digest->hex));
    return 0;
}

bool digest_eq(const struct digest *a, const struct digest *b)
{
    return str_eq(a->hex, b->hex);
}
