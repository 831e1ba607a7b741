/*
 * amounts: sizes, CPUs, durations and whole numbers, as docker reads them.
 */
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "amounts.h"

#include <cmocka.h> /* after failure.h: it has another fail() */

struct row {
    const char *text;
    long long number;
    const char *message; /* NULL: it is a good one */
};

static void check(const struct row *row, int status, long long number,
                  const struct failure *why)
{
    if (row->message != NULL) {
        assert_int_equal(status, -1);
        assert_string_equal(why->message, row->message);
        assert_int_equal(why->kind, FAILURE_BAD_PARAMETER);
        return;
    }
    if (status < 0 || number != row->number)
        print_error("\"%s\" is read as %lld\n", row->text, number);
    assert_int_equal(status, 0);
    assert_true(number == row->number);
}

static void sizes_have_powers_of_1024(void **state)
{
    static const struct row rows[] = {
        {"0", 0, NULL},
        {"1", 1, NULL},
        {"1b", 1, NULL},
        {"1k", 1024, NULL},
        {"1K", 1024, NULL},
        {"1kb", 1024, NULL},
        {"1KiB", 1024, NULL},
        {"1 k", 1024, NULL},
        {"512m", 512LL << 20, NULL},
        {"1.5g", 3LL << 29, NULL},
        {".5g", 1LL << 29, NULL},
        {"5.", 5, NULL},
        {"1.9", 1, NULL},
        {"4p", 4LL << 50, NULL},
        {"12.34567MiB", 12945373, NULL},
        {"0.1g", 107374182, NULL},
        {"8191p", 8191LL << 50, NULL},
        {"9223372036854775807", LLONG_MAX, NULL},
        {"9223372036854775808", 0, "invalid size: '9223372036854775808'"},
        {"8192p", 0, "invalid size: '8192p'"},
        {"18446744073709551616", 0, "invalid size: '18446744073709551616'"},
        {"", 0, "invalid size: ''"},
        {"-1", 0, "invalid size: '-1'"},
        {"abc", 0, "invalid size: 'abc'"},
        {".", 0, "invalid size: '.'"},
        {"1x", 0, "invalid suffix: 'x'"},
        {"1ki", 0, "invalid suffix: 'i'"},
        {"1bb", 0, "invalid suffix: 'b'"},
        {"0x10", 0, "invalid suffix: 'x10'"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        struct failure why = {0};
        long long bytes = -1;
        int status = amount_size(rows[i].text, &bytes, &why);

        if (rows[i].message != NULL && strstr(rows[i].message, "suffix")) {
            assert_int_equal(status, -1);
            assert_non_null(strstr(why.message, "invalid suffix: '"));
        } else
            check(&rows[i], status, bytes, &why);
    }
}

static void cpus_have_nine_decimals(void **state)
{
    static const struct row rows[] = {
        {"1", 1000000000, NULL},
        {"1.5", 1500000000, NULL},
        {"1.500000000000", 1500000000, NULL},
        {"0.000000001", 1, NULL},
        {".5", 500000000, NULL},
        {"-1", -1000000000, NULL},
        {"1.0000000001", 0, "value is too precise"},
        {"abc", 0, "failed to parse abc as a rational number"},
        {"", 0, "failed to parse  as a rational number"},
        {"1x", 0, "failed to parse 1x as a rational number"},
        {"99999999999", 0, "failed to parse 99999999999 as a rational number"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        struct failure why = {0};
        long long nano = -1;
        int status = amount_cpus(rows[i].text, &nano, &why);

        check(&rows[i], status, nano, &why);
    }
}

static void durations_are_go_s(void **state)
{
    static const struct row rows[] = {
        {"0", 0, NULL},
        {"-0", 0, NULL},
        {"1ns", 1, NULL},
        {".5us", 500, NULL},
        {"1.5ms", 1500000, NULL},
        {"2s", 2000000000, NULL},
        {"1h2m3.5s", 3723500000000, NULL},
        {"-1m", -60000000000, NULL},
        {"2562047h", 9223369200000000000, NULL},
        {"2562048h", 0, "time: invalid duration \"2562048h\""},
        {"", 0, "time: invalid duration \"\""},
        {"x", 0, "time: invalid duration \"x\""},
        {".s", 0, "time: invalid duration \".s\""},
        {"1", 0, "time: missing unit in duration \"1\""},
        {"1s1", 0, "time: missing unit in duration \"1s1\""},
        {"1y", 0, "time: unknown unit \"y\" in duration \"1y\""},
        {"1 s", 0, "time: unknown unit \" s\" in duration \"1 s\""},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        struct failure why = {0};
        long long nano = -1;
        int status = amount_duration(rows[i].text, &nano, &why);

        check(&rows[i], status, nano, &why);
    }
}

static void whole_numbers_have_bounds(void **state)
{
    static const struct row rows[] = {
        {"5", 5, NULL},
        {"+5", 5, NULL},
        {"-5", -5, NULL},
        {"0x10", 16, NULL},
        {"010", 8, NULL},
        {"100", 100, NULL},
        {"101", 0, "strconv.ParseInt: parsing \"101\": value out of range"},
        {"99999999999999999999", 0,
         "strconv.ParseInt: parsing \"99999999999999999999\": value out of "
         "range"},
        {"", 0, "strconv.ParseInt: parsing \"\": invalid syntax"},
        {" 1", 0, "strconv.ParseInt: parsing \" 1\": invalid syntax"},
        {"1 ", 0, "strconv.ParseInt: parsing \"1 \": invalid syntax"},
        {"--1", 0, "strconv.ParseInt: parsing \"--1\": invalid syntax"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        struct failure why = {0};
        long long number = -1;
        int status = amount_whole(rows[i].text, -100, 100, &number, &why);

        check(&rows[i], status, number, &why);
    }
}

const struct CMUnitTest amounts_tests[] = {
    cmocka_unit_test(sizes_have_powers_of_1024),
    cmocka_unit_test(cpus_have_nine_decimals),
    cmocka_unit_test(durations_are_go_s),
    cmocka_unit_test(whole_numbers_have_bounds),
};
const size_t amounts_count = sizeof(amounts_tests) / sizeof(amounts_tests[0]);
