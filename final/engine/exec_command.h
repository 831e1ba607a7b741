#pragma once
/*
 * exec_command: what a command gets that joins a container.
 */
#include <jansson.h>

#include "cgroup.h"
#include "container.h"
#include "record.h"
#include "security.h"

/* It is made in a process that does nothing else, and goes with that. */
struct exec_command {
    json_t *config; /* the container's, as it is for this command */
    struct security security;
    struct container container; /* for container_join() */
    struct cgroup cgroup;
    int oom_score;
    char **argv;
    char **environment;
    char *hostname; /* the variable */
};

/**
 * exec_command_make - from docker's words to what the kernel needs
 * @c:        receives it; must not be moved afterwards
 * @record:   a container that runs
 * @instance: docker's body of an exec: Cmd, Env, User, WorkingDir, Tty,
 *            Privileged, ...; has to live as long as @c
 * @why:      filled in when the call fails
 *
 * The standard files are still missing.
 *
 * Returns: 0, or -1 with @why.
 */
int exec_command_make(struct exec_command *c, const struct record *record,
                      const json_t *instance, struct failure *why);

/**
 * exec_tell - note an event of a command: "exec_create: ls -l"
 * @record:  its container
 * @id:      of the exec instance
 * @command: its words
 * @what:    "exec_create", "exec_start"
 */
void exec_tell(const struct record *record, const char *id,
               const json_t *command, const char *what);
