/*
 * id_map: any text as /etc/subuid.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "id_map.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = strndup((const char *)data, size);
    struct id_range ranges[ID_RANGES_MOST];
    size_t count = id_map_parse(text, "me", 1000, ranges);
    unsigned long long all = 1;

    if (count > ID_RANGES_MOST)
        abort();
    for (size_t i = 0; i < count; i++) {
        unsigned long long end = ranges[i].first;

        end += ranges[i].count;
        all += ranges[i].count;
        if (ranges[i].first == 0 || ranges[i].count == 0 || end > 1ULL << 31)
            abort();
    }
    if (all > 1ULL << 31)
        abort();
    free(text);
    return 0;
}
