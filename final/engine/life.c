/*
 * life: what happens to a container between its creation and its end.
 *
 * Kernel object  a process, held by a pidfd and never by a number alone
 * Side           host
 * Look at it     duct events     jq . /var/lib/duct/containers/ID/state.json
 */
#include "life.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/pidfd.h>

#include "cgroup.h"
#include "cleanup.h"
#include "endpoints.h"
#include "journal.h"
#include "monitor.h"
#include "process.h"
#include "resources.h"
#include "restart.h"
#include "settle.h"
#include "signals.h"
#include "wait.h"

void container_tell(const struct record *record, const char *action,
                    json_t *more)
{
    const json_t *config = json_object_get(record->config, "Config");
    json_auto_t *attributes = json_deep_copy(json_object_get(config, "Labels"));
    json_auto_t *added = more;
    struct failure ignored;

    if (attributes == NULL)
        attributes = json_object();
    json_object_set(attributes, "image", json_object_get(config, "Image"));
    json_object_set_new(attributes, "name", json_string(record_name(record)));
    if (added != NULL)
        json_object_update(attributes, added);
    (void)journal_add(record->engine, "container", action, record->id,
                      attributes, &ignored);
}

static void set_state(struct record *record, const char *name, json_t *value)
{
    json_object_set_new(record->state, name, value);
}

int container_start(struct record *record, int client, struct failure *why)
{
    settle_all(record->engine);
    if (record_lock(record, why) < 0)
        return -1;
    if (record_is_up(record)) {
        record_unlock(record);
        if (str_eq(record_status(record), "paused"))
            return fail_as(why, FAILURE_CONFLICT,
                           "cannot start a paused container, try unpause "
                           "instead");
        return fail_as(why, FAILURE_UNCHANGED, "container %s is running",
                       record_name(record));
    }
    json_object_del(record->state, "ManuallyStopped");
    return monitor_start(record, client, why);
}

static int not_running(const struct record *record, const char *before,
                       struct failure *why)
{
    return fail_as(why, FAILURE_CONFLICT, "%sContainer %s is not running",
                   before, record->id);
}

/* Who sends it a signal that ends it does not want it back. One that has ended
 * already, and whose monitor has not said so yet, is not running. */
static int send_signal(struct record *record, int number, bool is_final,
                       const char *before, struct failure *why)
{
    if (is_final) {
        set_state(record, "ManuallyStopped", json_true());
        if (record_save(record, why) < 0)
            return -1;
    }
    cleanup_close int pidfd = process_open(record->state, why);
    if (pidfd < 0)
        return str_eq(record_status(record), "restarting")
                   ? monitor_cancel(record, why)
                   : not_running(record, before, why);
    if (pidfd_send_signal(pidfd, number, NULL, 0) < 0 && errno != ESRCH)
        return fail(why, errno, "send signal %d to container %s", number,
                    record->id);
    return 0;
}

int container_kill(struct record *record, const char *signal,
                   struct failure *why)
{
    int number = SIGKILL;
    cleanup_free char *prefix = NULL;

    if (signal != NULL && signal_number(&number, signal, why) < 0)
        return -1;
    if (record_lock(record, why) < 0)
        return -1;
    int status = -1;
    if (asprintf(&prefix, "Cannot kill container: %s: ", record_name(record)) <
        0)
        prefix = NULL;
    if (!record_is_up(record))
        not_running(record, prefix != NULL ? prefix : "", why);
    else
        status = send_signal(record, number, number == SIGKILL,
                             prefix != NULL ? prefix : "", why);
    /* What is frozen does not even die. */
    if (status == 0 && number == SIGKILL &&
        str_eq(record_status(record), "paused"))
        status = process_thaw(record, why);
    record_unlock(record);
    if (status == 0)
        container_tell(
            record, "kill",
            json_pack("{s:o}", "signal", json_sprintf("%d", number)));
    return status;
}

static int usual_timeout(const struct record *record)
{
    const json_t *config = json_object_get(record->config, "Config");
    const json_t *timeout = json_object_get(config, "StopTimeout");

    return json_is_integer(timeout) ? (int)json_integer_value(timeout) : 10;
}

static int stop_signal(const struct record *record, const char *asked,
                       struct failure *why)
{
    const json_t *config = json_object_get(record->config, "Config");
    const char *own = json_string_value(json_object_get(config, "StopSignal"));
    int number = SIGTERM;
    const char *text = asked != NULL ? asked : own;

    return text != NULL && signal_number(&number, text, why) < 0 ? -1 : number;
}

/* Sends a signal to a container that is up, which is to end it. */
static int send_end(struct record *record, int number, struct failure *why)
{
    if (record_lock(record, why) < 0)
        return -1;
    int status =
        record_is_up(record)
            ? send_signal(record, number, true, "", why)
            : fail_as(why, FAILURE_UNCHANGED, "container %s is not running",
                      record_name(record));
    if (status == 0 && str_eq(record_status(record), "paused"))
        status = process_thaw(record, why);
    record_unlock(record);
    /* It has ended: all that is left is to wait for its monitor. */
    return status < 0 && why->kind == FAILURE_CONFLICT ? 0 : status;
}

int container_stop(struct record *record, const char *signal, int seconds,
                   struct failure *why)
{
    int number = stop_signal(record, signal, why);
    int status;

    if (number < 0)
        return -1;
    if (!record_is_up(record))
        return fail_as(why, FAILURE_UNCHANGED, "container %s is not running",
                       record_name(record));
    if (seconds == -2)
        seconds = usual_timeout(record);
    if (send_end(record, number, why) < 0)
        return -1;
    container_tell(record, "kill",
                   json_pack("{s:o}", "signal", json_sprintf("%d", number)));
    if (!wait_for_end(record, seconds < 0 ? -1 : seconds * 1000, &status)) {
        if (send_end(record, SIGKILL, why) < 0)
            return why->kind == FAILURE_UNCHANGED ? 0 : -1;
        container_tell(record, "kill", json_pack("{s:s}", "signal", "9"));
        if (!wait_for_end(record, 10000, &status))
            return fail(why, 0,
                        "container %s did not end 10 s after SIGKILL: is one "
                        "of its processes stuck in the kernel?",
                        record->id);
    }
    container_tell(record, "stop", NULL);
    return 0;
}

int container_restart(struct record *record, const char *signal, int seconds,
                      struct failure *why)
{
    if (record_is_up(record) &&
        container_stop(record, signal, seconds, why) < 0 &&
        why->kind != FAILURE_UNCHANGED)
        return -1;
    if (container_start(record, -1, why) < 0)
        return -1;
    container_tell(record, "restart", NULL);
    return 0;
}

static int set_frozen(struct record *record, bool is_frozen,
                      struct failure *why)
{
    cleanup_cgroup struct cgroup cgroup;

    if (process_cgroup(record, &cgroup) == 0)
        return fail(why, 0, "container %s has no cgroup to freeze", record->id);
    if (cgroup_freeze(&cgroup, is_frozen, why) < 0)
        return -1;
    set_state(record, "Status", json_string(is_frozen ? "paused" : "running"));
    set_state(record, "Paused", json_boolean(is_frozen));
    return record_save(record, why);
}

static int check_pause(const struct record *record, bool is_frozen,
                       struct failure *why)
{
    const char *status = record_status(record);

    if (is_frozen && str_eq(status, "paused"))
        return fail_as(why, FAILURE_CONFLICT, "Container %s is already paused",
                       record->id);
    if (!is_frozen && !str_eq(status, "paused"))
        return fail_as(why, FAILURE_CONFLICT, "Container %s is not paused",
                       record->id);
    if (str_eq(status, "restarting"))
        return fail_as(why, FAILURE_CONFLICT,
                       "Container %s is restarting, wait until the container "
                       "is running",
                       record->id);
    return record_is_up(record) ? 0 : not_running(record, "", why);
}

static int freeze_or_thaw(struct record *record, bool is_frozen,
                          struct failure *why)
{
    if (record_lock(record, why) < 0)
        return -1;
    int status = check_pause(record, is_frozen, why);
    if (status == 0)
        status = set_frozen(record, is_frozen, why);
    record_unlock(record);
    if (status == 0)
        container_tell(record, is_frozen ? "pause" : "unpause", NULL);
    return status;
}

int container_pause(struct record *record, struct failure *why)
{
    return freeze_or_thaw(record, true, why);
}

int container_unpause(struct record *record, struct failure *why)
{
    return freeze_or_thaw(record, false, why);
}

static int cannot_update(const struct record *record, struct failure *why)
{
    cleanup_free char *message = strdup(why->message);

    return fail_as(why, why->kind, "Cannot update container %s: %s", record->id,
                   message != NULL ? message : "");
}

static int check_policy(const struct record *record, const json_t *policy,
                        struct failure *why)
{
    if (!record_is_auto_remove(record) || !restart_is_policy(policy))
        return 0;
    return fail_as(why, FAILURE_CONFLICT,
                   "Restart policy cannot be updated because AutoRemove is "
                   "enabled for the container");
}

/* The kernel first: what it refuses is not written down either. One that waits
 * for its next run gets its limits with that. */
static int apply_update(struct record *record, json_t *merged,
                        const json_t *policy, struct failure *why)
{
    const json_t *old = json_object_get(record->config, "HostConfig");
    bool has_processes = str_eq(record_status(record), "running") ||
                         str_eq(record_status(record), "paused");
    struct failure ignored;

    if (check_policy(record, policy, why) < 0)
        return -1;
    if (has_processes && !json_equal(merged, old) &&
        process_limit(record, merged, why) < 0)
        return -1;
    if (json_is_object(policy))
        json_object_set(merged, "RestartPolicy", (json_t *)policy);
    json_object_set(record->config, "HostConfig", merged);
    if (record_save_config(record, why) < 0)
        return -1;
    /* Who waits for a run that is not to come need not wait any more. */
    if (str_eq(record_status(record), "restarting") &&
        !restart_is_policy(json_object_get(merged, "RestartPolicy")))
        (void)monitor_cancel(record, &ignored);
    return 0;
}

int container_update(struct record *record, const json_t *changes,
                     struct failure *why)
{
    json_auto_t *merged = NULL;
    const json_t *policy = json_object_get(changes, "RestartPolicy");

    if (restart_check(policy, why) < 0 || record_lock(record, why) < 0)
        return -1;
    int status = resources_update(json_object_get(record->config, "HostConfig"),
                                  changes, &merged, why);
    if (status == 0)
        status = apply_update(record, merged, policy, why);
    record_unlock(record);
    if (status < 0)
        return why->kind == FAILURE_BAD_PARAMETER ? -1
                                                  : cannot_update(record, why);
    container_tell(record, "update", NULL);
    return 0;
}
