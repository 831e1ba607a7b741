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
    size_t length = strlen(word);

    for (;;) {
        size_t one = strcspn(list, separators);

        if (one == length && strncmp(list, word, length) == 0)
            return true;
        if (list[one] == '\0')
            return false;
        list += one + 1;
    }
}

/* The paths of a process in hierarchies, among the lines of /proc/PID/cgroup,
 * "NUMBER:CONTROLLERS:PATH"; version 2 has no controllers to list. The caller
 * frees them; all are NULL before. */
static void find_paths(char *lines, const char *const controllers[],
                       size_t count, char *paths[])
{
    char *line;

    while ((line = strsep(&lines, "\n")) != NULL) {
        strsep(&line, ":");
        const char *list = strsep(&line, ":");

        for (size_t i = 0; i < count && line != NULL; i++)
            if (paths[i] == NULL &&
                (controllers[i] == NULL
                     ? *list == '\0'
                     : hierarchy_lists(list, ",", controllers[i])))
                paths[i] = strdup(line);
    }
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

struct mounted {
    const char *root; /* which part of the hierarchy it is */
    const char *mount_point;
    const char *type;
    const char *options; /* with the controllers of version 1 */
};

/* One line of mountinfo: "ID PARENT DEVICE ROOT MOUNT_POINT OPTIONS ... - TYPE
 * SOURCE SUPER_OPTIONS". */
static bool parse_mount(char *line, struct mounted *m)
{
    char *type = strstr(line, " - cgroup");

    if (type == NULL)
        return false;
    type += strlen(" - ");
    for (int i = 0; i < 3; i++) /* ID PARENT DEVICE */
        strsep(&line, " ");
    m->root = strsep(&line, " ");
    m->mount_point = strsep(&line, " ");
    m->type = strsep(&type, " ");
    strsep(&type, " ");
    m->options = type;
    return m->mount_point != NULL && m->options != NULL;
}

static bool has_controller(const struct mounted *m, const char *controller)
{
    return controller == NULL
               ? str_eq(m->type, "cgroup2")
               : str_eq(m->type, "cgroup") &&
                     hierarchy_lists(m->options, ",", controller);
}

static void replace(char **text, char *by)
{
    free(*text);
    *text = by;
}

static char *join(const char *mount_point, const char *rest)
{
    char *joined;

    return asprintf(&joined, "%s%s", mount_point,
                    str_eq(rest, "/") ? "" : rest) < 0
               ? NULL
               : joined;
}

/* In a container a mount need not show all of a hierarchy, so it has to be one
 * that has the path in it; of several the last may cover the others. */
static void find_mounts(const char *const controllers[], size_t count,
                        char *const paths[], char *directories[],
                        char *mounts[])
{
    cleanup_free char *lines = hierarchy_read("/proc/self", "mountinfo");
    char *rest = lines;
    char *line;
    struct mounted m;

    while ((line = strsep(&rest, "\n")) != NULL) {
        if (!parse_mount(line, &m))
            continue;
        for (size_t i = 0; i < count; i++) {
            if (paths[i] == NULL || !has_controller(&m, controllers[i]) ||
                !is_in(paths[i], m.root))
                continue;
            const char *below =
                paths[i] + (str_eq(m.root, "/") ? 0 : strlen(m.root));
            if (directories != NULL)
                replace(&directories[i], join(m.mount_point, below));
            if (mounts != NULL)
                replace(&mounts[i], strdup(m.mount_point));
        }
    }
}

static void find_all(pid_t pid, const char *const controllers[], size_t count,
                     char *directories[], char *mounts[])
{
    cleanup_free char *process = NULL;
    char **paths = calloc(count + 1, sizeof(*paths));

    if (paths != NULL && asprintf(&process, "/proc/%d", pid) >= 0) {
        cleanup_free char *lines = hierarchy_read(process, "cgroup");

        find_paths(lines, controllers, count, paths);
        find_mounts(controllers, count, paths, directories, mounts);
        for (size_t i = 0; i < count; i++)
            free(paths[i]);
    }
    free(paths);
}

void hierarchy_find_all(pid_t pid, const char *const controllers[],
                        size_t count, char *directories[], char *mounts[])
{
    for (size_t i = 0; i < count; i++) {
        directories[i] = NULL;
        if (mounts != NULL)
            mounts[i] = NULL;
    }
    find_all(pid, controllers, count, directories, mounts);
}

char *hierarchy_mount(pid_t pid, const char *controller)
{
    char *mount_point = NULL;

    find_all(pid, &controller, 1, NULL, &mount_point);
    return mount_point;
}

char *hierarchy_find(pid_t pid, const char *controller)
{
    char *directory = NULL;

    find_all(pid, &controller, 1, &directory, NULL);
    return directory;
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
