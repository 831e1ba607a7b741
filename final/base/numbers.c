/*
 * numbers: from the command line, whole and within their bounds.
 *
 * strtoll(3) takes " +12abc" for 12; a limit that was misread is worse than
 * one that is refused.
 */
#include "numbers.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

int numbers_parse(const char *text, long long min, long long max,
                  long long *out)
{
    const char *digits = *text == '-' ? text + 1 : text;

    if (*digits == '\0' || digits[strspn(digits, "0123456789")] != '\0')
        return -1;
    errno = 0;
    *out = strtoll(text, NULL, 10);
    return errno != 0 || *out < min || *out > max ? -1 : 0;
}
