/*
 * -v and --tmpfs: any text is taken or refused, and what is taken is clean.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mounts.h"

static void check(const struct mounts *m)
{
    for (size_t i = 0; i < m->count; i++) {
        const char *target = m->list[i].target;
        char *again = mounts_clean(target);

        if (target[0] != '/' || target[1] == '\0' ||
            strcmp(again, target) != 0 || strstr(target, "/../") != NULL)
            abort();
        free(again);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct failure why;
    struct mounts m = {0};
    char *text = strndup((const char *)data, size);

    (void)mounts_volume(&m, text, &why);
    (void)mounts_tmpfs(&m, text, &why);
    check(&m);
    mounts_release(&m);
    free(text);
    return 0;
}
