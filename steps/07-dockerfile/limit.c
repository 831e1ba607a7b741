/*
 * limit: how much of the machine a container may have, in docker's words.
 *
 * Nothing here touches the kernel but the question which CPUs there are. What
 * is nonsense is refused by name; nothing is ever rounded to something near.
 */
#include "limit.h"

#include <limits.h>
#include <sched.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "cleanup.h"
#include "numbers.h"

enum {
    CPU_PERIOD = 100000,
    SHARES_MIN = 2,
    SHARES_MAX = 262144
};

static const long long memory_min = 6LL << 20; /* docker's */
static const long long pids_max = 4194304;     /* the kernel's PID_MAX_LIMIT */

const struct limits limit_none = {
    .memory = LIMIT_NONE,
    .memory_swap = LIMIT_NONE,
    .swap_default = LIMIT_NONE,
    .cpu_quota = LIMIT_NONE,
    .cpu_shares = LIMIT_NONE,
    .pids = LIMIT_NONE,
};

/* Digits, perhaps with a fraction. Returns what follows them, or NULL. */
static const char *parse_decimal(const char *text, double *out)
{
    size_t whole = strspn(text, "0123456789");
    size_t length = whole;

    if (text[whole] == '.')
        length += 1 + strspn(text + whole + 1, "0123456789");
    if (length == 0 || text[length - 1] == '.')
        return NULL;
    *out = strtod(text, NULL);
    return text + length;
}

/* A number, then one of b k m g t, then perhaps "b". */
static int parse_size(const char *text, long long *out)
{
    static const char units[] = "bkmgt";
    double number;
    const char *rest = parse_decimal(text, &number);
    int shift = 0;

    if (rest == NULL)
        return -1;
    if (*rest != '\0') {
        const char *unit = strchr(units, *rest | 0x20);

        if (unit == NULL)
            return -1;
        shift = 10 * (int)(unit - units);
        rest++;
    }
    if (shift > 0 && (*rest | 0x20) == 'b')
        rest++;
    number *= (double)(1LL << shift);
    if (*rest != '\0' || number >= (double)(LLONG_MAX / 2))
        return -1;
    *out = (long long)number;
    return 0;
}

int limit_memory(struct limits *l, const char *text, struct failure *why)
{
    if (parse_size(text, &l->memory) < 0)
        return fail(why, 0, "--memory \"%s\": not a size such as 512m or 1g",
                    text);
    if (l->memory < memory_min)
        return fail(why, 0, "--memory \"%s\": must be at least 6m", text);
    return 0;
}

int limit_memory_swap(struct limits *l, const char *text, struct failure *why)
{
    l->swap_text = text;
    if (str_eq(text, "-1"))
        l->memory_swap = LLONG_MAX;
    else if (parse_size(text, &l->memory_swap) < 0)
        return fail(why, 0,
                    "--memory-swap \"%s\": not a size such as 1g, nor -1",
                    text);
    return 0;
}

int limit_cpus(struct limits *l, const char *text, struct failure *why)
{
    double cpus;
    const char *rest = parse_decimal(text, &cpus);
    long there = sysconf(_SC_NPROCESSORS_ONLN);

    if (rest == NULL || *rest != '\0')
        return fail(why, 0, "--cpus \"%s\": not a number such as 1.5", text);
    if (cpus < 0.01 || cpus > (double)there)
        return fail(why, 0, "--cpus \"%s\": must be from 0.01 to %ld.00", text,
                    there);
    l->cpu_quota = (long long)(cpus * CPU_PERIOD + 0.5);
    return 0;
}

int limit_cpu_shares(struct limits *l, const char *text, struct failure *why)
{
    if (numbers_parse(text, SHARES_MIN, SHARES_MAX, &l->cpu_shares) < 0)
        return fail(why, 0, "--cpu-shares \"%s\": must be from %d to %d", text,
                    SHARES_MIN, SHARES_MAX);
    return 0;
}

/* Is "3", or "0-1", a CPU, or a range of CPUs, that we may run on? */
static bool range_exists(char *range, const cpu_set_t *there)
{
    char *from = strsep(&range, "-");
    const char *to = range == NULL ? from : range;
    long long first;
    long long last;

    if (numbers_parse(from, 0, CPU_SETSIZE - 1, &first) < 0 ||
        numbers_parse(to, first, CPU_SETSIZE - 1, &last) < 0)
        return false;
    for (; first <= last; first++)
        if (!CPU_ISSET((size_t)first, there))
            return false;
    return true;
}

int limit_cpuset(struct limits *l, const char *text, struct failure *why)
{
    cleanup_free char *list = strdup(text);
    char *rest = list;
    char *range;
    cpu_set_t there;

    if (list == NULL || sched_getaffinity(0, sizeof(there), &there) < 0)
        return fail(why, errno, "--cpuset-cpus \"%s\"", text);
    while ((range = strsep(&rest, ",")) != NULL)
        if (!range_exists(range, &there))
            return fail(why, 0,
                        "--cpuset-cpus \"%s\": must be CPUs of this machine, "
                        "such as 0 or 0-1,3",
                        text);
    l->cpuset = text;
    return 0;
}

int limit_pids(struct limits *l, const char *text, struct failure *why)
{
    if (numbers_parse(text, -1, pids_max, &l->pids) < 0)
        return fail(why, 0,
                    "--pids-limit \"%s\": must be from 1 to %lld, or -1", text,
                    pids_max);
    if (l->pids == 0)
        l->pids = LIMIT_NONE; /* docker's other word for it */
    return 0;
}

int limit_settle(struct limits *l, struct failure *why)
{
    bool unlimited = l->memory_swap == LLONG_MAX;
    bool given = l->memory_swap != LIMIT_NONE && !unlimited;

    if (given && l->memory == LIMIT_NONE)
        return fail(why, 0, "--memory-swap \"%s\": needs --memory as well",
                    l->swap_text);
    if (given && l->memory_swap < l->memory)
        return fail(why, 0,
                    "--memory-swap \"%s\": less than --memory, but it is "
                    "memory and swap together",
                    l->swap_text);
    if (unlimited)
        l->memory_swap = LIMIT_NONE;
    else if (!given && l->memory != LIMIT_NONE)
        l->swap_default = 2 * l->memory;
    return 0;
}
