/*
 * amounts: numbers with a unit, as people type them.
 *
 * Nothing here is computed in floating point: 0.1 would be slightly more than
 * that, and a comma in some languages.
 */
#include "amounts.h"

#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stdlib.h>

#include "cleanup.h"
#include "quote.h"

enum {
    DECIMALS_KEPT = 18, /* 10^18 just fits into 64 bits */
};

/* 12.50: whole is 12, parts is 5, of 10 (zeros at the end are cut). */
struct decimal {
    unsigned long long whole;
    unsigned long long parts;
    unsigned long long of;
};

/* Reads a decimal number and moves @text behind it. Returns false when there
 * is none, or one of more than 64 bits. Decimals after the 18th are dropped. */
static bool read_decimal(const char **text, struct decimal *number)
{
    const char *at = *text;
    bool seen = false;

    *number = (struct decimal){.of = 1};
    for (; isdigit((unsigned char)*at); at++, seen = true)
        if (__builtin_mul_overflow(number->whole, 10, &number->whole) ||
            __builtin_add_overflow(number->whole, *at - '0', &number->whole))
            return false;
    if (*at == '.')
        at++;
    for (int i = 0; isdigit((unsigned char)*at); at++, i++, seen = true)
        if (i < DECIMALS_KEPT) {
            number->parts = number->parts * 10 + (unsigned)(*at - '0');
            number->of *= 10;
        }
    while (number->of > 1 && number->parts % 10 == 0) {
        number->parts /= 10;
        number->of /= 10;
    }
    *text = at;
    return seen;
}

/* The number times @unit, rounded down. Returns false when it has more than
 * 63 bits. */
static bool multiply(const struct decimal *number, unsigned long long unit,
                     long long *out)
{
    unsigned __int128 parts =
        (unsigned __int128)number->parts * unit / number->of;
    unsigned long long whole;

    return !__builtin_mul_overflow(number->whole, unit, &whole) &&
           !__builtin_add_overflow(whole, (unsigned long long)parts, out);
}

/* "", "b", "m", "mb" or "mib": by how many bits it shifts, or -1. */
static int size_shift(const char *suffix)
{
    static const char units[] = "kmgtp";
    const char *unit = strchr(units, tolower((unsigned char)*suffix));
    int shift = 0;

    if (*suffix != '\0' && unit != NULL) {
        shift = 10 * (int)(unit - units + 1);
        suffix++;
        if (tolower((unsigned char)suffix[0]) == 'i' && suffix[1] != '\0')
            suffix++;
    }
    if (tolower((unsigned char)*suffix) == 'b')
        suffix++;
    return *suffix == '\0' ? shift : -1;
}

int amount_size(const char *text, long long *bytes, struct failure *why)
{
    const char *suffix = text;
    struct decimal number;

    if (!read_decimal(&suffix, &number))
        return fail_as(why, FAILURE_BAD_PARAMETER, "invalid size: '%s'", text);
    if (*suffix == ' ')
        suffix++;
    int shift = size_shift(suffix);
    if (shift < 0)
        return fail_as(why, FAILURE_BAD_PARAMETER, "invalid suffix: '%s'",
                       suffix);
    if (!multiply(&number, 1ULL << shift, bytes))
        return fail_as(why, FAILURE_BAD_PARAMETER, "invalid size: '%s'", text);
    return 0;
}

int amount_cpus(const char *text, long long *nano, struct failure *why)
{
    const unsigned long long unit = 1000000000;
    const char *rest = text + (*text == '-' || *text == '+');
    struct decimal number;

    if (!read_decimal(&rest, &number) || *rest != '\0' ||
        !multiply(&number, unit, nano))
        return fail_as(why, FAILURE_BAD_PARAMETER,
                       "failed to parse %s as a rational number", text);
    if (number.of > unit)
        return fail_as(why, FAILURE_BAD_PARAMETER, "value is too precise");
    if (*text == '-')
        *nano = -*nano;
    return 0;
}

static const struct duration_unit {
    const char *name;
    unsigned long long nano;
} duration_units[] = {
    {"ns", 1},          {"us", 1000},         {"\u00b5s", 1000},
    {"\u03bcs", 1000},  {"ms", 1000000},      {"s", 1000000000},
    {"m", 60000000000}, {"h", 3600000000000},
};

static unsigned long long duration_unit(const char *name, size_t length)
{
    for (size_t i = 0; i < sizeof(duration_units) / sizeof(*duration_units);
         i++)
        if (strlen(duration_units[i].name) == length &&
            strncmp(duration_units[i].name, name, length) == 0)
            return duration_units[i].nano;
    return 0;
}

static int bad_duration(const char *text, const char *what, struct failure *why)
{
    cleanup_free char *quoted = quote(text);

    return fail_as(why, FAILURE_BAD_PARAMETER, "time: %s duration %s", what,
                   quoted == NULL ? text : quoted);
}

static int unknown_unit(const char *text, const char *unit, size_t length,
                        struct failure *why)
{
    cleanup_free char *quoted = quote(text);

    return fail_as(why, FAILURE_BAD_PARAMETER,
                   "time: unknown unit \"%.*s\" in duration %s", (int)length,
                   unit, quoted == NULL ? text : quoted);
}

/* One "1.5h" at @at, which moves behind it. */
static int add_part(const char *text, const char **at, long long *sum,
                    struct failure *why)
{
    struct decimal number;
    long long nano;

    if (!read_decimal(at, &number))
        return bad_duration(text, "invalid", why);
    size_t length = strcspn(*at, ".0123456789");
    unsigned long long unit = duration_unit(*at, length);
    if (length == 0)
        return bad_duration(text, "missing unit in", why);
    if (unit == 0)
        return unknown_unit(text, *at, length, why);
    if (!multiply(&number, unit, &nano) ||
        __builtin_add_overflow(*sum, nano, sum))
        return bad_duration(text, "invalid", why);
    *at += length;
    return 0;
}

int amount_duration(const char *text, long long *nano, struct failure *why)
{
    const char *at = text + (*text == '-' || *text == '+');

    *nano = 0;
    if (str_eq(at, "0"))
        return 0;
    if (*at == '\0')
        return bad_duration(text, "invalid", why);
    while (*at != '\0')
        if (add_part(text, &at, nano, why) < 0)
            return -1;
    if (*text == '-')
        *nano = -*nano;
    return 0;
}

int amount_whole(const char *text, long long min, long long max, long long *out,
                 struct failure *why)
{
    const char *kind = min < 0 ? "Int" : "Uint";
    bool has_sign = *text == '+' || *text == '-';
    char *end;

    errno = 0;
    *out = strtoll(text, &end, 0);
    if (!isdigit((unsigned char)text[has_sign]) || *end != '\0' ||
        (has_sign && min >= 0)) {
        cleanup_free char *quoted = quote(text);

        return fail_as(why, FAILURE_BAD_PARAMETER,
                       "strconv.Parse%s: parsing %s: invalid syntax", kind,
                       quoted == NULL ? text : quoted);
    }
    if (errno == ERANGE || *out < min || *out > max)
        return fail_as(why, FAILURE_BAD_PARAMETER,
                       "strconv.Parse%s: parsing \"%s\": value out of range",
                       kind, text);
    return 0;
}
