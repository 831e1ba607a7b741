/*
 * exec: one more command in a container that runs.
 *
 * It gets all that the container's first process has and nothing more: its
 * namespaces, cgroup, capabilities and system calls. A small monitor of its
 * own holds its pipes, until it has ended.
 *
 * Kernel object  a process, in namespaces that it joined by a pidfd
 * Side           host
 * Look at it     lsns -p PID     cat /proc/PID/cgroup
 */
#include "exec.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/pidfd.h>
#include <sys/wait.h>

#include "cleanup.h"
#include "exec_command.h"
#include "explain.h"
#include "fds.h"
#include "hub.h"
#include "json_file.h"
#include "life.h"
#include "process.h"
#include "report.h"
#include "slim.h"
#include "standard.h"

struct exec {
    const struct record *record;
    const char *id;
    json_t *instance;
    struct exec_command command;
    struct hub hub;
    struct begun begun;
    int run_dir;
    int report;
};

static char *file_of(const char *id)
{
    char *name = NULL;

    return asprintf(&name, "exec-%s.json", id) < 0 ? NULL : name;
}

static int open_run(const struct record *record)
{
    return openat(record->engine->run_fd, record->id,
                  O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

static int save(int run_dir, const char *id, const json_t *instance,
                struct failure *why)
{
    cleanup_free char *name = file_of(id);

    return name == NULL ? fail(why, ENOMEM, "write an exec instance")
                        : json_file_write(run_dir, name, instance, false, why);
}

static int check_up(const struct record *record, struct failure *why)
{
    const char *status = record_status(record);

    if (str_eq(status, "paused"))
        return fail_as(why, FAILURE_CONFLICT,
                       "Container %s is paused, unpause the container before "
                       "exec",
                       record_name(record));
    if (str_eq(status, "restarting"))
        return fail_as(why, FAILURE_CONFLICT,
                       "Container %s is restarting, wait until the container "
                       "is running",
                       record->id);
    if (!str_eq(status, "running"))
        return fail_as(why, FAILURE_CONFLICT, "Container %s is not running",
                       record->id);
    return 0;
}

/* Whatever was missing: if the container has ended meanwhile, it is that. */
static void blame_end(const struct record *record, struct failure *why)
{
    struct failure ended;
    cleanup_close int pidfd = process_open(record->state, &ended);

    if (pidfd < 0)
        (void)fail_as(why, FAILURE_CONFLICT, "Container %s is not running",
                      record->id);
}

int exec_create(const struct record *record, const json_t *request,
                char id[ID_LENGTH + 1], struct failure *why)
{
    const json_t *command = json_object_get(request, "Cmd");
    json_auto_t *instance = json_deep_copy(request);
    cleanup_close int run_dir = open_run(record);

    if (check_up(record, why) < 0)
        return -1;
    if (!json_is_string(json_array_get(command, 0)))
        return fail_as(why, FAILURE_BAD_PARAMETER, "No exec command specified");
    id_make(id);
    json_object_update_new(instance,
                           json_pack("{s:s, s:s, s:b, s:n, s:i}", "ID", id,
                                     "ContainerID", record->id, "Running", 0,
                                     "ExitCode", "Pid", 0));
    if (save(run_dir, id, instance, why) < 0) {
        blame_end(record, why);
        return -1;
    }
    exec_tell(record, id, command, "exec_create");
    return 0;
}

json_t *exec_inspect(const struct record *record, const char *id,
                     struct failure *why)
{
    cleanup_close int run_dir = open_run(record);
    cleanup_free char *name = file_of(id);
    json_t *instance =
        name != NULL && id_is(id) ? json_file_read(run_dir, name, why) : NULL;

    if (instance == NULL)
        fail_as(why, FAILURE_NOT_FOUND, "No such exec instance: %s", id);
    return instance;
}

json_t *exec_list(const struct record *record)
{
    json_t *ids = json_array();
    int fd = open_run(record);
    DIR *directory = fd < 0 ? NULL : fdopendir(fd);
    const struct dirent *entry;

    while (directory != NULL && (entry = readdir(directory)) != NULL) {
        struct failure ignored;

        if (strncmp(entry->d_name, "exec-", 5) != 0)
            continue;
        json_auto_t *instance = json_file_read(fd, entry->d_name, &ignored);
        if (json_is_true(json_object_get(instance, "Running")))
            json_array_append(ids, json_object_get(instance, "ID"));
    }
    if (directory != NULL)
        closedir(directory);
    return ids;
}

static int begin(struct exec *e, struct failure *why)
{
    cleanup_standard struct standard files = STANDARD_CLOSED;
    cleanup_close int pidfd = process_open(e->record->state, why);
    bool is_terminal = json_is_true(json_object_get(e->instance, "Tty"));
    bool has_stdin = json_is_true(json_object_get(e->instance, "AttachStdin"));

    if (pidfd < 0 ||
        standard_open(&files, is_terminal, has_stdin, &e->command.container,
                      why) < 0 ||
        container_join(pidfd, &e->command.container, &e->begun, why) < 0)
        return -1;
    standard_started(&files);
    if (container_go(&e->command.container, &e->begun, why) < 0)
        return -1;
    return standard_to_hub(&files, &e->hub, why);
}

static void note(struct exec *e, bool is_running, json_t *exit_code)
{
    struct failure ignored;

    json_object_set_new(e->instance, "Running", json_boolean(is_running));
    json_object_set_new(e->instance, "Pid",
                        json_integer(is_running ? e->begun.pid : 0));
    json_object_set_new(e->instance, "ExitCode", exit_code);
    (void)save(e->run_dir, e->id, e->instance, &ignored);
}

static int follow(struct exec *e)
{
    cleanup_close int pidfd = pidfd_open(e->begun.pid, 0);
    int patience = SLIM_AFTER_MS;

    for (;;) {
        struct pollfd fds[] = {
            {.fd = pidfd, .events = POLLIN},
            {.fd = hub_fd(&e->hub), .events = POLLIN},
        };
        struct failure ignored;
        int status;

        int count = poll(fds, 2, patience);
        if (count == 0) {
            slim();
            patience = -1;
        }
        if (count <= 0)
            continue;
        if (fds[1].revents != 0)
            (void)hub_step(&e->hub, 0, &ignored);
        if (fds[0].revents != 0 && waitpid(e->begun.pid, &status, 0) > 0)
            return WIFSIGNALED(status) ? 128 + WTERMSIG(status)
                                       : WEXITSTATUS(status);
    }
}

_Noreturn static void run(struct exec *e, int client)
{
    struct failure why = {.exit_status = EXIT_DUCT};
    struct hub_options options = {.is_stdin_once = true};
    /* Until the client says what it wants, nothing may be lost. */
    unsigned wants = HUB_STDIN | HUB_STDOUT | HUB_STDERR | HUB_LOSSLESS;

    const int kept[] = {e->record->engine->data_fd,
                        e->record->engine->run_fd,
                        e->record->fd,
                        e->run_dir,
                        e->report,
                        client,
                        explain_number()};

    setsid();
    signal(SIGCHLD, SIG_DFL);
    fds_keep(kept, sizeof(kept) / sizeof(kept[0]));
    if (hub_init(&e->hub, &options, &why) < 0 ||
        (client >= 0 && hub_add_client(&e->hub, client, wants, &why) < 0) ||
        exec_command_make(&e->command, e->record, e->instance, &why) < 0 ||
        begin(e, &why) < 0) {
        note(e, false, json_integer(why.exit_status));
        report_failure(e->report, &why);
    }
    explain_end();
    note(e, true, json_null());
    exec_tell(e->record, e->id, json_object_get(e->instance, "Cmd"),
              "exec_start");
    report_success(&e->report);
    int status = follow(e);
    hub_drain(&e->hub, 2000);
    note(e, false, json_integer(status));
    container_tell(e->record, "exec_die",
                   json_pack("{s:s, s:o}", "execID", e->id, "exitCode",
                             json_sprintf("%d", status)));
    hub_finish(&e->hub, status, -1);
    _exit(0);
}

int exec_start(const struct record *record, const char *id, int client,
               struct failure *why)
{
    struct exec e = {.record = record, .id = id, .begun = BEGUN_NOT};
    int report[2];

    e.instance = exec_inspect(record, id, why);
    if (e.instance == NULL || check_up(record, why) < 0 ||
        report_open(report, why) < 0) {
        json_decref(e.instance);
        return -1;
    }
    e.run_dir = open_run(record);
    e.report = report[1];
    int status = -1;
    pid_t pid = -1;
    if (json_object_get(e.instance, "ExitCode") != json_null() ||
        json_is_true(json_object_get(e.instance, "Running")))
        fail_as(why, FAILURE_CONFLICT, "Error: Exec command %s has already run",
                id);
    else if ((pid = fork()) < 0)
        fail(why, errno, "fork a monitor");
    else if (pid == 0)
        run(&e, client);
    close_fd(&report[1]);
    if (pid > 0)
        status = report_read(report[0], "the command's monitor", why);
    if (pid > 0 && status < 0) {
        (void)waitpid(pid, NULL, 0);
        blame_end(record, why);
    }
    close_fd(&report[0]);
    close_fd(&e.run_dir);
    json_decref(e.instance);
    return status;
}
