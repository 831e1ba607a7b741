/*
 * usage: what a container uses, and for which processes.
 *
 * Look at it     duct stats     duct top CONTAINER
 */
#include "usage.h"

#include "cgroup.h"
#include "cleanup.h"
#include "process.h"
#include "stats.h"
#include "top.h"

/* With the host's network its interfaces are not the container's. */
static bool has_own_network(const struct record *record)
{
    const char *mode = json_string_value(json_object_get(
        json_object_get(record->config, "HostConfig"), "NetworkMode"));

    return mode == NULL || !str_eq(mode, "host");
}

json_t *container_stats(const struct record *record, const json_t *previous,
                        struct failure *why)
{
    const char *name =
        json_string_value(json_object_get(record->config, "Name"));
    struct stats_subject subject = {.id = record->id,
                                    .name = name == NULL ? "" : name};
    cleanup_cgroup struct cgroup cgroup;
    struct failure ended;
    bool is_found = process_cgroup(record, &cgroup) > 0;
    cleanup_close int pidfd =
        record_is_up(record) ? process_open(record->state, &ended) : -1;

    if (pidfd >= 0 && is_found)
        subject.cgroup = &cgroup;
    if (pidfd >= 0 && has_own_network(record))
        subject.pid =
            (pid_t)json_integer_value(json_object_get(record->state, "Pid"));
    return stats_read(&subject, previous, why);
}

json_t *container_top(const struct record *record, const char *ps_args,
                      struct failure *why)
{
    cleanup_cgroup struct cgroup cgroup;
    int found = process_cgroup(record, &cgroup);

    if (!record_is_up(record)) {
        fail_as(why, FAILURE_CONFLICT, "Container %s is not running",
                record->id);
        return NULL;
    }
    if (found == 0) {
        fail(why, 0,
             "container %s has no cgroup, so nobody knows its processes",
             record->id);
        return NULL;
    }
    return top_list(&cgroup, ps_args, why);
}
