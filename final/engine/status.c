/*
 * status: how a container is, in a few words for people.
 *
 * Look at it     duct ps -a
 */
#include "status.h"

#include <stdarg.h>
#include <stdio.h>

#include "cleanup.h"
#include "human.h"
#include "log_entry.h"

static char *print(const char *format, ...)
    __attribute__((format(printf, 1, 2)));

static char *print(const char *format, ...)
{
    va_list arguments;
    char *text = NULL;

    va_start(arguments, format);
    int length = vasprintf(&text, format, arguments);
    va_end(arguments);
    return length < 0 ? NULL : text;
}

static const char *text_of(const json_t *state, const char *name)
{
    const char *text = json_string_value(json_object_get(state, name));

    return text != NULL ? text : "";
}

static char *duration_since(const char *text, int64_t now)
{
    int64_t then = now;

    (void)log_time_parse(text, strlen(text), &then);
    return human_duration((now - then) / 1000000000);
}

static char *up(const json_t *state, int64_t now)
{
    cleanup_free char *duration =
        duration_since(text_of(state, "StartedAt"), now);
    const char *health = text_of(json_object_get(state, "Health"), "Status");

    if (duration == NULL)
        return NULL;
    if (str_eq(text_of(state, "Status"), "paused"))
        return print("Up %s (Paused)", duration);
    if (*health == '\0' || str_eq(health, "none"))
        return print("Up %s", duration);
    return print("Up %s (%s%s)", duration,
                 str_eq(health, "starting") ? "health: " : "", health);
}

char *status_text(const json_t *state, int64_t now)
{
    const char *status = text_of(state, "Status");
    const char *finished = text_of(state, "FinishedAt");

    if (str_eq(status, "running") || str_eq(status, "paused"))
        return up(state, now);
    if (str_eq(status, "created"))
        return strdup("Created");
    if (str_eq(status, "removing"))
        return strdup("Removal In Progress");
    if (!str_eq(status, "exited") && !str_eq(status, "restarting"))
        return strdup("Dead");
    cleanup_free char *duration = duration_since(finished, now);
    if (duration == NULL)
        return NULL;
    return print(
        "%s (%lld) %s ago", str_eq(status, "exited") ? "Exited" : "Restarting",
        (long long)json_integer_value(json_object_get(state, "ExitCode")),
        duration);
}
