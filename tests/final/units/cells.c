/*
 * cells: what listings shorten, and how they tell of ports.
 */
#include "cells.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

extern const struct CMUnitTest cells_tests[];
extern const size_t cells_count;

/* Takes the text. */
static void expect(char *text, const char *expected)
{
    assert_non_null(text);
    assert_string_equal(text, expected);
    free(text);
}

static void a_long_text_ends_in_dots(void **unused)
{
    (void)unused;
    expect(cell_cut("abcd", 5), "abcd");
    expect(cell_cut("abcde", 5), "abcde");
    expect(cell_cut("abcdef", 5), "abcd…");
    expect(cell_cut("", 5), "");
}

static void characters_count_and_not_bytes(void **unused)
{
    (void)unused;
    expect(cell_cut("äöüß€", 5), "äöüß€");
    expect(cell_cut("äöüß€x", 5), "äöüß…");
}

static void an_id_is_twelve_digits(void **unused)
{
    (void)unused;
    expect(cell_id("sha256:0123456789abcdef", false), "0123456789ab");
    expect(cell_id("0123456789abcdef", false), "0123456789ab");
    expect(cell_id("sha256:0123456789abcdef", true), "sha256:0123456789abcdef");
}

static void expect_ports(const char *ports_text, const char *expected)
{
    json_auto_t *ports = json_loads(ports_text, 0, NULL);

    assert_non_null(ports);
    expect(cell_ports(ports), expected);
}

static void ports_tell_where_they_lead(void **unused)
{
    (void)unused;
    expect_ports("[]", "");
    expect_ports("[{\"PrivatePort\": 80, \"Type\": \"tcp\"}]", "80/tcp");
    expect_ports("[{\"IP\": \"0.0.0.0\", \"PrivatePort\": 80, "
                 "\"PublicPort\": 8080, \"Type\": \"tcp\"}, "
                 "{\"IP\": \"::\", \"PrivatePort\": 80, "
                 "\"PublicPort\": 8080, \"Type\": \"tcp\"}]",
                 "0.0.0.0:8080->80/tcp, [::]:8080->80/tcp");
}

static void ports_in_a_row_are_told_at_once(void **unused)
{
    (void)unused;
    expect_ports("[{\"PrivatePort\": 82, \"Type\": \"tcp\"}, "
                 "{\"PrivatePort\": 80, \"Type\": \"tcp\"}, "
                 "{\"PrivatePort\": 81, \"Type\": \"tcp\"}, "
                 "{\"PrivatePort\": 81, \"Type\": \"udp\"}]",
                 "80-82/tcp, 81/udp");
    expect_ports("[{\"IP\": \"0.0.0.0\", \"PrivatePort\": 80, "
                 "\"PublicPort\": 8080, \"Type\": \"tcp\"}, "
                 "{\"IP\": \"0.0.0.0\", \"PrivatePort\": 81, "
                 "\"PublicPort\": 8081, \"Type\": \"tcp\"}, "
                 "{\"IP\": \"0.0.0.0\", \"PrivatePort\": 82, "
                 "\"PublicPort\": 9000, \"Type\": \"tcp\"}]",
                 "0.0.0.0:8080-8081->80-81/tcp, 0.0.0.0:9000->82/tcp");
}

static void pairs_have_commas(void **unused)
{
    json_auto_t *object = json_pack("{s:s, s:s}", "a", "1", "b", "");

    (void)unused;
    expect(cell_pairs(object), "a=1,b=");
    expect(cell_pairs(NULL), "");
}

const struct CMUnitTest cells_tests[] = {
    cmocka_unit_test(a_long_text_ends_in_dots),
    cmocka_unit_test(characters_count_and_not_bytes),
    cmocka_unit_test(an_id_is_twelve_digits),
    cmocka_unit_test(ports_tell_where_they_lead),
    cmocka_unit_test(ports_in_a_row_are_told_at_once),
    cmocka_unit_test(pairs_have_commas),
};

const size_t cells_count = sizeof(cells_tests) / sizeof(cells_tests[0]);
