/*
 * suite: the chapters of step 04's suite, in the order of suite.c, and what
 * they share.
 */
#pragma once
#include "harness.h"
#include "trees.h"

extern const struct chapter chapter_overlay;  /* overlay.c */
extern const struct chapter chapter_lowers;   /* lowers.c */
extern const struct chapter chapter_names;    /* names.c */
extern const struct chapter chapter_state;    /* state.c */
extern const struct chapter chapter_diff;     /* diff.c */
extern const struct chapter chapter_volumes;  /* volumes.c */
extern const struct chapter chapter_tmpfs;    /* tmpfs.c */
extern const struct chapter chapter_end;      /* end.c */
extern const struct chapter chapter_words;    /* words.c */
extern const struct chapter chapter_rootless; /* rootless.c */
extern const struct chapter chapter_explain;  /* explain.c */

/* shared.c */

/**
 * shared_tree - a root file system with files to change:
 * /data/one ... /data/five ("one\n", ...), /data/sub/deep, /data/full/a, b
 *
 * One for all trials, until a program has changed it: then there is another.
 */
const char *shared_tree(void);

/** shared_tree_of_nobody - the same, all of it owned by NOBODY */
const char *shared_tree_of_nobody(void);

/** shared_fresh_tree - one for this trial alone, to prepare as it likes */
char *shared_fresh_tree(void);

/** shared_sh - duct run OPTIONS... TREE sh -c SCRIPT, to its end */
#define shared_sh(script, ...)                                                 \
    spawn_run(&(struct spawn){                                                 \
        .argv = DUCT("run", __VA_ARGS__, "sh", "-c", (script))})

/** shared_changed - a container that has run a script, and now sleeps */
#define shared_changed(script, ...)                                            \
    shared_done(spawn_start(                                                   \
        &(struct spawn){.argv = DUCT("run", __VA_ARGS__, "sh", "-c",           \
                                     shared_and_sleep(script))}))
struct container *shared_done(struct program *p);
const char *shared_and_sleep(const char *script);

/** shared_upper - where the container's changes go: overlay's upperdir */
char *shared_upper(const struct container *c);

/** shared_root - the mount at / of a container */
const struct mount_entry *shared_root(const struct container *c);

/** shared_path - a path of the container, as the suite can open it */
#define shared_path(c, path) keep_format("/proc/%d/root%s", (c)->init, (path))

/** expect_unchanged - a tree is as it was when tree_record() looked */
#define expect_unchanged(before, tree)                                         \
    expect_str("the tree below the overlay", (before), tree_record(tree))

/** expect_mounts_unchanged - the host's mounts are as mounts_told() told */
#define expect_mounts_unchanged(before)                                        \
    expect_str("mounts of the host", (before), mounts_told(mounts_of(0)))
