/*
 * env_file: anything as a file of variables.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "env_file.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = strndup((const char *)data, size);
    struct failure why;

    json_auto_t *array = json_array();
    char *copy = malloc(size + 1);

    memcpy(copy, data, size);
    copy[size] = 0;
    (void)env_file_parse(array, copy, size, true, &why);
    free(copy);
    free(text);
    return 0;
}
