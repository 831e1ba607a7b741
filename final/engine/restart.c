/*
 * restart: is a container that has ended to run again, and when?
 *
 * Side           host, in the monitor
 * Look at it     duct inspect -f '{{.RestartCount}} {{.State.Status}}' NAME
 */
#include "restart.h"

#include <time.h>

#include "cleanup.h"

enum {
    SHORTEST = 100,
    LONGEST = 60000,
    GOOD_RUN = 10000
};

long long restart_now(void)
{
    struct timespec now;

    clock_gettime(CLOCK_BOOTTIME, &now);
    return now.tv_sec * 1000LL + now.tv_nsec / 1000000;
}

static const char *name_of(const json_t *policy)
{
    const char *name = json_string_value(json_object_get(policy, "Name"));

    return name != NULL ? name : "";
}

bool restart_is_policy(const json_t *policy)
{
    return *name_of(policy) != '\0' && !str_eq(name_of(policy), "no");
}

int restart_check(const json_t *policy, struct failure *why)
{
    static const char *const names[] = {"", "no", "always", "unless-stopped"};
    const char *name = name_of(policy);
    json_int_t most =
        json_integer_value(json_object_get(policy, "MaximumRetryCount"));

    if (str_eq(name, "on-failure"))
        return most >= 0 ? 0
                         : fail_as(why, FAILURE_BAD_PARAMETER,
                                   "maximum retry count cannot be negative");
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        if (str_eq(name, names[i]))
            return most == 0 ? 0
                             : fail_as(why, FAILURE_BAD_PARAMETER,
                                       "maximum retry count cannot be used "
                                       "with restart policy '%s'",
                                       name);
    return fail_as(why, FAILURE_BAD_PARAMETER, "invalid restart policy '%s'",
                   name);
}

bool restart_wanted(struct restart *r, const struct record *record, int status)
{
    const json_t *host = json_object_get(record->config, "HostConfig");
    const json_t *policy = json_object_get(host, "RestartPolicy");
    const char *name = json_string_value(json_object_get(policy, "Name"));
    json_int_t most =
        json_integer_value(json_object_get(policy, "MaximumRetryCount"));

    if (r->begun_at != 0 && restart_now() - r->begun_at >= GOOD_RUN)
        r->delay = r->failures = 0;
    if (name == NULL ||
        json_is_true(json_object_get(record->state, "ManuallyStopped")))
        return false;
    if (str_eq(name, "always") || str_eq(name, "unless-stopped"))
        return true;
    return str_eq(name, "on-failure") && status != 0 &&
           (most == 0 || r->failures < most);
}

int restart_delay(struct restart *r)
{
    r->delay = r->delay == 0 ? SHORTEST : 2 * r->delay;
    if (r->delay > LONGEST)
        r->delay = LONGEST;
    return r->delay;
}

void restart_count(struct restart *r, struct record *record)
{
    struct failure ignored;
    json_int_t count =
        json_integer_value(json_object_get(record->config, "RestartCount"));

    r->failures++;
    r->begun_at = restart_now();
    json_object_set_new(record->config, "RestartCount",
                        json_integer(count + 1));
    (void)record_save_config(record, &ignored);
}
