/*
 * when: points in time, as images and people write them.
 *
 * Look at it     jq .created DATA/images/blobs/sha256/CONFIG
 */
#include "when.h"

#include <stdlib.h>
#include <string.h>

#include "numbers.h"

/* "2026-03-01T12:00:00.5+01:00" */
bool when_read(const char *text, time_t *seconds)
{
    struct tm parts = {0};
    const char *rest = text == NULL ? NULL : strptime(text, "%FT%T", &parts);

    if (rest != NULL && *rest == '.')
        rest += 1 + strspn(rest + 1, "0123456789");
    if (rest == NULL || (rest = strptime(rest, "%z", &parts)) == NULL ||
        *rest != '\0')
        return false;
    long offset = parts.tm_gmtoff;
    *seconds = timegm(&parts) - offset;
    return true;
}

/* "1h30m": whole numbers, and fewer than a hundred years. */
static bool read_duration(const char *text, time_t *duration)
{
    static const struct {
        char letter;
        long seconds;
    } units[] = {{'h', 3600}, {'m', 60}, {'s', 1}};
    const long most = 100L * 365 * 24 * 3600;

    for (*duration = 0; *text != '\0'; text++) {
        char *end;
        size_t unit = 0;

        if (strspn(text, "0123456789") == 0)
            return false;
        long count = strtol(text, &end, 10);
        while (unit < 3 && units[unit].letter != *end)
            unit++;
        if (unit == 3 || count > most)
            return false;
        *duration += count * units[unit].seconds;
        text = end;
    }
    return *duration <= most;
}

bool when_read_until(const char *text, time_t *seconds)
{
    struct tm day = {0};
    const char *rest = strptime(text, "%F", &day);
    long long number;
    time_t duration;

    if (*text == '\0')
        return false;
    if (numbers_parse(text, 0, 1LL << 40, &number) == 0)
        *seconds = number;
    else if (rest != NULL && *rest == '\0')
        *seconds = timegm(&day);
    else if (read_duration(text, &duration))
        *seconds = time(NULL) - duration;
    else
        return when_read(text, seconds);
    return true;
}
