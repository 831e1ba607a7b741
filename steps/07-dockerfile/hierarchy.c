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

    for (int i = 0; i < 3; i++) /* ID PARENT DEVICE */
        strsep(&line, " ");
    *root = strsep(&line, " ");
    *mount_point = strsep(&line, " ");
    if (type == NULL || *mount_point == NULL)
        return false;
    type += strlen(" - ");
    const char *name = strsep(&type, " ");
    strsep(&type, " ");
    return controller == NULL ? str_eq(name, "cgroup2")
                              : str_eq(name, "cgroup") &&
                                    hierarchy_lists(type, ",\n", controller);
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

/* Is a path a directory, or in it? */
static bool is_in(const char *path, const char *directory)
{
    size_t length = strlen(directory);

    if (str_eq(directory, "/"))
        return true;
    return strncmp(path, directory, length) == 0 &&
           (path[length] == '/' || path[length] == '\0');
}

/* Where the part of a hierarchy that has a path in it is mounted, and which
 * part that is: in a container it need not be all. Of several mounts the last
 * may cover the others. Both are NULL before, and stay so if there is none; the
 * caller frees them. */
static void find_mount(const char *controller, const char *path, char **root,
                       char **mount_point)
{
    cleanup_free char *line = NULL;
    size_t size = 0;
    FILE *lines = fopen("/proc/self/mountinfo", "re");

    while (lines != NULL && getline(&line, &size, lines) > 0) {
        char *its_root;
        char *its_mount_point;

        if (!is_hierarchy(line, controller, &its_root, &its_mount_point) ||
            !is_in(path, its_root))
            continue;
        free(*root);
        free(*mount_point);
        *root = strdup(its_root);
        *mount_point = strdup(its_mount_point);
    }
    if (lines != NULL)
        fclose(lines);
}

char *hierarchy_mount(pid_t pid, const char *controller)
{
    cleanup_free char *path = find_path(pid, controller);
    cleanup_free char *root = NULL;
    char *mount_point = NULL;

    if (path != NULL)
        find_mount(controller, path, &root, &mount_point);
    return mount_point;
}

char *hierarchy_find(pid_t pid, const char *controller)
{
    cleanup_free char *path = find_path(pid, controller);
    cleanup_free char *root = NULL;
    cleanup_free char *mount_point = NULL;
    char *directory;

    if (path != NULL)
        find_mount(controller, path, &root, &mount_point);
    if (mount_point == NULL)
        return NULL;
    const char *rest = str_eq(root, "/") ? path : path + strlen(root);
    return asprintf(&directory, "%s%s", mount_point,
                    str_eq(rest, "/") ? "" : rest) < 0
               ? NULL
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
