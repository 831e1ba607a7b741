/*
 * human: amounts as people say them, and docker prints them.
 */
#include "human.h"

#include <limits.h>
#include <stdio.h>

#include "cleanup.h"

#define MINUTE 60LL
#define HOUR   (60 * MINUTE)
#define DAY    (24 * HOUR)
#define YEAR   (365 * DAY)

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
    {2 * YEAR, 30 * DAY, "months", NULL},
    {LLONG_MAX, YEAR, "years", NULL},
};

char *human_duration(long long seconds)
{
    const struct unit *unit = units;
    long long rounded = seconds;
    char *text = NULL;

    if (seconds < 1)
        return strdup("Less than a second");
    if (seconds >= HOUR && seconds < LLONG_MAX - HOUR)
        rounded += HOUR / 2; /* to the nearest hour */
    while (rounded >= unit->below && unit->below != LLONG_MAX)
        unit++;
    long long count =
        (unit->below == LLONG_MAX ? seconds : rounded) / unit->seconds;
    int status = count == 1 && unit->one != NULL
                     ? asprintf(&text, "%s", unit->one)
                     : asprintf(&text, "%lld %s", count, unit->name);
    return status < 0 ? NULL : text;
}

/* The number by which it is the largest unit that leaves at least 1. */
static char *scale(unsigned long long bytes, unsigned base, int digits,
                   const char *const units_of[])
{
    double number = (double)bytes;
    char *text = NULL;
    int i = 0;

    while (number >= base && units_of[i + 1] != NULL) {
        number /= base;
        i++;
    }
    /* %g would write 1e+03 for a 999.9 of three digits. */
    bool is_whole = number >= (digits == 3 ? 999.5 : 9999.5);
    int status = is_whole
                     ? asprintf(&text, "%.0f%s", number, units_of[i])
                     : asprintf(&text, "%.*g%s", digits, number, units_of[i]);
    return status < 0 ? NULL : text;
}

char *human_size(unsigned long long bytes, int digits)
{
    static const char *const decimal[] = {"B",  "kB", "MB", "GB",
                                          "TB", "PB", "EB", NULL};

    return scale(bytes, 1000, digits, decimal);
}

char *human_bytes(unsigned long long bytes)
{
    static const char *const binary[] = {"B",   "KiB", "MiB", "GiB",
                                         "TiB", "PiB", "EiB", NULL};

    return scale(bytes, 1024, 4, binary);
}
