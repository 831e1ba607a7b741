/*
 * probe: run a container's check once, and write down what it has found.
 *
 * The command is one more in the container, as those of exec are; but it can't
 * get more powers by what it executes, and it is in a cgroup within the
 * container's.
 *
 * Kernel object  processes, in DIRECTORY/health of the container's cgroup
 * Side           host, in a child of the monitor
 * Look at it     duct events --filter container=NAME
 */
#include "probe.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/pidfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cgroup_nest.h"
#include "cleanup.h"
#include "exec_command.h"
#include "ids.h"
#include "json_file.h"
#include "life.h"
#include "process.h"
#include "restart.h"

struct probing {
    struct record record; /* with a state of our own */
    const struct health_check *check;
    json_t *instance; /* as for exec */
    char id[ID_LENGTH + 1];
    struct exec_command command;
    struct begun begun;
    int pidfd;
    int output; /* what it says, or -1 */
    char bytes[HEALTH_OUTPUT + 1];
    size_t count;
    bool is_late;
};

/* Neither paused nor ended? */
static bool is_running(const struct probing *p)
{
    struct failure ignored;
    json_auto_t *state = json_file_read(p->record.fd, "state.json", &ignored);
    const char *status = json_string_value(json_object_get(state, "Status"));

    return status != NULL && str_eq(status, "running");
}

/* Both of its outputs are one pipe: what was said first stands first. */
static int begin(struct probing *p, struct failure *why)
{
    cleanup_close int first = process_open(p->record.state, why);
    cleanup_close int null = open("/dev/null", O_RDONLY | O_CLOEXEC);
    int ends[2];

    if (first < 0 || null < 0 || pipe2(ends, O_CLOEXEC | O_NONBLOCK) < 0)
        return first < 0 ? -1 : fail(why, errno, "make files for a probe");
    cleanup_close int theirs = ends[1];
    p->output = ends[0];
    /* The other end is to wait when the pipe is full, as any does. */
    (void)fcntl(theirs, F_SETFL, 0);
    struct container *c = &p->command.container;
    c->terminal_socket = -1;
    c->stdio[0] = null;
    c->stdio[1] = c->stdio[2] = theirs;
    c->command.no_new_privs = true;
    if (cgroup_nest(&p->command.cgroup, "health", why) < 0 ||
        container_join(first, c, &p->begun, why) < 0 ||
        container_go(c, &p->begun, why) < 0)
        return -1;
    p->pidfd = pidfd_open(p->begun.pid, 0);
    return p->pidfd < 0 ? fail(why, errno, "hold a probe") : 0;
}

/* What there is no room for is read all the same: the probe is to end. */
static void read_output(struct probing *p)
{
    char more[4096];

    while (p->output >= 0) {
        ssize_t got = read(p->output, more, sizeof(more));
        size_t room = sizeof(p->bytes) - p->count;

        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0 && errno == EAGAIN)
            return;
        if (got <= 0) {
            close_fd(&p->output);
            return;
        }
        size_t kept = (size_t)got < room ? (size_t)got : room;
        memcpy(p->bytes + p->count, more, kept);
        p->count += kept;
        if (kept < (size_t)got)
            return; /* not for ever, from one who never stops */
    }
}

/* Also what has left its session is in its cgroup. */
static void end(struct probing *p)
{
    if (p->is_late && p->begun.pid > 0)
        (void)kill(-p->begun.pid, SIGKILL);
    cgroup_nest_end(&p->command.cgroup, p->is_late);
}

/* Returns its exit status, -1 when it took too long. */
static int follow(struct probing *p)
{
    long long until = restart_now() + p->check->timeout;

    for (;;) {
        struct pollfd fds[] = {
            {.fd = p->pidfd, .events = POLLIN},
            {.fd = p->output, .events = POLLIN},
        };
        long long left = until - restart_now();
        int status;

        p->is_late = left <= 0;
        if (p->is_late)
            return -1;
        if (poll(fds, 2, left > INT_MAX ? INT_MAX : (int)left) < 0)
            continue;
        read_output(p);
        if (fds[0].revents != 0 && waitpid(p->begun.pid, &status, 0) > 0)
            return WIFSIGNALED(status) ? 128 + WTERMSIG(status)
                                       : WEXITSTATUS(status);
    }
}

/* In place of what it has said itself. */
static void say(struct probing *p, const char *text)
{
    size_t length = strlen(text);

    p->count = length < sizeof(p->bytes) ? length : sizeof(p->bytes);
    memcpy(p->bytes, text, p->count);
}

static void say_late(struct probing *p)
{
    cleanup_free char *time = health_duration(p->check->timeout);
    cleanup_free char *text = NULL;

    if (asprintf(&text, "Health check exceeded timeout (%s)",
                 time != NULL ? time : "?") >= 0)
        say(p, text);
}

/* Returns its exit status, -1 with what to say of it. */
static int execute(struct probing *p)
{
    struct failure why;
    const json_t *words = json_object_get(p->instance, "Cmd");

    exec_tell(&p->record, p->id, words, "exec_create");
    if (exec_command_make(&p->command, &p->record, p->instance, &why) < 0) {
        say(p, why.message);
        return -1;
    }
    if (begin(p, &why) < 0) {
        say(p, why.message);
        end(p);
        return -1;
    }
    exec_tell(&p->record, p->id, words, "exec_start");
    int status = follow(p);
    end(p);
    if (p->is_late) {
        (void)waitpid(p->begun.pid, NULL, 0);
        say_late(p);
    }
    container_tell(&p->record, "exec_die",
                   json_pack("{s:s, s:o}", "execID", p->id, "exitCode",
                             json_sprintf("%d", p->is_late ? 137 : status)));
    return status;
}

static void note(const struct probing *p, json_t *result, long long age)
{
    json_auto_t *health = health_read(p->record.fd);
    cleanup_free char *action = NULL;
    struct failure ignored;

    if (health == NULL)
        health = health_first();
    bool is_news = health_add(health, p->check, result, age);
    (void)health_write(p->record.fd, health, &ignored);
    if (is_news &&
        asprintf(&action, "health_status: %s", health_status(health)) >= 0)
        container_tell(&p->record, action, NULL);
}

enum probe probe_run(const struct record *record,
                     const struct health_check *check, long long age)
{
    struct probing p = {.record = *record,
                        .check = check,
                        .begun = BEGUN_NOT,
                        .pidfd = -1,
                        .output = -1};
    const json_t *config = json_object_get(record->config, "Config");
    char started[TIME_LENGTH + 1], ended[TIME_LENGTH + 1];

    if (!is_running(&p))
        return PROBE_VOID;
    time_now(started);
    id_make(p.id);
    p.instance = json_pack("{s:o}", "Cmd", health_command(config));
    int status = execute(&p);
    time_now(ended);
    /* Paused meanwhile, it had no time; of one that has ended nobody asks. */
    if (status != 0 && !is_running(&p))
        return PROBE_VOID;
    note(&p, health_result(started, ended, status, p.bytes, p.count), age);
    return status == 0 ? PROBE_WELL : PROBE_ILL;
}
