/*
 * update_verb: other limits for containers that are there already.
 */
#include "update_verb.h"

#include <stdio.h>

#include "answer.h"
#include "cleanup.h"
#include "create_rules.h"
#include "life.h"

/* The flags are some of those of create, and mean the same. */
static int update_one(const struct call *call, const char *name,
                      const json_t *changes)
{
    cleanup_record struct record record = RECORD_CLOSED;
    struct failure why;

    if (record_find(&record, call->engine, name, &why) < 0 ||
        container_update(&record, changes, &why) < 0)
        return answer_failure(&why);
    puts(name);
    return 0;
}

static int verb_update(const struct call *call, struct failure *why)
{
    json_auto_t *body = json_object();
    int status = 0;

    if (create_rules_values(body, call, why) < 0)
        return -1;
    const json_t *changes = json_object_get(body, "HostConfig");
    if (changes == NULL) {
        fail(why, 0,
             "you must provide one or more flags when using this "
             "command.");
        why->exit_status = 1;
        return -1;
    }
    for (int i = 0; i < call->count; i++)
        if (update_one(call, call->words[i], changes) != 0)
            status = 1;
    return status;
}

static const struct flag update_flags[] = {
    {"blkio-weight", 0, FLAG_TEXT, "uint16",
     "Block IO (relative weight), between 10 and 1000, or 0 to disable"},
    {"cpu-period", 0, FLAG_TEXT, "int",
     "Limit CPU CFS (Completely Fair Scheduler) period"},
    {"cpu-quota", 0, FLAG_TEXT, "int",
     "Limit CPU CFS (Completely Fair Scheduler) quota"},
    {"cpu-shares", 'c', FLAG_TEXT, "int", "CPU shares (relative weight)"},
    {"cpus", 0, FLAG_TEXT, "decimal", "Number of CPUs"},
    {"cpuset-cpus", 0, FLAG_TEXT, "string",
     "CPUs in which to allow execution (0-3, 0,1)"},
    {"cpuset-mems", 0, FLAG_TEXT, "string",
     "MEMs in which to allow execution (0-3, 0,1)"},
    {"memory", 'm', FLAG_TEXT, "bytes", "Memory limit"},
    {"memory-reservation", 0, FLAG_TEXT, "bytes", "Memory soft limit"},
    {"memory-swap", 0, FLAG_TEXT, "bytes",
     "Swap limit equal to memory plus swap: '-1' to enable unlimited swap"},
    {"pids-limit", 0, FLAG_TEXT, "int",
     "Tune container pids limit (set -1 for unlimited)"},
    {"restart", 0, FLAG_TEXT, "string",
     "Restart policy to apply when a container exits"},
    {.name = NULL},
};

const struct verb update_verbs[] = {
    {"container", "update", "update", "[OPTIONS] CONTAINER [CONTAINER...]",
     "Update configuration of one or more containers", update_flags, 1, -1,
     false, verb_update},
    {.name = NULL},
};
