/*
 * cgroup_processes: freeze, kill and list what is in a cgroup.
 *
 * These are functions of cgroup.h, too; they need no limits, and on version 2
 * no controllers.
 *
 * Kernel object  cgroup.procs, cgroup.events, cgroup.freeze and cgroup.kill on
 *                version 2; tasks and freezer.state on version 1
 * Side           host
 * Look at it     cat DIRECTORY/cgroup.events     cat DIRECTORY/freezer.state
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <sys/pidfd.h>
#include <time.h>

#include "accounting.h"
#include "cgroup.h"
#include "cleanup.h"
#include "hierarchy.h"
#include "numbers.h"

/* How long we wait for the kernel, and for how long at a time. */
static const long long patience = 5000;     /* milliseconds */
static const long long first_pause = 50000; /* nanoseconds; then it doubles */
static const long long last_pause = 10000000;

struct wait {
    long long until; /* milliseconds of CLOCK_MONOTONIC */
    long long pause;
};

static long long milliseconds(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000LL + now.tv_nsec / 1000000;
}

static struct wait wait_begin(void)
{
    return (struct wait){milliseconds() + patience, first_pause};
}

/* Returns false when it took too long. */
static bool wait_on(struct wait *wait)
{
    if (milliseconds() > wait->until)
        return false;
    nanosleep(&(struct timespec){.tv_nsec = wait->pause}, NULL);
    if (wait->pause < last_pause)
        wait->pause *= 2;
    return true;
}

struct pids {
    pid_t *list;
    size_t count;
    size_t room;
};

static int pids_add(struct pids *pids, const char *text)
{
    long long pid;

    /* 0 is a process that we can't see from our pid namespace. */
    if (numbers_parse(text, 1, INT_MAX, &pid) < 0)
        return 0;
    if (pids->count == pids->room) {
        size_t room = pids->room == 0 ? 64 : 2 * pids->room;
        pid_t *list = reallocarray(pids->list, room, sizeof(*list));

        if (list == NULL)
            return -1;
        pids->list = list;
        pids->room = room;
    }
    pids->list[pids->count++] = (pid_t)pid;
    return 0;
}

/* Adds what is in a directory and in those below it. */
static int pids_collect(struct pids *pids, const char *directory)
{
    cleanup_free char *text = hierarchy_read(directory, "cgroup.procs");
    char *rest = text;
    const char *line;
    const struct dirent *entry;
    int status = 0;

    while ((line = strsep(&rest, "\n")) != NULL)
        if (pids_add(pids, line) < 0)
            return -1;
    DIR *entries = opendir(directory);
    while (status == 0 && entries != NULL &&
           (entry = readdir(entries)) != NULL) {
        cleanup_free char *path = NULL;

        if (entry->d_type != DT_DIR || str_eq(entry->d_name, ".") ||
            str_eq(entry->d_name, ".."))
            continue;
        if (asprintf(&path, "%s/%s", directory, entry->d_name) < 0)
            status = -1;
        else
            status = pids_collect(pids, path);
    }
    if (entries != NULL)
        closedir(entries);
    return status;
}

static int compare(const void *a, const void *b)
{
    pid_t one = *(const pid_t *)a;
    pid_t other = *(const pid_t *)b;

    return (one > other) - (one < other);
}

ssize_t cgroup_pids(const struct cgroup *cgroup, pid_t **list)
{
    struct pids pids = {0};
    size_t unique = 0;

    for (int h = 0; h < CGROUP_HIERARCHIES; h++)
        if (cgroup->directories[h] != NULL &&
            pids_collect(&pids, cgroup->directories[h]) < 0) {
            free(pids.list);
            return -1;
        }
    if (pids.count > 0)
        qsort(pids.list, pids.count, sizeof(*pids.list), compare);
    for (size_t i = 0; i < pids.count; i++)
        if (unique == 0 || pids.list[i] != pids.list[unique - 1])
            pids.list[unique++] = pids.list[i];
    *list = pids.list;
    return (ssize_t)unique;
}

bool cgroup_is_empty(const struct cgroup *cgroup)
{
    const char *unified = cgroup->directories[CGROUP_UNIFIED];

    if (unified != NULL) {
        cleanup_free char *events = hierarchy_read(unified, "cgroup.events");

        if (hierarchy_lists(events, "\n", "populated 1"))
            return false;
    }
    for (int h = CGROUP_UNIFIED + 1; h < CGROUP_HIERARCHIES; h++) {
        struct pids pids = {0};

        if (cgroup->directories[h] == NULL)
            continue;
        int status = pids_collect(&pids, cgroup->directories[h]);
        free(pids.list);
        if (status < 0 || pids.count > 0)
            return false;
        if (unified != NULL)
            break; /* who is in one of them is in all */
    }
    return true;
}

struct freezer {
    const char *directory;
    const char *file;
    const char *state_file;
    const char *order[2]; /* thaw, freeze */
    const char *state[2];
};

/* Version 2 freezes also on hosts whose controllers are on version 1. */
static struct freezer freezer_of(const struct cgroup *cgroup)
{
    if (cgroup->directories[CGROUP_UNIFIED] != NULL)
        return (struct freezer){cgroup->directories[CGROUP_UNIFIED],
                                "cgroup.freeze",
                                "cgroup.events",
                                {"0", "1"},
                                {"frozen 0", "frozen 1"}};
    return (struct freezer){cgroup->directories[CGROUP_FREEZER],
                            "freezer.state",
                            "freezer.state",
                            {"THAWED", "FROZEN"},
                            {"THAWED", "FROZEN"}};
}

int cgroup_freeze(const struct cgroup *cgroup, bool freeze, struct failure *why)
{
    const struct freezer f = freezer_of(cgroup);
    struct wait wait = wait_begin();

    if (f.directory == NULL)
        return fail(why, 0, "no cgroup of this container can be frozen");
    if (hierarchy_write(f.directory, f.file, f.order[freeze]) < 0)
        return fail(why, errno, "write %s to %s/%s", f.order[freeze],
                    f.directory, f.file);
    do {
        cleanup_free char *now = hierarchy_read(f.directory, f.state_file);

        if (hierarchy_lists(now, "\n", f.state[freeze]))
            return 0;
    } while (wait_on(&wait));
    if (freeze) /* half frozen would be worse than not at all */
        (void)hierarchy_write(f.directory, f.file, f.order[false]);
    return fail(why, ETIMEDOUT, "wait for %s in %s/%s", f.state[freeze],
                f.directory, f.state_file);
}

static bool is_among(pid_t pid, const pid_t *list, ssize_t count)
{
    return count > 0 &&
           bsearch(&pid, list, (size_t)count, sizeof(pid), compare) != NULL;
}

enum {
    BATCH = 256 /* fewer than the descriptors that anybody may have */
};

/* A number may be another process's by the time it gets its signal. So we take
 * hold of what has the number, and look again: what is in the cgroup then and
 * was held before is ours. Returns 0, or -1 with errno. */
static int kill_batch(const struct cgroup *cgroup, const pid_t *pids,
                      ssize_t count)
{
    cleanup_free pid_t *again = NULL;
    int pidfds[BATCH];
    int errnum = 0;

    for (ssize_t i = 0; i < count; i++)
        pidfds[i] = pidfd_open(pids[i], 0);
    ssize_t now = cgroup_pids(cgroup, &again);
    for (ssize_t i = 0; i < count; i++) {
        if (pidfds[i] >= 0 && is_among(pids[i], again, now) &&
            pidfd_send_signal(pidfds[i], SIGKILL, NULL, 0) < 0 &&
            errno != ESRCH)
            errnum = errno;
        close_fd(&pidfds[i]);
    }
    errno = errnum;
    return errnum == 0 ? 0 : -1;
}

static int kill_each(const struct cgroup *cgroup)
{
    cleanup_free pid_t *pids = NULL;
    ssize_t count = cgroup_pids(cgroup, &pids);

    for (ssize_t i = 0; i < count; i += BATCH)
        if (kill_batch(cgroup, pids + i,
                       count - i < BATCH ? count - i : BATCH) < 0)
            return -1;
    return count < 0 ? -1 : 0;
}

/* Nobody can fork while frozen. On version 1 nobody can die either, so they
 * are let go again, each time. Returns 0, or -1 with errno. */
static int freeze_kill_thaw(const struct cgroup *cgroup)
{
    struct wait wait = wait_begin();

    do {
        struct failure ignored;
        bool frozen = cgroup_freeze(cgroup, true, &ignored) == 0;
        int status = kill_each(cgroup);
        int errnum = errno;

        if (frozen)
            (void)cgroup_freeze(cgroup, false, &ignored);
        errno = errnum;
        if (status < 0)
            return -1;
        if (cgroup_is_empty(cgroup))
            return 0;
    } while (wait_on(&wait));
    errno = ETIMEDOUT;
    return -1;
}

/* Version 2 tells by an event when its last process is gone. */
static int wait_until_empty(const struct cgroup *cgroup)
{
    cleanup_free char *path = NULL;
    struct wait wait = wait_begin();

    if (asprintf(&path, "%s/cgroup.events",
                 cgroup->directories[CGROUP_UNIFIED]) < 0)
        return -1;
    cleanup_close int fd = open(path, O_RDONLY | O_CLOEXEC);
    while (!cgroup_is_empty(cgroup)) {
        struct pollfd event = {.fd = fd, .events = POLLPRI};
        char text[64];

        if (milliseconds() > wait.until) {
            errno = ETIMEDOUT;
            return -1;
        }
        /* What we haven't read is an event at once, so nothing is missed. */
        poll(&event, 1, (int)(last_pause / 1000000));
        (void)!pread(fd, text, sizeof(text), 0);
    }
    return 0;
}

/* Version 1's freezer holds even those that were killed. */
static void thaw_v1(const struct cgroup *cgroup)
{
    const char *freezer = cgroup->directories[CGROUP_FREEZER];

    if (freezer != NULL)
        (void)hierarchy_write(freezer, "freezer.state", "THAWED");
}

int cgroup_kill(const struct cgroup *cgroup, struct failure *why)
{
    const char *unified = cgroup->directories[CGROUP_UNIFIED];
    int status;

    if (unified != NULL && hierarchy_write(unified, "cgroup.kill", "1") == 0) {
        thaw_v1(cgroup);
        status = wait_until_empty(cgroup);
    } else {
        thaw_v1(cgroup);
        status = freeze_kill_thaw(cgroup);
    }
    if (status == 0)
        return 0;
    return fail(why, errno, "kill what is in the cgroup \"%s\"",
                cgroup->name == NULL ? "" : cgroup->name);
}

static int watch_v1(const char *directory)
{
    cleanup_free char *control = NULL;
    cleanup_free char *order = NULL;
    int event = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);

    if (event < 0 || asprintf(&control, "%s/memory.oom_control", directory) < 0)
        return event;
    cleanup_close int watched = open(control, O_RDONLY | O_CLOEXEC);
    if (watched < 0 || asprintf(&order, "%d %d", event, watched) < 0 ||
        hierarchy_write(directory, "cgroup.event_control", order) < 0)
        close_fd(&event);
    return event;
}

static int watch_v2(const char *directory)
{
    cleanup_free char *events = NULL;
    int fd = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);

    if (fd < 0 || asprintf(&events, "%s/memory.events", directory) < 0)
        return fd;
    if (inotify_add_watch(fd, events, IN_MODIFY) < 0)
        close_fd(&fd);
    return fd;
}

int cgroup_oom_fd(const struct cgroup *cgroup)
{
    const char *v1 = cgroup->directories[CGROUP_MEMORY];
    const char *v2 = cgroup->directories[CGROUP_UNIFIED];

    errno = ENOENT;
    if (v1 != NULL)
        return watch_v1(v1);
    return v2 != NULL ? watch_v2(v2) : -1;
}

long long cgroup_oom_kills(const struct cgroup *cgroup)
{
    return accounting_oom_kills(cgroup);
}
