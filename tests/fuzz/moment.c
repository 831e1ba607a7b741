/*
 * moment: no text for --since does harm.
 */
#include "moment.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = strndup((const char *)data, size);
    struct failure why;
    int64_t nano;

    if (text != NULL)
        (void)moment_parse(text, &nano, &why);
    free(text);
    return 0;
}
