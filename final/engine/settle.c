/*
 * settle: what was begun by somebody who was killed is undone, or finished.
 *
 * What is found on the disk decides, not who wrote the intent: a container that
 * has its name is there, and only what it has on the host is looked after; one
 * in the trash goes; anything else was never finished, so it goes as well.
 *
 * Side           host
 * Look at it     ls /var/lib/duct/intents /var/lib/duct/trash
 */
#include "settle.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/file.h>

#include "apart.h"
#include "cleanup.h"
#include "explain.h"
#include "image.h"
#include "intents.h"
#include "janitor.h"
#include "json_file.h"
#include "life.h"
#include "monitor.h"
#include "store.h"
#include "volumes.h"

/* The image may go as far as we are concerned. */
static void unpin(const struct engine *engine, const char *id,
                  const char *image)
{
    cleanup_store struct store store = STORE_CLOSED;
    struct digest digest;
    struct failure ignored;

    if (image != NULL && digest_parse(&digest, image) == 0 &&
        store_open(&store, engine->data, engine->data_fd, STORE_READ,
                   &ignored) == 0)
        (void)image_unpin(&store, &digest, id, &ignored);
}

/* Only if it is still its. */
static void drop_name(const struct engine *engine, const char *name,
                      const char *id)
{
    cleanup_free char *path = NULL;
    char target[ID_LENGTH + 1] = "";

    if (!name_is_valid(name) || asprintf(&path, "names/%s", name) < 0 ||
        readlinkat(engine->data_fd, path, target, ID_LENGTH) != ID_LENGTH ||
        !str_eq(target, id))
        return;
    (void)unlinkat(engine->data_fd, path, 0);
}

static const char *image_of(const json_t *object)
{
    return json_string_value(json_object_get(object, "Image"));
}

void settle_undo(const struct engine *engine, const char *id, const char *image)
{
    struct failure ignored;
    cleanup_close int containers = engine_part(engine, "containers", &ignored);

    volumes_disown(engine, id);
    if (containers < 0 || (apart_remove(containers, id) < 0 && errno != ENOENT))
        return; /* the next one tries again */
    unpin(engine, id, image);
    intent_drop(engine, id);
}

/* What is in the trash, as far as its files tell it. */
static void take_apart(const struct engine *engine, const char *id,
                       int trash_fd, const json_t *intent)
{
    cleanup_record struct record record = {.engine = engine, .fd = -1};
    struct failure ignored;

    memcpy(record.id, id, sizeof(record.id));
    record.fd =
        openat(trash_fd, id, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (record.fd >= 0)
        record.config = json_file_read(record.fd, "config.json", &ignored);
    if (record.config == NULL)
        return;
    drop_name(engine, record_name(&record), id);
    volumes_release(engine, id, json_object_get(record.config, "Mounts"),
                    json_is_true(json_object_get(intent, "Volumes")));
    unpin(engine, id, image_of(record.config));
    container_tell(&record, "destroy", NULL);
}

int settle_remove(const struct engine *engine, const char *id,
                  const json_t *intent, struct failure *why)
{
    cleanup_close int containers = engine_part(engine, "containers", why);
    cleanup_close int trash = engine_part(engine, "trash", why);

    if (containers < 0 || trash < 0)
        return -1;
    explain(HOST, "rm -rf %s/containers/%s", engine->data, id);
    if (renameat(containers, id, trash, id) < 0 && errno != ENOENT)
        return fail(why, errno, "remove container %s", id);
    take_apart(engine, id, trash, intent);
    unpin(engine, id, image_of(intent));
    if (apart_remove(trash, id) == 0 || errno == ENOENT)
        intent_drop(engine, id); /* else the next one tries again */
    return 0;
}

/* Which of the names that a rename was about to change is not its? */
static void settle_names(const struct record *record, const json_t *names)
{
    const json_t *name;
    size_t i;

    json_array_foreach(names, i, name)
        if (!str_eq(json_string_value(name), record_name(record)))
            drop_name(record->engine, json_string_value(name), record->id);
}

/* Its monitor had said already that it has ended. */
static bool is_to_go(const struct record *record)
{
    return record_is_auto_remove(record) &&
           str_eq(record_status(record), "exited");
}

void settle_locked(struct record *record)
{
    json_auto_t *intent = intent_read(record->engine, record->id);
    struct failure ignored;

    if (intent == NULL)
        return;
    settle_names(record, json_object_get(intent, "Names"));
    if (!record_is_up(record)) {
        monitor_sweep_at(record,
                         json_string_value(json_object_get(intent, "Cgroup")));
        janitor_resume(record->engine);
    }
    if (!record_is_up(record) && is_to_go(record))
        (void)container_discard(record, true, &ignored);
    else
        intent_drop(record->engine, record->id);
}

static int open_part(const struct engine *engine, const char *part,
                     const char *id)
{
    cleanup_free char *path = NULL;

    if (asprintf(&path, "%s/%s", part, id) < 0) {
        path = NULL;
        return -1;
    }
    return openat(engine->data_fd, path,
                  O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
}

/* Nobody is at work with it. */
static void settle(const struct engine *engine, const char *id, bool is_trash,
                   const json_t *intent)
{
    cleanup_record struct record record = RECORD_CLOSED;
    struct failure ignored;

    if (is_trash) {
        (void)settle_remove(engine, id, intent, &ignored);
        volumes_disown(engine, id); /* what was half gone of one of those */
    } else if (record_open_still(&record, engine, id, &ignored) == 0 &&
               record_is_named(&record))
        monitor_check(&record);
    else
        settle_undo(engine, id, image_of(intent));
}

/* The container first: who starts, ends or removes it has locked that. */
static void settle_one(const struct engine *engine, const char *id)
{
    json_auto_t *intent = NULL;
    cleanup_close int lock = open_part(engine, "containers", id);
    const bool is_trash = lock < 0;

    if (janitor_resume_for(engine, id))
        return;
    if (is_trash)
        lock = open_part(engine, "trash", id);
    if (lock >= 0 && flock(lock, LOCK_EX | LOCK_NB) < 0)
        return;
    cleanup_close int held = intent_take(engine, id, &intent);
    if (held < 0)
        return;
    /* Where there was none to lock, there may be one that starts by now. */
    cleanup_close int fresh =
        lock < 0 ? open_part(engine, "containers", id) : -1;
    if (fresh < 0)
        settle(engine, id, is_trash && lock >= 0, intent);
}

void settle_all(const struct engine *engine)
{
    intents_each(engine, settle_one);
}
