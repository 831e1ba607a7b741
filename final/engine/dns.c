/*
 * dns: questions and answers of the domain name system, as bytes.
 *
 * The C library takes packets apart, and minds their bounds.
 *
 * Look at it     dig @127.0.0.11 NAME     tcpdump -X port 53
 * Source         RFC 1035, 4.1
 */
#include "dns.h"

#include <arpa/inet.h>
#include <arpa/nameser.h>
#include <ctype.h>
#include <resolv.h>
#include <string.h>

#include "cleanup.h"

enum {
    HEAD_SIZE = 12,
    SECONDS = 600 /* how long an answer may be remembered; docker's, too */
};

static unsigned get16(const uint8_t *from)
{
    return (unsigned)from[0] << 8 | from[1];
}

/* A question to us: no answer, nothing but a query, and one thing asked. */
static bool is_question(const uint8_t *packet, size_t length)
{
    return length >= HEAD_SIZE && length <= DNS_MOST &&
           (packet[2] & 0xf8) == 0 && get16(packet + 4) == 1;
}

int dns_parse(struct dns_question *q, const uint8_t *packet, size_t length)
{
    const uint8_t *name = packet + HEAD_SIZE;

    if (!is_question(packet, length))
        return -1;
    int size =
        dn_expand(packet, packet + length, name, q->name, sizeof(q->name));
    if (size < 0 || length - HEAD_SIZE - (size_t)size < 4 ||
        get16(name + size + 2) != ns_c_in)
        return -1;
    q->id = (uint16_t)get16(packet);
    q->type = (uint16_t)get16(name + size);
    q->end = HEAD_SIZE + (size_t)size + 4;
    for (char *c = q->name; *c != '\0'; c++)
        *c = (char)tolower((unsigned char)*c);
    return 0;
}

int dns_reverse(const char *name, uint32_t *number)
{
    const char *end = strstr(name, ".in-addr.arpa");
    char text[INET_ADDRSTRLEN] = "";
    uint32_t turned;

    if (end == NULL || !str_eq(end, ".in-addr.arpa") ||
        (size_t)(end - name) >= sizeof(text))
        return -1;
    memcpy(text, name, (size_t)(end - name));
    if (inet_pton(AF_INET, text, &turned) != 1)
        return -1;
    *number = __builtin_bswap32(ntohl(turned));
    return 0;
}

static uint8_t *put16(uint8_t *to, unsigned number)
{
    *to++ = (uint8_t)(number >> 8);
    *to++ = (uint8_t)number;
    return to;
}

/* What comes before an answer's bytes: the question's name, once more. */
static uint8_t *put_head(uint8_t *to, enum dns_type type, size_t length)
{
    to = put16(to, 0xc000 | HEAD_SIZE); /* "as at byte 12" */
    to = put16(to, type);
    to = put16(to, ns_c_in);
    to = put16(to, 0);
    to = put16(to, SECONDS);
    return put16(to, (unsigned)length);
}

static uint8_t *begin(uint8_t *answer, const struct dns_question *q,
                      const uint8_t *packet, enum dns_status status,
                      size_t count)
{
    memcpy(answer, packet, q->end);
    /* A response; of this kind and with this wish for recursion, which is to
     * be had. */
    answer[2] = (uint8_t)(0x80 | (packet[2] & 0x79));
    answer[3] = (uint8_t)(0x80 | status);
    put16(answer + 4, 1);
    put16(answer + 6, (unsigned)count);
    memset(answer + 8, 0, 4);
    return answer + q->end;
}

size_t dns_answer(uint8_t answer[DNS_ANSWER], const struct dns_question *q,
                  const uint8_t *packet, enum dns_status status,
                  const uint32_t *addresses, size_t count)
{
    enum {
        EACH = 16
    };

    if (q->end > DNS_ANSWER)
        return 0;
    if (count > (DNS_ANSWER - q->end) / EACH)
        count = (DNS_ANSWER - q->end) / EACH;
    uint8_t *to = begin(answer, q, packet, status, count);
    for (size_t i = 0; i < count; i++) {
        to = put_head(to, DNS_A, sizeof(uint32_t));
        to = put16(to, addresses[i] >> 16);
        to = put16(to, addresses[i] & 0xffff);
    }
    return (size_t)(to - answer);
}

size_t dns_answer_name(uint8_t answer[DNS_ANSWER], const struct dns_question *q,
                       const uint8_t *packet, const char *name)
{
    uint8_t bytes[NS_MAXCDNAME];
    int length = ns_name_pton(name, bytes, sizeof(bytes)) < 0
                     ? -1
                     : (int)strlen((char *)bytes) + 1;

    if (length < 0 || q->end + HEAD_SIZE + (size_t)length > DNS_ANSWER)
        return dns_answer(answer, q, packet, DNS_NOTHING, NULL, 0);
    uint8_t *to = begin(answer, q, packet, DNS_FINE, 1);
    to = put_head(to, DNS_PTR, (size_t)length);
    memcpy(to, bytes, (size_t)length);
    return (size_t)(to + length - answer);
}
