/*
 * suite: the chapters of step 06's suite, in the order of suite.c, and what
 * they share.
 */
#pragma once
#include "harness.h"
#include "pack.h"
#include "trees.h"

extern const struct chapter chapter_import;     /* import.c */
extern const struct chapter chapter_run;        /* run.c */
extern const struct chapter chapter_users;      /* users.c */
extern const struct chapter chapter_load;       /* load.c */
extern const struct chapter chapter_archives;   /* archives.c */
extern const struct chapter chapter_layers;     /* layers.c */
extern const struct chapter chapter_files;      /* files.c */
extern const struct chapter chapter_references; /* references.c */
extern const struct chapter chapter_lists;      /* lists.c */
extern const struct chapter chapter_names;      /* names.c */
extern const struct chapter chapter_store;      /* store.c */
extern const struct chapter chapter_save;       /* save.c */
extern const struct chapter chapter_peers;      /* peers.c */
extern const struct chapter chapter_hostile;    /* hostile.c */
extern const struct chapter chapter_liars;      /* liars.c */
extern const struct chapter chapter_damaged;    /* damaged.c */
extern const struct chapter chapter_bounds;     /* bounds.c */
extern const struct chapter chapter_rootless;   /* rootless.c */
extern const struct chapter chapter_words;      /* words.c */
extern const struct chapter chapter_explain;    /* explain.c */
extern const struct chapter chapter_failures;   /* failures.c */
extern const struct chapter chapter_races;      /* races.c */
extern const struct chapter chapter_killed;     /* killed.c */
extern const struct chapter chapter_end;        /* end.c */

/* shared.c */

/** archive, archive_oci - write an image's archive: its path (kept) */
char *archive(const struct recipe *r);
char *archive_oci(const struct recipe *r);

/** load - have an archive loaded, and nothing complained about */
struct program *load(const char *state, const char *archive);

/** shared_loaded - a new state directory that has an image */
char *shared_loaded(const struct recipe *r);

/** LOADED - a new state directory with the image t:1 */
#define LOADED(...) shared_loaded(RECIPE(__VA_ARGS__))

/** run - duct run --state STATE ...: run(state, "t:1", "true") */
#define run(state, ...)                                                        \
    duct("run", "--network", "none", "--state", (state), __VA_ARGS__)

/** box - a container that goes on: box(state, "t:1", "sleep", "4711") */
#define box(state, ...)                                                        \
    container("--network", "none", "--state", (state), __VA_ARGS__)

/** opened - a container of a new image, which sleeps */
#define opened(...) shared_opened(RECIPE(__VA_ARGS__))
struct container *shared_opened(const struct recipe *r);

/**
 * seen - what a file is to a container: seen(c, "/d/low") (kept)
 *
 * "file 644 0:0 low\n", "dir 755 0:0", "link to busybox", "char 1,3",
 * "fifo 644 0:0", or "nothing".
 */
char *seen(const struct container *c, const char *path);

/** listed - the names in a directory, sorted, a blank between (kept) */
char *listed(const struct container *c, const char *path);

/** shared_store - all that is in a state directory, but for the times of the
 * index and of directories */
char *shared_store(const char *state);

/** expect_same_store - it is as shared_store() said */
#define expect_same_store(before, state)                                       \
    expect_str("what is different in the store", "",                           \
               host_differences((before), shared_store(state)))

/** shared_tree - where a layer is unpacked (kept) */
char *shared_tree(const char *state, struct bytes layer);

/** shared_images - what duct images tells but for its title, dates and sizes:
 * "t 1 0123456789ab\n" */
char *shared_images(const char *state);

/** shared_blob - a blob of a store as text; NULL: there is none (kept) */
char *shared_blob(const char *state, const char *hex);

/** shared_index - the store's index.json (kept) */
char *shared_index(const char *state);

/** canary - a directory of the host's with a file, which nothing may touch */
char *canary(void);

/* For archives that are to be refused. */

/** kept - a new state directory with a small image, t:1 */
char *kept(void);

/** small - another small image, bad:latest */
const struct recipe *small(void);

/** refuses - an archive is refused, and the store stays as it was */
const struct program *refuses(const char *state, struct bytes archive);

/** says - what duct says has these words in it */
void says(const struct program *p, const char *words);
