/*
 * cgroup_place: where in each hierarchy a new cgroup goes.
 *
 * On version 1 that is simple: below ours. On version 2 a cgroup that passes
 * controllers on to its children can't have processes, and ours has one: us.
 *
 * Kernel object  directories, and cgroup.subtree_control in each of version 2
 * Side           host
 * Look at it     cat /proc/self/cgroup     systemd-cgls
 *                cat DIRECTORY/cgroup.controllers DIRECTORY/cgroup.subtree_c*
 */
#include "cgroup_place.h"

#include <dirent.h>
#include <libgen.h>
#include <stdio.h>
#include <sys/stat.h>

#include "cleanup.h"
#include "explain.h"
#include "hierarchy.h"

const char *const cgroup_controllers[CGROUP_HIERARCHIES] = {
    NULL,   "memory", "cpu",     "cpuacct", "cpuset",
    "pids", "blkio",  "freezer", "devices",
};

/* What a controller is called on version 2; NULL: it is none there. */
static const char *name_on_v2(int controller)
{
    if (controller == CGROUP_BLKIO)
        return "io";
    if (controller == CGROUP_CPUACCT || controller == CGROUP_FREEZER ||
        controller == CGROUP_DEVICES)
        return NULL;
    return cgroup_controllers[controller];
}

/* No part of a name may lead elsewhere. */
static bool is_plain(const char *name)
{
    cleanup_free char *copy = strdup(name + (*name == '/'));
    char *rest = copy;
    const char *part;

    while ((part = strsep(&rest, "/")) != NULL)
        if (*part == '\0' || str_eq(part, ".") || str_eq(part, ".."))
            return false;
    return copy != NULL;
}

int cgroup_place_find(struct cgroup_place *place, const char *name)
{
    const char *slash = strrchr(name, '/');

    *place = (struct cgroup_place){.name = name,
                                   .leaf = slash == NULL ? name : slash + 1};
    if (!is_plain(name)) {
        errno = EINVAL;
        return -1;
    }
    hierarchy_find_all(getpid(), cgroup_controllers, CGROUP_HIERARCHIES,
                       place->own, place->tops);
    for (int h = 0; h < CGROUP_HIERARCHIES && *name == '/'; h++) {
        free(place->own[h]);
        place->own[h] = place->tops[h] == NULL ? NULL : strdup(place->tops[h]);
    }
    return 0;
}

void cgroup_place_release(struct cgroup_place *place)
{
    for (int h = 0; h < CGROUP_HIERARCHIES; h++) {
        free_pointer(&place->own[h]);
        free_pointer(&place->tops[h]);
    }
    *place = (struct cgroup_place){0};
}

/* The wanted controllers that a file lists none of: a bit for each. */
static int missing_in(const char *directory, const char *file, int wanted)
{
    cleanup_free char *listed = hierarchy_read(directory, file);

    for (int h = CGROUP_UNIFIED + 1; h < CGROUP_HIERARCHIES; h++)
        if (name_on_v2(h) == NULL ||
            hierarchy_lists(listed, " \n", name_on_v2(h)))
            wanted &= ~(1 << h);
    return wanted;
}

/* Tells a cgroup to pass the wanted controllers on. Returns 0, or -1 with
 * errno: EBUSY when processes are in it. */
static int pass_on(const char *directory, int wanted)
{
    int missing = missing_in(directory, "cgroup.subtree_control", wanted);

    if (missing_in(directory, "cgroup.controllers", missing) != 0) {
        errno = ENOENT;
        return -1;
    }
    for (int h = CGROUP_UNIFIED + 1; h < CGROUP_HIERARCHIES; h++) {
        cleanup_free char *order = NULL;

        if (!(missing & 1 << h))
            continue;
        if (asprintf(&order, "+%s", name_on_v2(h)) < 0 ||
            hierarchy_write(directory, "cgroup.subtree_control", order) < 0)
            return -1;
    }
    return 0;
}

/* Climbs from our own cgroup to the nearest that passes the wanted controllers
 * on, or that does when it is told to. Returns that directory, which the
 * caller frees; or NULL with errno. */
static char *climb(const struct cgroup_place *place, int wanted, bool tell)
{
    cleanup_free char *directory = strdup(place->own[CGROUP_UNIFIED]);
    int errnum = ENOENT;

    while (directory != NULL) {
        if (tell ? pass_on(directory, wanted) == 0
                 : missing_in(directory, "cgroup.subtree_control", wanted) ==
                       0) {
            char *found = directory;

            directory = NULL;
            return found;
        }
        if (tell && errno != ENOENT)
            errnum = errno;
        if (str_eq(directory, place->tops[CGROUP_UNIFIED]))
            break;
        dirname(directory);
    }
    errno = errnum;
    return NULL;
}

static int remove_children(const char *directory)
{
    DIR *entries = opendir(directory);
    const struct dirent *entry;
    int status = 0;

    while (entries != NULL && (entry = readdir(entries)) != NULL) {
        cleanup_free char *path = NULL;

        if (entry->d_type != DT_DIR || str_eq(entry->d_name, ".") ||
            str_eq(entry->d_name, ".."))
            continue;
        if (asprintf(&path, "%s/%s", directory, entry->d_name) < 0 ||
            cgroup_place_remove(path) < 0)
            status = -1;
    }
    if (entries != NULL)
        closedir(entries);
    return status;
}

int cgroup_place_remove(const char *directory)
{
    if (rmdir(directory) == 0 || errno == ENOENT)
        return 0;
    if (errno != EBUSY || remove_children(directory) < 0)
        return -1;
    return rmdir(directory) == 0 || errno == ENOENT ? 0 : -1;
}

/* On version 1 an empty cpuset takes in no process, so ours begin with all
 * that the one above has. */
static int fill_cpuset(const char *directory)
{
    static const char *const files[][2] = {
        {"../cpuset.cpus", "cpuset.cpus"},
        {"../cpuset.mems", "cpuset.mems"},
    };

    for (size_t i = 0; i < 2; i++) {
        cleanup_free char *value = hierarchy_read(directory, files[i][0]);

        value[strcspn(value, "\n")] = '\0';
        if (hierarchy_write(directory, files[i][1], value) < 0)
            return -1;
    }
    return 0;
}

/* Prepares a new directory for what will be in it: on version 2 a parent for
 * children with controllers, on version 1 a cpuset. */
static int prepare(const struct cgroup_place *place, int hierarchy,
                   const char *directory, int wanted, bool is_parent)
{
    const char *cpuset = place->own[CGROUP_CPUSET];

    if (hierarchy == CGROUP_UNIFIED)
        return is_parent ? pass_on(directory, wanted) : 0;
    if (cpuset != NULL && str_eq(cpuset, place->own[hierarchy]))
        return fill_cpuset(directory);
    return 0;
}

/* Whoever had this name before is dead, or the caller would not ask. */
static int make_leaf(const char *directory)
{
    explain(HOST, "mkdir -p %s", directory);
    if (mkdir(directory, 0755) == 0)
        return 0;
    if (errno != EEXIST || cgroup_place_remove(directory) < 0)
        return -1;
    return mkdir(directory, 0755);
}

/* Makes parents and cgroup below a directory. Returns where, or NULL. */
static char *make_below(const struct cgroup_place *place, int hierarchy,
                        const char *base, int wanted)
{
    cleanup_free char *directory = NULL;
    size_t start = strlen(base) + 1;

    if (asprintf(&directory, "%s/%s", base,
                 place->name + (*place->name == '/')) < 0)
        return NULL;
    for (char *slash = strchr(directory + start, '/'); slash != NULL;
         slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        bool is_new = mkdir(directory, 0755) == 0;
        if ((!is_new && errno != EEXIST) ||
            ((is_new || hierarchy == CGROUP_UNIFIED) &&
             prepare(place, hierarchy, directory, wanted, true) < 0))
            return NULL;
        *slash = '/';
    }
    if (make_leaf(directory) < 0)
        return NULL;
    if (prepare(place, hierarchy, directory, wanted, false) < 0) {
        int errnum = errno;

        rmdir(directory);
        errno = errnum;
        return NULL;
    }
    char *made = directory;
    directory = NULL;
    return made;
}

char *cgroup_place_make_v1(const struct cgroup_place *place, int hierarchy)
{
    if (place->own[hierarchy] == NULL) {
        errno = ENOENT;
        return NULL;
    }
    return make_below(place, hierarchy, place->own[hierarchy], 0);
}

char *cgroup_place_make_v2(const struct cgroup_place *place, int wanted)
{
    if (place->own[CGROUP_UNIFIED] == NULL) {
        errno = ENOENT;
        return NULL;
    }
    cleanup_free char *base = climb(place, wanted, false);
    if (base == NULL)
        base = climb(place, wanted, true);
    return base == NULL ? NULL
                        : make_below(place, CGROUP_UNIFIED, base, wanted);
}

/* Which ancestor passed controllers on at the time is not known any more. */
char *cgroup_place_look(const struct cgroup_place *place, int hierarchy)
{
    const char *top = place->tops[hierarchy];
    cleanup_free char *base =
        top == NULL ? NULL : strdup(place->own[hierarchy]);

    while (base != NULL) {
        char *directory;

        if (asprintf(&directory, "%s/%s", base,
                     place->name + (*place->name == '/')) < 0)
            return NULL;
        if (access(directory, F_OK) == 0)
            return directory;
        free(directory);
        if (hierarchy != CGROUP_UNIFIED || str_eq(base, top))
            return NULL;
        dirname(base);
    }
    return NULL;
}
