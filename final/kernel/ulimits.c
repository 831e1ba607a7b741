/*
 * ulimits: what one process may use, as far as the kernel counts that.
 *
 * Kernel object  pairs of numbers in each process, handed on to its children
 * Side           container, while we still have root's power
 * Look at it     cat /proc/PID/limits     prlimit -p PID     ulimit -a
 */
#include "ulimits.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>

#include "cleanup.h"
#include "explain.h"
#include "numbers.h"

/* docker's names; locks and the like have no others. */
static const char *const names[RLIM_NLIMITS] = {
    [RLIMIT_CORE] = "core",
    [RLIMIT_CPU] = "cpu",
    [RLIMIT_DATA] = "data",
    [RLIMIT_FSIZE] = "fsize",
    [RLIMIT_LOCKS] = "locks",
    [RLIMIT_MEMLOCK] = "memlock",
    [RLIMIT_MSGQUEUE] = "msgqueue",
    [RLIMIT_NICE] = "nice",
    [RLIMIT_NOFILE] = "nofile",
    [RLIMIT_NPROC] = "nproc",
    [RLIMIT_RSS] = "rss",
    [RLIMIT_RTPRIO] = "rtprio",
    [RLIMIT_RTTIME] = "rttime",
    [RLIMIT_SIGPENDING] = "sigpending",
    [RLIMIT_STACK] = "stack",
    [RLIMIT_AS] = "as", /* docker leaves it out */
};

enum {
    OPEN_FILES = 1 << 20
};

void ulimits_default(struct ulimits *u)
{
    *u = (struct ulimits){.wished = 1U << RLIMIT_NOFILE | 1U << RLIMIT_CORE};
    u->list[RLIMIT_NOFILE] = (struct rlimit){OPEN_FILES, OPEN_FILES};
}

static rlim_t limit_of(long long number)
{
    return number < 0 ? RLIM_INFINITY : (rlim_t)number;
}

int ulimits_set(struct ulimits *u, const char *name, long long soft,
                long long hard, struct failure *why)
{
    int kind = 0;

    while (kind < RLIM_NLIMITS &&
           (names[kind] == NULL || !str_eq(names[kind], name)))
        kind++;
    if (kind == RLIM_NLIMITS)
        return fail_as(why, FAILURE_BAD_PARAMETER, "invalid ulimit type: %s",
                       name);
    if (limit_of(soft) > limit_of(hard))
        return fail_as(why, FAILURE_BAD_PARAMETER,
                       "ulimit soft limit must be less than or equal to hard "
                       "limit: %lld > %lld",
                       soft, hard);
    u->list[kind] = (struct rlimit){limit_of(soft), limit_of(hard)};
    u->asked |= 1U << kind;
    return 0;
}

int ulimits_parse(struct ulimits *u, const char *text, struct failure *why)
{
    cleanup_free char *copy = strdup(text);
    char *rest = copy;
    const char *name = strsep(&rest, "=");
    const char *first = rest == NULL ? NULL : strsep(&rest, ":");
    long long soft;
    long long hard;

    if (first == NULL)
        return fail_as(why, FAILURE_BAD_PARAMETER,
                       "invalid ulimit argument: %s", text);
    if (numbers_parse(first, -1, LLONG_MAX, &soft) < 0 ||
        numbers_parse(rest != NULL ? rest : first, -1, LLONG_MAX, &hard) < 0)
        return fail_as(why, FAILURE_BAD_PARAMETER,
                       "invalid ulimit argument: %s: not a number", text);
    return ulimits_set(u, name, soft, hard, why);
}

static int apply(int kind, const struct rlimit *limit, struct failure *why)
{
    explain_look("prlimit --%s=%d:%d", names[kind], (int)limit->rlim_cur,
                 (int)limit->rlim_max);
    if (setrlimit((__rlimit_resource_t)kind, limit) < 0) {
        fail(why, errno, "set the limit %s", names[kind]);
        return hint(why, errno == EPERM ? "it is above our own, see ulimit -H"
                                        : NULL);
    }
    return 0;
}

/* Who may not raise its own limit can't give more than that. */
static int apply_wish(int kind, struct rlimit limit, struct failure *why)
{
    struct rlimit ours;

    if (setrlimit((__rlimit_resource_t)kind, &limit) == 0 ||
        getrlimit((__rlimit_resource_t)kind, &ours) < 0)
        return 0;
    if (limit.rlim_max > ours.rlim_max)
        limit.rlim_max = ours.rlim_max;
    if (limit.rlim_cur > limit.rlim_max)
        limit.rlim_cur = limit.rlim_max;
    return apply(kind, &limit, why);
}

int ulimits_apply(const struct ulimits *u, struct failure *why)
{
    for (int kind = 0; kind < RLIM_NLIMITS; kind++) {
        if (u->asked & 1U << kind && apply(kind, &u->list[kind], why) < 0)
            return -1;
        if (u->wished & ~u->asked & 1U << kind &&
            apply_wish(kind, u->list[kind], why) < 0)
            return -1;
    }
    return 0;
}
