/*
 * paths: any text that names something to be copied.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "copy_rules.h"
#include "paths.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = strndup((const char *)data, size);
    char *container;
    const char *path = copy_split(text, &container);
    char *clean = paths_join("/", path);
    char *kept = paths_keep_end(clean, path);
    char *directory;
    char *base;

    /* Nothing leads out of "/", and what is clean is so already. */
    if (*clean != '/' || strstr(clean, "/../") != NULL ||
        (strlen(clean) >= 3 && strcmp(clean + strlen(clean) - 3, "/..") == 0))
        abort();
    if (paths_is_content(path) && !paths_is_content(kept))
        abort();
    if (paths_split(kept, &directory, &base) < 0 || *base == '\0')
        abort();
    free(directory);
    free(base);
    free(kept);
    free(clean);
    free(container);
    free(text);
    return 0;
}
