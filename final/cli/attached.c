/*
 * attached: verbs that stay with a container: run, start -a, attach.
 */
#include "attached.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#include "answer.h"
#include "attach.h"
#include "cleanup.h"
#include "create.h"
#include "create_request.h"
#include "life.h"
#include "monitor.h"

int write_cidfile(const struct call *call, const char *id, struct failure *why)
{
    const char *path = call_text(call, "cidfile");

    if (path == NULL)
        return 0;
    cleanup_close int fd =
        open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
    if (fd < 0 && errno == EEXIST)
        return fail(why, 0,
                    "container ID file found, make sure the other container "
                    "isn't running or delete %s",
                    path);
    return fd < 0 || write(fd, id, strlen(id)) != (ssize_t)strlen(id)
               ? fail(why, errno, "write the container ID to %s", path)
               : 0;
}

static bool config_is(const struct record *record, const char *name)
{
    const json_t *config = json_object_get(record->config, "Config");

    return json_is_true(json_object_get(config, name));
}

/* Signals that we get are the container's. */
static void pass_on(void *context, int number)
{
    struct record *record = context;
    cleanup_free char *text = NULL;
    struct failure ignored;

    if (asprintf(&text, "%d", number) >= 0)
        (void)container_kill(record, text, &ignored);
}

/* Copies until it ends; 0 when we were detached. */
static int stay(const struct call *call, struct record *record, int fd,
                bool has_stdin, bool has_output, struct failure *why)
{
    const char *keys = call_text(call, "detach-keys");
    struct attach attach = {
        .fd = fd,
        .in = has_stdin ? STDIN_FILENO : -1,
        .out = has_output ? STDOUT_FILENO : -1,
        .err = has_output ? STDERR_FILENO : -1,
        .is_terminal = config_is(record, "Tty"),
        .is_lossless = true,
        .context = record,
    };
    json_t *proxy = json_object_get(call->flags, "sig-proxy");

    if (detach_keys_parse(&attach.keys, keys, why) < 0)
        return -1;
    if (!json_is_false(proxy))
        attach.signal = pass_on;
    fflush(stdout);
    int status = attach_run(&attach, why);
    if (status == ATTACH_DETACHED)
        return 0;
    if (status == ATTACH_LOST)
        return fail(why, 0, "the monitor of container %s went away",
                    record->id);
    return status;
}

/* A container that was started for us is attached before it runs. */
static int start_attached(const struct call *call, struct record *record,
                          bool has_stdin, struct failure *why)
{
    int ends[2];

    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) < 0)
        return fail(why, errno, "make a socket to the monitor");
    cleanup_close int fd = ends[0];
    container_tell(record, "attach", NULL);
    int status = container_start(record, ends[1], why);
    close_fd(&ends[1]);
    return status < 0 ? -1 : stay(call, record, fd, has_stdin, true, why);
}

static int run_detached(struct record *record, struct failure *why)
{
    if (container_start(record, -1, why) < 0)
        return -1;
    puts(record->id);
    return 0;
}

/* A container that never ran has nothing that anybody wants back. */
static void drop_failed(struct record *record)
{
    struct failure ignored;

    if (record_is_auto_remove(record))
        (void)container_remove(record, true, true, &ignored);
}

int verb_run(const struct call *call, struct failure *why)
{
    json_auto_t *request = create_request(call, why);
    cleanup_record struct record record = RECORD_CLOSED;
    bool is_detached = call_is(call, "detach");
    char id[ID_LENGTH + 1];

    if (request == NULL ||
        container_create(call->engine, call_text(call, "name"), request, id,
                         why) < 0 ||
        write_cidfile(call, id, why) < 0 ||
        record_open(&record, call->engine, id, why) < 0)
        return -1;
    int status = is_detached
                     ? run_detached(&record, why)
                     : start_attached(call, &record,
                                      config_is(&record, "OpenStdin"), why);
    if (status < 0)
        drop_failed(&record);
    return status;
}

int verb_start(const struct call *call, struct failure *why)
{
    bool is_attached = call_is(call, "attach") || call_is(call, "interactive");
    int result = 0;

    if (is_attached && call->count > 1)
        return fail(why, 0,
                    "you cannot start and attach multiple containers at once");
    for (int i = 0; i < call->count; i++) {
        cleanup_record struct record record = RECORD_CLOSED;
        struct failure failure;
        int status =
            record_find(&record, call->engine, call->words[i], &failure);

        if (status == 0 && is_attached) {
            *why = failure;
            return start_attached(call, &record, call_is(call, "interactive"),
                                  why);
        }
        if (status == 0)
            status = container_start(&record, -1, &failure);
        if (status == 0 || failure.kind == FAILURE_UNCHANGED) {
            puts(call->words[i]);
            continue;
        }
        result = answer_failure(&failure);
    }
    return result;
}

int verb_attach(const struct call *call, struct failure *why)
{
    cleanup_record struct record record = RECORD_CLOSED;

    if (record_find(&record, call->engine, call->words[0], why) < 0) {
        why->exit_status = 1;
        return -1;
    }
    if (!record_is_up(&record)) {
        fail(why, 0,
             "You cannot attach to a stopped container, start it first");
        why->exit_status = 1;
        return -1;
    }
    if (str_eq(record_status(&record), "paused")) {
        fail(why, 0,
             "You cannot attach to a paused container, unpause it first");
        why->exit_status = 1;
        return -1;
    }
    cleanup_close int fd = monitor_connect(&record, why);
    if (fd < 0)
        return -1;
    container_tell(&record, "attach", NULL);
    return stay(call, &record, fd,
                config_is(&record, "OpenStdin") && !call_is(call, "no-stdin"),
                true, why);
}

const struct flag start_flags[] = {
    {"attach", 'a', FLAG_SWITCH, NULL,
     "Attach STDOUT/STDERR and forward signals"},
    {"detach-keys", 0, FLAG_TEXT, "string",
     "Override the key sequence for detaching a container"},
    {"interactive", 'i', FLAG_SWITCH, NULL, "Attach container's STDIN"},
    {.name = NULL},
};

const struct flag attach_flags[] = {
    {"detach-keys", 0, FLAG_TEXT, "string",
     "Override the key sequence for detaching a container"},
    {"no-stdin", 0, FLAG_SWITCH, NULL, "Do not attach STDIN"},
    {"sig-proxy", 0, FLAG_SWITCH, NULL,
     "Proxy all received signals to the process (default true)"},
    {.name = NULL},
};
