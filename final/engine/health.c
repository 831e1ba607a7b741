/*
 * health: does a container still do its work? As it says itself.
 *
 * Side           host
 * Look at it     duct inspect -f '{{json .State.Health}}' NAME
 *                jq . /var/lib/duct/containers/ID/health.json
 * Source         Docker, "Dockerfile reference", HEALTHCHECK
 */
#include "health.h"

#include <limits.h>
#include <stdio.h>

#include "cleanup.h"
#include "json_file.h"
#include "log_entry.h"
#include "record.h"

static const char file_name[] = "health.json";

/* ---------------------------------------------------------------- the check */

static const json_t *check_of(const json_t *config)
{
    return json_object_get(config, "Healthcheck");
}

static const char *first_word(const json_t *config)
{
    const json_t *test = json_object_get(check_of(config), "Test");
    const char *word = json_string_value(json_array_get(test, 0));

    return word != NULL ? word : "";
}

static bool has_command(const json_t *config)
{
    const json_t *test = json_object_get(check_of(config), "Test");
    const char *kind = first_word(config);

    return (str_eq(kind, "CMD") || str_eq(kind, "CMD-SHELL")) &&
           json_is_string(json_array_get(test, 1));
}

/* Nanoseconds, as docker has them, in our milliseconds: never less. */
static long long time_of(const json_t *config, const char *name,
                         long long usual)
{
    long long nano =
        json_integer_value(json_object_get(check_of(config), name));

    return nano <= 0 ? usual : nano / 1000000 + (nano % 1000000 != 0);
}

bool health_check_read(const json_t *config, struct health_check *check)
{
    if (!has_command(config))
        return false;
    json_int_t retries =
        json_integer_value(json_object_get(check_of(config), "Retries"));
    *check = (struct health_check){
        .interval = time_of(config, "Interval", 30000),
        .timeout = time_of(config, "Timeout", 30000),
        .start_period = time_of(config, "StartPeriod", 0),
        .start_interval = time_of(config, "StartInterval", 5000),
        .retries = retries <= 0 || retries > INT_MAX ? 3 : (int)retries,
    };
    return true;
}

static bool is_list_of_texts(const json_t *list)
{
    const json_t *text;
    size_t i;

    json_array_foreach((json_t *)list, i, text)
        if (!json_is_string(text))
            return false;
    return list == NULL || json_is_null(list) || json_is_array(list);
}

int health_check_valid(const json_t *config, struct failure *why)
{
    static const char *const times[] = {"Interval", "Timeout", "StartPeriod",
                                        "StartInterval"};
    const json_t *check = check_of(config);

    if (!is_list_of_texts(json_object_get(check, "Test")))
        return fail_as(why, FAILURE_BAD_PARAMETER,
                       "Healthcheck.Test: must be a list of texts");
    for (size_t i = 0; i < sizeof(times) / sizeof(times[0]); i++) {
        const json_t *time = json_object_get(check, times[i]);

        if (json_integer_value(time) != 0 && json_integer_value(time) < 1000000)
            return fail_as(why, FAILURE_BAD_PARAMETER,
                           "%s in Healthcheck cannot be less than 1ms",
                           times[i]);
    }
    if (json_integer_value(json_object_get(check, "Retries")) < 0)
        return fail_as(why, FAILURE_BAD_PARAMETER,
                       "Retries in Healthcheck cannot be negative");
    return 0;
}

void health_merge(json_t *config, const json_t *image)
{
    static const char *const members[] = {"Test",          "Interval",
                                          "Timeout",       "StartPeriod",
                                          "StartInterval", "Retries"};
    json_t *own = json_object_get(config, "Healthcheck");
    json_t *usual = json_object_get(image, "Healthcheck");

    if (!json_is_object(usual))
        return;
    if (!json_is_object(own)) {
        json_object_set(config, "Healthcheck", usual);
        return;
    }
    for (size_t i = 0; i < sizeof(members) / sizeof(members[0]); i++) {
        const json_t *value = json_object_get(own, members[i]);
        bool is_said = i == 0 ? json_array_size(value) > 0
                              : json_integer_value(value) != 0;

        if (!is_said && json_object_get(usual, members[i]) != NULL)
            json_object_set(own, members[i],
                            json_object_get(usual, members[i]));
    }
}

json_t *health_command(const json_t *config)
{
    const json_t *test = json_object_get(check_of(config), "Test");
    const json_t *shell = json_object_get(config, "Shell");
    json_t *words;

    if (str_eq(first_word(config), "CMD")) {
        words = json_copy((json_t *)test);
        json_array_remove(words, 0);
        return words;
    }
    words = json_array_size(shell) > 0 ? json_copy((json_t *)shell)
                                       : json_pack("[s, s]", "/bin/sh", "-c");
    json_array_append(words, json_array_get(test, 1));
    return words;
}

/* ------------------------------------------------------------ what is found */

json_t *health_first(void)
{
    return json_pack("{s:s, s:i, s:[]}", "Status", "starting", "FailingStreak",
                     0, "Log");
}

/* A log has the same bytes to make a JSON text of. No reader of ours takes a
 * text with a NUL in it. */
static json_t *output_text(const char *bytes, size_t n)
{
    char time[LOG_TIME_SIZE];
    cleanup_free char *clean = calloc(1, HEALTH_OUTPUT);
    cleanup_free char *line = malloc(LOG_ENTRY_MOST);

    if (clean == NULL || line == NULL)
        return NULL;
    if (n > HEALTH_OUTPUT)
        n = log_entry_cut(bytes, HEALTH_OUTPUT);
    for (size_t i = 0; i < n; i++)
        clean[i] = (char)(bytes[i] == '\0' ? 0xff : bytes[i]);
    struct log_entry entry = {LOG_STDOUT, 0, clean, n};
    log_time_format(0, time);
    size_t length = log_entry_format(line, &entry, false, time);
    json_auto_t *whole = json_loadb(line, length, 0, NULL);
    const json_t *text = json_object_get(whole, "log");
    const char *value = json_string_value(text);
    n = json_string_length(text);
    if (value == NULL)
        return json_string("");
    /* What is no UTF-8 has become longer. */
    if (n > HEALTH_OUTPUT)
        n = log_entry_cut(value, HEALTH_OUTPUT);
    return json_stringn(value, n);
}

json_t *health_result(const char *start, const char *end, int exit_code,
                      const char *output, size_t n)
{
    return json_pack("{s:s, s:s, s:i, s:o}", "Start", start, "End", end,
                     "ExitCode", exit_code, "Output", output_text(output, n));
}

const char *health_status(const json_t *health)
{
    const char *status = json_string_value(json_object_get(health, "Status"));

    return status != NULL ? status : "none";
}

static void set_status(json_t *health, const char *status)
{
    json_object_set_new(health, "Status", json_string(status));
}

/* As long as it has never been well, it has its time to become so. */
static void count_failure(json_t *health, const struct health_check *check,
                          long long age)
{
    json_int_t streak =
        json_integer_value(json_object_get(health, "FailingStreak"));

    if (str_eq(health_status(health), "starting") && age < check->start_period)
        return;
    if (streak < INT_MAX)
        streak++;
    json_object_set_new(health, "FailingStreak", json_integer(streak));
    if (streak >= check->retries)
        set_status(health, "unhealthy");
}

bool health_add(json_t *health, const struct health_check *check,
                json_t *result, long long age)
{
    cleanup_free char *before = strdup(health_status(health));
    json_t *log = json_object_get(health, "Log");

    if (!json_is_array(log)) {
        log = json_array();
        json_object_set_new(health, "Log", log);
    }
    while (json_array_size(log) >= HEALTH_LOG)
        json_array_remove(log, 0);
    if (json_integer_value(json_object_get(result, "ExitCode")) == 0) {
        json_object_set_new(health, "FailingStreak", json_integer(0));
        set_status(health, "healthy");
    } else
        count_failure(health, check, age);
    json_array_append_new(log, result);
    return before == NULL || !str_eq(before, health_status(health));
}

/* Takes off what a fraction ends with: "1.500" is "1.5", "2.000" is "2". */
static void trim(char *text)
{
    size_t length = strlen(text);

    while (length > 0 && text[length - 1] == '0')
        length--;
    if (length > 0 && text[length - 1] == '.')
        length--;
    text[length] = '\0';
}

char *health_duration(long long milliseconds)
{
    long long minutes = milliseconds / 60000;
    char seconds[32];
    char *text;
    int length;

    if (milliseconds < 1000)
        return asprintf(&text, "%lldms", milliseconds) < 0 ? NULL : text;
    snprintf(seconds, sizeof(seconds), "%lld.%03lld",
             milliseconds % 60000 / 1000, milliseconds % 1000);
    trim(seconds);
    if (minutes == 0)
        length = asprintf(&text, "%ss", seconds);
    else if (minutes < 60)
        length = asprintf(&text, "%lldm%ss", minutes, seconds);
    else
        length = asprintf(&text, "%lldh%lldm%ss", minutes / 60, minutes % 60,
                          seconds);
    return length < 0 ? NULL : text;
}

/* ----------------------------------------------------------------- the file */

json_t *health_read(int dir_fd)
{
    struct failure ignored;

    return json_file_read(dir_fd, file_name, &ignored);
}

int health_write(int dir_fd, const json_t *health, struct failure *why)
{
    return json_file_write(dir_fd, file_name, health, false, why);
}

void health_show(struct record *record)
{
    const char *status = record_status(record);
    json_t *health;

    if (!has_command(json_object_get(record->config, "Config")))
        return;
    health = health_read(record->fd);
    if (!json_is_object(health)) {
        json_decref(health);
        json_object_del(record->state, "Health");
        return;
    }
    if (!str_eq(status, "running") && !str_eq(status, "paused"))
        set_status(health, "unhealthy");
    json_object_set_new(record->state, "Health", health);
}
