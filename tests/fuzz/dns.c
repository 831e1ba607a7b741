/*
 * dns: whatever a container sends to its resolver.
 */
#include "dns.h"

#include <stdlib.h>
#include <string.h>

/* An answer has to fit, and to be no question. */
static void check(const uint8_t *answer, size_t length)
{
    if (length > DNS_ANSWER || (length > 0 && !(answer[2] & 0x80)))
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const uint32_t addresses[DNS_ADDRESSES] = {0x0ad10002};
    uint8_t answer[DNS_ANSWER];
    struct dns_question q;
    uint32_t number;

    if (dns_parse(&q, data, size) < 0)
        return 0;
    if (q.end > size || strlen(q.name) >= sizeof(q.name))
        abort();
    (void)dns_reverse(q.name, &number);
    check(answer,
          dns_answer(answer, &q, data, DNS_FINE, addresses, DNS_ADDRESSES));
    if (q.end <= DNS_ANSWER)
        check(answer, dns_answer_name(answer, &q, data, q.name));
    return 0;
}
