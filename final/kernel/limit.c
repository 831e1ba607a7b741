/*
 * limit: how much of the machine a container may have, in docker's words.
 *
 * Nothing here touches the kernel but the question which CPUs and memory nodes
 * there are. What is nonsense is refused in the words that docker's users know;
 * nothing is ever rounded to something near.
 */
#include "limit.h"

#include <stdint.h>
#include <stdio.h>

#include "cleanup.h"
#include "hierarchy.h"
#include "numbers.h"

static const long long memory_min = 6LL << 20; /* bytes, docker's */
static const long long pids_max = 4194304;     /* the kernel's PID_MAX_LIMIT */
static const long long billionths = 1000000000;

enum {
    PERIOD_DEFAULT = 100000, /* microseconds */
    PERIOD_MIN = 1000,
    PERIOD_MAX = 1000000,
    SHARES_MIN = 2,
    SHARES_MAX = 262144,
    LIST_MAX = 8192 /* CPUs or nodes that a list can name: docker's bound */
};

const struct limits limit_none = {
    .memory = LIMIT_NONE,
    .memory_reservation = LIMIT_NONE,
    .memory_swap = LIMIT_NONE,
    .swap_default = LIMIT_NONE,
    .swappiness = LIMIT_NONE,
    .cpu_quota = LIMIT_NONE,
    .cpu_period = LIMIT_NONE,
    .cpu_shares = LIMIT_NONE,
    .pids = LIMIT_NONE,
    .pids_default = LIMIT_NONE,
    .blkio_weight = LIMIT_NONE,
};

/* -1 is docker's word for no limit, and 0 for nothing said. */
static long long meaning(long long value)
{
    return value == -1 ? LIMIT_MAX : value == 0 ? LIMIT_NONE : value;
}

static bool is_amount(long long value)
{
    return value == LIMIT_NONE || value > 0;
}

int limit_memory(struct limits *l, long long value, struct failure *why)
{
    l->memory = meaning(value);
    if (l->memory != LIMIT_NONE && l->memory < memory_min)
        return fail_as(why, FAILURE_BAD_PARAMETER,
                       "Minimum memory limit allowed is 6MB");
    return 0;
}

int limit_memory_reservation(struct limits *l, long long value,
                             struct failure *why)
{
    l->memory_reservation = meaning(value);
    if (l->memory_reservation != LIMIT_NONE &&
        l->memory_reservation < memory_min)
        return fail_as(why, FAILURE_BAD_PARAMETER,
                       "Minimum memory reservation allowed is 6MB");
    return 0;
}

int limit_memory_swap(struct limits *l, long long value, struct failure *why)
{
    l->memory_swap = meaning(value);
    if (!is_amount(l->memory_swap))
        return fail_as(why, FAILURE_BAD_PARAMETER,
                       "Invalid value: %lld, valid memoryswap is -1 or larger",
                       value);
    return 0;
}

int limit_swappiness(struct limits *l, long long value, struct failure *why)
{
    if (value < -1 || value > 100)
        return fail_as(why, FAILURE_BAD_PARAMETER,
                       "Invalid value: %lld, valid memory swappiness range is "
                       "0-100",
                       value);
    l->swappiness = value; /* -1 is LIMIT_NONE */
    return 0;
}

int limit_cpus(struct limits *l, long long value, struct failure *why)
{
    long there = sysconf(_SC_NPROCESSORS_ONLN);

    if (value == 0)
        return 0;
    if (value < billionths / 100 || value > there * billionths)
        return fail_as(why, FAILURE_BAD_PARAMETER,
                       "Range of CPUs is from 0.01 to %ld.00, as there are "
                       "only %ld CPUs available",
                       there, there);
    l->cpu_quota = value / (billionths / PERIOD_DEFAULT);
    l->cpu_period = PERIOD_DEFAULT;
    return 0;
}

int limit_cpu_period(struct limits *l, long long value, struct failure *why)
{
    if (value == 0)
        return 0;
    if (value < PERIOD_MIN || value > PERIOD_MAX)
        return fail_as(why, FAILURE_BAD_PARAMETER,
                       "CPU cfs period can not be less than 1ms (i.e. 1000) "
                       "or larger than 1s (i.e. 1000000)");
    l->cpu_period = value;
    return 0;
}

int limit_cpu_quota(struct limits *l, long long value, struct failure *why)
{
    /* The kernel takes any negative number for no limit, and so does docker. */
    l->cpu_quota = value < 0 ? LIMIT_MAX : meaning(value);
    if (l->cpu_quota != LIMIT_NONE && l->cpu_quota < PERIOD_MIN)
        return fail_as(why, FAILURE_BAD_PARAMETER,
                       "CPU cfs quota can not be less than 1ms (i.e. 1000)");
    return 0;
}

int limit_cpu_shares(struct limits *l, long long value, struct failure *why)
{
    if (value < 0)
        return fail_as(why, FAILURE_BAD_PARAMETER,
                       "invalid CPU shares (%lld): value must be a positive "
                       "integer",
                       value);
    if (value == 0)
        return 0;
    /* The kernel would take its nearest and say nothing. */
    if (value < SHARES_MIN || value > SHARES_MAX)
        return fail_as(why, FAILURE_BAD_PARAMETER,
                       "invalid CPU shares (%lld): range is from %d to %d",
                       value, SHARES_MIN, SHARES_MAX);
    l->cpu_shares = value;
    return 0;
}

int limit_pids(struct limits *l, long long value, struct failure *why)
{
    l->pids = value < 0 ? LIMIT_MAX : meaning(value);
    if (l->pids != LIMIT_NONE && l->pids != LIMIT_MAX && l->pids > pids_max)
        return fail_as(why, FAILURE_BAD_PARAMETER,
                       "invalid PIDs limit (%lld): range is from 1 to %lld, "
                       "or -1",
                       value, pids_max);
    return 0;
}

int limit_blkio_weight(struct limits *l, long long value, struct failure *why)
{
    if (value == 0)
        return 0;
    if (value < 10 || value > 1000)
        return fail_as(why, FAILURE_BAD_PARAMETER,
                       "Range of blkio weight is from 10 to 1000");
    l->blkio_weight = value;
    return 0;
}

struct set {
    uint8_t members[LIST_MAX];
};

/* Reads "0-1,3". Returns 0, or -1 when it is no such list. */
static int parse_list(const char *text, struct set *set)
{
    cleanup_free char *copy = strdup(text);
    char *rest = copy;
    char *range;

    memset(set, 0, sizeof(*set));
    while ((range = strsep(&rest, ",")) != NULL) {
        const char *from = strsep(&range, "-");
        long long first;
        long long last;

        if (numbers_parse(from, 0, LIST_MAX - 1, &first) < 0 ||
            numbers_parse(range == NULL ? from : range, first, LIST_MAX - 1,
                          &last) < 0)
            return -1;
        memset(set->members + first, 1, (size_t)(last - first + 1));
    }
    return copy == NULL ? -1 : 0;
}

/* What we may run on ourselves: "Cpus_allowed_list:\t0-1". Caller frees. */
static char *allowed_list(const char *key)
{
    cleanup_free char *status = hierarchy_read("/proc/self", "status");
    char *rest = status;
    char *line;

    while ((line = strsep(&rest, "\n")) != NULL)
        if (strncmp(line, key, strlen(key)) == 0)
            return strdup(line + strlen(key));
    return strdup("");
}

static int check_list(const char *text, const char *key, const char *what,
                      const char *plural, struct failure *why)
{
    struct set asked;
    struct set there;
    cleanup_free char *available = allowed_list(key);

    if (parse_list(text, &asked) < 0)
        return fail_as(why, FAILURE_BAD_PARAMETER,
                       "Invalid value %.200s for cpuset %s", text, what);
    if (available == NULL || parse_list(available, &there) < 0)
        return fail(why, 0, "find out which %s there are", plural);
    for (size_t i = 0; i < LIST_MAX; i++)
        if (asked.members[i] && !there.members[i])
            return fail_as(why, FAILURE_BAD_PARAMETER,
                           "Requested %s are not available - requested "
                           "%.200s, available: %.200s",
                           plural, text, available);
    return 0;
}

int limit_cpuset(struct limits *l, const char *text, struct failure *why)
{
    if (*text == '\0')
        return 0;
    l->cpuset = text;
    return check_list(text, "Cpus_allowed_list:\t", "cpus", "CPUs", why);
}

int limit_cpuset_mems(struct limits *l, const char *text, struct failure *why)
{
    if (*text == '\0')
        return 0;
    l->cpuset_mems = text;
    return check_list(text, "Mems_allowed_list:\t", "mems", "memory nodes",
                      why);
}

static bool is_given(long long limit)
{
    return limit != LIMIT_NONE && limit != LIMIT_MAX;
}

int limit_settle(struct limits *l, struct failure *why)
{
    if (is_given(l->memory_swap) && !is_given(l->memory))
        return fail_as(why, FAILURE_BAD_PARAMETER,
                       "You should always set the Memory limit when using "
                       "Memoryswap limit, see usage");
    if (is_given(l->memory_swap) && l->memory_swap < l->memory)
        return fail_as(why, FAILURE_BAD_PARAMETER,
                       "Minimum memoryswap limit should be larger than memory "
                       "limit, see usage");
    if (is_given(l->memory) && is_given(l->memory_reservation) &&
        l->memory < l->memory_reservation)
        return fail_as(why, FAILURE_BAD_PARAMETER,
                       "Minimum memory limit can not be less than memory "
                       "reservation limit, see usage");
    if (l->memory_swap == LIMIT_NONE && is_given(l->memory))
        l->swap_default = l->memory > LLONG_MAX / 2 ? LIMIT_MAX : 2 * l->memory;
    else if (l->memory_swap == LIMIT_NONE && l->memory == LIMIT_MAX)
        l->swap_default = LIMIT_MAX;
    if (l->pids == LIMIT_NONE)
        l->pids_default = LIMIT_PIDS_DEFAULT;
    return 0;
}
