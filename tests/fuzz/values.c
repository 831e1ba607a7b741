/*
 * values: anything behind the other flags that have a grammar.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "device_spec.h"
#include "endpoint.h"
#include "values.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = strndup((const char *)data, size);
    struct failure why;

    json_auto_t *array = json_array();
    json_auto_t *object = json_object();
    char *name = NULL;
    json_auto_t *endpoint = endpoint_parse(text, &name, &why);

    if (endpoint != NULL && name == NULL)
        abort();
    free(name);
    (void)value_label(object, text, &why);
    (void)value_filter(object, text, &why);
    (void)value_sysctl(object, text, &why);
    (void)value_restart(object, text, &why);
    (void)value_ulimit(array, text, &why);
    (void)value_host(array, text, &why);
    (void)value_address(array, text, &why);
    (void)value_domain(array, text, &why);
    (void)device_spec(array, text, &why);
    (void)device_spec_rule(array, text, &why);
    free(text);
    return 0;
}
