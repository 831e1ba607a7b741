/*
 * suite: the chapters of step 03's suite, in the order of suite.c, and what
 * they share.
 */
#pragma once
#include "cgroups.h"
#include "elsewhere.h"
#include "harness.h"

extern const struct chapter chapter_limits;     /* limits.c */
extern const struct chapter chapter_place;      /* place.c */
extern const struct chapter chapter_end;        /* end.c */
extern const struct chapter chapter_words;      /* words.c */
extern const struct chapter chapter_effects;    /* effects.c */
extern const struct chapter chapter_verbs;      /* verbs.c */
extern const struct chapter chapter_stats;      /* stats.c */
extern const struct chapter chapter_hosts;      /* hosts.c */
extern const struct chapter chapter_delegation; /* delegation.c */
extern const struct chapter chapter_explain;    /* explain.c */

/* shared.c */

extern const struct knob knob_memory, knob_swap, knob_quota, knob_shares,
    knob_cpus, knob_pids;

/** expect_knob - the container's knob, as version 1 or 2 shows it */
#define expect_knob(c, knob, v1, v2)                                           \
    expect_str(                                                                \
        keep_format("%s of the container", knob_file((c)->init, (knob))),      \
        knob_is_v1(knob) ? (v1) : (v2), knob_read((c)->init, (knob)))

/** expect_no_cgroup - none of duct's is left, in any hierarchy */
#define expect_no_cgroup()                                                     \
    expect_str("cgroups called duct-*", "", cgroups_left())

/** need_swap - NULL, or why swap can't be limited here */
const char *need_swap(void);

/** shared_cpus - the first CPUs that we may run on; returns how many (1, 2) */
int shared_cpus(int *first, int *second);

/** shared_oom_kills - how often the kernel killed in a process's cgroup */
long long shared_oom_kills(pid_t pid);

/* Hosts that this one can pass for, as far as a program can see. */
struct view {
    const char *name;
    void (*prepare)(void *); /* for struct spawn */
};

/** shared_views - those with controllers; ends with an entry without name */
const struct view *shared_views(void);

/** view_container - a container, started in a view */
#define view_container(view, ...)                                              \
    container_start(&(struct spawn){.argv = DUCT("run", __VA_ARGS__),          \
                                    .prepare = (view)->prepare})
#define view_duct(view, ...)                                                   \
    spawn_run(&(struct spawn){.argv = DUCT(__VA_ARGS__),                       \
                              .prepare = (view)->prepare})
