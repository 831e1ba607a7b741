/*
 * Id maps: what /etc/subuid sets aside for whom.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#undef fail /* duct has its own */

#include "id_map.h"

static struct id_range ranges[ID_RANGES_MOST];

static size_t parse(const char *text)
{
    return id_map_parse(text, "me", 1000, ranges);
}

static void a_line_is_ours_by_name_or_by_number(void **state)
{
    (void)state;
    assert_int_equal(
        parse("you:100000:65536\nme:200000:65536\n1000:300000:5\n"), 2);
    assert_int_equal(ranges[0].first, 200000);
    assert_int_equal(ranges[0].count, 65536);
    assert_int_equal(ranges[1].first, 300000);
    assert_int_equal(ranges[1].count, 5);
    assert_int_equal(id_map_parse("me:1:1\n1000:7:1", NULL, 1000, ranges), 1);
    assert_int_equal(ranges[0].first, 7);
}

static void what_is_no_line_is_left_out(void **state)
{
    static const char *const lines[] = {
        "",
        "\n\n",
        "me",
        "me:100000",
        "me:100000:",
        "me::65536",
        "me:100000:65536:",
        "me:100000:65536:7",
        ":100000:65536",
        "mean:100000:65536",
        " me:100000:65536",
        "me: 100000:65536",
        "me:-1:65536",
        "me:+1:65536",
        "me:0x10:1",
        "me:100000:0",
        "01001:100000:1",
    };
    (void)state;

    for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
        assert_int_equal(parse(lines[i]), 0);
}

static void no_range_holds_root_or_goes_beyond_all_ids(void **state)
{
    (void)state;
    assert_int_equal(parse("me:0:10"), 0);
    assert_int_equal(parse("me:4294967295:2"), 0);
    assert_int_equal(parse("me:2147483647:1"), 1);
    assert_int_equal(parse("me:2147483647:2"), 0);
    assert_int_equal(parse("me:99999999999999999999:1"), 0);
    /* All inside begin at 1, one behind the other. */
    assert_int_equal(parse("me:1:2147483646\nme:1:1\nme:5:1"), 1);
}

static void ranges_beyond_the_most_are_left_out(void **state)
{
    (void)state;
    assert_int_equal(parse("me:1:1\nme:2:1\nme:3:1\nme:4:1\nme:5:1\nme:6:1\n"
                           "me:7:1\nme:8:1\nme:9:1\n"),
                     ID_RANGES_MOST);
    assert_int_equal(ranges[ID_RANGES_MOST - 1].first, 8);
}

extern const struct CMUnitTest id_map_tests[];
extern const size_t id_map_count;

const struct CMUnitTest id_map_tests[] = {
    cmocka_unit_test(a_line_is_ours_by_name_or_by_number),
    cmocka_unit_test(what_is_no_line_is_left_out),
    cmocka_unit_test(no_range_holds_root_or_goes_beyond_all_ids),
    cmocka_unit_test(ranges_beyond_the_most_are_left_out),
};
const size_t id_map_count = sizeof(id_map_tests) / sizeof(id_map_tests[0]);
