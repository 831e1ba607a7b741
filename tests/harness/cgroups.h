/*
 * cgroups: where a process's control groups are, and what their files say.
 *
 * On version 1 each controller has a hierarchy of its own, on version 2 there
 * is one for all; many hosts have both, and then a controller is in exactly
 * one of them. A controller is called by its name ("memory"); NULL stands for
 * version 2's hierarchy, whatever it holds.
 */
#pragma once
#include <stdbool.h>
#include <sys/types.h>

/* A setting, and the file that holds it on version 1 and on version 2. */
struct knob {
    const char *controller;
    const char *v1, *v2;
};

/** cgroups_version - where is this controller? 1, 2, or 0: nowhere here */
int cgroups_version(const char *controller);

/**
 * cgroups_of - a process's directory in one hierarchy
 * @pid:        the process; 0 means the suite
 * @controller: on version 1; NULL for version 2
 *
 * Returns: its path (kept), or NULL when there is no such hierarchy here.
 */
char *cgroups_of(pid_t pid, const char *controller);

/** cgroups_point - where a hierarchy is mounted (kept); or NULL */
char *cgroups_point(const char *controller);

/**
 * cgroups_names - the controllers that have a hierarchy of their own on
 * version 1; the first, NULL, stands for version 2
 */
enum {
    CGROUPS_HIERARCHIES = 7
};
extern const char *const cgroups_names[CGROUPS_HIERARCHIES];

/** cgroups_with - the one that has the controller's files: version 1 or 2 */
char *cgroups_with(pid_t pid, const char *controller);

/** cgroups_read - a file of a cgroup, without its last newline; or NULL */
char *cgroups_read(const char *directory, const char *file);

/**
 * cgroups_number - a number in a file of a cgroup
 * @key: the word before it ("oom_kill"); NULL when the file holds one number
 *
 * Returns: the number, or -1: no such file, no such key, or "max".
 */
long long cgroups_number(const char *directory, const char *file,
                         const char *key);

/** knob_file - the path of a knob for this process */
char *knob_file(pid_t pid, const struct knob *knob);

/** knob_read - its text, without the last newline; NULL when there is none */
char *knob_read(pid_t pid, const struct knob *knob);

/** knob_is_v1 - does version 1 hold this knob here? */
bool knob_is_v1(const struct knob *knob);

/**
 * cgroups_settle_in, cgroups_move_out - the suite's own beginning and end
 *
 * Gives the suite a cgroup of its own in each hierarchy, so that others who
 * work on the same machine are not in the way; for a suite's `prepare` and
 * `cleanup`. On version 2 it lies as on a host with systemd: in a subtree
 * that passes all controllers on.
 */
void cgroups_settle_in(void);
void cgroups_move_out(void);

/** cgroups_top - the topmost directory of the suite's own; or NULL */
char *cgroups_top(const char *controller);

/** cgroups_home - the suite's own directory in a hierarchy; or NULL */
char *cgroups_home(const char *controller);

/**
 * cgroups_left - the directories called duct-* that are there now
 *
 * Returns: their paths, one a line; "" when there is none (kept).
 */
char *cgroups_left(void);

/**
 * cgroups_sweep - remove those of ducts that were killed
 *
 * What still runs when a trial ends is killed, duct as well: the next trial
 * that counts cgroups begins with this.
 */
void cgroups_sweep(void);

/**
 * cgroups_make - make a cgroup in the suite's own directory
 *
 * Without a controller it lies where duct would make one on version 2.
 * Returns: its path (kept).
 */
char *cgroups_make(const char *controller, const char *name);

/**
 * cgroups_as_delegated - for .prepare: enter cgroups that belong to NOBODY
 * @only: the name of one controller: in its hierarchy alone; NULL: in each
 *
 * In each hierarchy there is one, made by cgroups_settle_in(). On version 2
 * it is the leaf of a subtree that was delegated as a whole.
 */
void cgroups_as_delegated(void *only);
