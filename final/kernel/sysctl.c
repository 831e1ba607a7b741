/*
 * sysctl: settings of the kernel that a namespace has for itself.
 *
 * Most of /proc/sys is the whole machine's. What is not may be set: a list,
 * as a new kernel's settings are nobody's friend.
 *
 * Kernel object  a variable in the kernel, behind a file
 * Side           container, before its files are in view
 * Look at it     sysctl -a, in the container
 */
#include "sysctl.h"

#include <ctype.h>
#include <errno.h>
#include <sched.h>
#include <stdio.h>

#include "cleanup.h"
#include "explain.h"
#include "id_map.h"
#include "procfs.h"

static const struct rule {
    const char *path;
    bool is_prefix;
    int namespace;
} rules[] = {
    {"net/", true, CLONE_NEWNET},
    {"fs/mqueue/", true, CLONE_NEWIPC},
    {"kernel/msgmax", false, CLONE_NEWIPC},
    {"kernel/msgmnb", false, CLONE_NEWIPC},
    {"kernel/msgmni", false, CLONE_NEWIPC},
    {"kernel/sem", false, CLONE_NEWIPC},
    {"kernel/shmall", false, CLONE_NEWIPC},
    {"kernel/shmmax", false, CLONE_NEWIPC},
    {"kernel/shmmni", false, CLONE_NEWIPC},
    {"kernel/shm_rmid_forced", false, CLONE_NEWIPC},
    {"kernel/domainname", false, CLONE_NEWUTS},
};

static const char ping[] = "net/ipv4/ping_group_range";
static const char low_ports[] = "net/ipv4/ip_unprivileged_port_start";

static const struct rule *find_rule(const char *path)
{
    for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++) {
        const struct rule *rule = &rules[i];
        size_t length = strlen(rule->path);

        if (rule->is_prefix
                ? strncmp(path, rule->path, length) == 0 && path[length] != '\0'
                : str_eq(path, rule->path))
            return rule;
    }
    return NULL;
}

/* Whichever of '.' and '/' comes first is between the words; the other one is
 * a part of them, as in "net.ipv4.conf.eth0/100.forwarding". */
static void normalize(char *key)
{
    char *first = strpbrk(key, "./");

    if (first == NULL || *first == '/')
        return;
    for (; *key != '\0'; key++)
        if (*key == '.')
            *key = '/';
        else if (*key == '/')
            *key = '.';
}

/* No part of the path is empty, "." or "..". */
static bool is_plain(const char *path)
{
    while (*path != '\0') {
        size_t length = strcspn(path, "/");

        if (length == 0 || strspn(path, ".") >= length)
            return false;
        for (size_t i = 0; i < length; i++)
            if (!isalnum((unsigned char)path[i]) &&
                strchr("-_.:", path[i]) == NULL)
                return false;
        path += length;
        if (*path == '/' && *++path == '\0')
            return false;
    }
    return true;
}

static bool is_one_line(const char *value)
{
    for (; *value != '\0'; value++)
        if (iscntrl((unsigned char)*value) && *value != '\t')
            return false;
    return true;
}

int sysctls_add(struct sysctls *s, const char *key, const char *value,
                struct failure *why)
{
    cleanup_free char *path = strdup(key);
    cleanup_free char *copy = strdup(value);
    struct sysctl *longer = NULL;

    if (path != NULL)
        normalize(path);
    if (path != NULL && (!is_plain(path) || find_rule(path) == NULL))
        return fail_as(why, FAILURE_BAD_PARAMETER, "sysctl '%s' is not allowed",
                       key);
    if (!is_one_line(value))
        return fail_as(why, FAILURE_BAD_PARAMETER,
                       "sysctl '%s': its value must be one line", key);
    for (size_t i = 0; path != NULL && i < s->count; i++)
        if (str_eq(s->list[i].path, path))
            return fail_as(why, FAILURE_BAD_PARAMETER,
                           "sysctl '%s' is set twice", key);
    if (path != NULL && copy != NULL)
        longer = realloc(s->list, (s->count + 1) * sizeof(*longer));
    if (longer == NULL)
        return fail(why, ENOMEM, "note sysctl '%s'", key);
    s->list = longer;
    s->list[s->count++] = (struct sysctl){path, copy};
    path = copy = NULL;
    return 0;
}

int sysctls_check(const struct sysctls *s, int namespaces, struct failure *why)
{
    for (size_t i = 0; i < s->count; i++) {
        const struct rule *rule = find_rule(s->list[i].path);

        if (rule != NULL && namespaces & rule->namespace)
            continue;
        if (rule != NULL && rule->namespace == CLONE_NEWNET)
            return fail_as(why, FAILURE_BAD_PARAMETER,
                           "sysctl '%s' not allowed in host network namespace",
                           s->list[i].path);
        return fail_as(why, FAILURE_BAD_PARAMETER,
                       "sysctl '%s' is not in a separate kernel namespace",
                       s->list[i].path);
    }
    return 0;
}

static bool is_set(const struct sysctls *s, const char *path)
{
    for (size_t i = 0; i < s->count; i++)
        if (str_eq(s->list[i].path, path))
            return true;
    return false;
}

static int apply(int proc_fd, const char *path, const char *value)
{
    char full[256];
    int length = snprintf(full, sizeof(full), "sys/%s", path);

    if (length < 0 || (size_t)length >= sizeof(full)) {
        errno = ENAMETOOLONG;
        return -1;
    }
    explain(CONTAINER, "echo %s >/proc/%s", value, full);
    return procfs_write(proc_fd, full, value);
}

/* Who may ping: everybody. A range that leads beyond the groups that there are
 * is refused. */
static int apply_ping(int proc_fd)
{
    cleanup_free char *all = NULL;

    if (apply(proc_fd, ping, "0 2147483647") == 0 || errno == ENOENT)
        return 0;
    if (errno != EINVAL)
        return -1;
    return asprintf(&all, "0 %u", id_map_last()) < 0 ||
                   apply(proc_fd, ping, all) < 0
               ? -1
               : 0;
}

/* What docker sets; a kernel that lacks them is none the worse for it. */
static int apply_usual(int proc_fd, const struct sysctls *s,
                       struct failure *why)
{
    if (!is_set(s, low_ports) && apply(proc_fd, low_ports, "0") < 0 &&
        errno != ENOENT)
        return fail(why, errno, "set %s", low_ports);
    return is_set(s, ping) || apply_ping(proc_fd) == 0
               ? 0
               : fail(why, errno, "set %s", ping);
}

int sysctls_apply(const struct sysctls *s, int namespaces, struct failure *why)
{
    bool is_networked = namespaces & CLONE_NEWNET;

    if (sysctls_check(s, namespaces, why) < 0)
        return -1;
    if (s->count == 0 && !is_networked)
        return 0;
    cleanup_close int proc_fd = procfs_open(why);
    if (proc_fd < 0 || (is_networked && apply_usual(proc_fd, s, why) < 0))
        return -1;
    for (size_t i = 0; i < s->count; i++)
        if (apply(proc_fd, s->list[i].path, s->list[i].value) < 0)
            return fail(why, errno, "set sysctl '%s' to \"%s\"",
                        s->list[i].path, s->list[i].value);
    return 0;
}

void sysctls_release(struct sysctls *s)
{
    for (size_t i = 0; i < s->count; i++) {
        free(s->list[i].path);
        free(s->list[i].value);
    }
    free(s->list);
    *s = (struct sysctls){0};
}
