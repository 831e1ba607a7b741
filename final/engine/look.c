/*
 * look: what a container has changed, and what it has said.
 *
 * Nothing here asks the container's monitor: what it has written down and what
 * the kernel tells is enough.
 *
 * Side           host
 */
#include "look.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/pidfd.h>

#include "cleanup.h"
#include "diff.h"
#include "image.h"
#include "process.h"
#include "store.h"

static json_int_t number_of(const json_t *object, const char *name)
{
    return json_integer_value(json_object_get(object, name));
}

static const char *text_of(const json_t *object, const char *name)
{
    const char *text = json_string_value(json_object_get(object, name));

    return text != NULL ? text : "";
}

json_t *container_changes(const struct record *record, struct failure *why)
{
    const struct engine *engine = record->engine;
    cleanup_store struct store store = STORE_CLOSED;
    cleanup_image struct image image = {.config = NULL};
    char *trees[BOUND_LAYERS + 1] = {NULL};
    cleanup_close int upper = openat(
        record->fd, "upper", O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    json_t *changes = NULL;

    if (upper < 0)
        fail(why, errno, "open what container %s has written", record->id);
    else if (store_open(&store, engine->data, engine->data_fd, STORE_READ,
                        why) == 0 &&
             image_find_id(&image, &store, text_of(record->config, "Image"),
                           why) == 0 &&
             image_lowerdirs(&image, &store, trees, why) == 0)
        changes = diff_find(upper, trees, why);
    for (size_t i = 0; trees[i] != NULL; i++)
        free(trees[i]);
    return changes;
}

/* Who writes the log, or -1: nobody does any more. */
static int open_writer(const struct record *record)
{
    pid_t pid = (pid_t)number_of(record->state, "MonitorPid");
    int pidfd = record_is_up(record) && pid > 0 ? pidfd_open(pid, 0) : -1;

    if (pidfd >= 0 &&
        process_start_time(pid) != number_of(record->state, "MonitorStartTime"))
        close_fd(&pidfd);
    return pidfd;
}

int container_logs(const struct record *record, struct log_reader *reader,
                   struct failure *why)
{
    const json_t *host = json_object_get(record->config, "HostConfig");
    cleanup_free char *name = NULL;
    cleanup_close int writer = open_writer(record);

    if (str_eq(text_of(json_object_get(host, "LogConfig"), "Type"), "none"))
        return fail_as(why, FAILURE_CONFLICT,
                       "configured logging driver does not support reading");
    if (asprintf(&name, "%s-json.log", record->id) < 0) {
        name = NULL;
        return fail(why, ENOMEM, "read the log of %s", record->id);
    }
    reader->dir_fd = record->fd;
    reader->name = name;
    reader->writer_fd = writer;
    return log_reader_run(reader, why);
}
