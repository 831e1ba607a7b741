/*
 * volume_spec: anything behind -v and --mount.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "volume_spec.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = strndup((const char *)data, size);
    struct failure why;

    json_auto_t *body = json_object();
    json_auto_t *mount = volume_spec_mount(text, &why);

    if (mount != NULL && json_object_get(mount, "Target") == NULL)
        abort();
    (void)volume_spec_bind(body, text, &why);
    free(text);
    return 0;
}
