/*
 * cgroup: how much of the machine a group of processes may use, and has used.
 *
 * Kernel object  a directory for the group, a file for each knob
 * Side           host: create, limit, read, remove     container: enter
 * Needs          root, or a cgroup that was delegated to this user
 * Look at it     cat /proc/PID/cgroup     cat DIRECTORY/memory.max
 *                systemd-cgls
 */
#include "cgroup.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>

#include "cleanup.h"
#include "explain.h"
#include "hierarchy.h"
#include "numbers.h"

static const char *const controllers[CGROUP_HIERARCHIES] = {
    NULL, "memory", "cpu", "cpuacct", "cpuset", "pids", "freezer",
};

/* Ours are called "duct-" and the pid of the duct that made them. */
static const char prefix[] = "duct-";

/* Which hierarchies do these limits need? One bit for each. */
static int needed_by(const struct limits *l)
{
    return (l->memory != LIMIT_NONE) << CGROUP_MEMORY |
           (l->cpu_quota != LIMIT_NONE) << CGROUP_CPU |
           (l->cpu_shares != LIMIT_NONE) << CGROUP_CPU |
           (l->cpuset != NULL) << CGROUP_CPUSET |
           (l->pids != LIMIT_NONE) << CGROUP_PIDS;
}

static bool is_one_of_ours(const char *name)
{
    long long pid;

    return strncmp(name, prefix, strlen(prefix)) == 0 &&
           numbers_parse(name + strlen(prefix), 1, INT_MAX, &pid) == 0;
}

/* Whoever made a cgroup holds a lock on it for as long as it lives, in
 * whatever pid namespace that is. Returns the lock, or -1 with errno. */
static int lock(int parent_fd, const char *path)
{
    int fd = openat(parent_fd, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

    if (fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) < 0)
        close_fd(&fd);
    return fd;
}

/* A cgroup whose duct was killed has nobody to remove it but us. */
static void sweep(const char *parent)
{
    DIR *entries = opendir(parent);
    const struct dirent *entry;

    while (entries != NULL && (entry = readdir(entries)) != NULL) {
        if (!is_one_of_ours(entry->d_name))
            continue;
        cleanup_close int fd = lock(dirfd(entries), entry->d_name);
        if (fd >= 0)
            unlinkat(dirfd(entries), entry->d_name, AT_REMOVEDIR);
    }
    if (entries != NULL)
        closedir(entries);
}

enum {
    TRIES = 500
}; /* pauses: five seconds */

static void pause_briefly(void)
{
    static const struct timespec ten_milliseconds = {.tv_nsec = 10000000};

    nanosleep(&ten_milliseconds, NULL);
}

/* A sweep may take a new directory away before we have locked it. Returns the
 * lock, or -1 with errno. */
static int make_and_lock(const char *directory)
{
    for (int i = 0; i < TRIES; i++) {
        if (mkdir(directory, 0755) < 0 && errno != EEXIST)
            return -1;
        int fd = lock(AT_FDCWD, directory);
        if (fd >= 0 && faccessat(fd, "cgroup.procs", F_OK, 0) == 0)
            return fd;
        close_fd(&fd);
        pause_briefly();
    }
    errno = EBUSY;
    return -1;
}

/* Makes our directory below a parent. Returns 0, or -1 with errno. */
static int make_below(struct cgroup *cgroup, int hierarchy, const char *parent)
{
    cleanup_free char *directory = NULL;
    bool is_made = false;

    if (asprintf(&directory, "%s/%s%d", parent, prefix, getpid()) < 0)
        return -1;
    /* Two controllers of version 1 may share a hierarchy. */
    for (int h = 0; h < hierarchy; h++)
        is_made |= cgroup->directories[h] != NULL &&
                   str_eq(cgroup->directories[h], directory);
    if (!is_made) {
        cgroup->locks[hierarchy] = make_and_lock(directory);
        if (cgroup->locks[hierarchy] < 0)
            return -1;
        explain(HOST, "mkdir -p %s", directory);
    }
    cgroup->directories[hierarchy] = directory;
    directory = NULL;
    return 0;
}

/* Version 2: climbs to the first directory that passes the wanted controllers
 * on to its children. A cgroup which does can't have processes of its own, so
 * it is often the one above ours. We change nothing about it. */
static bool climb(char *directory, int wanted)
{
    cleanup_free char *top = hierarchy_mount(getpid(), NULL);

    for (;;) {
        cleanup_free char *passed_on =
            hierarchy_read(directory, "cgroup.subtree_control");
        int missing = wanted;

        for (int h = 1; h < CGROUP_HIERARCHIES; h++)
            if (hierarchy_lists(passed_on, " \n", controllers[h]))
                missing &= ~(1 << h);
        if (missing == 0)
            return true;
        if (str_eq(directory, top))
            return false;
        dirname(directory);
    }
}

static int refuse(int errnum, struct failure *why)
{
    fail(why, errnum, "make a cgroup that can set these limits");
    if (errnum == ENOENT)
        return hint(why, "no cgroup above this one passes the controller on: "
                         "see its cgroup.subtree_control");
    if (errnum == EBUSY)
        return hint(why, "a duct in another pid namespace has our number");
    return hint(why, "without root it has to be in a cgroup of yours: "
                     "systemd-run --user --scope duct ...");
}

/* Returns those of the needed that are not on version 1, or -1. */
static int make_v1(struct cgroup *cgroup, int needed, struct failure *why)
{
    for (int h = CGROUP_UNIFIED + 1; h < CGROUP_HIERARCHIES; h++) {
        cleanup_free char *parent = hierarchy_find(getpid(), controllers[h]);

        if (parent == NULL)
            continue;
        sweep(parent);
        /* An empty cpuset takes in no process, so there has to be a reason. */
        if (h == CGROUP_CPUSET && !(needed & 1 << h))
            continue;
        if (make_below(cgroup, h, parent) < 0 && needed & 1 << h)
            return refuse(errno, why);
        needed &= ~(1 << h);
    }
    return needed;
}

/* The accounts of all three are nice to have, but only the needed a must. */
static int make_v2(struct cgroup *cgroup, int needed, struct failure *why)
{
    int wishes[] = {needed, needed};
    int errnum = ENOENT;

    for (int h = CGROUP_UNIFIED + 1; h < CGROUP_HIERARCHIES; h++)
        if (cgroup->directories[h] == NULL && h != CGROUP_CPUACCT &&
            h != CGROUP_CPUSET && h != CGROUP_FREEZER)
            wishes[0] |= 1 << h;
    for (size_t i = 0; i < 2; i++) {
        cleanup_free char *parent = hierarchy_find(getpid(), NULL);

        if (parent == NULL || !climb(parent, wishes[i]))
            continue;
        sweep(parent);
        if (make_below(cgroup, CGROUP_UNIFIED, parent) == 0)
            return 0;
        errnum = errno;
    }
    return needed == 0 ? 0 : refuse(errnum, why);
}

const char *cgroup_knobs(const struct cgroup *cgroup, int controller)
{
    const char *directory = cgroup->directories[controller];

    return directory != NULL ? directory : cgroup->directories[CGROUP_UNIFIED];
}

/* An empty cpuset has no memory nodes either; we take the parent's. */
static int set_cpuset(const struct cgroup *cgroup, const char *cpus)
{
    const char *directory = cgroup->directories[CGROUP_CPUSET];

    if (directory != NULL) {
        cleanup_free char *parent = hierarchy_read(directory, "../cpuset.mems");

        parent[strcspn(parent, "\n")] = '\0';
        if (hierarchy_write(directory, "cpuset.mems", parent) < 0)
            return -1;
    }
    return hierarchy_write(cgroup_knobs(cgroup, CGROUP_CPUSET), "cpuset.cpus",
                           cpus);
}

/* docker's weights go to 262144, version 2's to 10000. */
static long long weight_of(long long shares)
{
    return shares == LIMIT_NONE ? LIMIT_NONE : 1 + (shares - 2) * 9999 / 262142;
}

static long long swap_of(long long memory_swap, const struct limits *l)
{
    return memory_swap == LIMIT_NONE ? LIMIT_NONE : memory_swap - l->memory;
}

static int set_limits(const struct cgroup *cgroup, const struct limits *l,
                      struct failure *why)
{
    const struct knob {
        const char *flag;
        int controller;
        const char *v1_file;
        long long v1_value;
        const char *v2_file;
        long long v2_value;
    } knobs[] = {
        {"--memory", CGROUP_MEMORY, "memory.limit_in_bytes", l->memory,
         "memory.max", l->memory},
        {"--memory-swap", CGROUP_MEMORY, "memory.memsw.limit_in_bytes",
         l->memory_swap, "memory.swap.max", swap_of(l->memory_swap, l)},
        {NULL, CGROUP_MEMORY, "memory.memsw.limit_in_bytes", l->swap_default,
         "memory.swap.max", swap_of(l->swap_default, l)},
        {"--cpus", CGROUP_CPU, "cpu.cfs_quota_us", l->cpu_quota, "cpu.max",
         l->cpu_quota},
        {"--cpu-shares", CGROUP_CPU, "cpu.shares", l->cpu_shares, "cpu.weight",
         weight_of(l->cpu_shares)},
        {"--pids-limit", CGROUP_PIDS, "pids.max", l->pids, "pids.max", l->pids},
    };

    for (size_t i = 0; i < sizeof(knobs) / sizeof(knobs[0]); i++) {
        const struct knob *k = &knobs[i];
        bool v1 = cgroup->directories[k->controller] != NULL;
        const char *file = v1 ? k->v1_file : k->v2_file;
        cleanup_free char *value = NULL;

        if (k->v1_value == LIMIT_NONE)
            continue;
        if (asprintf(&value, "%lld", v1 ? k->v1_value : k->v2_value) < 0)
            return fail(why, ENOMEM, "set limits");
        if (hierarchy_write(cgroup_knobs(cgroup, k->controller), file, value) ==
            0)
            continue;
        if (k->flag == NULL && errno == ENOENT)
            continue; /* a kernel that can't limit swap; nobody asked for it */
        return fail(why, errno, "%s: write %s to %s", k->flag, value, file);
    }
    if (l->cpuset != NULL && set_cpuset(cgroup, l->cpuset) < 0)
        return fail(why, errno, "--cpuset-cpus \"%s\"", l->cpuset);
    return 0;
}

static void forget(struct cgroup *cgroup)
{
    for (int h = 0; h < CGROUP_HIERARCHIES; h++) {
        cgroup->directories[h] = NULL;
        cgroup->locks[h] = -1;
        cgroup->doors[h] = -1;
    }
}

int cgroup_create(struct cgroup *cgroup, const struct limits *limits,
                  struct failure *why)
{
    forget(cgroup);
    int needed = make_v1(cgroup, needed_by(limits), why);

    if (needed >= 0 && make_v2(cgroup, needed, why) == 0 &&
        set_limits(cgroup, limits, why) == 0)
        return 0;
    cgroup_destroy(cgroup);
    return -1;
}

int cgroup_find(struct cgroup *cgroup, pid_t pid)
{
    int found = 0;

    forget(cgroup);
    for (int h = 0; h < CGROUP_HIERARCHIES; h++) {
        cleanup_free char *directory = hierarchy_find(pid, controllers[h]);
        const char *name = directory == NULL ? NULL : strrchr(directory, '/');

        if (name == NULL || strncmp(name + 1, prefix, strlen(prefix)) != 0)
            continue;
        cgroup->directories[h] = strdup(directory);
        found++;
    }
    return found;
}

int cgroup_open(struct cgroup *cgroup, struct failure *why)
{
    for (int h = 0; h < CGROUP_HIERARCHIES; h++) {
        cleanup_free char *path = NULL;

        if (cgroup->directories[h] == NULL)
            continue;
        if (asprintf(&path, "%s/cgroup.procs", cgroup->directories[h]) < 0)
            return fail(why, ENOMEM, "enter a cgroup");
        explain(CONTAINER, "echo 0 >%s", path);
        cgroup->doors[h] = open(path, O_WRONLY | O_CLOEXEC);
        if (cgroup->doors[h] < 0)
            return fail(why, errno, "open %s", path);
    }
    return 0;
}

int cgroup_enter(const struct cgroup *cgroup, struct failure *why)
{
    for (int h = 0; h < CGROUP_HIERARCHIES; h++)
        if (cgroup->doors[h] >= 0 && write(cgroup->doors[h], "0", 1) < 0)
            return fail(why, errno, "enter %s", cgroup->directories[h]);
    return 0;
}

int cgroup_freeze(const struct cgroup *cgroup, bool freeze, struct failure *why)
{
    const char *unified = cgroup->directories[CGROUP_UNIFIED];
    const char *freezer = cgroup->directories[CGROUP_FREEZER];
    const char *directory = unified != NULL ? unified : freezer;
    const char *file = unified != NULL ? "cgroup.freeze" : "freezer.state";
    const char *order =
        unified != NULL ? (freeze ? "1" : "0") : (freeze ? "FROZEN" : "THAWED");
    const char *state = unified != NULL ? "cgroup.events" : file;
    const char *word =
        unified != NULL ? (freeze ? "frozen 1" : "frozen 0") : order;

    if (directory == NULL)
        return fail(why, 0, "no cgroup of this container can be frozen");
    if (hierarchy_write(directory, file, order) < 0)
        return fail(why, errno, "write %s to %s/%s", order, directory, file);
    for (int i = 0; i < TRIES; i++) {
        cleanup_free char *now = hierarchy_read(directory, state);

        if (hierarchy_lists(now, "\n", word))
            return 0;
        pause_briefly();
    }
    return fail(why, ETIMEDOUT, "wait for %s in %s/%s", word, directory, state);
}

void cgroup_release(struct cgroup *cgroup)
{
    for (int h = 0; h < CGROUP_HIERARCHIES; h++) {
        free_pointer(&cgroup->directories[h]);
        close_fd(&cgroup->locks[h]);
        close_fd(&cgroup->doors[h]);
    }
    forget(cgroup);
}

/* With --share pid, a container's processes outlive its first one. */
static void kill_all(const char *directory)
{
    cleanup_free char *processes = hierarchy_read(directory, "cgroup.procs");
    char *rest = processes;
    const char *line;
    long long pid;

    while ((line = strsep(&rest, "\n")) != NULL)
        if (numbers_parse(line, 1, INT_MAX, &pid) == 0)
            kill((pid_t)pid, SIGKILL);
}

static void remove_directory(const char *directory)
{
    explain(HOST, "rmdir %s", directory);
    for (int i = 0; i < TRIES && rmdir(directory) < 0 && errno == EBUSY; i++) {
        kill_all(directory);
        pause_briefly();
    }
}

void cgroup_destroy(struct cgroup *cgroup)
{
    for (int h = 0; h < CGROUP_HIERARCHIES; h++)
        if (cgroup->locks[h] >= 0)
            remove_directory(cgroup->directories[h]);
    cgroup_release(cgroup);
}
