#pragma once
/*
 * security: what a container may do, from what was asked for.
 */
#include <jansson.h>
#include <stdbool.h>

#include "caps.h"
#include "cgroup.h"
#include "container.h"
#include "devices.h"
#include "failure.h"
#include "nodes.h"
#include "seccomp.h"
#include "sysctl.h"
#include "ulimits.h"

enum security_filter {
    SECURITY_DEFAULT_FILTER,
    SECURITY_UNCONFINED,
    SECURITY_OWN_FILTER, /* somebody's profile, compiled at create */
};

struct security {
    const json_t *host_config; /* as it was read, not ours */
    bool is_privileged;
    bool no_new_privs;
    bool read_only_root;
    bool init;
    bool has_oom_score;
    int oom_score;
    long long shm_size; /* bytes; 0: the usual */
    bool compat32;
    enum security_filter filter;
    const char *profile;    /* the text of SECURITY_OWN_FILTER */
    struct seccomp seccomp; /* the program: made at once, or read later */
    struct caps caps;
    struct sysctls sysctls;
    struct ulimits ulimits;
    struct nodes nodes;     /* from security_devices() */
    struct devices devices; /* likewise */
    char **groups;          /* NULL-terminated */
    const char **hidden;    /* NULL: the usual */
    const char **read_only; /* NULL: the usual */
};

/* Frees what was read when it goes out of scope. */
#define cleanup_security __attribute__((cleanup(security_release)))

/* The file in a container's directory that has its own filter's program. */
extern const char security_filter_file[];

/**
 * security_from - read what was asked for, and see whether it makes sense
 * @config: a container's configuration, whose HostConfig may lack any key
 * @s:      receives it; release it with security_release(), and keep @config
 *          until then
 * @why:    filled in with docker's words when it makes none; nothing is to be
 *          released then
 *
 * Asks nothing of the host. At create it is called for the answer alone.
 *
 * Returns: 0, or -1 with @why.
 */
int security_from(const json_t *config, struct security *s,
                  struct failure *why);

/**
 * security_open_filter - read the program of a container's own filter
 * @s:      from security_from(); nothing to do unless it has its own
 * @dir_fd: the container's directory, where duct-archive has put
 *          security_filter_file at create
 * @why:    filled in when the call fails
 *
 * Without this call such a container can't start.
 *
 * Returns: 0, or -1 with @why.
 */
int security_open_filter(struct security *s, int dir_fd, struct failure *why);

/**
 * security_command - give up what the command of a container must not have
 * @s:       from security_from(); has to live as long as @command
 * @command: receives capabilities, filter, limits and groups
 *
 * For the first process and for each that comes later.
 */
void security_command(const struct security *s, struct command *command);

/**
 * security_oom_score - who goes first when memory runs out
 * @s: from security_from(); has to live as long as the result is used
 *
 * Returns: the score that was asked for, or NULL: the caller's own.
 */
const int *security_oom_score(const struct security *s);

/**
 * security_container - what only the first process needs
 * @s: from security_from(); has to live as long as @c
 * @c: has its namespaces; receives masks, devices, settings, a /dev/shm of
 *     its own, and whether duct-init stays
 */
void security_container(const struct security *s, struct container *c);

/**
 * security_devices - find the devices that were asked for, and forbid others
 * @s:      receives them
 * @cgroup: the container's; rootless and privileged ones have no such rules
 * @why:    filled in when there is no such device
 *
 * Returns: 0, or -1 with @why.
 */
int security_devices(struct security *s, const struct cgroup *cgroup,
                     struct failure *why);

/**
 * security_paths - the paths that are hidden or read-only, for inspect
 * @host_config: receives MaskedPaths and ReadonlyPaths, unless it has them
 *
 * A privileged container has none.
 */
void security_paths(json_t *host_config);

/**
 * security_release - free what was read
 * @s: may be half read
 */
void security_release(struct security *s);
