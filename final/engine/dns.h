#pragma once
/*
 * dns: questions and answers of the domain name system, as bytes.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    DNS_MOST = 4096,   /* bytes of a question that we read */
    DNS_ANSWER = 512,  /* bytes of an answer that we make: any client's */
    DNS_NAME = 1025,   /* as text, with its escapes and NUL */
    DNS_ADDRESSES = 16 /* in an answer */
};

struct dns_question {
    uint16_t id;
    uint16_t type;       /* DNS_A, ... */
    char name[DNS_NAME]; /* in lower case, without the dot at its end */
    size_t end;          /* of the question within the packet */
};

enum dns_type {
    DNS_A = 1,
    DNS_PTR = 12,
    DNS_AAAA = 28,
};

enum dns_status {
    DNS_FINE = 0,
    DNS_FAILED = 2,  /* ask again, or another one */
    DNS_NOTHING = 3, /* there is no such name */
};

/**
 * dns_parse - read a question
 * @q:      receives it
 * @packet: what somebody sent
 * @length: of it
 *
 * Returns: 0, or -1 when it is none that can be answered.
 * Source:  RFC 1035, 4.1; dn_expand(3).
 */
int dns_parse(struct dns_question *q, const uint8_t *packet, size_t length);

/**
 * dns_reverse - which address does somebody want the name of?
 * @name:   "2.0.209.10.in-addr.arpa"
 * @number: receives it, in the order of the host
 *
 * Returns: 0, or -1 when that is none.
 */
int dns_reverse(const char *name, uint32_t *number);

/**
 * dns_answer - answer with a status, and perhaps addresses
 * @answer:    receives it, DNS_ANSWER bytes at most
 * @q:         what was asked
 * @packet:    where it was asked
 * @status:    a dns_status
 * @addresses: in the order of the host
 * @count:     how many, DNS_ADDRESSES at most
 *
 * Returns: how many bytes it has, or 0 when the question is too long.
 */
size_t dns_answer(uint8_t answer[DNS_ANSWER], const struct dns_question *q,
                  const uint8_t *packet, enum dns_status status,
                  const uint32_t *addresses, size_t count);

/**
 * dns_answer_name - answer with a name
 * @name: what the address is called
 */
size_t dns_answer_name(uint8_t answer[DNS_ANSWER], const struct dns_question *q,
                       const uint8_t *packet, const char *name);
