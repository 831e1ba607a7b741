/*
 * address: the values of --subnet, --ip, and ports of a create request.
 */
#include "address.h"

#include <stdlib.h>
#include <string.h>

#include "ports.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = strndup((const char *)data, size);
    struct port_range range;
    struct subnet subnet;
    struct address a;

    if (ports_parse(&range, text) == 0 &&
        (range.first < 1 || range.last < range.first || range.last > 65535 ||
         range.last - range.first >= PORTS_MOST))
        abort();
    if (subnet_parse(&subnet, text) == 0 &&
        (subnet.first >= subnet.last || !subnet_has(&subnet, subnet.gateway) ||
         !subnet_has(&subnet, subnet.last)))
        abort();
    if (address_parse(&a, text) == 0 && strcmp(a.text, text) != 0)
        abort();
    free(text);
    return 0;
}
