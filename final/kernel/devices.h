#pragma once
/*
 * devices: which devices a container may open, whatever files it has.
 */
#include <stdbool.h>
#include <stddef.h>

#include "failure.h"
#include "nodes.h"

enum {
    DEVICE_ANY = -1 /* any major, or any minor */
};

struct device_rule {
    char type;      /* 'c', 'b', or 'a': both, and everything */
    long major;     /* or DEVICE_ANY */
    long minor;     /* or DEVICE_ANY */
    char access[4]; /* of "rwm": read, write, make a node */
};

/* What isn't allowed is denied. */
struct devices {
    struct device_rule *allowed;
    size_t count;
};

/**
 * devices_default - those that every container may open
 * @d:   receives them; release it with devices_release()
 * @why: filled in when the call fails
 *
 * Returns: 0, or -1 with @why.
 */
int devices_default(struct devices *d, struct failure *why);

/**
 * devices_parse - read the value of a --device-cgroup-rule
 * @d:    the choice so far
 * @text: "c 42:* rmw"
 * @why:  filled in when it is nonsense
 *
 * Returns: 0, or -1 with @why.
 * Source:  Docker, "docker container run: --device-cgroup-rule".
 */
int devices_parse(struct devices *d, const char *text, struct failure *why);

/**
 * devices_add_nodes - allow what somebody wants to have a file for
 * @d:     the choice so far
 * @nodes: each --device
 * @why:   filled in when the call fails
 *
 * Returns: 0, or -1 with @why.
 */
int devices_add_nodes(struct devices *d, const struct nodes *nodes,
                      struct failure *why);

/**
 * devices_restrict - let a cgroup have these devices and no others
 * @d:       the choice
 * @v1:      the cgroup's directory in version 1's hierarchy of "devices", or
 *           NULL
 * @unified: its directory on version 2, or NULL; there it is a program, so
 *           this works where version 1 has the other controllers, too
 * @why:     filled in when the call fails
 *
 * The unified one is preferred. Returns: 0, or -1 with @why.
 * Errors:  EPERM (needs root on the host), ENOSYS, EINVAL (this kernel has no
 *          such programs), ENOTSUP (neither directory was given).
 * Source:  bpf(2), BPF_PROG_TYPE_CGROUP_DEVICE; cgroup-v2.rst, "Device
 *          controller"; cgroup-v1/devices.rst.
 */
int devices_restrict(const struct devices *d, const char *v1,
                     const char *unified, struct failure *why);

/**
 * devices_release - free the list
 * @d: may be empty
 */
void devices_release(struct devices *d);
