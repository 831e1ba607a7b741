/*
 * journal_filter: two lines of JSON, filters and a record.
 */
#include "journal_filter.h"

#include <stdint.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *text = (const char *)data;
    const char *end = memchr(text, '\n', size);
    size_t n = end != NULL ? (size_t)(end - text) : size;
    json_t *filters = json_loadb(text, n, 0, NULL);
    json_t *record =
        end != NULL ? json_loadb(end + 1, size - n - 1, 0, NULL) : NULL;
    struct failure why;

    if (journal_filter_check(filters, &why) == 0 &&
        journal_filter_is_record(record))
        (void)journal_filter_matches(filters, record);
    json_decref(filters);
    json_decref(record);
    return 0;
}
