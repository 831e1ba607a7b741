/*
 * amounts: anything as a size, a duration or another number.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "amounts.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = strndup((const char *)data, size);
    struct failure why;

    long long number = 0;

    if (amount_size(text, &number, &why) == 0 && number < 0)
        abort();
    (void)amount_cpus(text, &number, &why);
    (void)amount_duration(text, &number, &why);
    if (amount_whole(text, -5, 5, &number, &why) == 0 &&
        (number < -5 || number > 5))
        abort();
    free(text);
    return 0;
}
