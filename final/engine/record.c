/*
 * record: what is known of a container, in files.
 *
 * Side           host
 * Look at it     jq . /var/lib/duct/containers/ID/state.json
 *                ls -l /var/lib/duct/names
 */
#include "record.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/file.h>

#include "cleanup.h"
#include "health.h"
#include "json_file.h"
#include "monitor.h"

static int no_such(const char *text, struct failure *why)
{
    return fail_as(why, FAILURE_NOT_FOUND, "No such container: %s", text);
}

void record_close(struct record *record)
{
    json_decref(record->config);
    json_decref(record->state);
    record->config = record->state = NULL;
    close_fd(&record->fd);
}

/* A container that was removed has its directory taken away from its place. */
static int read_files(struct record *record, struct failure *why)
{
    json_decref(record->config);
    json_decref(record->state);
    record->state = NULL;
    record->config = json_file_read(record->fd, "config.json", why);
    if (record->config != NULL)
        record->state = json_file_read(record->fd, "state.json", why);
    if (record->state != NULL) {
        health_show(record);
        return 0;
    }
    return errno == ENOENT ? no_such(record->id, why) : -1;
}

int record_open_still(struct record *record, const struct engine *engine,
                      const char *id, struct failure *why)
{
    cleanup_free char *path = NULL;

    *record = (struct record){.engine = engine, .fd = -1};
    if (!id_is(id))
        return no_such(id, why);
    memcpy(record->id, id, sizeof(record->id));
    if (asprintf(&path, "containers/%s", id) < 0)
        return fail(why, ENOMEM, "open container %s", id);
    record->fd = openat(engine->data_fd, path,
                        O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (record->fd < 0)
        return errno == ENOENT ? no_such(id, why)
                               : fail(why, errno, "open container %s", id);
    if (read_files(record, why) == 0)
        return 0;
    record_close(record);
    return -1;
}

int record_open(struct record *record, const struct engine *engine,
                const char *id, struct failure *why)
{
    int status = record_open_still(record, engine, id, why);

    /* It may have ended between our look at the state and that at the lock:
     * only who holds the container can tell. */
    if (status == 0 && monitor_is_lost(record)) {
        status = record_lock(record, why);
        if (status == 0)
            record_unlock(record);
    }
    if (status < 0)
        record_close(record);
    return status;
}

/* The id that a name leads to. A name that its container does not know of is
 * what a command left that was killed. */
static int id_of_name(const struct engine *engine, const char *name,
                      char id[ID_LENGTH + 1])
{
    cleanup_free char *path = NULL;

    if (!name_is_valid(name) || asprintf(&path, "names/%s", name) < 0)
        return -1;
    ssize_t length = readlinkat(engine->data_fd, path, id, ID_LENGTH + 1);
    if (length != ID_LENGTH)
        return -1;
    id[ID_LENGTH] = '\0';
    return id_is(id) ? 0 : -1;
}

/* The only id that begins so. */
static int id_of_prefix(const struct engine *engine, const char *text,
                        char id[ID_LENGTH + 1], struct failure *why)
{
    int fd = openat(engine->data_fd, "containers",
                    O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *directory = fd < 0 ? NULL : fdopendir(fd);
    const struct dirent *entry;
    int found = 0;

    if (directory == NULL) {
        close_fd(&fd);
        return no_such(text, why);
    }
    while ((entry = readdir(directory)) != NULL)
        if (id_is(entry->d_name) &&
            strncmp(entry->d_name, text, strlen(text)) == 0) {
            memcpy(id, entry->d_name, ID_LENGTH + 1);
            found++;
        }
    closedir(directory);
    if (found > 1)
        return fail_as(why, FAILURE_BAD_PARAMETER,
                       "Multiple IDs found with provided prefix: %s", text);
    return found == 1 ? 0 : no_such(text, why);
}

bool record_is_named(const struct record *record)
{
    char id[ID_LENGTH + 1];

    return id_of_name(record->engine, record_name(record), id) == 0 &&
           str_eq(id, record->id);
}

static int find(struct record *record, const struct engine *engine,
                const char *text,
                int (*open_it)(struct record *, const struct engine *,
                               const char *, struct failure *),
                struct failure *why)
{
    char id[ID_LENGTH + 1];

    *record = (struct record){.engine = engine, .fd = -1};
    text += *text == '/';
    if (id_of_name(engine, text, id) == 0 &&
        open_it(record, engine, id, why) == 0) {
        if (str_eq(record_name(record), text))
            return 0;
        record_close(record);
    }
    if (!id_is_prefix(text) || id_of_prefix(engine, text, id, why) < 0)
        return id_is_prefix(text) && why->kind == FAILURE_BAD_PARAMETER
                   ? -1
                   : no_such(text, why);
    if (open_it(record, engine, id, why) < 0)
        return -1;
    if (record_is_named(record))
        return 0;
    record_close(record);
    return no_such(text, why);
}

int record_find(struct record *record, const struct engine *engine,
                const char *text, struct failure *why)
{
    return find(record, engine, text, record_open, why);
}

int record_peek(struct record *record, const struct engine *engine,
                const char *text, struct failure *why)
{
    return find(record, engine, text, record_open_still, why);
}

/* One that goes when it ends, of which we were the first to see the end. */
static bool is_gone(const struct record *record)
{
    return record_is_auto_remove(record) && !record_is_up(record) &&
           faccessat(record->fd, "config.json", F_OK, 0) < 0;
}

int record_lock(struct record *record, struct failure *why)
{
    if (flock(record->fd, LOCK_EX) < 0)
        return fail(why, errno, "lock container %s", record->id);
    if (read_files(record, why) == 0) {
        monitor_check(record);
        if (!is_gone(record))
            return 0;
        no_such(record->id, why);
    }
    record_unlock(record);
    return -1;
}

void record_unlock(struct record *record)
{
    flock(record->fd, LOCK_UN);
}

/* On a full disk: over the old one, which has its blocks. */
static int save_in_place(const struct record *record, const json_t *state)
{
    cleanup_free char *text = json_dumps(state, JSON_COMPACT);
    cleanup_close int fd =
        openat(record->fd, "state.json", O_WRONLY | O_NOFOLLOW | O_CLOEXEC);
    ssize_t length = text == NULL ? -1 : (ssize_t)strlen(text);

    return fd >= 0 && length > 0 &&
                   pwrite(fd, text, (size_t)length, 0) == length
               ? ftruncate(fd, length)
               : -1;
}

int record_save(const struct record *record, struct failure *why)
{
    json_auto_t *state = json_copy(record->state);

    json_object_del(state, "Health"); /* has a file of its own */
    if (json_file_write(record->fd, "state.json", state, false, why) == 0)
        return 0;
    return errno == ENOSPC || errno == EDQUOT ? save_in_place(record, state)
                                              : -1;
}

int record_save_config(const struct record *record, struct failure *why)
{
    return json_file_write(record->fd, "config.json", record->config,
                           !record_is_auto_remove(record), why);
}

const char *record_status(const struct record *record)
{
    const char *status =
        json_string_value(json_object_get(record->state, "Status"));

    return status != NULL ? status : "dead";
}

bool record_is_up(const struct record *record)
{
    const char *status = record_status(record);

    return str_eq(status, "running") || str_eq(status, "paused") ||
           str_eq(status, "restarting");
}

const char *record_name(const struct record *record)
{
    const char *name =
        json_string_value(json_object_get(record->config, "Name"));

    return name != NULL && *name == '/' ? name + 1 : "";
}

bool record_is_auto_remove(const struct record *record)
{
    const json_t *host = json_object_get(record->config, "HostConfig");

    return json_is_true(json_object_get(host, "AutoRemove"));
}

/* Returns -1 with @why only when @visit did. */
static int visit_name(const struct engine *engine, const char *name,
                      int (*visit)(struct record *, void *, struct failure *),
                      void *arg, struct failure *why)
{
    cleanup_record struct record record = RECORD_CLOSED;
    char id[ID_LENGTH + 1];
    struct failure ignored;

    if (id_of_name(engine, name, id) < 0 ||
        record_open(&record, engine, id, &ignored) < 0 ||
        !str_eq(record_name(&record), name))
        return 0;
    return visit(&record, arg, why);
}

int record_each(const struct engine *engine,
                int (*visit)(struct record *record, void *arg,
                             struct failure *why),
                void *arg, struct failure *why)
{
    int fd = engine_part(engine, "names", why);
    DIR *directory = fd < 0 ? NULL : fdopendir(fd);
    const struct dirent *entry;
    int status = 0;

    if (directory == NULL)
        return fd < 0 ? -1 : fail(why, errno, "list containers");
    while (status == 0 && (entry = readdir(directory)) != NULL)
        status = visit_name(engine, entry->d_name, visit, arg, why);
    closedir(directory);
    return status;
}
