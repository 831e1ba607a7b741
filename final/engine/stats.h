#pragma once
/*
 * stats: what a container uses, in docker's shape.
 */
#include <jansson.h>
#include <sys/types.h>

#include "failure.h"

struct cgroup;

/* Of whom? */
struct stats_subject {
    const char *id;
    const char *name;            /* with its slash: "/web" */
    const struct cgroup *cgroup; /* NULL: it doesn't run */
    pid_t pid;                   /* of a process of it that the caller knows to
                                    be alive, for its interfaces; 0: none */
};

/**
 * stats_read - take one sample
 * @subject:  of whom
 * @previous: the sample before, for precpu_stats and preread; NULL: there is
 *            none
 * @why:      filled in when the call fails
 *
 * Of a container that doesn't run it has zeros.
 *
 * Returns: a record as GET /containers/ID/stats has it, or NULL with @why.
 * Source:  cgroup-v2.rst; cgroup-v1/cpuacct.rst, memory.rst,
 *          blkio-controller.rst; proc(5), /proc/stat; proc_pid_net(5).
 */
json_t *stats_read(const struct stats_subject *subject, const json_t *previous,
                   struct failure *why);

/* What docker's client makes of a record. */
struct stats_display {
    const char *id; /* these two live as long as the record */
    const char *name;
    double cpu_percent; /* of one CPU */
    double memory_percent;
    double memory; /* bytes, without the cache that can go at once */
    double memory_limit;
    double received; /* bytes, over all interfaces */
    double sent;
    double read; /* bytes, from all devices */
    double written;
    long long pids;
};

/**
 * stats_display - work out the figures that people look at
 * @record: from stats_read(), with the sample before it in it
 */
struct stats_display stats_display(const json_t *record);
