/*
 * create_rules: which flag becomes which member of a request.
 *
 * Nearly all do so without a look at any other: they are a table. The others
 * are in create_request.c.
 */
#include "create_rules.h"

#include <errno.h>
#include <limits.h>
#include <stdint.h>

#include "amounts.h"
#include "cleanup.h"
#include "device_spec.h"
#include "put.h"
#include "quote.h"
#include "run_flags.h"
#include "values.h"
#include "volume_spec.h"

static int put_size(json_t *into, const char *key, const char *text,
                    struct failure *why)
{
    long long bytes;

    if (amount_size(text, &bytes, why) < 0)
        return -1;
    return put_number(into, key, bytes, why);
}

static int put_swap(json_t *into, const char *key, const char *text,
                    struct failure *why)
{
    return str_eq(text, "-1") ? put_number(into, key, -1, why)
                              : put_size(into, key, text, why);
}

static int put_cpus(json_t *into, const char *key, const char *text,
                    struct failure *why)
{
    long long nano;

    if (amount_cpus(text, &nano, why) < 0)
        return -1;
    return put_number(into, key, nano, why);
}

static int put_whole(json_t *into, const char *key, const char *text,
                     struct failure *why)
{
    long long number;

    if (amount_whole(text, LLONG_MIN, LLONG_MAX, &number, why) < 0)
        return -1;
    return put_number(into, key, number, why);
}

static int put_weight(json_t *into, const char *key, const char *text,
                      struct failure *why)
{
    long long weight;

    if (amount_whole(text, 0, UINT16_MAX, &weight, why) < 0)
        return -1;
    return put_number(into, key, weight, why);
}

static int put_duration(json_t *into, const char *key, const char *text,
                        struct failure *why)
{
    long long nano;

    if (amount_duration(text, &nano, why) < 0)
        return -1;
    return put_number(into, key, nano, why);
}

/* "/run:size=1m": into {"/run": "size=1m"} */
static int put_tmpfs(json_t *into, const char *key, const char *text,
                     struct failure *why)
{
    json_t *tmpfs = put_object(into, key, why);
    cleanup_free char *path = strndup(text, strcspn(text, ":"));
    const char *colon = strchr(text, ':');

    if (tmpfs == NULL)
        return -1;
    if (path == NULL)
        return fail(why, ENOMEM, "note a tmpfs");
    return put_text(tmpfs, path, colon == NULL ? "" : colon + 1, why);
}

static int put_mount(json_t *into, const char *key, const char *text,
                     struct failure *why)
{
    json_t *mounts = put_array(into, key, why);
    json_t *mount = mounts == NULL ? NULL : volume_spec_mount(text, why);

    if (mount == NULL)
        return -1;
    return json_array_append_new(mounts, mount) < 0
               ? fail(why, ENOMEM, "note a mount")
               : 0;
}

enum place {
    CONFIG, /* the request itself */
    HOST,   /* its HostConfig */
    HEALTH, /* its Healthcheck */
};

/* How a flag gets into the request. */
static const struct rule {
    const char *flag;
    enum place place;
    const char *key;
    /* Either reads the value into a member, */
    int (*put)(json_t *into, const char *key, const char *text,
               struct failure *why);
    /* or adds it to the array, or the object, that is the member. */
    int (*add)(json_t *array, const char *text, struct failure *why);
    int (*set)(json_t *object, const char *text, struct failure *why);
} rules[] = {
    {"hostname", CONFIG, "Hostname", .put = put_text},
    {"domainname", CONFIG, "Domainname", .put = put_text},
    {"user", CONFIG, "User", .put = put_text},
    {"workdir", CONFIG, "WorkingDir", .put = put_text},
    {"stop-signal", CONFIG, "StopSignal", .put = put_text},
    {"stop-timeout", CONFIG, "StopTimeout", .put = put_whole},
    {"entrypoint", CONFIG, "Entrypoint", .put = put_item},
    {"env", CONFIG, "Env", .add = value_env},
    {"label", CONFIG, "Labels", .set = value_label},
    {"health-interval", HEALTH, "Interval", .put = put_duration},
    {"health-timeout", HEALTH, "Timeout", .put = put_duration},
    {"health-start-period", HEALTH, "StartPeriod", .put = put_duration},
    {"health-start-interval", HEALTH, "StartInterval", .put = put_duration},
    {"health-retries", HEALTH, "Retries", .put = put_whole},
    {"add-host", HOST, "ExtraHosts", .add = value_host},
    {"blkio-weight", HOST, "BlkioWeight", .put = put_weight},
    {"cap-add", HOST, "CapAdd", .put = put_item},
    {"cap-drop", HOST, "CapDrop", .put = put_item},
    {"cgroup-parent", HOST, "CgroupParent", .put = put_text},
    {"cidfile", HOST, "ContainerIDFile", .put = put_text},
    {"cpu-period", HOST, "CpuPeriod", .put = put_whole},
    {"cpu-quota", HOST, "CpuQuota", .put = put_whole},
    {"cpu-shares", HOST, "CpuShares", .put = put_whole},
    {"cpus", HOST, "NanoCpus", .put = put_cpus},
    {"cpuset-cpus", HOST, "CpusetCpus", .put = put_text},
    {"cpuset-mems", HOST, "CpusetMems", .put = put_text},
    {"device-cgroup-rule", HOST, "DeviceCgroupRules", .add = device_spec_rule},
    {"dns", HOST, "Dns", .add = value_address},
    {"dns-option", HOST, "DnsOptions", .put = put_item},
    {"dns-search", HOST, "DnsSearch", .add = value_domain},
    {"group-add", HOST, "GroupAdd", .put = put_item},
    {"ipc", HOST, "IpcMode", .put = put_text},
    {"memory", HOST, "Memory", .put = put_size},
    {"memory-reservation", HOST, "MemoryReservation", .put = put_size},
    {"memory-swap", HOST, "MemorySwap", .put = put_swap},
    {"memory-swappiness", HOST, "MemorySwappiness", .put = put_whole},
    {"mount", HOST, "Mounts", .put = put_mount},
    {"oom-score-adj", HOST, "OomScoreAdj", .put = put_whole},
    {"pids-limit", HOST, "PidsLimit", .put = put_whole},
    {"shm-size", HOST, "ShmSize", .put = put_size},
    {"sysctl", HOST, "Sysctls", .set = value_sysctl},
    {"tmpfs", HOST, "Tmpfs", .put = put_tmpfs},
    {"ulimit", HOST, "Ulimits", .add = value_ulimit},
};

/* Those whose mistakes docker finds out later, and tells without the flag. */
static const struct rule late_rules[] = {
    {"device", HOST, "Devices", .add = device_spec},
    {"restart", HOST, "RestartPolicy", .set = value_restart},
};

static const struct switch_rule {
    const char *flag;
    enum place place;
    const char *key;
} switches[] = {
    {"tty", CONFIG, "Tty"},
    {"interactive", CONFIG, "OpenStdin"},
    {"oom-kill-disable", HOST, "OomKillDisable"},
    {"privileged", HOST, "Privileged"},
    {"publish-all", HOST, "PublishAllPorts"},
    {"read-only", HOST, "ReadonlyRootfs"},
    {"rm", HOST, "AutoRemove"},
};

static json_t *find_place(json_t *body, enum place place, struct failure *why)
{
    switch (place) {
    case HOST:
        return put_object(body, "HostConfig", why);
    case HEALTH:
        return put_object(body, "Healthcheck", why);
    case CONFIG:
        break;
    }
    return body;
}

/* Says which flag the mistake is in, with docker's words around ours. */
int create_rules_blame(const char *name, const char *text, struct failure *why)
{
    cleanup_free char *quoted = quote(text);
    cleanup_free char *message = strdup(why->message);
    const struct flag *flag = run_flags;
    char letter[] = "-x, ";

    if (why->kind != FAILURE_BAD_PARAMETER || quoted == NULL || message == NULL)
        return -1;
    while (flag->name != NULL && !str_eq(flag->name, name))
        flag++;
    letter[1] = flag->letter;
    return fail_as(why, FAILURE_BAD_PARAMETER,
                   "invalid argument %s for \"%s--%s\" flag: %s", quoted,
                   flag->letter == 0 ? "" : letter, name, message);
}

static int apply_value(json_t *body, const struct rule *rule, const char *text,
                       struct failure *why)
{
    json_t *into = find_place(body, rule->place, why);
    json_t *member;

    if (into == NULL)
        return -1;
    if (rule->put != NULL)
        return rule->put(into, rule->key, text, why);
    member = rule->add != NULL ? put_array(into, rule->key, why)
                               : put_object(into, rule->key, why);
    if (member == NULL)
        return -1;
    return (rule->add != NULL ? rule->add : rule->set)(member, text, why);
}

/* All values of a flag: one, or a list of them. */
static int apply_rule(json_t *body, const struct call *call,
                      const struct rule *rule, bool is_early,
                      struct failure *why)
{
    const json_t *given = json_object_get(call->flags, rule->flag);
    const json_t *item;
    size_t i;

    if (json_is_string(given) &&
        apply_value(body, rule, json_string_value(given), why) < 0)
        return is_early ? create_rules_blame(rule->flag,
                                             json_string_value(given), why)
                        : -1;
    json_array_foreach((json_t *)given, i, item)
        if (apply_value(body, rule, json_string_value(item), why) < 0)
            return is_early ? create_rules_blame(rule->flag,
                                                 json_string_value(item), why)
                            : -1;
    return 0;
}

int create_rules_values(json_t *body, const struct call *call,
                        struct failure *why)
{
    for (size_t i = 0; i < sizeof(rules) / sizeof(*rules); i++)
        if (apply_rule(body, call, &rules[i], true, why) < 0)
            return -1;
    for (size_t i = 0; i < sizeof(late_rules) / sizeof(*late_rules); i++)
        if (apply_rule(body, call, &late_rules[i], false, why) < 0)
            return -1;
    return 0;
}

int create_rules_apply(json_t *body, const struct call *call,
                       struct failure *why)
{
    if (create_rules_values(body, call, why) < 0)
        return -1;
    for (size_t i = 0; i < sizeof(switches) / sizeof(*switches); i++) {
        json_t *into = find_place(body, switches[i].place, why);

        if (into == NULL ||
            put_new(into, switches[i].key,
                    json_boolean(call_is(call, switches[i].flag)), why) < 0)
            return -1;
    }
    return 0;
}
