/*
 * moment: points in time, as people type them.
 *
 * Look at it     date --iso-8601=seconds     date +%s.%N
 */
#include "moment.h"

#include <stdio.h>
#include <time.h>

#include "amounts.h"
#include "cleanup.h"

#define SECOND INT64_C(1000000000)

enum {
    YEARS_MOST = 200 /* after 1970: what 64 bits of nanoseconds have room for */
};

/* ".5" in nanoseconds; moves *text behind it. */
static int64_t read_fraction(const char **text)
{
    int64_t unit = SECOND / 10;
    int64_t nano = 0;

    if (**text != '.')
        return 0;
    for (++*text; **text >= '0' && **text <= '9'; ++*text, unit /= 10)
        nano += (**text - '0') * unit;
    return nano;
}

/* Go's layouts, the longest first. */
static const char *const layouts[] = {"%Y-%m-%dT%H:%M:%S", "%Y-%m-%dT%H:%M",
                                      "%Y-%m-%dT%H", "%Y-%m-%d"};

/* Behind the date: a fraction, and "Z" or "+01:00" or nothing. */
static int finish_date(struct tm *parts, const char *rest, int64_t *nano)
{
    int64_t fraction = read_fraction(&rest);
    long offset = 0;
    bool is_local = *rest == '\0';

    if (!is_local) {
        struct tm zone = {0};

        rest = strptime(rest, "%z", &zone);
        if (rest == NULL || *rest != '\0')
            return -1;
        offset = zone.tm_gmtoff;
    }
    if (parts->tm_year < 0 || parts->tm_year > YEARS_MOST)
        return -1;
    parts->tm_isdst = -1;
    *nano =
        (is_local ? mktime(parts) : timegm(parts) - offset) * SECOND + fraction;
    return 0;
}

static int read_date(const char *text, int64_t *nano)
{
    for (size_t i = 0; i < sizeof(layouts) / sizeof(layouts[0]); i++) {
        struct tm parts = {0};
        const char *rest = strptime(text, layouts[i], &parts);

        if (rest != NULL && finish_date(&parts, rest, nano) == 0)
            return 0;
    }
    return -1;
}

static int read_seconds(const char *text, int64_t *nano)
{
    size_t digits = strspn(text, "0123456789");
    const char *rest = text + digits;

    if (digits == 0 || digits > 9 + 1)
        return -1;
    *nano = 0;
    for (size_t i = 0; i < digits; i++)
        *nano = *nano * 10 + (text[i] - '0');
    if (*nano > INT64_MAX / SECOND - 1)
        return -1;
    *nano = *nano * SECOND + read_fraction(&rest);
    return *rest == '\0' ? 0 : -1;
}

int moment_parse(const char *text, int64_t *nano, struct failure *why)
{
    struct failure ignored;
    struct timespec now;
    long long ago;

    if (read_seconds(text, nano) == 0 || read_date(text, nano) == 0)
        return 0;
    if (amount_duration(text, &ago, &ignored) < 0)
        return fail_as(why, FAILURE_BAD_PARAMETER,
                       "invalid value for a time: \"%s\"", text);
    clock_gettime(CLOCK_REALTIME, &now);
    *nano = now.tv_sec * SECOND + now.tv_nsec;
    if (ago < 0 ? ago < *nano - INT64_MAX : ago > *nano)
        return fail_as(why, FAILURE_BAD_PARAMETER,
                       "invalid value for a time: \"%s\": too far away", text);
    *nano -= ago;
    return 0;
}
