/*
 * nodes: the devices that have a file in a container's /dev.
 *
 * Kernel object  inodes that hold two numbers; behind them is a driver
 * Side           either: find the host's     container: make them
 * Look at it     ls -l /dev
 */
#include "nodes.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdio.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "cleanup.h"
#include "detached.h"
#include "explain.h"
#include "inside.h"

enum {
    DEEPEST = 8,
    MOST = 4096
};

/* Numbers for ever: Documentation/admin-guide/devices.txt. */
static const struct usual {
    const char *name;
    unsigned major;
    unsigned minor;
} usual[] = {
    {"null", 1, 3},   {"zero", 1, 5},    {"full", 1, 7},
    {"random", 1, 8}, {"urandom", 1, 9}, {"tty", 5, 0},
};

/* ------------------------------------------------------------ the list */

int nodes_check(const char *source, const char *target, const char *access,
                struct failure *why)
{
    if (*access == '\0' || access[strspn(access, "rwm")] != '\0' ||
        strlen(access) > 3)
        return fail_as(why, FAILURE_BAD_PARAMETER, "invalid device mode: %s",
                       access);
    if (*source != '/')
        return fail_as(why, FAILURE_BAD_PARAMETER,
                       "error gathering device information while adding custom "
                       "device \"%s\": not an absolute path",
                       source);
    if (strncmp(target, "/dev/", 5) != 0 || target[5] == '\0' ||
        strstr(target, "..") != NULL)
        return fail_as(why, FAILURE_BAD_PARAMETER,
                       "device \"%s\": its path in the container must be below "
                       "/dev",
                       target);
    return 0;
}

static int add_one(struct nodes *nodes, const char *source, const char *target,
                   const char *access, const struct stat *status,
                   struct failure *why)
{
    struct node node = {
        .path = strdup(target),
        .source = strdup(source),
        .mode = status->st_mode,
        .device = status->st_rdev,
        .uid = status->st_uid,
        .gid = status->st_gid,
    };
    struct node *longer =
        nodes->count == MOST
            ? NULL
            : realloc(nodes->list, (nodes->count + 1) * sizeof(*longer));

    if (longer == NULL || node.path == NULL || node.source == NULL) {
        free(node.path);
        free(node.source);
        nodes->list = longer != NULL ? longer : nodes->list;
        return fail(why, ENOMEM, "note the device %s", source);
    }
    strncpy(node.access, access, sizeof(node.access) - 1);
    nodes->list = longer;
    nodes->list[nodes->count++] = node;
    return 0;
}

/* What is no device, and has no devices in it, is passed over. */
static int add_tree(struct nodes *nodes, const char *source, const char *target,
                    const char *access, int depth, struct failure *why)
{
    static const char *const others[] = {"pts",  "shm",     "fd",   "mqueue",
                                         ".lxc", "console", "ptmx", NULL};
    DIR *entries = depth > DEEPEST ? NULL : opendir(source);
    const struct dirent *entry;
    int result = 0;

    while (result == 0 && entries != NULL &&
           (entry = readdir(entries)) != NULL) {
        cleanup_free char *from = NULL;
        cleanup_free char *to = NULL;
        bool is_other = *entry->d_name == '.';
        struct stat status;

        for (size_t i = 0; others[i] != NULL; i++)
            is_other |= str_eq(others[i], entry->d_name);
        if (is_other)
            continue;
        if (asprintf(&from, "%s/%s", source, entry->d_name) < 0 ||
            asprintf(&to, "%s%s%s", target, *target != '\0' ? "/" : "",
                     entry->d_name) < 0)
            result = fail(why, ENOMEM, "look for devices in %s", source);
        else if (lstat(from, &status) < 0)
            continue;
        else if (S_ISDIR(status.st_mode))
            result = add_tree(nodes, from, to, access, depth + 1, why);
        else if (S_ISCHR(status.st_mode) || S_ISBLK(status.st_mode))
            result = add_one(nodes, from, to, access, &status, why);
    }
    if (entries != NULL)
        closedir(entries);
    return result;
}

int nodes_add(struct nodes *nodes, const char *source, const char *target,
              const char *access, struct failure *why)
{
    struct stat status;

    if (nodes_check(source, target, access, why) < 0)
        return -1;
    if (stat(source, &status) < 0)
        return fail_as(why, FAILURE_ENGINE,
                       "error gathering device information while adding custom "
                       "device \"%s\": no such file or directory",
                       source);
    target += strlen("/dev/");
    if (S_ISDIR(status.st_mode))
        return add_tree(nodes, source, target, access, 0, why);
    if (!S_ISCHR(status.st_mode) && !S_ISBLK(status.st_mode))
        return fail_as(why, FAILURE_ENGINE,
                       "error gathering device information while adding custom "
                       "device \"%s\": not a device node",
                       source);
    return add_one(nodes, source, target, access, &status, why);
}

int nodes_add_all(struct nodes *nodes, struct failure *why)
{
    return add_tree(nodes, "/dev", "", "rwm", 0, why);
}

void nodes_release(struct nodes *nodes)
{
    for (size_t i = 0; i < nodes->count; i++) {
        free(nodes->list[i].path);
        free(nodes->list[i].source);
    }
    free(nodes->list);
    *nodes = (struct nodes){0};
}

/* ----------------------------------------------------------- the files */

/* A user namespace may not make device nodes, but it may show the host's; if
 * it is the one that was meant, and not what somebody put there. Read-only
 * means that the node is: its mode and owner are the host's. */
static int bind(int dev_fd, const struct node *node, struct failure *why)
{
    struct stat status;
    cleanup_close int host =
        open(node->source, O_PATH | O_NOFOLLOW | O_CLOEXEC);

    if (host < 0 || fstat(host, &status) < 0)
        return fail(why, errno, "open %s on the host", node->source);
    if ((status.st_mode & S_IFMT) != (node->mode & S_IFMT) ||
        status.st_rdev != node->device)
        return fail(why, 0, "%s on the host is another device", node->source);
    explain(CONTAINER, "touch dev/%s", node->path);
    if (mknodat(dev_fd, node->path, S_IFREG | 0600, 0) < 0 && errno != EEXIST)
        return fail(why, errno, "make dev/%s in ROOTFS", node->path);
    explain(CONTAINER, "mount --bind %s dev/%s", node->source, node->path);
    cleanup_close int mount = detached_clone(host, false);
    if (mount < 0 || detached_set(mount, false,
                                  MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID |
                                      MOUNT_ATTR_NOEXEC) < 0)
        return fail(why, errno, "clone the mount of %s", node->source);
    return detached_attach(mount, dev_fd, node->path, why);
}

/* Makes the directories above; /dev is all our own, so nothing is in the way.
 */
static int make_parents(int dev_fd, const char *path, struct failure *why)
{
    cleanup_free char *absolute = NULL;

    if (strchr(path, '/') == NULL)
        return 0;
    if (asprintf(&absolute, "/%s", path) < 0)
        return fail(why, ENOMEM, "make dev/%s in ROOTFS", path);
    cleanup_close int parent =
        inside_make(dev_fd, dirname(absolute), S_IFDIR, why);
    return parent < 0 ? -1 : 0;
}

static int make(int dev_fd, const struct node *node, struct failure *why)
{
    if (make_parents(dev_fd, node->path, why) < 0)
        return -1;
    /* One that was asked for wins over the usual. */
    if (unlinkat(dev_fd, node->path, 0) < 0 && errno != ENOENT)
        return fail(why, errno, "replace dev/%s in ROOTFS", node->path);
    explain(CONTAINER, "mknod -m %d dev/%s %s %d %d", 666, node->path,
            S_ISBLK(node->mode) ? "b" : "c", (int)major(node->device),
            (int)minor(node->device));
    if (mknodat(dev_fd, node->path, node->mode, node->device) < 0)
        return errno == EPERM
                   ? bind(dev_fd, node, why)
                   : fail(why, errno, "make dev/%s in ROOTFS", node->path);
    if (fchownat(dev_fd, node->path, node->uid, node->gid,
                 AT_SYMLINK_NOFOLLOW) < 0 ||
        fchmodat(dev_fd, node->path, node->mode & 0777, 0) < 0)
        return fail(why, errno, "change dev/%s in ROOTFS", node->path);
    return 0;
}

int nodes_make(int dev_fd, const struct nodes *nodes, struct failure *why)
{
    for (size_t i = 0; i < sizeof(usual) / sizeof(usual[0]); i++) {
        cleanup_free char *source = NULL;

        if (asprintf(&source, "/dev/%s", usual[i].name) < 0)
            return fail(why, ENOMEM, "make dev/%s", usual[i].name);
        struct node node = {
            .path = (char *)usual[i].name,
            .source = source,
            .mode = S_IFCHR | 0666,
            .device = makedev(usual[i].major, usual[i].minor),
        };
        if (make(dev_fd, &node, why) < 0)
            return -1;
    }
    for (size_t i = 0; nodes != NULL && i < nodes->count; i++)
        if (make(dev_fd, &nodes->list[i], why) < 0)
            return -1;
    return 0;
}
