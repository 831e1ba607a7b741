/*
 * resources: what a HostConfig says about limits.
 *
 * Look at it     duct inspect -f '{{json .HostConfig}}' CONTAINER
 */
#include "resources.h"

#include <stdio.h>
#include <string.h>

#include "cgroup_knobs.h"
#include "cleanup.h"
#include "limit.h"

/* All keys that an update may change, too. */
static const struct number {
    const char *key;
    int (*take)(struct limits *l, long long value, struct failure *why);
} numbers[] = {
    {"Memory", limit_memory},
    {"MemoryReservation", limit_memory_reservation},
    {"MemorySwap", limit_memory_swap},
    {"MemorySwappiness", limit_swappiness},
    {"PidsLimit", limit_pids},
    {"NanoCpus", limit_cpus},
    {"CpuShares", limit_cpu_shares},
    {"CpuPeriod", limit_cpu_period},
    {"CpuQuota", limit_cpu_quota},
    {"BlkioWeight", limit_blkio_weight},
};

static const struct list {
    const char *key;
    int (*take)(struct limits *l, const char *text, struct failure *why);
} lists[] = {
    {"CpusetCpus", limit_cpuset},
    {"CpusetMems", limit_cpuset_mems},
};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* null, and nothing at all, are as if nothing was said. */
static bool is_said(const json_t *host_config, const char *key)
{
    const json_t *value = json_object_get(host_config, key);

    return value != NULL && !json_is_null(value);
}

static long long number_of(const json_t *host_config, const char *key)
{
    return json_integer_value(json_object_get(host_config, key));
}

static int take_numbers(const json_t *host_config, struct limits *l,
                        struct failure *why)
{
    for (size_t i = 0; i < COUNT(numbers); i++) {
        const json_t *value = json_object_get(host_config, numbers[i].key);

        if (!is_said(host_config, numbers[i].key))
            continue;
        if (!json_is_integer(value))
            return fail_as(why, FAILURE_BAD_PARAMETER,
                           "HostConfig.%s has to be a whole number",
                           numbers[i].key);
        if (numbers[i].take(l, json_integer_value(value), why) < 0)
            return -1;
    }
    return 0;
}

static int take_lists(const json_t *host_config, struct limits *l,
                      struct failure *why)
{
    for (size_t i = 0; i < COUNT(lists); i++) {
        const json_t *value = json_object_get(host_config, lists[i].key);

        if (!is_said(host_config, lists[i].key))
            continue;
        if (!json_is_string(value) ||
            strlen(json_string_value(value)) != json_string_length(value))
            return fail_as(why, FAILURE_BAD_PARAMETER,
                           "HostConfig.%s has to be a text", lists[i].key);
        if (lists[i].take(l, json_string_value(value), why) < 0)
            return -1;
    }
    return 0;
}

/* --cpus is another way to say --cpu-quota and --cpu-period. */
static int check_conflicts(const json_t *host_config, struct failure *why)
{
    static const char *const keys[][2] = {
        {"CpuPeriod", "Period"},
        {"CpuQuota", "Quota"},
    };

    for (size_t i = 0; i < COUNT(keys); i++)
        if (number_of(host_config, "NanoCpus") > 0 &&
            number_of(host_config, keys[i][0]) > 0)
            return fail_as(why, FAILURE_BAD_PARAMETER,
                           "Conflicting options: Nano CPUs and CPU %s cannot "
                           "both be set",
                           keys[i][1]);
    return 0;
}

int resources_limits(const json_t *host_config, struct limits *l,
                     struct failure *why)
{
    *l = limit_none;
    l->oom_kill_disable =
        json_is_true(json_object_get(host_config, "OomKillDisable"));
    if (check_conflicts(host_config, why) < 0 ||
        take_numbers(host_config, l, why) < 0 ||
        take_lists(host_config, l, why) < 0)
        return -1;
    return limit_settle(l, why);
}

static void warn(json_t *warnings, const char *text)
{
    if (warnings != NULL)
        json_array_append_new(warnings, json_string(text));
}

/* docker starts a container also without what its kernel can't limit. */
static void discard_unknown(json_t *host_config, json_t *warnings)
{
    if (number_of(host_config, "Memory") > 0 &&
        number_of(host_config, "MemorySwap") > 0 &&
        !cgroup_knobs_has(KNOB_SWAP)) {
        json_object_set_new(host_config, "MemorySwap", json_integer(-1));
        warn(warnings, "Your kernel does not support swap limit capabilities "
                       "or the cgroup is not mounted. Memory limited without "
                       "swap.");
    }
    if (is_said(host_config, "MemorySwappiness") &&
        number_of(host_config, "MemorySwappiness") != -1 &&
        !cgroup_knobs_has(KNOB_SWAPPINESS)) {
        json_object_set_new(host_config, "MemorySwappiness", json_null());
        warn(warnings, "Your kernel does not support memory swappiness "
                       "capabilities or the cgroup is not mounted. Memory "
                       "swappiness discarded.");
    }
    if (json_is_true(json_object_get(host_config, "OomKillDisable")) &&
        !cgroup_knobs_has(KNOB_OOM_KILL_DISABLE)) {
        json_object_set_new(host_config, "OomKillDisable", json_null());
        warn(warnings, "Your kernel does not support OomKillDisable. "
                       "OomKillDisable discarded.");
    }
    if (number_of(host_config, "BlkioWeight") > 0 &&
        !cgroup_knobs_has(KNOB_BLKIO_WEIGHT)) {
        json_object_set_new(host_config, "BlkioWeight", json_integer(0));
        warn(warnings, "Your kernel does not support Block I/O weight or the "
                       "cgroup is not mounted. Weight discarded.");
    }
}

int resources_settle(json_t *host_config, json_t *warnings, struct failure *why)
{
    struct limits l;

    if (resources_limits(host_config, &l, why) < 0)
        return -1;
    if (l.swap_default != LIMIT_NONE && l.swap_default != LIMIT_MAX)
        json_object_set_new(host_config, "MemorySwap",
                            json_integer(l.swap_default));
    discard_unknown(host_config, warnings);
    if (json_is_true(json_object_get(host_config, "OomKillDisable")) &&
        number_of(host_config, "Memory") <= 0)
        warn(warnings, "OOM killer is disabled for the container, but no "
                       "memory limit is set, this can result in the system "
                       "running out of resources.");
    return 0;
}

static bool leads_up(const char *path)
{
    cleanup_free char *copy = strdup(path);
    char *rest = copy;
    const char *part;

    while ((part = strsep(&rest, "/")) != NULL)
        if (str_eq(part, "..") || str_eq(part, "."))
            return true;
    return copy == NULL;
}

char *resources_cgroup_name(const json_t *host_config, const char *id,
                            struct failure *why)
{
    const char *parent =
        json_string_value(json_object_get(host_config, "CgroupParent"));
    size_t length = parent == NULL ? 0 : strlen(parent);
    char *name = NULL;

    if (length > 0 && (leads_up(parent) || strstr(parent, "//") != NULL ||
                       strchr(parent, '\n') != NULL)) {
        fail_as(why, FAILURE_BAD_PARAMETER,
                "Invalid cgroup parent \"%.200s\": a path such as /batch/big, "
                "without \"..\"",
                parent);
        return NULL;
    }
    if (length > 0 && parent[length - 1] == '/')
        length--;
    /* "/" alone is the first cgroup that there is. */
    if (asprintf(&name, "%.*s%sduct-%s", (int)length,
                 parent == NULL ? "" : parent,
                 parent == NULL || *parent == '\0' ? "" : "/", id) < 0) {
        fail(why, ENOMEM, "name a cgroup");
        return NULL;
    }
    return name;
}

/* Is it one of the values that leave everything as it is? */
static bool is_empty(const json_t *value)
{
    return value == NULL || json_is_null(value) ||
           (json_is_integer(value) && json_integer_value(value) == 0) ||
           (json_is_string(value) && json_string_length(value) == 0);
}

/* --cpus and the pair that says the same may not be mixed over time either. */
static int check_update(const json_t *old, const json_t *changes,
                        struct failure *why)
{
    static const char *const conflicts[][3] = {
        {"NanoCpus", "CpuPeriod",
         "Nano CPUs cannot be updated as CPU Period has already been set"},
        {"NanoCpus", "CpuQuota",
         "Nano CPUs cannot be updated as CPU Quota has already been set"},
        {"CpuPeriod", "NanoCpus",
         "CPU Period cannot be updated as NanoCPUs has already been set"},
        {"CpuQuota", "NanoCpus",
         "CPU Quota cannot be updated as NanoCPUs has already been set"},
    };
    long long swap = number_of(old, "MemorySwap");

    for (size_t i = 0; i < COUNT(conflicts); i++)
        if (!is_empty(json_object_get(changes, conflicts[i][0])) &&
            number_of(old, conflicts[i][1]) > 0)
            return fail_as(why, FAILURE_CONFLICT, "Conflicting options: %s",
                           conflicts[i][2]);
    if (swap > 0 && number_of(changes, "Memory") > swap &&
        number_of(changes, "MemorySwap") == 0)
        return fail_as(why, FAILURE_CONFLICT,
                       "Memory limit should be smaller than already set "
                       "memoryswap limit, update the memoryswap at the same "
                       "time");
    return 0;
}

static void merge(json_t *merged, const json_t *changes, const char *key)
{
    json_t *value = json_object_get(changes, key);

    if (!is_empty(value))
        json_object_set(merged, key, value);
}

int resources_update(const json_t *old, const json_t *changes, json_t **merged,
                     struct failure *why)
{
    json_t *next = json_deep_copy(old);

    *merged = NULL;
    if (next == NULL)
        return fail(why, ENOMEM, "update limits");
    for (size_t i = 0; i < COUNT(numbers); i++)
        merge(next, changes, numbers[i].key);
    for (size_t i = 0; i < COUNT(lists); i++)
        merge(next, changes, lists[i].key);
    merge(next, changes, "OomKillDisable");
    /* Without a limit of memory none of both together has a meaning. */
    if (number_of(changes, "Memory") == -1 &&
        number_of(changes, "MemorySwap") == 0)
        json_object_set_new(next, "MemorySwap", json_integer(-1));
    if (check_update(old, changes, why) < 0 ||
        resources_settle(next, NULL, why) < 0) {
        json_decref(next);
        return -1;
    }
    *merged = next;
    return 0;
}
