#pragma once
/*
 * ulimits: what one process may use, as far as the kernel counts that.
 */
#include <sys/resource.h>

#include "failure.h"

struct ulimits {
    struct rlimit list[RLIM_NLIMITS];
    unsigned asked;  /* one bit for each that somebody asked for */
    unsigned wished; /* ... that we would like, as far as we may */
};

/**
 * ulimits_default - those of a container of which nobody said anything
 * @u: receives them: 1048576 open files, no core dumps
 */
void ulimits_default(struct ulimits *u);

/**
 * ulimits_set - choose one
 * @u:    the choice so far
 * @name: "nofile", "core", "memlock", ... as for docker
 * @soft: what holds now, in the kernel's unit; -1: no limit
 * @hard: how far the process may raise it; -1: no limit
 * @why:  filled in when there is no such limit, or soft is above hard
 *
 * Returns: 0, or -1 with @why.
 */
int ulimits_set(struct ulimits *u, const char *name, long long soft,
                long long hard, struct failure *why);

/**
 * ulimits_parse - read the value of a --ulimit
 * @u:    the choice so far
 * @text: "nofile=1024" or "nofile=1024:2048"
 * @why:  filled in when it is nonsense
 *
 * Returns: 0, or -1 with @why.
 * Source:  Docker, "Set ulimits in container".
 */
int ulimits_parse(struct ulimits *u, const char *text, struct failure *why);

/**
 * ulimits_apply - from here on, and for all that we will ever execute
 * @u:   the choice
 * @why: filled in when the call fails
 *
 * Returns: 0, or -1 with @why.
 * Errors:  EPERM (above our own, without CAP_SYS_RESOURCE on the host).
 * Source:  getrlimit(2).
 */
int ulimits_apply(const struct ulimits *u, struct failure *why);
