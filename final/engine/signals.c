/*
 * signals: by their names, as users type them.
 */
#include "signals.h"

#include <ctype.h>
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* A number without sign or blanks, or -1. */
static int number_of(const char *text)
{
    char *end;

    if (!isdigit((unsigned char)*text))
        return -1;
    errno = 0;
    long number = strtol(text, &end, 10);
    return errno == 0 && *end == '\0' && number < 1000 ? (int)number : -1;
}

/* "RTMIN+3", "RTMAX-2". */
static int real_time(const char *name)
{
    if (strcasecmp(name, "RTMIN") == 0)
        return SIGRTMIN;
    if (strcasecmp(name, "RTMAX") == 0)
        return SIGRTMAX;
    if (strncasecmp(name, "RTMIN+", 6) == 0 && number_of(name + 6) >= 0)
        return SIGRTMIN + number_of(name + 6);
    if (strncasecmp(name, "RTMAX-", 6) == 0 && number_of(name + 6) >= 0)
        return SIGRTMAX - number_of(name + 6);
    return -1;
}

int signal_number(int *number, const char *text, struct failure *why)
{
    const char *name = strncasecmp(text, "SIG", 3) == 0 ? text + 3 : text;
    int found = number_of(text);

    if (found < 0)
        found = real_time(name);
    for (int each = 1; found < 0 && each < NSIG; each++) {
        const char *known = sigabbrev_np(each);

        if (known != NULL && strcasecmp(known, name) == 0)
            found = each;
    }
    if (found < 1 || found > SIGRTMAX)
        return fail_as(why, FAILURE_BAD_PARAMETER, "Invalid signal: %s", text);
    *number = found;
    return 0;
}
