/*
 * plugging: other networks for a container that there is already.
 *
 * Side           host
 * Look at it     duct exec NAME ip address
 *                duct exec NAME cat /etc/resolv.conf
 */
#include "plugging.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>

#include "cleanup.h"
#include "endpoints.h"
#include "names.h"
#include "process.h"
#include "wants.h"

/* The first process, or 0 when there is none to be plugged in. */
static pid_t pid_of(const struct record *record)
{
    struct failure ignored; /* its number may be another's by now */
    cleanup_close int pidfd = process_open(record->state, &ignored);

    return pidfd < 0 ? 0
                     : (pid_t)json_integer_value(
                           json_object_get(record->state, "Pid"));
}

/* What its files should say now. Without memory they say nothing. */
static struct names_texts texts_of(const struct record *record)
{
    const struct endpoints e = {.kind = endpoints_kind(record->config),
                                .engine = record->engine,
                                .id = (char *)record->id};
    struct names_texts texts = {0};
    struct failure ignored;

    if (pid_of(record) > 0 && e.kind == ENDPOINTS_OWN)
        (void)names_texts(&e, record->config, &texts, &ignored);
    return texts;
}

/* Is this what stands in a file? */
static bool has_content(int fd, const char *text)
{
    size_t length = strlen(text);
    cleanup_free char *content = malloc(length + 1);

    return content != NULL &&
           pread(fd, content, length + 1, 0) == (ssize_t)length &&
           memcmp(content, text, length) == 0;
}

/* It is mounted over the container's, so this very file has to change. Who
 * reads it meanwhile never finds it empty. */
static void rewrite(const struct record *record, const char *name,
                    const char *before, const char *after, bool is_anybodys)
{
    cleanup_close int fd =
        openat(record->fd, name, O_RDWR | O_NOFOLLOW | O_CLOEXEC);

    if (fd < 0 || before == NULL || after == NULL || str_eq(before, after) ||
        (is_anybodys && !has_content(fd, before)))
        return;
    if (pwrite(fd, after, strlen(after), 0) == (ssize_t)strlen(after) &&
        ftruncate(fd, (off_t)strlen(after)) < 0)
        return; /* some old lines stay behind the new ones */
}

/* Names in hosts that the container has added itself, stay. */
static void rewrite_names(const struct record *record,
                          const struct names_texts *before)
{
    struct names_texts after = texts_of(record);

    rewrite(record, "hosts", before->hosts, after.hosts, true);
    rewrite(record, "resolv.conf", before->resolv_conf, after.resolv_conf,
            false);
    names_free(&after);
}

static struct endpoints_owner owner_of(const struct record *record)
{
    return (struct endpoints_owner){.engine = record->engine,
                                    .id = record->id,
                                    .config = record->config,
                                    .pid = pid_of(record)};
}

static int connect_locked(struct record *record, const char *network,
                          const json_t *endpoint, struct failure *why)
{
    struct endpoints_owner owner = owner_of(record);
    struct failure ignored;
    int status = endpoints_connect(&owner, network, endpoint, why);

    if (status < 0 && owner.pid > 0 && pid_of(record) == 0) {
        owner.pid = 0; /* it has just ended */
        status = endpoints_connect(&owner, network, endpoint, why);
    }
    if (status < 0)
        return -1;
    if (record_save_config(record, why) == 0)
        return 0;
    owner.pid = pid_of(record);
    (void)endpoints_disconnect(&owner, network, &ignored);
    return -1;
}

static int disconnect_locked(struct record *record, const char *network,
                             struct failure *why)
{
    const struct endpoints_owner owner = owner_of(record);

    return endpoints_disconnect(&owner, network, why) < 0
               ? -1
               : record_save_config(record, why);
}

int plugging_connect(struct record *record, const char *network,
                     const json_t *endpoint, struct failure *why)
{
    if (record_lock(record, why) < 0)
        return -1;
    struct names_texts before = texts_of(record);
    int status = connect_locked(record, network, endpoint, why);
    if (status == 0)
        rewrite_names(record, &before);
    names_free(&before);
    record_unlock(record);
    return status;
}

int plugging_disconnect(struct record *record, const char *network,
                        struct failure *why)
{
    if (record_lock(record, why) < 0)
        return -1;
    struct names_texts before = texts_of(record);
    int status = disconnect_locked(record, network, why);
    if (status == 0)
        rewrite_names(record, &before);
    names_free(&before);
    record_unlock(record);
    return status;
}

static int note_networks(struct record *record, void *arg, struct failure *why)
{
    json_t *names = wants_networks(record->engine, record->config);
    const json_t *name;
    size_t i;

    (void)why;
    json_array_foreach(names, i, name)
        json_object_set_new(arg, json_string_value(name), json_true());
    json_decref(names);
    return 0;
}

json_t *plugging_in_use(const struct engine *engine, struct failure *why)
{
    json_t *in_use = json_object();

    if (in_use == NULL) {
        fail(why, ENOMEM, "list the networks in use");
        return NULL;
    }
    if (record_each(engine, note_networks, in_use, why) == 0)
        return in_use;
    json_decref(in_use);
    return NULL;
}
