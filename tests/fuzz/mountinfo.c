/*
 * mountinfo: lines of any kind give a mount, or none.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "mountinfo.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct mountinfo info;
    FILE *list = size == 0 ? NULL : fmemopen((void *)data, size, "r");

    if (list == NULL)
        return 0;
    if (mountinfo_find(list, 36, &info) == 0 && info.mount_point == NULL)
        abort();
    free(info.mount_point);
    fclose(list);
    return 0;
}
