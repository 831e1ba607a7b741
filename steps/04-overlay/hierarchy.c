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
#include <stdio.h>

#include "cleanup.h"
#include "explain.h"

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

/* One line of mountinfo: "ID PARENT DEVICE ROOT MOUNT_POINT OPTIONS ... - TYPE
 * SOURCE SUPER_OPTIONS"; the last lists the controllers of version 1. */
static bool is_hierarchy(char *line, const char *controller, char **root,
                         char **mount_point)
{
    char *type = strstr(line, " - ");
    char *word;

    if (type == NULL)
        return false;
    *type = '\0';
    type += strlen(" - ");
    for (int i = 0; (word = strsep(&line, " ")) != NULL; i++) {
        if (i == 3)
            *root = word;
        if (i == 4)
            *mount_point = word;
    }
    const char *name = strsep(&type, " ");
    strsep(&type, " ");
    return controller == NULL ? str_eq(name, "cgroup2")
                              : str_eq(name, "cgroup") &&
                                    hierarchy_lists(type, ",\n", controller);
}

/* Where a hierarchy is mounted, and which of its directories that is. The
 * caller frees both. Returns false when it isn't mounted. */
static bool find_mount(const char *controller, char **root, char **mount_point)
{
    cleanup_free char *line = NULL;
    size_t size = 0;
    bool found = false;
    FILE *lines = fopen("/proc/self/mountinfo", "re");

    while (lines != NULL && !found && getline(&line, &size, lines) > 0)
        found = is_hierarchy(line, controller, root, mount_point);
    if (lines != NULL)
        fclose(lines);
    *root = found ? strdup(*root) : NULL;
    *mount_point = found ? strdup(*mount_point) : NULL;
    return found;
}

char *hierarchy_mount(const char *controller)
{
    cleanup_free char *root = NULL;
    char *mount_point;

    find_mount(controller, &root, &mount_point);
    return mount_point;
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
    cleanup_free char *root = NULL;
    cleanup_free char *mount_point = NULL;
    cleanup_free char *path = find_path(pid, controller);
    char *directory;

    if (!find_mount(controller, &root, &mount_point) || path == NULL)
        return NULL;
    /* In a container, a part of the hierarchy may be all that is mounted. */
    size_t skip = str_eq(root, "/") ? 0 : strlen(root);
    if (strncmp(path, root, skip) != 0)
        return NULL;
    const char *rest = str_eq(path + skip, "/") ? "" : path + skip;
    return asprintf(&directory, "%s%s", mount_point, rest) < 0 ? NULL
                                                               : directory;
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
