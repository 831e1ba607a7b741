#pragma once
/*
 * resources: what a HostConfig says about limits.
 *
 * Memory MemoryReservation MemorySwap MemorySwappiness NanoCpus CpuShares
 * CpuPeriod CpuQuota CpusetCpus CpusetMems BlkioWeight PidsLimit
 * OomKillDisable CgroupParent
 */
#include <jansson.h>

#include "failure.h"

struct limits;

/**
 * resources_settle - when a container is created: check, and fill in
 * @host_config: changed: MemorySwap becomes twice Memory when nobody spoke of
 *               it; what this kernel hasn't is set to 0
 * @warnings:    an array that receives a text for each of those
 * @why:         filled in when the call fails (FAILURE_BAD_PARAMETER, in
 *               docker's words)
 *
 * Returns: 0, or -1 with @why.
 */
int resources_settle(json_t *host_config, json_t *warnings,
                     struct failure *why);

/**
 * resources_limits - when it is started: what to tell the kernel
 * @host_config: settled; has to live as long as @l is used
 * @l:           receives the limits, for cgroup_create() or cgroup_update()
 * @why:         filled in when the call fails
 *
 * Returns: 0, or -1 with @why.
 */
int resources_limits(const json_t *host_config, struct limits *l,
                     struct failure *why);

/**
 * resources_cgroup_name - what is its cgroup called?
 * @host_config: may have a CgroupParent
 * @id:          the container's
 *
 * Returns: the name for cgroup_create(), which the caller frees, or NULL with
 *          @why (FAILURE_BAD_PARAMETER: a parent with ".." in it).
 */
char *resources_cgroup_name(const json_t *host_config, const char *id,
                            struct failure *why);

/**
 * resources_update - change the limits of a container that is there already
 * @old:     its HostConfig
 * @changes: the body of an update; what is 0, null, "" or missing is left as
 *           it is
 * @merged:  receives a new HostConfig, which the caller drops; store it, and
 *           if the container runs give resources_limits() of it to
 *           cgroup_update()
 * @why:     filled in when the call fails (FAILURE_BAD_PARAMETER, in docker's
 *           words)
 *
 * A RestartPolicy among the changes is the caller's to judge.
 *
 * Returns: 0, or -1 with @why.
 */
int resources_update(const json_t *old, const json_t *changes, json_t **merged,
                     struct failure *why);
