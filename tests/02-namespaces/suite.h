/*
 * suite: the chapters of step 02's suite, in the order of suite.c.
 */
#pragma once
#include "harness.h"

extern const struct chapter chapter_namespaces; /* namespaces.c */
extern const struct chapter chapter_mounts;     /* mounts.c */
extern const struct chapter chapter_devices;    /* devices.c */
extern const struct chapter chapter_processes;  /* processes.c */
extern const struct chapter chapter_settings;   /* settings.c */
extern const struct chapter chapter_rights;     /* rights.c */
extern const struct chapter chapter_users;      /* users.c */
extern const struct chapter chapter_exec;       /* exec.c */
extern const struct chapter chapter_refusals;   /* refusals.c */
extern const struct chapter chapter_explain;    /* explain.c */

/* The kinds of namespaces, "pid" first and "user" last; ends with NULL. */
extern const char *const namespace_names[];

/**
 * expect_new_but - of init's namespaces, these are the host's, others are not
 * @shared: names, ends with NULL
 */
void expect_new_but(pid_t init, const char *const *shared);
