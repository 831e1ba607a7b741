/*
 * hierarchy: where cgroups are, on version 1, on version 2, and in between.
 *
 * Kernel object  trees of directories: one for each controller (version 1), or
 *                one for all (version 2); hosts between the two have both, and
 *                a controller is in exactly one of them
 * Side           host
 * Look at it     findmnt -t cgroup,cgroup2     cat /proc/PID/cgroup
 *                cat /sys/fs/cgroup/cgroup.controllers
 */
#include "hierarchy.h"

#include <fcntl.h>
#include <mntent.h>
#include <stdio.h>

#include "cleanup.h"
#include "explain.h"

char *hierarchy_mount(const char *controller)
{
    FILE *mounts = setmntent("/proc/self/mounts", "re");
    const struct mntent *m;
    char *found = NULL;

    while (mounts != NULL && found == NULL && (m = getmntent(mounts)) != NULL)
        if (controller == NULL
                ? str_eq(m->mnt_type, "cgroup2")
                : str_eq(m->mnt_type, "cgroup") && hasmntopt(m, controller))
            found = strdup(m->mnt_dir);
    if (mounts != NULL)
        endmntent(mounts);
    return found;
}

bool hierarchy_lists(const char *list, const char *separators, const char *word)
{
    cleanup_free char *copy = strdup(list);
    char *rest = copy;
    const char *one;

    while ((one = strsep(&rest, separators)) != NULL)
        if (str_eq(one, word))
            return true;
    return false;
}

/* A process's path in a hierarchy, from /proc/PID/cgroup, whose lines are
 * "NUMBER:CONTROLLERS:PATH"; version 2 has none to list. Caller frees. */
static char *find_path(pid_t pid, const char *controller)
{
    cleanup_free char *file = NULL;
    cleanup_free char *line = NULL;
    size_t size = 0;
    char *found = NULL;

    if (asprintf(&file, "/proc/%d/cgroup", pid) < 0)
        return NULL;
    FILE *lines = fopen(file, "re");
    while (lines != NULL && found == NULL && getline(&line, &size, lines) > 0) {
        char *path = line;

        strsep(&path, ":");
        const char *list = strsep(&path, ":");
        if (path == NULL)
            continue;
        path[strcspn(path, "\n")] = '\0';
        if (controller == NULL ? *list == '\0'
                               : hierarchy_lists(list, ",", controller))
            found = strdup(path);
    }
    if (lines != NULL)
        fclose(lines);
    return found;
}

char *hierarchy_find(pid_t pid, const char *controller)
{
    cleanup_free char *mount = hierarchy_mount(controller);
    cleanup_free char *path = find_path(pid, controller);
    char *directory;

    if (mount == NULL || path == NULL ||
        asprintf(&directory, "%s%s", mount, str_eq(path, "/") ? "" : path) < 0)
        return NULL;
    if (access(directory, F_OK) == 0)
        return directory;
    /* In a container without a cgroup namespace the path is the host's. */
    free(directory);
    return strdup(mount);
}

char *hierarchy_read(const char *directory, const char *name)
{
    cleanup_free char *path = NULL;
    char *text = NULL;
    size_t size = 0;

    if (directory == NULL)
        return strdup("");
    if (asprintf(&path, "%s/%s", directory, name) < 0)
        return NULL;
    FILE *file = fopen(path, "re");
    if (file == NULL || getdelim(&text, &size, '\0', file) < 0) {
        free(text);
        text = strdup("");
    }
    if (file != NULL)
        fclose(file);
    return text;
}

int hierarchy_write(const char *directory, const char *name, const char *value)
{
    cleanup_free char *path = NULL;

    if (asprintf(&path, "%s/%s", directory, name) < 0)
        return -1;
    explain(HOST, "echo %s >%s", value, path);
    cleanup_close int fd = open(path, O_WRONLY | O_CLOEXEC);
    return fd < 0 || write(fd, value, strlen(value)) < 0 ? -1 : 0;
}
