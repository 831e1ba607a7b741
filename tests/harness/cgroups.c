/*
 * cgroups: where a process's control groups are, and what their files say.
 *
 * See cgroups(7) and Documentation/admin-guide/cgroup-v2.rst. The suite's own
 * cgroups, which cgroups_settle_in() makes:
 *
 *     version 1, each hierarchy        version 2
 *     OURS/suite-of-duct-NUMBER        BASE/suite-of-duct-NUMBER
 *         nobody                           session           the suite
 *                                          nobody/session
 *
 * OURS is where the suite was started. BASE is that as well, or the nearest
 * directory above it which passes the controllers on to its children.
 */
#include "cgroups.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "expect.h"
#include "keep.h"
#include "kernel.h"
#include "mounts.h"
#include "scratch.h"
#include "spawn.h"

/* The first is version 2's. */
const char *const cgroups_names[] = {NULL,     "memory", "cpu",    "cpuacct",
                                     "cpuset", "pids",   "freezer"};

enum {
    HIERARCHIES = CGROUPS_HIERARCHIES,
    STALE_S = 900
};

static const char prefix[] = "suite-of-duct-";

/* Set once by cgroups_settle_in(). */
static struct {
    char *before[HIERARCHIES];  /* where the suite was started */
    char *made[HIERARCHIES];    /* the topmost directory of ours */
    char *home[HIERARCHIES];    /* where the suite is now */
    int delegated[HIERARCHIES]; /* cgroup.procs of nobody's, or -1 */
} ours;

/* Where things are. */

static const struct mount_entry *mounted(const struct mounts *m,
                                         const char *controller)
{
    for (size_t i = 0; i < m->count; i++) {
        const struct mount_entry *entry = &m->entries[i];

        if (controller == NULL ? strcmp(entry->type, "cgroup2") == 0
                               : strcmp(entry->type, "cgroup") == 0 &&
                                     mounts_flag(entry->options, controller))
            return entry;
    }
    return NULL;
}

char *cgroups_point(const char *controller)
{
    const struct mount_entry *entry = mounted(mounts_of(0), controller);

    return entry == NULL ? NULL : entry->point;
}

/* Lines of /proc/PID/cgroup are "NUMBER:CONTROLLERS:PATH". */
static char *path_in(pid_t pid, const char *controller)
{
    char *text = kernel_read("%d/cgroup", pid), *line;

    expect_that(text != NULL, keep_format("process %d to live", pid),
                "it is gone");
    while ((line = strsep(&text, "\n")) != NULL) {
        const char *list;

        (void)strsep(&line, ":");
        list = strsep(&line, ":");
        if (line != NULL &&
            (controller == NULL ? *list == '\0'
                                : mounts_flag(list, controller)))
            return line;
    }
    return NULL;
}

char *cgroups_of(pid_t pid, const char *controller)
{
    const struct mount_entry *entry = mounted(mounts_of(0), controller);
    const char *path = entry == NULL ? NULL : path_in(pid, controller);
    size_t root;

    if (path == NULL)
        return NULL;
    /* Below another root than the hierarchy's own, paths are still whole. */
    root = strcmp(entry->root, "/") == 0 ? 0 : strlen(entry->root);
    if (strncmp(path, entry->root, root) == 0)
        path += root;
    return keep_format("%s%s", entry->point,
                       strcmp(path, "/") == 0 ? "" : path);
}

char *cgroups_with(pid_t pid, const char *controller)
{
    char *directory = cgroups_of(pid, controller);

    return directory != NULL ? directory : cgroups_of(pid, NULL);
}

static bool has_word(const char *text, const char *word)
{
    char *copy = keep_format("%s", text == NULL ? "" : text), *one;

    while ((one = strsep(&copy, " \n")) != NULL)
        if (strcmp(one, word) == 0)
            return true;
    return false;
}

int cgroups_version(const char *controller)
{
    const char *v2;

    if (cgroups_of(0, controller) != NULL)
        return 1;
    v2 = cgroups_of(0, NULL);
    return v2 != NULL && ours.made[0] != NULL &&
                   has_word(cgroups_read(ours.made[0], "cgroup.controllers"),
                            controller)
               ? 2
               : 0;
}

/* What they say. */

char *cgroups_read(const char *directory, const char *file)
{
    char *text = directory == NULL
                     ? NULL
                     : file_read(keep_format("%s/%s", directory, file));
    size_t size = text == NULL ? 0 : strlen(text);

    if (size > 0 && text[size - 1] == '\n')
        text[size - 1] = '\0';
    return text;
}

long long cgroups_number(const char *directory, const char *file,
                         const char *key)
{
    char *text = cgroups_read(directory, file), *line;
    size_t size = key == NULL ? 0 : strlen(key);

    while (text != NULL && (line = strsep(&text, "\n")) != NULL) {
        char *end;
        long long number;

        if (key != NULL && (strncmp(line, key, size) != 0 || line[size] != ' '))
            continue;
        number = strtoll(line + size, &end, 10);
        return end == line + size || *end != '\0' ? -1 : number;
    }
    return -1;
}

bool knob_is_v1(const struct knob *knob)
{
    return cgroups_of(0, knob->controller) != NULL;
}

char *knob_file(pid_t pid, const struct knob *knob)
{
    return keep_format("%s/%s", cgroups_with(pid, knob->controller),
                       knob_is_v1(knob) ? knob->v1 : knob->v2);
}

char *knob_read(pid_t pid, const struct knob *knob)
{
    return cgroups_read(cgroups_with(pid, knob->controller),
                        knob_is_v1(knob) ? knob->v1 : knob->v2);
}

/* The suite's own. */

static void put(const char *directory, const char *file, const char *text)
{
    const char *path = keep_format("%s/%s", directory, file);
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    bool done = fd >= 0 && write(fd, text, strlen(text)) >= 0;

    expect_that(done, keep_format("the suite to write %s to %s", text, path),
                strerror(errno));
    (void)close(fd);
}

static bool passes_on(const char *directory)
{
    const char *list = cgroups_read(directory, "cgroup.subtree_control");

    return has_word(list, "memory") && has_word(list, "cpu") &&
           has_word(list, "cpuset") && has_word(list, "pids");
}

static char *base_of(const char *directory)
{
    const char *top = cgroups_point(NULL);
    char *base = keep_format("%s", directory);

    while (!passes_on(base)) {
        if (strcmp(base, top) == 0)
            return keep_format("%s", directory);
        *strrchr(base, '/') = '\0';
    }
    return base;
}

/* An empty cpuset takes nobody in; on version 2 there is no such thing. */
static void fill_cpuset(const char *directory)
{
    static const char *const files[] = {"cpuset.cpus", "cpuset.mems"};

    for (size_t i = 0; i < 2; i++)
        put(directory, files[i],
            cgroups_read(directory, keep_format("../%s", files[i])));
}

static char *make(const char *parent, const char *name)
{
    char *directory = keep_format("%s/%s", parent, name);

    expect_that(mkdir(directory, 0755) == 0 || errno == EEXIST,
                keep_format("the suite to make %s", directory),
                strerror(errno));
    if (access(keep_format("%s/cpuset.mems", parent), F_OK) == 0 &&
        access(keep_format("%s/cgroup.clone_children", parent), F_OK) == 0)
        fill_cpuset(directory);
    return directory;
}

static void pass_on(const char *directory)
{
    char *text = cgroups_read(directory, "cgroup.controllers"), *word;

    while (text != NULL && (word = strsep(&text, " ")) != NULL)
        for (size_t h = 1; h < HIERARCHIES; h++)
            if (strcmp(word, cgroups_names[h]) == 0)
                put(directory, "cgroup.subtree_control",
                    keep_format("+%s", word));
}

static void give_to_nobody(const char *directory)
{
    static const char *const files[] = {"", "cgroup.procs", "tasks",
                                        "cgroup.threads",
                                        "cgroup.subtree_control"};

    for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++)
        expect_that(chown(keep_format("%s/%s", directory, files[i]), NOBODY,
                          NOBODY) == 0 ||
                        errno == ENOENT,
                    keep_format("the suite to give %s away", directory),
                    strerror(errno));
}

static void delegate(size_t h)
{
    char *directory = make(ours.made[h], "nobody");

    give_to_nobody(directory);
    if (h == 0) {
        pass_on(directory);
        directory = make(directory, "session");
        give_to_nobody(directory);
    }
    ours.delegated[h] =
        open(keep_format("%s/cgroup.procs", directory), O_WRONLY | O_CLOEXEC);
    expect_call(ours.delegated[h]);
}

static int remove_cgroup(const char *path, const struct stat *st, int type,
                         struct FTW *at)
{
    (void)st;
    (void)at;
    if (type == FTW_DP)
        (void)rmdir(path); /* who is still in there keeps it */
    return 0;
}

static void remove_cgroups(const char *directory)
{
    (void)nftw(directory, remove_cgroup, 16, FTW_DEPTH | FTW_PHYS | FTW_MOUNT);
}

/* Those of a suite that was killed; one that begins now is no older. */
static void sweep(const char *parent)
{
    DIR *entries = opendir(parent);
    const struct dirent *entry;

    while (entries != NULL && (entry = readdir(entries)) != NULL) {
        const char *path = keep_format("%s/%s", parent, entry->d_name);
        struct stat st;

        if (strncmp(entry->d_name, prefix, strlen(prefix)) == 0 &&
            stat(path, &st) == 0 && st.st_ctime < time(NULL) - STALE_S)
            remove_cgroups(path);
    }
    if (entries != NULL)
        closedir(entries);
}

static void settle_in(size_t h, const char *name)
{
    const char *parent = ours.before[h];

    if (h == 0)
        parent = base_of(parent);
    sweep(parent);
    ours.home[h] = ours.made[h] = make(parent, name);
    if (h == 0) {
        pass_on(ours.made[h]);
        ours.home[h] = make(ours.made[h], "session");
    }
    delegate(h);
    put(ours.home[h], "cgroup.procs", "0");
}

void cgroups_settle_in(void)
{
    unsigned number = 0;
    const char *name;

    expect_call(getrandom(&number, sizeof(number), 0));
    name = keep_format("%s%u", prefix, number);
    for (size_t h = 0; h < HIERARCHIES; h++) {
        ours.delegated[h] = -1;
        ours.before[h] = cgroups_of(0, cgroups_names[h]);
    }
    for (size_t h = 0; h < HIERARCHIES; h++)
        if (ours.before[h] != NULL)
            settle_in(h, name);
}

void cgroups_sweep(void)
{
    char *list = cgroups_left(), *path;

    while ((path = strsep(&list, "\n")) != NULL)
        if (path[0] != '\0')
            (void)rmdir(path); /* somebody in it: then it is not ours */
}

void cgroups_move_out(void)
{
    cgroups_sweep();
    for (size_t h = 0; h < HIERARCHIES; h++) {
        if (ours.before[h] == NULL)
            continue;
        (void)close(ours.delegated[h]);
        put(ours.before[h], "cgroup.procs", "0");
    }
    /* What a program left there stays, and is told as left behind. */
    for (size_t h = 0; h < HIERARCHIES; h++)
        if (ours.before[h] != NULL && cgroups_left()[0] == '\0')
            remove_cgroups(ours.made[h]);
}

static size_t hierarchy_of(const char *controller)
{
    size_t h = 0;

    while (controller != NULL && ++h < HIERARCHIES)
        if (strcmp(cgroups_names[h], controller) == 0)
            break;
    return h;
}

char *cgroups_top(const char *controller)
{
    return ours.made[hierarchy_of(controller)];
}

char *cgroups_home(const char *controller)
{
    return ours.home[hierarchy_of(controller)];
}

char *cgroups_make(const char *controller, const char *name)
{
    size_t h = hierarchy_of(controller);

    return make(h == 0 && passes_on(ours.made[h]) ? ours.made[h] : ours.home[h],
                name);
}

/* nftw has no argument to pass on. */
static FILE *left;

static int tell_left(const char *path, const struct stat *st, int type,
                     struct FTW *at)
{
    (void)st;
    if (type == FTW_D && strncmp(path + at->base, "duct-", 5) == 0)
        fprintf(left, "%s\n", path);
    return 0;
}

char *cgroups_left(void)
{
    char *text = NULL;
    size_t size = 0;

    left = open_memstream(&text, &size);
    expect_that(left != NULL, "memory for a list of cgroups", "none");
    for (size_t h = 0; h < HIERARCHIES; h++)
        if (ours.made[h] != NULL)
            (void)nftw(ours.made[h], tell_left, 16, FTW_PHYS | FTW_MOUNT);
    fclose(left);
    return keep(text);
}

/* In the child, before it executes the program: there is nobody to tell. */

void cgroups_as_delegated(void *only)
{
    for (size_t h = 0; h < HIERARCHIES; h++)
        if (ours.delegated[h] >= 0 &&
            (only == NULL || (h > 0 && strcmp(only, cgroups_names[h]) == 0)) &&
            write(ours.delegated[h], "0", 1) < 0)
            _exit(125);
}
