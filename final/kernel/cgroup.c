/*
 * cgroup: how much of the machine a group of processes may use, and has used.
 *
 * Here it begins and ends; where it goes is cgroup_place's to know, what it
 * limits cgroup_knobs', and what is in it cgroup_processes'.
 *
 * Kernel object  a directory for the group, a file for each knob
 * Side           host: create, limit, read, remove     container: enter
 * Needs          root, or a cgroup that was delegated to this user
 * Look at it     cat /proc/PID/cgroup     cat DIRECTORY/memory.max
 *                systemd-cgls
 */
#include "cgroup.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <time.h>

#include "cgroup_kept.h"
#include "cgroup_knobs.h"
#include "cgroup_place.h"
#include "cleanup.h"
#include "explain.h"
#include "hierarchy.h"

/* All of ours are called so. */
static const char prefix[] = "duct-";

static void forget(struct cgroup *cgroup)
{
    *cgroup = (struct cgroup){.unified_fd = -1};
    for (int h = 0; h < CGROUP_HIERARCHIES; h++)
        cgroup->doors[h] = -1;
}

static int refuse(int errnum, const char *name, struct failure *why)
{
    fail(why, errnum, "make a cgroup \"%s\" that can set these limits", name);
    switch (errnum) {
    case ENOENT:
        return hint(why, "no cgroup above this one has the controller: see "
                         "its cgroup.controllers");
    case EBUSY:
        return hint(why, "processes are in it, or in all those above it that "
                         "could pass a controller on");
    case EINVAL:
        return hint(why, "its parts can't be empty, \".\" or \"..\"");
    case EACCES:
    case EPERM:
    case EROFS:
        return hint(why, "without root it has to be in a cgroup of yours: "
                         "systemd-run --user --scope -p Delegate=yes duct "
                         "...");
    default:
        return -1;
    }
}

/* Two controllers of version 1 may share a hierarchy, and so a directory. */
static void share(struct cgroup *cgroup, const struct cgroup_place *place,
                  int hierarchy)
{
    for (int h = CGROUP_UNIFIED + 1; h < CGROUP_HIERARCHIES; h++)
        if (cgroup->directories[h] == NULL && place->own[h] != NULL &&
            str_eq(place->own[h], place->own[hierarchy]))
            cgroup->directories[h] = strdup(cgroup->directories[hierarchy]);
}

/* Who may not make cgroups does without, unless a limit was asked for. Any
 * other reason, such as an old one of this name with processes in it, is one to
 * stop. */
static bool is_tolerable(int errnum, bool is_needed)
{
    return !is_needed && (errnum == EACCES || errnum == EPERM ||
                          errnum == EROFS || errnum == ENOENT);
}

/* Makes the directories of version 1 that are in a set. Returns those of the
 * needed that are not on version 1, or -1. */
static int make_v1(struct cgroup *cgroup, const struct cgroup_place *place,
                   int wanted, int needed, struct failure *why)
{
    for (int h = CGROUP_UNIFIED + 1; h < CGROUP_HIERARCHIES; h++) {
        if (!((wanted | needed) & 1 << h) || place->own[h] == NULL)
            continue;
        if (cgroup->directories[h] == NULL) {
            char *made = cgroup_place_make_v1(place, h);

            if (made == NULL && is_tolerable(errno, needed & 1 << h))
                continue;
            if (made == NULL)
                return refuse(errno, place->name, why);
            cgroup->directories[h] = made;
            share(cgroup, place, h);
        }
        needed &= ~(1 << h);
    }
    return needed;
}

/* The accounts are nice to have, and so is the usual limit of processes; but
 * only the needed is a must. */
static int make_v2(struct cgroup *cgroup, const struct cgroup_place *place,
                   int needed, struct failure *why)
{
    int wishes = needed;
    char *made = NULL;

    for (int h = CGROUP_MEMORY; h <= CGROUP_PIDS; h++)
        if (place->own[h] == NULL && h != CGROUP_CPUSET)
            wishes |= 1 << h;
    if (wishes != needed)
        made = cgroup_place_make_v2(place, wishes);
    if (made == NULL)
        made = cgroup_place_make_v2(place, needed);
    if (made == NULL && !is_tolerable(errno, needed != 0))
        return refuse(errno, place->name, why);
    cgroup->directories[CGROUP_UNIFIED] = made;
    return 0;
}

/* What a container is in although nobody has set a limit: to be counted,
 * frozen, and kept from devices. Each costs about 0.1 ms. */
static int usual(const struct cgroup_place *place)
{
    int set = 1 << CGROUP_MEMORY | 1 << CGROUP_PIDS | 1 << CGROUP_BLKIO |
              1 << CGROUP_DEVICES;

    /* Version 2 freezes and counts CPU time also without controllers. */
    if (place->own[CGROUP_UNIFIED] == NULL)
        set |= 1 << CGROUP_FREEZER | 1 << CGROUP_CPUACCT;
    return set;
}

int cgroup_create(struct cgroup *cgroup, const char *name,
                  const struct limits *limits, struct failure *why)
{
    cleanup_cgroup_place struct cgroup_place place;

    forget(cgroup);
    if (cgroup_place_find(&place, name) < 0)
        return refuse(errno, name, why);
    cgroup->name = strdup(name);
    int needed = make_v1(cgroup, &place, usual(&place),
                         cgroup_knobs_needed(limits), why);
    if (needed >= 0 && make_v2(cgroup, &place, needed, why) == 0 &&
        cgroup_knobs_set(cgroup, limits, why) == 0)
        return 0;
    cgroup_destroy(cgroup);
    return -1;
}

static bool is_on_v2(const struct cgroup *cgroup, int controller)
{
    return cgroup->directories[CGROUP_UNIFIED] != NULL &&
           cgroup->directories[controller] == NULL;
}

/* Takes everybody into a directory of version 1 that they are not in. Who is
 * forked meanwhile may be in it or not, so it is done until nobody is new. */
static int move_all(const struct cgroup *cgroup, const char *directory,
                    struct failure *why)
{
    size_t before = 0;

    for (;;) {
        cleanup_free pid_t *pids = NULL;
        ssize_t count = cgroup_pids(cgroup, &pids);
        size_t moved = 0;

        for (ssize_t i = 0; i < count; i++) {
            cleanup_free char *pid = NULL;

            if (asprintf(&pid, "%d", pids[i]) < 0)
                return fail(why, ENOMEM, "move processes");
            if (hierarchy_write(directory, "cgroup.procs", pid) == 0)
                moved++;
            else if (errno != ESRCH)
                return fail(why, errno, "move process %s to %s", pid,
                            directory);
        }
        if (moved <= before)
            return 0;
        before = moved;
    }
}

/* Hierarchies of version 1 that nobody needed when it was created. */
static int grow(struct cgroup *cgroup, int needed, struct failure *why)
{
    cleanup_cgroup_place struct cgroup_place place;

    if (cgroup_place_find(&place, cgroup->name) < 0)
        return refuse(errno, cgroup->name, why);
    for (int h = CGROUP_UNIFIED + 1; h < CGROUP_HIERARCHIES; h++) {
        if (!(needed & 1 << h) || cgroup->directories[h] != NULL ||
            place.own[h] == NULL)
            continue;
        char *made = cgroup_place_make_v1(&place, h);
        if (made == NULL)
            return refuse(errno, cgroup->name, why);
        cgroup->directories[h] = made;
        share(cgroup, &place, h);
        if (move_all(cgroup, made, why) < 0)
            return -1;
    }
    return 0;
}

/* Version 1 refuses a limit below what is in use; version 2 takes it and kills.
 * What it can't get back in another way is "anon". */
static int check_use(const struct cgroup *cgroup, const struct limits *limits,
                     struct failure *why)
{
    if (limits->memory == LIMIT_NONE || limits->memory == LIMIT_MAX ||
        !is_on_v2(cgroup, CGROUP_MEMORY))
        return 0;
    const char *directory = cgroup->directories[CGROUP_UNIFIED];
    cleanup_free char *text = hierarchy_read(directory, "memory.stat");
    const char *line = strncmp(text, "anon ", 5) == 0 ? text + 5 : "0";
    long long used = strtoll(line, NULL, 10);
    if (used <= limits->memory)
        return 0;
    fail(why, EBUSY, "--memory: write %lld to %s/memory.max", limits->memory,
         directory);
    return hint(why, "more is in use than that");
}

int cgroup_update(struct cgroup *cgroup, const struct limits *limits,
                  struct failure *why)
{
    int needed = cgroup_knobs_needed(limits);
    struct cgroup_kept kept;

    for (int h = CGROUP_UNIFIED + 1; h < CGROUP_HIERARCHIES; h++)
        if (needed & 1 << h && cgroup->directories[h] == NULL) {
            if (grow(cgroup, needed, why) < 0)
                return -1;
            break;
        }
    cgroup_kept_read(&kept, cgroup);
    int status = check_use(cgroup, limits, why);
    if (status == 0)
        status = cgroup_knobs_set(cgroup, limits, why);
    if (status < 0)
        cgroup_kept_restore(&kept, cgroup);
    cgroup_kept_release(&kept);
    return status;
}

int cgroup_find_named(struct cgroup *cgroup, const char *name)
{
    cleanup_cgroup_place struct cgroup_place place;
    int found = 0;

    forget(cgroup);
    if (cgroup_place_find(&place, name) < 0)
        return 0;
    cgroup->name = strdup(name);
    for (int h = 0; h < CGROUP_HIERARCHIES; h++) {
        cgroup->directories[h] = cgroup_place_look(&place, h);
        found += cgroup->directories[h] != NULL;
    }
    return found;
}

/* Cuts a path behind its last part that is one of ours: what is below was made
 * by the container. */
static bool cut_below_ours(char *path)
{
    for (;;) {
        char *slash = strrchr(path, '/');

        if (slash == NULL)
            return false;
        if (strncmp(slash + 1, prefix, strlen(prefix)) == 0)
            return true;
        *slash = '\0';
    }
}

int cgroup_find(struct cgroup *cgroup, pid_t pid)
{
    int found = 0;

    forget(cgroup);
    hierarchy_find_all(pid, cgroup_controllers, CGROUP_HIERARCHIES,
                       cgroup->directories, NULL);
    for (int h = 0; h < CGROUP_HIERARCHIES; h++) {
        char *directory = cgroup->directories[h];

        if (directory != NULL && cut_below_ours(directory)) {
            if (cgroup->name == NULL)
                cgroup->name = strdup(strrchr(directory, '/') + 1);
            found++;
        } else {
            free_pointer(&cgroup->directories[h]);
            cgroup->directories[h] = NULL;
        }
    }
    return found;
}

static const char *name_of(int hierarchy)
{
    return hierarchy == CGROUP_UNIFIED ? "unified"
                                       : cgroup_controllers[hierarchy];
}

char *cgroup_describe(const struct cgroup *cgroup)
{
    char *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);

    if (out == NULL)
        return NULL;
    if (cgroup->name != NULL)
        fprintf(out, "name %s\n", cgroup->name);
    for (int h = 0; h < CGROUP_HIERARCHIES; h++)
        if (cgroup->directories[h] != NULL)
            fprintf(out, "%s %s\n", name_of(h), cgroup->directories[h]);
    if (fclose(out) == 0)
        return text;
    free(text);
    return NULL;
}

/* On version 2 any of those above ours may pass the controllers on. */
static void foresee(FILE *out, const struct cgroup_place *place, int hierarchy)
{
    cleanup_free char *base = strdup(place->own[hierarchy]);
    const char *name = place->name + (*place->name == '/');

    while (base != NULL) {
        char *slash = strrchr(base, '/');

        fprintf(out, "%s %s/%s\n", name_of(hierarchy), base, name);
        if (hierarchy != CGROUP_UNIFIED || slash == NULL ||
            str_eq(base, place->tops[hierarchy]))
            return;
        *slash = '\0';
    }
}

char *cgroup_foresee(const char *name)
{
    cleanup_cgroup_place struct cgroup_place place;
    char *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);

    if (out == NULL)
        return NULL;
    fprintf(out, "name %s\n", name);
    if (cgroup_place_find(&place, name) == 0)
        for (int h = 0; h < CGROUP_HIERARCHIES; h++)
            if (place.own[h] != NULL)
                foresee(out, &place, h);
    if (fclose(out) == 0)
        return text;
    free(text);
    return NULL;
}

int cgroup_recall(struct cgroup *cgroup, const char *text)
{
    cleanup_free char *copy = strdup(text);
    char *rest = copy;
    char *line;
    int found = 0;

    forget(cgroup);
    while ((line = strsep(&rest, "\n")) != NULL) {
        const char *word = strsep(&line, " ");

        if (line == NULL)
            continue;
        if (str_eq(word, "name") && cgroup->name == NULL)
            cgroup->name = strdup(line);
        for (int h = 0; h < CGROUP_HIERARCHIES; h++)
            if (str_eq(word, name_of(h)) && cgroup->directories[h] == NULL &&
                access(line, F_OK) == 0) {
                cgroup->directories[h] = strdup(line);
                found++;
            }
    }
    return found;
}

bool cgroup_exists(const struct cgroup *cgroup)
{
    for (int h = 0; h < CGROUP_HIERARCHIES; h++)
        if (cgroup->directories[h] != NULL)
            return true;
    return false;
}

const char *cgroup_knobs(const struct cgroup *cgroup, int controller)
{
    return cgroup->directories[is_on_v2(cgroup, controller) ? CGROUP_UNIFIED
                                                            : controller];
}

/* Is this the same directory as one of a hierarchy before? */
static bool is_repeated(const struct cgroup *cgroup, int hierarchy)
{
    for (int h = 0; h < hierarchy; h++)
        if (cgroup->directories[h] != NULL &&
            str_eq(cgroup->directories[h], cgroup->directories[hierarchy]))
            return true;
    return false;
}

int cgroup_open(struct cgroup *cgroup, struct failure *why)
{
    for (int h = 0; h < CGROUP_HIERARCHIES; h++) {
        const char *file = h == CGROUP_UNIFIED ? "cgroup.procs" : "tasks";
        cleanup_free char *path = NULL;

        if (cgroup->directories[h] == NULL || is_repeated(cgroup, h))
            continue;
        if (asprintf(&path, "%s/%s", cgroup->directories[h], file) < 0)
            return fail(why, ENOMEM, "enter a cgroup");
        explain(CONTAINER, "echo 0 >%s", path);
        cgroup->doors[h] = open(path, O_WRONLY | O_CLOEXEC);
        if (cgroup->doors[h] < 0)
            return fail(why, errno, "open %s", path);
    }
    return 0;
}

int cgroup_unified_fd(struct cgroup *cgroup)
{
    const char *directory = cgroup->directories[CGROUP_UNIFIED];

    if (directory != NULL && cgroup->unified_fd < 0)
        cgroup->unified_fd =
            open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    return cgroup->unified_fd;
}

int cgroup_enter(const struct cgroup *cgroup, struct failure *why)
{
    for (int h = 0; h < CGROUP_HIERARCHIES; h++) {
        if (h == CGROUP_UNIFIED && cgroup->unified_fd >= 0)
            continue; /* clone3() started us in it */
        if (cgroup->doors[h] >= 0 && write(cgroup->doors[h], "0", 1) < 0)
            return fail(why, errno, "enter %s", cgroup->directories[h]);
    }
    return 0;
}

void cgroup_release(struct cgroup *cgroup)
{
    for (int h = 0; h < CGROUP_HIERARCHIES; h++) {
        free_pointer(&cgroup->directories[h]);
        close_fd(&cgroup->doors[h]);
    }
    close_fd(&cgroup->unified_fd);
    free_pointer(&cgroup->name);
    forget(cgroup);
}

enum {
    TRIES = 500
};

/* Kills only if it has to: that takes longer than to find it empty. Who has
 * just died may still be counted, for a moment. */
static int remove_all(const struct cgroup *cgroup)
{
    static const struct timespec moment = {.tv_nsec = 1000000};
    struct failure ignored;

    for (int i = 0;; i++) {
        int errnum = 0;

        for (int h = 0; h < CGROUP_HIERARCHIES; h++)
            if (cgroup->directories[h] != NULL &&
                cgroup_place_remove(cgroup->directories[h]) < 0)
                errnum = errno;
        errno = errnum;
        if (errnum == 0)
            return 0;
        if (errnum != EBUSY || i == TRIES || cgroup_kill(cgroup, &ignored) < 0)
            return -1;
        nanosleep(&moment, NULL);
    }
}

int cgroup_destroy(struct cgroup *cgroup)
{
    for (int h = 0; h < CGROUP_HIERARCHIES; h++)
        if (cgroup->directories[h] != NULL && !is_repeated(cgroup, h))
            explain(HOST, "rmdir %s", cgroup->directories[h]);
    int status = remove_all(cgroup);
    int errnum = errno;

    cgroup_release(cgroup);
    errno = errnum;
    return status;
}
