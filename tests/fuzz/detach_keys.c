/*
 * detach_keys: no key is lost or made up. The first line is what is wanted,
 * the rest is typed.
 */
#include "detach_keys.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const uint8_t *end = memchr(data, '\n', size);
    size_t n = end != NULL ? (size_t)(end - data) : size;
    char *text = strndup((const char *)data, n);
    unsigned char *out = malloc(size + sizeof(((struct detach_keys *)0)->keys));
    struct detach_keys keys;
    struct failure why;
    size_t used;

    if (detach_keys_parse(&keys, text, &why) == 0 && end != NULL) {
        size_t typed = size - n - 1;
        int is_left = detach_keys_feed(&keys, end + 1, typed, out, &used);

        if (used > typed || memcmp(out, end + 1, used) != 0 ||
            (!is_left && used + keys.matched != typed))
            abort();
    }
    free(out);
    free(text);
    return 0;
}
