/*
 * remove: the end of a container, and other names for one.
 *
 * What is to go is first moved out of sight, by one rename, and then taken
 * apart: who is killed meanwhile leaves something that nobody finds.
 *
 * Side           host
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>

#include "cleanup.h"
#include "endpoints.h"
#include "image.h"
#include "life.h"
#include "monitor.h"
#include "store.h"
#include "tree.h"
#include "volumes.h"

/* The image may go as far as we are concerned. */
static void unpin(const struct record *record)
{
    cleanup_store struct store store = STORE_CLOSED;
    const char *text =
        json_string_value(json_object_get(record->config, "Image"));
    struct digest id;
    struct failure ignored;

    if (digest_parse(&id, text) == 0 &&
        store_open(&store, record->engine->data, record->engine->data_fd,
                   STORE_READ, &ignored) == 0)
        (void)image_unpin(&store, &id, record->id, &ignored);
}

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
    const struct engine *engine = record->engine;
    cleanup_close int containers = engine_part(engine, "containers", why);
    cleanup_close int trash = engine_part(engine, "trash", why);

    if (containers < 0 || trash < 0)
        return -1;
    if (renameat(containers, record->id, trash, record->id) < 0 &&
        errno != ENOENT)
        return fail(why, errno, "remove container %s", record->id);
    drop_name(engine, record_name(record), record->id);
    volumes_release(engine, record->id,
                    json_object_get(record->config, "Mounts"), volumes);
    unpin(record);
    container_tell(record, "destroy", NULL);
    (void)tree_remove(trash, record->id);
    return 0;
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
    if (symlinkat(record->id, names, name) < 0) {
        if (errno != EEXIST)
            return fail(why, errno, "reserve the name %s", name);
        if (record_find(&other, engine, name, &ignored) == 0 &&
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
    record_unlock(record);
    return status;
}
