/*
 * failure: one way to say what went wrong, from the system call up to main().
 *
 * Each message names the action, the object and the error's symbol: symbols
 * are what the "ERRORS" sections of the manual pages are sorted by.
 */
#include "failure.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "printable.h"

/* Adds to the message; what is longer than its room is cut off. */
__attribute__((format(printf, 2, 0))) static void
append(struct failure *why, const char *format, va_list arguments)
{
    size_t used = strlen(why->message);

    vsnprintf(why->message + used, sizeof(why->message) - used, format,
              arguments);
}

__attribute__((format(printf, 2, 3))) static void add(struct failure *why,
                                                      const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    append(why, format, arguments);
    va_end(arguments);
}

__attribute__((format(printf, 2, 0))) static void
begin(struct failure *why, const char *format, va_list arguments)
{
    memset(why, 0, sizeof(*why));
    why->exit_status = EXIT_DUCT;
    append(why, format, arguments);
    printable(why->message); /* it may have words from an archive in it */
}

int fail_as(struct failure *why, enum failure_kind kind, const char *format,
            ...)
{
    int saved = errno;
    va_list arguments;

    va_start(arguments, format);
    begin(why, format, arguments);
    va_end(arguments);
    why->kind = kind;
    errno = saved;
    return -1;
}

int fail(struct failure *why, int errnum, const char *format, ...)
{
    int saved = errno;
    va_list arguments;

    va_start(arguments, format);
    begin(why, format, arguments);
    va_end(arguments);
    if (errnum != 0)
        add(why, ": %s (%s)", strerrordesc_np(errnum), strerrorname_np(errnum));
    errno = saved;
    return -1;
}

int hint(struct failure *why, const char *text)
{
    int saved = errno;

    if (text != NULL)
        add(why, "\n      %s", text);
    errno = saved;
    return -1;
}
