/*
 * remove: the end of a container, and other names for one.
 *
 * What is to go is first moved out of sight, by one rename, and then taken
 * apart: who is killed meanwhile leaves something that nobody finds but who
 * settles what others have begun.
 *
 * Side           host
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>

#include "cleanup.h"
#include "endpoints.h"
#include "intents.h"
#include "life.h"
#include "monitor.h"
#include "settle.h"

/* Only if it is still ours. */
static void drop_name(const struct engine *engine, const char *name,
                      const char *id)
{
    cleanup_free char *path = NULL;
    char target[ID_LENGTH + 1] = "";

    if (asprintf(&path, "names/%s", name) < 0 ||
        readlinkat(engine->data_fd, path, target, ID_LENGTH) != ID_LENGTH ||
        !str_eq(target, id))
        return;
    (void)unlinkat(engine->data_fd, path, 0);
}

int container_discard(struct record *record, bool volumes, struct failure *why)
{
    json_auto_t *intent =
        json_pack("{s:O, s:b}", "Image",
                  json_object_get(record->config, "Image"), "Volumes", volumes);
    struct failure ignored; /* on a full disk, too, there has to be a way out */

    (void)intent_note(record->engine, record->id, json_incref(intent),
                      &ignored);
    return settle_remove(record->engine, record->id, intent, why);
}

/* Until it has ended, however long that takes. */
static int kill_and_lock(struct record *record, struct failure *why)
{
    while (record_is_up(record)) {
        record_unlock(record);
        if (container_stop(record, "KILL", -1, why) < 0 &&
            why->kind != FAILURE_UNCHANGED)
            return -1;
        if (record_lock(record, why) < 0)
            return -1;
    }
    return 0;
}

int container_remove(struct record *record, bool force, bool volumes,
                     struct failure *why)
{
    settle_all(record->engine);
    if (record_lock(record, why) < 0)
        return -1;
    if (record_is_up(record) && !force) {
        record_unlock(record);
        return fail_as(why, FAILURE_CONFLICT,
                       "You cannot remove a running container %s. Stop the "
                       "container before attempting removal or force remove",
                       record->id);
    }
    if (kill_and_lock(record, why) < 0)
        return why->kind == FAILURE_NOT_FOUND ? 0 : -1;
    monitor_sweep(record);
    int status = container_discard(record, volumes, why);
    record_unlock(record);
    return status;
}

static int taken(const char *name, const char *id, struct failure *why)
{
    return fail_as(why, FAILURE_CONFLICT,
                   "Conflict. The container name \"/%s\" is already in use by "
                   "container \"%s\". You have to remove (or rename) that "
                   "container to be able to reuse that name.",
                   name, id);
}

/* Reserves the new name, then says so in the config, then drops the old. */
static int rename_locked(struct record *record, const char *name,
                         struct failure *why)
{
    const struct engine *engine = record->engine;
    cleanup_free char *old = strdup(record_name(record));
    cleanup_record struct record other = RECORD_CLOSED;
    cleanup_close int names = engine_part(engine, "names", why);
    struct failure ignored;

    if (names < 0 || old == NULL)
        return names < 0 ? -1 : fail(why, ENOMEM, "rename a container");
    if (str_eq(old, name))
        return fail_as(why, FAILURE_BAD_PARAMETER,
                       "Renaming a container with the same name as its "
                       "current name");
    if (intent_note(engine, record->id,
                    json_pack("{s:[s, s]}", "Names", old, name), why) < 0)
        return -1;
    if (symlinkat(record->id, names, name) < 0) {
        if (errno != EEXIST)
            return fail(why, errno, "reserve the name %s", name);
        if (record_peek(&other, engine, name, &ignored) == 0 &&
            str_eq(record_name(&other), name))
            return taken(name, other.id, why);
        (void)unlinkat(names, name, 0);
        if (symlinkat(record->id, names, name) < 0)
            return fail(why, errno, "reserve the name %s", name);
    }
    json_object_set_new(record->config, "Name", json_sprintf("/%s", name));
    if (record_save_config(record, why) < 0) {
        (void)unlinkat(names, name, 0);
        return -1;
    }
    drop_name(engine, old, record->id);
    endpoints_rename(engine, record->id, name);
    container_tell(record, "rename", json_pack("{s:s+}", "oldName", "/", old));
    return 0;
}

int container_rename(struct record *record, const char *name,
                     struct failure *why)
{
    name += *name == '/';
    if (!name_is_valid(name))
        return fail_as(why, FAILURE_BAD_PARAMETER,
                       "Invalid container name (%s), only "
                       "[a-zA-Z0-9][a-zA-Z0-9_.-] are allowed",
                       name);
    if (record_lock(record, why) < 0)
        return -1;
    int status = rename_locked(record, name, why);
    intent_drop(record->engine, record->id);
    record_unlock(record);
    return status;
}
