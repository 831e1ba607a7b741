#pragma once
/*
 * sysctl: settings of the kernel that a namespace has for itself.
 */
#include <stdbool.h>
#include <stddef.h>

#include "failure.h"

struct sysctl {
    char *path; /* below /proc/sys */
    char *value;
};

struct sysctls {
    struct sysctl *list;
    size_t count;
};

/**
 * sysctls_add - choose a setting
 * @s:     the choice so far; release it with sysctls_release()
 * @key:   "net.ipv4.ip_forward", or with slashes
 * @value: one line
 * @why:   filled in when it is none that a container may have
 *
 * Returns: 0, or -1 with @why.
 * Source:  Docker, "Configure namespaced kernel parameters (sysctls)".
 */
int sysctls_add(struct sysctls *s, const char *key, const char *value,
                struct failure *why);

/**
 * sysctls_check - are they of the container's own namespaces?
 * @s:          the choice
 * @namespaces: CLONE_NEW* of those that it does not share
 * @why:        names one that isn't
 *
 * Returns: 0, or -1 with @why.
 */
int sysctls_check(const struct sysctls *s, int namespaces, struct failure *why);

/**
 * sysctls_apply - set them, and two more that docker sets
 * @s:          the choice
 * @namespaces: as for sysctls_check()
 * @why:        filled in when the call fails
 *
 * With a network of its own anybody in a container may ping, and listen below
 * port 1024. Call it before the container's files come into view.
 *
 * Returns: 0, or -1 with @why.
 * Source:  sysctl(2) is gone; proc(5), /proc/sys; ip-sysctl.rst,
 *          "ping_group_range", "ip_unprivileged_port_start".
 */
int sysctls_apply(const struct sysctls *s, int namespaces, struct failure *why);

/**
 * sysctls_release - free the list
 * @s: may be empty
 */
void sysctls_release(struct sysctls *s);
