/*
 * suite: the chapters of the engine's suite, in the order of suite.c, and what
 * they share.
 */
#pragma once
#include "cgroups.h"
#include "harness.h"
#include "trees.h"

extern const struct chapter chapter_foreground;    /* foreground.c */
extern const struct chapter chapter_life;          /* life.c */
extern const struct chapter chapter_inside;        /* within.c */
extern const struct chapter chapter_posture;       /* posture.c */
extern const struct chapter chapter_threats;       /* threats.c */
extern const struct chapter chapter_threats_paths; /* threats_paths.c */
extern const struct chapter chapter_health;        /* health.c */
extern const struct chapter chapter_changes;       /* changes.c */
extern const struct chapter chapter_crashes;       /* crashes.c */
extern const struct chapter chapter_crash;         /* crash.c */
extern const struct chapter chapter_hardship;      /* hardship.c */
extern const struct chapter chapter_storms;        /* storms.c */
extern const struct chapter chapter_words;         /* words.c */
extern const struct chapter chapter_telling;       /* telling.c */
extern const struct chapter chapter_explain;       /* explain.c */
extern const struct chapter chapter_lean;          /* lean.c */
extern const struct chapter chapter_places;        /* places.c */
extern const struct chapter chapter_files;         /* files.c */
extern const struct chapter chapter_rootless;      /* rootless.c */

/** rootless_settle_in - an ordinary user with ids of its own; see rootless.c */
void rootless_settle_in(void);

/* shared.c. The engine's state is where it usually is: behind the fence these
 * are directories of the suite's own. */
#define DATA_ROOT "/var/lib/duct"
#define RUN_ROOT  "/run/duct"

/** shared_settle_in, shared_clean_up - once: the image bb; nothing */
void shared_settle_in(void);
void shared_clean_up(void);

/** shared_fresh - for each trial: no container but also no older trial's */
void shared_fresh(void);

/** shared_no_bridge - wait until the bridge is gone: a second after its last
 * container */
void shared_no_bridge(void);

/** RUN_ARGV - an argument list: duct run --network none ... */
#define RUN_ARGV(...) DUCT("run", "--network", "none", __VA_ARGS__)

/** run - duct run --network none ..., to its end */
#define run(...) spawn_run(&(struct spawn){.argv = RUN_ARGV(__VA_ARGS__)})
#define run_start(...)                                                         \
    spawn_start(&(struct spawn){.argv = RUN_ARGV(__VA_ARGS__)})

/** sh - what a script prints in a new container; it has to succeed */
#define sh(script, ...)                                                        \
    shared_out(__FILE__, __LINE__,                                             \
               run("--rm", ##__VA_ARGS__, "bb", "sh", "-c", (script)))

/** ok - the stdout of a duct that has to succeed, and to keep stderr empty */
#define ok(...) shared_out(__FILE__, __LINE__, duct(__VA_ARGS__))
char *shared_out(const char *file, int line, const struct program *p);

/** expect_error - exit status, and words on stderr */
#define expect_error(p, status, ...)                                           \
    shared_error(__FILE__, __LINE__, (p), (status), ARGV(__VA_ARGS__))
void shared_error(const char *file, int line, const struct program *p,
                  int status, const char *const *words);

/** told - what duct inspect says with this template, without the newline */
char *told(const char *name, const char *format);

/** init_of - pid 1 of a container, as the suite sees it */
pid_t init_of(const char *name);

/** detached - run -d --network none --name NAME ... to a good end */
#define detached(name, ...)                                                    \
    shared_out(__FILE__, __LINE__, run("-d", "--name", (name), __VA_ARGS__))

/** state_left - files of containers and control groups, one a line */
char *state_left(void);

/** becomes - wait until inspect says @text; the trial fails if it doesn't */
#define becomes(name, format, text)                                            \
    shared_becomes(__FILE__, __LINE__, (name), (format), (text))
void shared_becomes(const char *file, int line, const char *name,
                    const char *format, const char *text);

/** logs_become - wait until the log of a container has @text in it */
void logs_become(const char *name, const char *text);
