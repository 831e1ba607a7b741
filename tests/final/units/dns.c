/*
 * dns: questions that a container asks, and what we answer.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "dns.h"

#include <cmocka.h>

/* "Web.A", type A, recursion desired. */
static const uint8_t question[] = {0x12, 0x34, 1, 0, 0, 1,   0,   0,
                                   0,    0,    0, 0, 3, 'W', 'e', 'b',
                                   1,    'A',  0, 0, 1, 0,   1};

static struct dns_question parsed(void)
{
    struct dns_question q;

    assert_int_equal(dns_parse(&q, question, sizeof(question)), 0);
    return q;
}

static void a_question_is_read_in_lower_case(void **state)
{
    struct dns_question q = parsed();

    (void)state;
    assert_string_equal(q.name, "web.a");
    assert_int_equal(q.id, 0x1234);
    assert_int_equal(q.type, DNS_A);
    assert_int_equal(q.end, sizeof(question));
}

static void a_question_cut_short_is_none(void **state)
{
    struct dns_question q;

    (void)state;
    for (size_t length = 0; length < sizeof(question); length++)
        assert_int_equal(dns_parse(&q, question, length), -1);
}

static void a_changed_byte_makes_it_none(void **state)
{
    static const struct {
        size_t at;
        uint8_t byte;
    } rows[] = {
        {2, 0x81},  /* an answer */
        {2, 0x11},  /* no query */
        {5, 2},     /* two questions */
        {5, 0},     /* none */
        {12, 64},   /* a label longer than any may be */
        {12, 0xc0}, /* a pointer to what lies behind the end */
        {22, 3},    /* of another class */
    };
    uint8_t bytes[sizeof(question)];
    struct dns_question q;

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        memcpy(bytes, question, sizeof(bytes));
        bytes[rows[i].at] = rows[i].byte;
        assert_int_equal(dns_parse(&q, bytes, sizeof(bytes)), -1);
    }
}

static void a_name_that_points_at_itself_is_none(void **state)
{
    uint8_t bytes[] = {0, 0, 1, 0,    0,  1, 0, 0, 0,
                       0, 0, 0, 0xc0, 12, 0, 1, 0, 1};
    struct dns_question q;

    (void)state;
    assert_int_equal(dns_parse(&q, bytes, sizeof(bytes)), -1);
}

static void an_answer_repeats_the_question_and_has_the_addresses(void **state)
{
    static const uint32_t addresses[] = {0x0ad10002, 0x0ad10003};
    static const uint8_t first[] = {0xc0, 12, 0, 1, 0,  1,   0, 0,
                                    2,    88, 0, 4, 10, 209, 0, 2};
    struct dns_question q = parsed();
    uint8_t answer[DNS_ANSWER];
    size_t length = dns_answer(answer, &q, question, DNS_FINE, addresses, 2);

    (void)state;
    assert_int_equal(length, sizeof(question) + 32);
    assert_int_equal(answer[2], 0x81); /* an answer; the wish is repeated */
    assert_int_equal(answer[3], 0x80); /* fine, and recursion is to be had */
    assert_int_equal(answer[7], 2);
    assert_memory_equal(answer + 12, question + 12, sizeof(question) - 12);
    assert_memory_equal(answer + sizeof(question), first, sizeof(first));
    assert_int_equal(answer[length - 1], 3);
}

static void a_status_stands_in_the_answer(void **state)
{
    struct dns_question q = parsed();
    uint8_t answer[DNS_ANSWER];

    (void)state;
    assert_int_equal(dns_answer(answer, &q, question, DNS_NOTHING, NULL, 0),
                     sizeof(question));
    assert_int_equal(answer[3], 0x83);
    assert_int_equal(answer[7], 0);
}

static void a_name_is_answered_in_labels(void **state)
{
    static const uint8_t tail[] = {0, 9, 3, 'd', 'b', 'x', 3, 'n', 'e', 't', 0};
    struct dns_question q = parsed();
    uint8_t answer[DNS_ANSWER];
    size_t length = dns_answer_name(answer, &q, question, "dbx.net");

    (void)state;
    assert_int_equal(answer[7], 1);
    assert_memory_equal(answer + length - sizeof(tail), tail, sizeof(tail));
}

static void an_address_is_read_backwards(void **state)
{
    static const char *const wrong[] = {
        "",
        "2.0.209.10",
        "2.0.209.256.in-addr.arpa",
        "256.0.209.10.in-addr.arpa",
        "x",
        "2.0.209.in-addr.arpa",
        "2.0.209.10.in-addr.arpa.",
    };
    uint32_t number = 0;

    (void)state;
    assert_int_equal(dns_reverse("2.0.209.10.in-addr.arpa", &number), 0);
    assert_int_equal(number, 0x0ad10002);
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
        assert_int_equal(dns_reverse(wrong[i], &number), -1);
}

const struct CMUnitTest dns_tests[] = {
    cmocka_unit_test(a_question_is_read_in_lower_case),
    cmocka_unit_test(a_question_cut_short_is_none),
    cmocka_unit_test(a_changed_byte_makes_it_none),
    cmocka_unit_test(a_name_that_points_at_itself_is_none),
    cmocka_unit_test(an_answer_repeats_the_question_and_has_the_addresses),
    cmocka_unit_test(a_status_stands_in_the_answer),
    cmocka_unit_test(a_name_is_answered_in_labels),
    cmocka_unit_test(an_address_is_read_backwards),
};
const size_t dns_count = sizeof(dns_tests) / sizeof(dns_tests[0]);
