/*
 * human: durations and sizes as docker prints them.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "cleanup.h"
#include "failure.h"
#include "human.h"

#include <cmocka.h> /* after failure.h: it has another fail() */

#define MINUTE 60LL
#define HOUR   (60 * MINUTE)
#define DAY    (24 * HOUR)

static void durations_get_coarser(void **state)
{
    static const struct {
        long long seconds;
        const char *text;
    } rows[] = {
        {-5, "Less than a second"},
        {0, "Less than a second"},
        {1, "1 second"},
        {2, "2 seconds"},
        {59, "59 seconds"},
        {MINUTE, "About a minute"},
        {2 * MINUTE - 1, "About a minute"},
        {2 * MINUTE, "2 minutes"},
        {HOUR - 1, "59 minutes"},
        {HOUR, "About an hour"},
        {HOUR + 30 * MINUTE - 1, "About an hour"},
        {HOUR + 30 * MINUTE, "2 hours"},
        {47 * HOUR, "47 hours"},
        {48 * HOUR, "2 days"},
        {13 * DAY, "13 days"},
        {14 * DAY, "2 weeks"},
        {59 * DAY, "8 weeks"},
        {60 * DAY, "2 months"},
        {729 * DAY, "24 months"},
        {730 * DAY, "2 years"},
        {3650LL * DAY, "10 years"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        cleanup_free char *text = human_duration(rows[i].seconds);

        assert_string_equal(text, rows[i].text);
    }
}

static void sizes_have_few_digits(void **state)
{
    static const struct {
        unsigned long long bytes;
        const char *three, *four, *binary;
    } rows[] = {
        {0, "0B", "0B", "0B"},
        {999, "999B", "999B", "999B"},
        {1000, "1kB", "1kB", "1000B"},
        {1023, "1.02kB", "1.023kB", "1023B"},
        {1024, "1.02kB", "1.024kB", "1KiB"},
        {12345678, "12.3MB", "12.35MB", "11.77MiB"},
        {10485760, "10.5MB", "10.49MB", "10MiB"},
        {999900, "1000kB", "999.9kB", "976.5KiB"},
        {1048575, "1.05MB", "1.049MB", "1024KiB"},
        {18446744073709551615ULL, "18.4EB", "18.45EB", "16EiB"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        cleanup_free char *three = human_size(rows[i].bytes, 3);
        cleanup_free char *four = human_size(rows[i].bytes, 4);
        cleanup_free char *binary = human_bytes(rows[i].bytes);

        assert_string_equal(three, rows[i].three);
        assert_string_equal(four, rows[i].four);
        assert_string_equal(binary, rows[i].binary);
    }
}

const struct CMUnitTest human_tests[] = {
    cmocka_unit_test(durations_get_coarser),
    cmocka_unit_test(sizes_have_few_digits),
};
const size_t human_count = sizeof(human_tests) / sizeof(human_tests[0]);
