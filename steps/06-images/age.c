/*
 * age: how long ago something was.
 *
 * Look at it     jq .created STATE/_images/blobs/sha256/CONFIG
 */
#include "age.h"

#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <time.h>

#include "cleanup.h"

#define MINUTE 60LL
#define HOUR   (60 * MINUTE)
#define DAY    (24 * HOUR)

static const struct unit {
    long long below; /* longer times have a larger unit */
    long long seconds;
    const char *name;
    const char *one;
} units[] = {
    {MINUTE, 1, "seconds", "1 second"},
    {HOUR, MINUTE, "minutes", "About a minute"},
    {2 * DAY, HOUR, "hours", "About an hour"},
    {14 * DAY, DAY, "days", NULL},
    {60 * DAY, 7 * DAY, "weeks", NULL},
    {730 * DAY, 30 * DAY, "months", NULL},
    {LLONG_MAX, 365 * DAY, "years", NULL},
};

/* "2026-03-01T12:00:00.5+01:00": parts of a second are of no interest. */
static bool read_time(const char *when, time_t *seconds)
{
    struct tm parts = {0};
    const char *rest = when == NULL ? NULL : strptime(when, "%FT%T", &parts);

    if (rest != NULL && *rest == '.')
        rest += 1 + strspn(rest + 1, "0123456789");
    if (rest == NULL || strptime(rest, "%z", &parts) == NULL)
        return false;
    long offset = parts.tm_gmtoff;
    *seconds = timegm(&parts) - offset;
    return true;
}

char *age_of(const char *when)
{
    const struct unit *unit = units;
    char *text = NULL;
    time_t then;

    if (!read_time(when, &then))
        return strdup("N/A");
    long long age = time(NULL) - then;
    if (age < 1)
        return strdup("Less than a second ago");
    if (age >= HOUR)
        age += HOUR / 2; /* to the nearest hour */
    while (age >= unit->below)
        unit++;
    long long count = age / unit->seconds;
    int status = count == 1 && unit->one != NULL
                     ? asprintf(&text, "%s ago", unit->one)
                     : asprintf(&text, "%lld %s ago", count, unit->name);
    return status < 0 ? NULL : text;
}
