/*
 * health: what is made of the results of probes.
 */
#include "health.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "restart.h"

extern const struct CMUnitTest health_tests[];
extern const size_t health_count;

static json_t *parse(const char *text)
{
    json_t *json = json_loads(text, 0, NULL);

    if (json == NULL)
        fail_msg("no JSON: %s", text);
    return json;
}

static const struct health_check three = {
    .interval = 10, .timeout = 10, .start_period = 100, .retries = 3};

static bool add(json_t *health, int exit_code, long long age)
{
    return health_add(health, &three,
                      health_result("then", "now", exit_code, "", 0), age);
}

static void expect_health(const json_t *health, const char *status, int streak)
{
    assert_string_equal(health_status(health), status);
    assert_int_equal(
        json_integer_value(json_object_get(health, "FailingStreak")), streak);
}

static void so_many_failures_in_a_row_are_too_many(void **state)
{
    json_auto_t *health = health_first();

    (void)state;
    expect_health(health, "starting", 0);
    assert_false(add(health, 1, 1000));
    assert_false(add(health, -1, 1000));
    expect_health(health, "starting", 2);
    assert_true(add(health, 126, 1000));
    expect_health(health, "unhealthy", 3);
    assert_false(add(health, 1, 1000));
    expect_health(health, "unhealthy", 4);
    assert_true(add(health, 0, 1000));
    expect_health(health, "healthy", 0);
    assert_false(add(health, 1, 1000));
    expect_health(health, "healthy", 1);
    assert_false(add(health, 0, 1000));
    expect_health(health, "healthy", 0);
}

static void failures_while_it_starts_do_not_count(void **state)
{
    json_auto_t *health = health_first();

    (void)state;
    for (int i = 0; i < 9; i++)
        assert_false(add(health, 1, 99));
    expect_health(health, "starting", 0);
    assert_false(add(health, 1, 100));
    expect_health(health, "starting", 1);
    /* Who has been well once has no more excuses. */
    assert_true(add(health, 0, 50));
    assert_false(add(health, 1, 51));
    expect_health(health, "healthy", 1);
}

static void only_the_last_five_are_kept(void **state)
{
    json_auto_t *health = health_first();
    const json_t *log = json_object_get(health, "Log");

    (void)state;
    for (int i = 0; i < 9; i++)
        (void)add(health, i, 1000);
    assert_int_equal(json_array_size(log), HEALTH_LOG);
    for (int i = 0; i < HEALTH_LOG; i++)
        assert_int_equal(json_integer_value(json_object_get(
                             json_array_get(log, (size_t)i), "ExitCode")),
                         4 + i);
}

static void expect_output(const char *bytes, size_t n, const char *text,
                          size_t length)
{
    json_auto_t *result = health_result("a", "b", 0, bytes, n);
    const json_t *output = json_object_get(result, "Output");

    assert_non_null(output);
    assert_int_equal(json_string_length(output), length);
    assert_memory_equal(json_string_value(output), text, length);
}

static void what_it_says_is_text_of_4096_bytes_at_most(void **state)
{
    static const char euro[] = {'\xe2', '\x82', '\xac'};
    char many[HEALTH_OUTPUT + 2];

    (void)state;
    expect_output("all\n\twell\"\\\n", 12, "all\n\twell\"\\\n", 12);
    expect_output("", 0, "", 0);
    expect_output("a\xff\0z", 4, "a\xef\xbf\xbd\xef\xbf\xbdz", 8);
    memset(many, 'x', sizeof(many));
    expect_output(many, HEALTH_OUTPUT, many, HEALTH_OUTPUT);
    expect_output(many, sizeof(many), many, HEALTH_OUTPUT);
    /* A character that does not fit as a whole is left out. */
    memcpy(many + HEALTH_OUTPUT - 2, euro, sizeof(euro));
    expect_output(many, sizeof(many), many, HEALTH_OUTPUT - 2);
    /* And so is what is too long only with U+FFFD in it. */
    memset(many, 0xff, sizeof(many));
    json_auto_t *result = health_result("a", "b", 0, many, sizeof(many));
    assert_int_equal(json_string_length(json_object_get(result, "Output")),
                     HEALTH_OUTPUT / 3 * 3);
}

static void expect_values(const char *config, bool is_there, long long interval,
                          long long timeout, int retries)
{
    struct health_check check = {0};
    json_auto_t *json = parse(config);

    assert_int_equal(health_check_read(json, &check), is_there);
    assert_int_equal(check.interval, interval);
    assert_int_equal(check.timeout, timeout);
    assert_int_equal(check.retries, retries);
}

static void a_check_has_usual_values(void **state)
{
    (void)state;
    expect_values("{}", false, 0, 0, 0);
    expect_values("{\"Healthcheck\":{\"Test\":[]}}", false, 0, 0, 0);
    expect_values("{\"Healthcheck\":{\"Test\":[\"NONE\"]}}", false, 0, 0, 0);
    expect_values("{\"Healthcheck\":{\"Test\":[\"CMD\"]}}", false, 0, 0, 0);
    expect_values("{\"Healthcheck\":{\"Test\":[\"CMD\",\"x\"]}}", true, 30000,
                  30000, 3);
    expect_values("{\"Healthcheck\":{\"Test\":[\"CMD-SHELL\",\"x\"],"
                  "\"Interval\":1000001,\"Timeout\":2000000,\"Retries\":7}}",
                  true, 2, 2, 7);
}

static void expect_command(const char *config, const char *expected)
{
    json_auto_t *json = parse(config);
    json_auto_t *words = health_command(json);
    char *text = json_dumps(words, JSON_COMPACT);

    assert_string_equal(text, expected);
    free(text);
}

static void a_check_is_run_as_it_is_or_by_a_shell(void **state)
{
    (void)state;
    expect_command("{\"Healthcheck\":{\"Test\":[\"CMD\",\"x\",\"y z\"]}}",
                   "[\"x\",\"y z\"]");
    expect_command("{\"Healthcheck\":{\"Test\":[\"CMD-SHELL\",\"x y\"]}}",
                   "[\"/bin/sh\",\"-c\",\"x y\"]");
    expect_command("{\"Shell\":[\"/bin/ash\",\"-ec\"],"
                   "\"Healthcheck\":{\"Test\":[\"CMD-SHELL\",\"x y\"]}}",
                   "[\"/bin/ash\",\"-ec\",\"x y\"]");
}

static void expect_merged(const char *own, const char *image,
                          const char *expected)
{
    json_auto_t *config = parse(own);
    json_auto_t *usual = parse(image);
    json_auto_t *wanted = parse(expected);

    health_merge(config, usual);
    if (!json_equal(config, wanted))
        fail_msg("%s", json_dumps(config, JSON_SORT_KEYS));
}

static void what_nobody_spoke_of_is_the_images(void **state)
{
    (void)state;
    expect_merged("{}", "{\"Healthcheck\":{\"Test\":[\"CMD\",\"a\"]}}",
                  "{\"Healthcheck\":{\"Test\":[\"CMD\",\"a\"]}}");
    expect_merged("{\"Healthcheck\":{\"Interval\":5}}",
                  "{\"Healthcheck\":{\"Test\":[\"CMD\",\"a\"],\"Interval\":9,"
                  "\"Retries\":2}}",
                  "{\"Healthcheck\":{\"Test\":[\"CMD\",\"a\"],\"Interval\":5,"
                  "\"Retries\":2}}");
    expect_merged("{\"Healthcheck\":{\"Test\":[\"NONE\"]}}",
                  "{\"Healthcheck\":{\"Test\":[\"CMD\",\"a\"]}}",
                  "{\"Healthcheck\":{\"Test\":[\"NONE\"]}}");
    expect_merged("{\"Healthcheck\":{\"Retries\":1}}", "{}",
                  "{\"Healthcheck\":{\"Retries\":1}}");
}

static void expect_invalid(const char *check, const char *message)
{
    struct failure why = {.message = ""};
    json_auto_t *config = json_pack("{s:o}", "Healthcheck", parse(check));

    assert_int_equal(health_check_valid(config, &why),
                     message == NULL ? 0 : -1);
    if (message != NULL) {
        assert_string_equal(why.message, message);
        assert_int_equal(why.kind, FAILURE_BAD_PARAMETER);
    }
}

static void nonsense_is_refused_in_dockers_words(void **state)
{
    (void)state;
    expect_invalid("{\"Interval\":1000000}", NULL);
    expect_invalid("{\"Interval\":0,\"Retries\":0}", NULL);
    expect_invalid("{\"Interval\":999999}",
                   "Interval in Healthcheck cannot be less than 1ms");
    expect_invalid("{\"Timeout\":-1}",
                   "Timeout in Healthcheck cannot be less than 1ms");
    expect_invalid("{\"StartPeriod\":1}",
                   "StartPeriod in Healthcheck cannot be less than 1ms");
    expect_invalid("{\"Retries\":-1}",
                   "Retries in Healthcheck cannot be negative");
    expect_invalid("{\"Test\":[\"CMD\",1]}",
                   "Healthcheck.Test: must be a list of texts");
    expect_invalid("{\"Test\":\"x\"}",
                   "Healthcheck.Test: must be a list of texts");
}

static void times_are_written_as_go_does(void **state)
{
    static const struct {
        long long milliseconds;
        const char *text;
    } times[] = {
        {1, "1ms"},          {999, "999ms"},
        {1000, "1s"},        {1500, "1.5s"},
        {1050, "1.05s"},     {10000, "10s"},
        {60000, "1m0s"},     {90250, "1m30.25s"},
        {3600000, "1h0m0s"}, {5430000, "1h30m30s"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(times) / sizeof(times[0]); i++) {
        char *text = health_duration(times[i].milliseconds);

        assert_string_equal(text, times[i].text);
        free(text);
    }
}

static void expect_policy(const char *policy, const char *message)
{
    struct failure why = {.message = ""};
    json_auto_t *json = parse(policy);

    assert_int_equal(restart_check(json, &why), message == NULL ? 0 : -1);
    assert_string_equal(why.message, message == NULL ? "" : message);
}

static void there_are_four_restart_policies(void **state)
{
    (void)state;
    expect_policy("{\"Name\":\"\"}", NULL);
    expect_policy("{\"Name\":\"no\"}", NULL);
    expect_policy("{\"Name\":\"always\",\"MaximumRetryCount\":0}", NULL);
    expect_policy("{\"Name\":\"unless-stopped\"}", NULL);
    expect_policy("{\"Name\":\"on-failure\",\"MaximumRetryCount\":3}", NULL);
    expect_policy("{\"Name\":\"on-failure\",\"MaximumRetryCount\":-3}",
                  "maximum retry count cannot be negative");
    expect_policy("{\"Name\":\"always\",\"MaximumRetryCount\":3}",
                  "maximum retry count cannot be used with restart policy "
                  "'always'");
    expect_policy("{\"Name\":\"Always\"}", "invalid restart policy 'Always'");
}

const struct CMUnitTest health_tests[] = {
    cmocka_unit_test(so_many_failures_in_a_row_are_too_many),
    cmocka_unit_test(failures_while_it_starts_do_not_count),
    cmocka_unit_test(only_the_last_five_are_kept),
    cmocka_unit_test(what_it_says_is_text_of_4096_bytes_at_most),
    cmocka_unit_test(a_check_has_usual_values),
    cmocka_unit_test(a_check_is_run_as_it_is_or_by_a_shell),
    cmocka_unit_test(what_nobody_spoke_of_is_the_images),
    cmocka_unit_test(nonsense_is_refused_in_dockers_words),
    cmocka_unit_test(times_are_written_as_go_does),
    cmocka_unit_test(there_are_four_restart_policies),
};
const size_t health_count = sizeof(health_tests) / sizeof(health_tests[0]);
