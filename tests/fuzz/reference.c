/*
 * reference: what is read as a name, is the same when it is read again, and
 * leads nowhere else as a path.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "cleanup.h"
#include "reference.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    cleanup_free char *text = strndup((const char *)data, size);
    struct failure why;
    cleanup_free char *name = reference_parse(text, &why);

    if (name == NULL)
        return 0;
    cleanup_free char *again = reference_parse(name, &why);
    cleanup_free char *familiar =
        reference_parse(reference_familiar(name), &why);
    size_t length = reference_repository(name);
    if (again == NULL || familiar == NULL || !str_eq(name, again) ||
        !str_eq(name, familiar) || memmem(name, length, "..", 2) != NULL ||
        strstr(name, "//") != NULL || length > 255 ||
        (name[length] != ':' && name[length] != '@'))
        abort();
    return 0;
}
