/*
 * template: anything as a template, filled in from a small record.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "template.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = strndup((const char *)data, size);
    struct failure why;

    struct template *t = template_parse(text, &why);
    json_auto_t *record =
        json_loads("{\"A\":[1,\"b\",null],\"B\":{\"C\":{\"d\":1.5}}}", 0, NULL);
    char *filled = NULL;
    size_t length;
    FILE *out = open_memstream(&filled, &length);

    if (t != NULL)
        (void)template_run(t, out, record, &why);
    fclose(out);
    free(filled);
    template_free(t);
    free(text);
    return 0;
}
