/*
 * port_spec: anything behind -p and --expose.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "port_spec.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = strndup((const char *)data, size);
    struct failure why;

    json_auto_t *bindings = json_object();
    json_auto_t *exposed = json_object();

    (void)port_spec(bindings, exposed, text, &why);
    if (json_object_size(bindings) > 1024)
        abort();
    (void)port_spec_expose(exposed, text, &why);
    free(text);
    return 0;
}
