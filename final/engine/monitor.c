/*
 * monitor: the one process that stays with a container.
 *
 * It begins as a copy of the command that starts the container, and outlives
 * it. One thread, one poll(2); what it owns ends with it. It may be killed at
 * any time: who finds its lock free and a container that is said to run,
 * clears away what is left.
 *
 * Kernel object  a process; a lock on RUN/ID/monitor; a socket beside it
 * Side           host
 * Look at it     pstree -p     ss -xlp     ls -l /proc/PID/fd
 */
#include "monitor.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/pidfd.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>

#include "cleanup.h"
#include "explain.h"
#include "fds.h"
#include "hub.h"
#include "intents.h"
#include "janitor.h"
#include "life.h"
#include "log.h"
#include "oom_score.h"
#include "probes.h"
#include "process.h"
#include "report.h"
#include "resolver.h"
#include "resources.h"
#include "restart.h"
#include "settle.h"
#include "slim.h"
#include "spec.h"
#include "standard.h"
#include "terminal.h"
#include "tree.h"

enum {
    KILL_MS = 10000,     /* until who was killed has ended */
    MONITOR_SCORE = -900 /* when memory runs out */
};

struct monitor {
    struct record record; /* its own, not that of the command it began as */
    struct spec spec;
    struct hub hub;
    struct log log;
    struct restart restart;
    struct probes probes;
    struct resolver *resolver;
    struct begun begun;
    int run_dir;  /* RUN/ID */
    int lock_fd;  /* RUN/ID/monitor */
    int listener; /* RUN/ID/socket */
    int signals;
    int pidfd;
    int report; /* where the starter waits, or -1 */
    int score;  /* of the caller, and so of the container */
    bool is_removed;
};

/* --------------------------------------------------------------- the lock */

static int open_run(const struct record *record, const char *name, int flags)
{
    cleanup_free char *path = NULL;

    return asprintf(&path, "%s/%s", record->id, name) < 0
               ? -1
               : openat(record->engine->run_fd, path, flags | O_CLOEXEC, 0600);
}

/* Asks without taking, so that who asks is never taken for a monitor. */
static bool is_alive(const struct record *record)
{
    cleanup_close int fd = open_run(record, "monitor", O_RDWR);
    struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET};

    return fd >= 0 && fcntl(fd, F_OFD_GETLK, &lock) == 0 &&
           lock.l_type != F_UNLCK;
}

static int take_lock(struct monitor *m, struct failure *why)
{
    struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
    const char *id = m->record.id;
    int run_fd = m->record.engine->run_fd;

    if (mkdirat(run_fd, id, 0700) < 0 && errno != EEXIST)
        return fail(why, errno, "make the run directory of %s", id);
    m->run_dir = openat(run_fd, id, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    m->lock_fd =
        openat(m->run_dir, "monitor", O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    /* Its predecessor may just be saying good-bye. */
    if (m->lock_fd < 0 || fcntl(m->lock_fd, F_OFD_SETLKW, &lock) < 0)
        return fail(why, errno, "lock the run directory of %s", id);
    return 0;
}

/* A path that has room in a socket's name, however deep the directory is. */
static int address_of(int dir_fd, struct sockaddr_un *address)
{
    address->sun_family = AF_UNIX;
    return snprintf(address->sun_path, sizeof(address->sun_path),
                    "/proc/self/fd/%d/socket", dir_fd);
}

static int listen_there(struct monitor *m, struct failure *why)
{
    struct sockaddr_un address;

    address_of(m->run_dir, &address);
    (void)unlinkat(m->run_dir, "socket", 0);
    m->listener =
        socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (m->listener < 0 ||
        bind(m->listener, (struct sockaddr *)&address, sizeof(address)) < 0 ||
        listen(m->listener, 64) < 0)
        return fail(why, errno, "listen for who wants to attach");
    return 0;
}

int monitor_connect(const struct record *record, struct failure *why)
{
    struct sockaddr_un address;
    cleanup_close int dir = openat(record->engine->run_fd, record->id,
                                   O_PATH | O_DIRECTORY | O_CLOEXEC);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

    address_of(dir, &address);
    if (dir >= 0 && fd >= 0 &&
        connect(fd, (struct sockaddr *)&address, sizeof(address)) == 0)
        return fd;
    fail(why, errno, "reach the monitor of container %s", record->id);
    close_fd(&fd);
    return -1;
}

/* Only who we are ourselves, and root. Returns whether somebody was there. */
static bool let_in(struct monitor *m)
{
    cleanup_close int fd = accept4(m->listener, NULL, NULL, SOCK_CLOEXEC);
    struct ucred peer;
    socklen_t length = sizeof(peer);
    struct failure ignored;

    if (fd < 0)
        return false;
    if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &length) == 0 &&
        (peer.uid == geteuid() || peer.uid == 0))
        (void)hub_add_client(&m->hub, take_fd(&fd), 0, &ignored);
    return true;
}

/* ----------------------------------------------------------------- state */

static void set(struct monitor *m, const char *name, json_t *value)
{
    json_object_set_new(m->record.state, name, value);
}

static void set_status(struct monitor *m, const char *status)
{
    bool is_up = !str_eq(status, "exited") && !str_eq(status, "created");

    set(m, "Status", json_string(status));
    set(m, "Running", json_boolean(is_up));
    set(m, "Restarting", json_boolean(str_eq(status, "restarting")));
    set(m, "Paused", json_false());
}

/* Said before anybody is told that the container runs. */
static int note_running(struct monitor *m, struct failure *why)
{
    cleanup_free char *cgroup = cgroup_describe(&m->spec.cgroup);
    char now[TIME_LENGTH + 1];

    time_now(now);
    set_status(m, "running");
    set(m, "Pid", json_integer(m->begun.pid));
    set(m, "StartTime", json_integer(process_start_time(m->begun.pid)));
    set(m, "MonitorPid", json_integer(getpid()));
    set(m, "MonitorStartTime", json_integer(process_start_time(getpid())));
    set(m, "Cgroup", json_string(cgroup != NULL ? cgroup : ""));
    set(m, "StartedAt", json_string(now));
    set(m, "ExitCode", json_integer(0));
    set(m, "Error", json_string(""));
    set(m, "OOMKilled", json_false());
    return record_save(&m->record, why);
}

static void note_failed(struct monitor *m, const struct failure *why)
{
    struct failure ignored;

    set_status(m, "created");
    set(m, "ExitCode",
        json_integer(why->exit_status == EXIT_DUCT ? 128 : why->exit_status));
    set(m, "Error", json_string(why->message));
    (void)record_save(&m->record, &ignored);
}

/* ----------------------------------------------------------------- a run */

static int open_log(struct monitor *m, struct failure *why)
{
    cleanup_free char *name = NULL;
    struct log_options options = {.max_size = 0};
    const json_t *host = json_object_get(m->record.config, "HostConfig");
    const json_t *config =
        json_object_get(json_object_get(host, "LogConfig"), "Config");
    const char *key;
    const json_t *value;

    json_object_foreach((json_t *)config, key, value)
        if (log_option_set(&options, key, json_string_value(value), why) < 0)
            return -1;
    if (asprintf(&name, "%s-json.log", m->record.id) < 0)
        return fail(why, ENOMEM, "open the log");
    return log_open(&m->log, m->record.fd, name, &options, why);
}

static bool config_is(const struct monitor *m, const char *name)
{
    const json_t *config = json_object_get(m->record.config, "Config");

    return json_is_true(json_object_get(config, name));
}

/* When memory runs out a container goes before its monitor does, which alone
 * can tell why it ended. The container has what the caller had. */
static int begin_container(struct monitor *m, struct failure *why)
{
    (void)oom_score_own(m->score); /* who isn't root never left it */
    int status = container_begin(&m->spec.container, &m->begun, why);

    if (m->score > MONITOR_SCORE)
        (void)oom_score_own(MONITOR_SCORE);
    return status;
}

/* From clone3(2) to execve(2), with all that is done for it meanwhile. */
static int begin(struct monitor *m, struct failure *why)
{
    cleanup_standard struct standard files = STANDARD_CLOSED;

    if (standard_open(&files, config_is(m, "Tty"), config_is(m, "OpenStdin"),
                      &m->spec.container, why) < 0 ||
        begin_container(m, why) < 0)
        return -1;
    m->pidfd = pidfd_open(m->begun.pid, 0);
    if (m->pidfd < 0)
        fail(why, errno, "hold the container's first process");
    else if (endpoints_attach(&m->spec.endpoints, m->begun.pid, why) == 0 &&
             resolver_open(&m->resolver, &m->spec.endpoints, m->begun.pid,
                           why) == 0) {
        standard_started(&files);
        if (container_go(&m->spec.container, &m->begun, why) < 0)
            return -1;
        return standard_to_hub(&files, &m->hub, why);
    }
    container_abandon(&m->begun);
    return -1;
}

static void undo(struct monitor *m)
{
    resolver_close(m->resolver);
    m->resolver = NULL;
    close_fd(&m->pidfd);
    spec_release(&m->spec);
}

/* Called with the record locked. */
static int start(struct monitor *m, struct failure *why)
{
    if (spec_make(&m->spec, &m->record, why) < 0)
        return -1;
    if (begin(m, why) == 0) {
        if (probes_start(&m->probes, &m->record, why) == 0 &&
            note_running(m, why) == 0) {
            container_tell(&m->record, "start", NULL);
            return 0;
        }
        (void)pidfd_send_signal(m->pidfd, SIGKILL, NULL, 0);
        (void)waitpid(m->begun.pid, NULL, 0);
    }
    undo(m);
    return -1;
}

/* From now on a lock of our own: that one is shared with our starter. */
static int own_record(struct monitor *m, struct failure *why)
{
    struct record *record = &m->record;
    cleanup_free char *path = NULL;

    record_unlock(record); /* first of all: others wait for it */
    if (asprintf(&path, "containers/%s", record->id) < 0)
        return fail(why, ENOMEM, "open container %s", record->id);
    int fd = openat(record->engine->data_fd, path,
                    O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return fail(why, errno, "open container %s", record->id);
    close_fd(&record->fd);
    record->fd = fd;
    return 0;
}

static void drop_signals(struct monitor *m)
{
    struct signalfd_siginfo info;

    while (read(m->signals, &info, sizeof(info)) == sizeof(info))
        ;
}

/* Stays with the container until its first process has ended. */
static int follow(struct monitor *m)
{
    int patience = SLIM_AFTER_MS;

    for (;;) {
        struct pollfd fds[] = {
            {.fd = m->pidfd, .events = POLLIN},
            {.fd = hub_fd(&m->hub), .events = POLLIN},
            {.fd = m->listener, .events = POLLIN},
            {.fd = m->signals, .events = POLLIN},
            {.fd = resolver_fd(m->resolver), .events = POLLIN},
            {.fd = probes_fd(&m->probes), .events = POLLIN},
        };
        struct failure ignored;
        int status;

        int due = probes_timeout(&m->probes);
        bool is_idle = due < 0 || (patience >= 0 && patience < due);
        int count =
            poll(fds, sizeof(fds) / sizeof(fds[0]), is_idle ? patience : due);
        if (count == 0 && is_idle) {
            slim();
            patience = -1;
        }
        if (count < 0)
            continue;
        if (fds[2].revents != 0)
            (void)let_in(m);
        if (fds[3].revents != 0)
            drop_signals(m);
        if (fds[4].revents != 0)
            resolver_step(m->resolver);
        if (fds[1].revents != 0)
            (void)hub_step(&m->hub, 0, &ignored);
        if (fds[0].revents != 0 && waitpid(m->begun.pid, &status, 0) > 0)
            return WIFSIGNALED(status) ? 128 + WTERMSIG(status)
                                       : WEXITSTATUS(status);
        probes_step(&m->probes);
    }
}

/* --------------------------------------------------------------- the end */

static bool is_oom(const struct monitor *m)
{
    return cgroup_oom_kills(&m->spec.cgroup) > 0;
}

static void note_end(struct monitor *m, int status, bool is_killed_by_oom)
{
    char now[TIME_LENGTH + 1];

    time_now(now);
    set(m, "Pid", json_integer(0));
    set(m, "ExitCode", json_integer(status));
    set(m, "OOMKilled", json_boolean(is_killed_by_oom));
    set(m, "FinishedAt", json_string(now));
}

/* Takes RUN/ID away, and with it the lock. The record is locked, so nobody is
 * taking it meanwhile. Who has knocked already, is still told how it ended. */
static void leave(struct monitor *m)
{
    (void)tree_remove(m->record.engine->run_fd, m->record.id);
    while (let_in(m))
        ;
    close_fd(&m->listener);
    close_fd(&m->lock_fd);
    close_fd(&m->run_dir);
}

/* An update may have needed one more hierarchy. */
static void learn_cgroup(struct monitor *m)
{
    const char *text =
        json_string_value(json_object_get(m->record.state, "Cgroup"));
    cleanup_free char *known = cgroup_describe(&m->spec.cgroup);

    if (text == NULL || known == NULL || str_eq(text, known))
        return;
    cgroup_release(&m->spec.cgroup);
    (void)cgroup_recall(&m->spec.cgroup, text);
}

/* Decides, under the lock, whether there is another run. */
static bool end_of_run(struct monitor *m, int status, bool was_oom)
{
    struct failure ignored;
    bool again = false;

    if (record_lock(&m->record, &ignored) == 0) {
        learn_cgroup(m);
        note_end(m, status, was_oom);
        again = restart_wanted(&m->restart, &m->record, status);
        if (!again)
            (void)intent_note(m->record.engine, m->record.id, NULL, &ignored);
        set_status(m, again ? "restarting" : "exited");
        (void)record_save(&m->record, &ignored);
    }
    container_tell(&m->record, "die",
                   json_pack("{s:o}", "exitCode", json_sprintf("%d", status)));
    undo(m);
    if (!again) {
        leave(m);
        if (record_is_auto_remove(&m->record))
            (void)container_discard(&m->record, true, &ignored);
        else
            intent_drop(m->record.engine, m->record.id);
    }
    record_unlock(&m->record);
    return again;
}

/* Waits before the next run, unless somebody says that there is none. */
static bool wait_for_restart(struct monitor *m)
{
    int left = restart_delay(&m->restart);

    while (left > 0) {
        struct pollfd fds[] = {
            {.fd = m->signals, .events = POLLIN},
            {.fd = m->listener, .events = POLLIN},
            {.fd = hub_fd(&m->hub), .events = POLLIN},
        };
        struct failure ignored;
        long long before = restart_now();

        if (poll(fds, 3, left) > 0 && fds[0].revents != 0) {
            drop_signals(m);
            return false;
        }
        if (fds[1].revents != 0)
            (void)let_in(m);
        if (fds[2].revents != 0)
            (void)hub_step(&m->hub, 0, &ignored);
        left -= (int)(restart_now() - before);
    }
    return true;
}

static void end_without_run(struct monitor *m)
{
    struct failure ignored;

    if (record_lock(&m->record, &ignored) == 0) {
        (void)intent_note(m->record.engine, m->record.id, NULL, &ignored);
        set_status(m, "exited");
        (void)record_save(&m->record, &ignored);
    }
    leave(m);
    intent_drop(m->record.engine, m->record.id);
    record_unlock(&m->record);
}

/* Runs it again and again, for as long as its policy says so. */
static int live(struct monitor *m)
{
    struct failure why;

    for (;;) {
        int status = follow(m);
        bool was_oom = is_oom(m);

        probes_stop(&m->probes);
        hub_drain(&m->hub, 2000);
        log_flush(&m->log);
        if (!end_of_run(m, status, was_oom))
            return status;
        if (!wait_for_restart(m) || record_lock(&m->record, &why) < 0) {
            end_without_run(m);
            return status;
        }
        restart_count(&m->restart, &m->record);
        if (start(m, &why) < 0) {
            note_failed(m, &why);
            record_unlock(&m->record);
            end_without_run(m);
            return status;
        }
        record_unlock(&m->record);
    }
}

/* ------------------------------------------------------------- beginning */

static int open_signals(struct monitor *m, struct failure *why)
{
    sigset_t set;

    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGHUP);
    sigaddset(&set, SIGQUIT);
    signal(SIGCHLD, SIG_DFL); /* a caller may ignore it */
    sigprocmask(SIG_SETMASK, &set, NULL);
    m->signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
    return m->signals < 0 ? fail(why, errno, "make a signalfd") : 0;
}

/* Until the state says that it runs, nobody would look for all this. */
static int note_start(struct monitor *m, struct failure *why)
{
    const json_t *host = json_object_get(m->record.config, "HostConfig");
    cleanup_free char *name = resources_cgroup_name(host, m->record.id, why);
    cleanup_free char *cgroup = name == NULL ? NULL : cgroup_foresee(name);

    if (name == NULL)
        return -1;
    return intent_note(
        m->record.engine, m->record.id,
        json_pack("{s:s}", "Cgroup", cgroup != NULL ? cgroup : ""), why);
}

static int prepare(struct monitor *m, int client, struct failure *why)
{
    const json_t *config = json_object_get(m->record.config, "Config");
    struct hub_options options = {
        .log = &m->log,
        .is_stdin_once = json_is_true(json_object_get(config, "StdinOnce")),
    };
    /* Until it says what it wants, nothing may be lost. */
    unsigned wants = HUB_STDIN | HUB_STDOUT | HUB_STDERR | HUB_LOSSLESS;

    if (open_signals(m, why) < 0 || note_start(m, why) < 0 ||
        take_lock(m, why) < 0 || listen_there(m, why) < 0 ||
        open_log(m, why) < 0 || hub_init(&m->hub, &options, why) < 0)
        return -1;
    return client < 0 ? 0 : hub_add_client(&m->hub, client, wants, why);
}

_Noreturn static void run(struct record *record, int client, int report)
{
    struct monitor m = {
        .record = *record,
        .begun = BEGUN_NOT,
        .probes = PROBES_NONE,
        .run_dir = -1,
        .lock_fd = -1,
        .listener = -1,
        .signals = -1,
        .pidfd = -1,
        .report = report,
        .score = oom_score_get(),
    };
    struct failure why = {.exit_status = EXIT_DUCT};

    const int kept[] = {record->engine->data_fd,
                        record->engine->run_fd,
                        record->fd,
                        client,
                        report,
                        explain_number()};

    setsid();
    /* Were our starter's end of @client open here, it would never hang up. */
    fds_keep(kept, sizeof(kept) / sizeof(kept[0]));
    if (prepare(&m, client, &why) < 0 || start(&m, &why) < 0) {
        note_failed(&m, &why);
        hub_error(&m.hub, why.message);
        leave(&m);
        intent_drop(record->engine, record->id);
        record_unlock(&m.record);
        explain_close();
        report_failure(m.report, &why);
    }
    intent_drop(record->engine, record->id);
    (void)own_record(&m, &why);
    if (client < 0) /* nobody is there any more who could be told its end */
        explain_end();
    report_success(&m.report);
    int status = live(&m);
    explain_end();
    hub_finish(&m.hub, status, -1);
    _exit(0);
}

int monitor_start(struct record *record, int client, struct failure *why)
{
    int report[2];

    if (report_open(report, why) < 0)
        return -1;
    pid_t pid = fork();
    if (pid == 0) {
        close_fd(&report[0]);
        run(record, client, report[1]);
    }
    close_fd(&report[1]);
    if (pid < 0) {
        fail(why, errno, "fork a monitor");
        record_unlock(record);
        close_fd(&report[0]);
        return -1;
    }
    int status = report_read(report[0], "the container's monitor", why);
    close_fd(&report[0]);
    if (status == 0)
        return 0;
    (void)waitpid(pid, NULL, 0);
    /* One that was killed has not unlocked what it shares with us, and has
     * left what it had made: locking sees to that. */
    struct failure ignored;
    (void)record_lock(record, &ignored);
    record_unlock(record);
    return -1;
}

/* ------------------------------------------------------------ after a kill */

/* All others end with its first process; without a cgroup there is no other
 * way to find them. Where there is no run directory, the machine was rebooted,
 * and the number may be anybody's. */
static void kill_first(const struct record *record)
{
    struct failure ignored;
    cleanup_close int run_dir = open_run(record, "", O_PATH);
    cleanup_close int pidfd =
        run_dir < 0 ? -1 : process_open(record->state, &ignored);

    struct pollfd end = {.fd = pidfd, .events = POLLIN};

    if (pidfd >= 0 && pidfd_send_signal(pidfd, SIGKILL, NULL, 0) == 0)
        (void)poll(&end, 1, KILL_MS);
}

void monitor_sweep_at(const struct record *record, const char *where)
{
    struct cgroup cgroup;

    if (where != NULL && cgroup_recall(&cgroup, where) > 0)
        (void)cgroup_destroy(&cgroup);
    monitor_sweep(record);
}

void monitor_sweep(const struct record *record)
{
    struct cgroup cgroup;

    if (process_cgroup(record, &cgroup) > 0)
        (void)cgroup_destroy(&cgroup);
    endpoints_sweep(record->engine, record->id);
    (void)tree_remove(record->engine->run_fd, record->id);
}

/* The record is locked, and read after that. */
static void mark_lost(struct record *record)
{
    char now[TIME_LENGTH + 1];
    struct failure ignored;

    (void)intent_note(record->engine, record->id, NULL, &ignored);
    kill_first(record);
    time_now(now);
    json_object_update_new(
        record->state, json_pack("{s:s, s:b, s:b, s:b, s:i, s:i, s:s, s:s}",
                                 "Status", "exited", "Running", 0, "Paused", 0,
                                 "Restarting", 0, "Pid", 0, "ExitCode", 255,
                                 "FinishedAt", now, "Error", "monitor lost"));
    (void)record_save(record, &ignored);
    container_tell(record, "die", json_pack("{s:s}", "exitCode", "255"));
    monitor_sweep(record); /* which tells that it is unplugged */
    janitor_resume(record->engine);
    if (record_is_auto_remove(record))
        (void)container_discard(record, true, &ignored);
    else
        intent_drop(record->engine, record->id);
}

bool monitor_is_lost(const struct record *record)
{
    return record_is_up(record) && !is_alive(record);
}

void monitor_check(struct record *record)
{
    if (monitor_is_lost(record))
        mark_lost(record);
    else
        settle_locked(record);
}
