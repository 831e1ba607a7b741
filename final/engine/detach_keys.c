/*
 * detach_keys: what one types to leave a container without ending it.
 *
 * Side           host, whoever is attached
 * Look at it     showkey -a
 */
#include "detach_keys.h"

#include "cleanup.h"

/* "ctrl-x", "DEL" or one byte. Returns: what is sent for it, or -1. */
static int key_code(const char *name, size_t n)
{
    static const char others[] = "[\\]^_"; /* after ctrl-z: 27 to 31 */

    if (n == 1)
        return (unsigned char)*name;
    if (n == 3 && memcmp(name, "DEL", 3) == 0)
        return 127;
    if (n != 6 || memcmp(name, "ctrl-", 5) != 0)
        return -1;
    if (name[5] == '@')
        return 0;
    if (name[5] >= 'a' && name[5] <= 'z')
        return name[5] - 'a' + 1;
    const char *other = memchr(others, name[5], sizeof(others) - 1);
    return other != NULL ? 27 + (int)(other - others) : -1;
}

int detach_keys_parse(struct detach_keys *keys, const char *text,
                      struct failure *why)
{
    const char *at = text != NULL ? text : DETACH_KEYS_USUAL;
    const char *whole = at;

    *keys = (struct detach_keys){0};
    if (*at == '\0')
        return 0;
    for (;;) {
        size_t n = strcspn(at, ",");
        int code = key_code(at, n);

        if (code < 0 || keys->n == sizeof(keys->keys))
            return fail_as(why, FAILURE_BAD_PARAMETER,
                           "invalid detach keys (%s): Unknown character: "
                           "'%.*s'",
                           whole, (int)n, at);
        keys->keys[keys->n++] = (unsigned char)code;
        if (at[n] == '\0')
            return 0;
        at += n + 1;
    }
}

int detach_keys_feed(struct detach_keys *keys, const unsigned char *typed,
                     size_t n, unsigned char *out, size_t *used)
{
    *used = 0;
    for (size_t i = 0; i < n; i++) {
        /* What was held back goes on, key by key, until the rest of it may be
         * the beginning again. It is the same as keys->keys, so no copy is
         * kept. */
        while (keys->matched > 0 && typed[i] != keys->keys[keys->matched]) {
            size_t shift = 1;

            while (shift < keys->matched &&
                   memcmp(keys->keys, keys->keys + shift,
                          keys->matched - shift) != 0)
                shift++;
            memcpy(out + *used, keys->keys, shift);
            *used += shift;
            keys->matched -= shift;
        }
        if (keys->n == 0 || typed[i] != keys->keys[keys->matched]) {
            out[(*used)++] = typed[i];
        } else if (++keys->matched == keys->n) {
            keys->matched = 0;
            return 1;
        }
    }
    return 0;
}
