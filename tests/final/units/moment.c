/*
 * moment: --since and --until.
 */
#include "moment.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

extern const struct CMUnitTest moment_tests[];
extern const size_t moment_count;

#define SECOND INT64_C(1000000000)

static void expect(const char *text, int64_t nano)
{
    struct failure why;
    int64_t read = -1;

    assert_int_equal(moment_parse(text, &read, &why), 0);
    assert_int_equal(read, nano);
}

static void refuse(const char *text)
{
    struct failure why;
    int64_t read;

    assert_int_equal(moment_parse(text, &read, &why), -1);
    assert_int_equal(why.kind, FAILURE_BAD_PARAMETER);
    assert_non_null(strstr(why.message, text));
}

static void seconds_are_since_1970(void **unused)
{
    (void)unused;
    expect("0", 0);
    expect("1769860800", 1769860800 * SECOND);
    expect("1769860800.25", 1769860800 * SECOND + SECOND / 4);
    expect("1769860800.000000001", 1769860800 * SECOND + 1);
    expect("1769860800.0000000019", 1769860800 * SECOND + 1);
}

static void dates_may_have_a_zone(void **unused)
{
    (void)unused;
    expect("2026-01-31T12:00:00Z", 1769860800 * SECOND);
    expect("2026-01-31T13:00:00+01:00", 1769860800 * SECOND);
    expect("2026-01-31T12:00:00.5Z", 1769860800 * SECOND + SECOND / 2);
    expect("2026-01-31T12:00Z", 1769860800 * SECOND);
    expect("2026-01-31T12Z", 1769860800 * SECOND);
    expect("2026-01-31Z", 1769817600 * SECOND);
}

static void dates_without_a_zone_are_ours(void **unused)
{
    (void)unused;
    setenv("TZ", "EET-02", 1);
    tzset();
    expect("2026-01-31T14:00:00", 1769860800 * SECOND);
    expect("2026-01-31T14:00", 1769860800 * SECOND);
    expect("2026-01-31", (1769817600 - 7200) * SECOND);
    unsetenv("TZ");
    tzset();
}

static void durations_are_ago(void **unused)
{
    struct failure why;
    struct timespec now;
    int64_t read = 0;

    (void)unused;
    clock_gettime(CLOCK_REALTIME, &now);
    assert_int_equal(moment_parse("1h30m", &read, &why), 0);
    int64_t ago = now.tv_sec * SECOND + now.tv_nsec - read;
    assert_true(ago <= 5400 * SECOND && ago > 5390 * SECOND);
}

static void nonsense_is_refused(void **unused)
{
    static const char *const texts[] = {
        "yesterday",
        "12x",
        "1769860800x",
        "1.2.3",
        "2026-13-01",
        "2026-01-31 ",
        "2026-01-31T12:00:00+",
        "99999999999",
        "000001769860800",
        "2026-01-31T12:00:00Zx",
        "600000h",
        "9999999999",
        "1800-01-01",
        "9000000h",
        "-5",
    };

    (void)unused;
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
        refuse(texts[i]);
}

const struct CMUnitTest moment_tests[] = {
    cmocka_unit_test(seconds_are_since_1970),
    cmocka_unit_test(dates_may_have_a_zone),
    cmocka_unit_test(dates_without_a_zone_are_ours),
    cmocka_unit_test(durations_are_ago),
    cmocka_unit_test(nonsense_is_refused),
};

const size_t moment_count = sizeof(moment_tests) / sizeof(moment_tests[0]);
