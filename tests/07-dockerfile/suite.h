/*
 * suite: the chapters of step 07's suite, in the order of suite.c, and what
 * they share.
 */
#pragma once
#include "harness.h"
#include "trees.h"

extern const struct chapter chapter_first;   /* first.c */
extern const struct chapter chapter_lines;   /* lines.c */
extern const struct chapter chapter_refused; /* refused.c */
extern const struct chapter chapter_expand;  /* expand.c */
extern const struct chapter chapter_args;    /* args.c */
extern const struct chapter chapter_config;  /* config.c */
extern const struct chapter chapter_run;     /* run.c */
extern const struct chapter chapter_copy;    /* copy.c */
extern const struct chapter chapter_owners;  /* owners.c */
extern const struct chapter chapter_add;     /* add.c */
extern const struct chapter chapter_links;   /* links.c */
extern const struct chapter chapter_ignore;  /* ignore.c */
extern const struct chapter chapter_layers;  /* layers.c */
extern const struct chapter chapter_cache;   /* cache.c */
extern const struct chapter chapter_store;   /* store.c */
extern const struct chapter chapter_again;   /* again.c */
extern const struct chapter chapter_words;   /* words.c */
extern const struct chapter chapter_explain; /* explain.c */
extern const struct chapter chapter_users;   /* users.c */
extern const struct chapter chapter_killed;  /* killed.c */
extern const struct chapter chapter_races;   /* races.c */
extern const struct chapter chapter_fails;   /* fails.c */
extern const struct chapter chapter_end;     /* end.c */
extern const struct chapter chapter_real;    /* real.c */

/* shared.c */

/* Where something is built: a state directory and a context, both new. */
struct site {
    char *state;   /* has the image busybox */
    char *context; /* empty but for the Dockerfile of the last build */
    uid_t uid;     /* whose both are */
};

struct site *site_new(void);
struct site *site_of_nobody(void);

/** site_file - a file of the context; directories on the way are made */
void site_file(const struct site *site, const char *path, const char *text);

/** site_path - a path of the context as the suite can open it (kept) */
char *site_path(const struct site *site, const char *path);

/**
 * build - duct build -t t CONTEXT, without a network
 * @text: the Dockerfile's; options may follow
 */
#define build(site, ...)                                                       \
    spawn_run(&(struct spawn){.argv = shared_build((site), ARGV(__VA_ARGS__)), \
                              .uid = (site)->uid})
const char *const *shared_build(const struct site *site,
                                const char *const *text_and_options);

/** built - the same, to a good end, and nothing on stderr: its stdout */
#define built(site, ...) shared_built(build((site), __VA_ARGS__))
char *shared_built(const struct program *p);

/** DOCKERFILE - lines of a Dockerfile that begin with busybox */
#define DOCKERFILE(lines) "FROM busybox\n" lines

/**
 * expect_blamed - refused because of this line, which is shown
 * @status: 125, or the command's
 * @line:   its number
 * @text:   what it says
 */
#define expect_blamed(p, status, line, text, ...)                              \
    shared_expect_blamed(__FILE__, __LINE__, (p),                              \
                         &(struct blame){(status), (line), (text)},            \
                         ARGV(__VA_ARGS__))
struct blame {
    int status, line;
    const char *text;
};
void shared_expect_blamed(const char *file, int at, const struct program *p,
                          const struct blame *blame, const char *const *words);

/** expect_failed - exit status 125, and these words on stderr */
#define expect_failed(p, ...)                                                  \
    shared_expect_failed(__FILE__, __LINE__, (p), ARGV(__VA_ARGS__))
void shared_expect_failed(const char *file, int line, const struct program *p,
                          const char *const *words);

/** on - duct on an image store: on(site, "images", "-q") */
#define on(site, verb, ...)                                                    \
    spawn_run(&(struct spawn){                                                 \
        .argv = DUCT((verb), "--state", (site)->state, ##__VA_ARGS__),         \
        .uid = (site)->uid})

/** in_image - run a script in a new container of the image t */
#define in_image(site, script)                                                 \
    spawn_run(&(struct spawn){.argv = DUCT("run", "--network", "none",         \
                                           "--state", (site)->state, "t",      \
                                           "/bin/sh", "-c", (script)),         \
                              .uid = (site)->uid})

/** expect_inside - what a script prints in the image t */
#define expect_inside(site, script, text)                                      \
    expect_output(in_image((site), (script)), (text))

/** shared_id - the twelve digits of the image that a build has told */
char *shared_id(const char *out);

/** shared_hits - how often it said CACHED */
int shared_hits(const char *out);

/** expect_hits - the build was good, and so many steps of it CACHED */
#define expect_hits(count, p)                                                  \
    expect_int("steps that are CACHED", (count), shared_hits(shared_built(p)))

/** shared_images - names and ids that duct images tells: "t latest ID\n" */
char *shared_images(const struct site *site);

/** expect_nothing_left - no image t, and nothing of the build itself */
void shared_expect_nothing_left(const char *file, int line,
                                const struct site *site);
#define expect_nothing_left(site)                                              \
    shared_expect_nothing_left(__FILE__, __LINE__, (site))

bool shared_is_tidy(const struct site *site);

/** expect_tidy - nothing of the build is left but images */
void shared_expect_tidy(const char *file, int line, const struct site *site);
#define expect_tidy(site) shared_expect_tidy(__FILE__, __LINE__, (site))

/** shared_repeated - a text, so many times (kept) */
char *shared_repeated(const char *part, size_t times);

/** shared_machine - the machine's own network, for lan_enter() */
extern int shared_machine;

/** shared_forget_skopeo - remove what skopeo remembers of what it has read */
void shared_forget_skopeo(void);

/* saved.c: what duct save says of the image t */

/** saved - the archive, unpacked: its directory (kept) */
char *saved(const struct site *site);

/** saved_member - a part of the image's config, as JSON: "Env"; or "null" */
char *saved_member(const struct site *site, const char *name);

/** saved_top - the same for what is beside that: "author" */
char *saved_top(const struct site *site, const char *name);

/** saved_history - a line for each step, "layer ..." or "empty ..." */
char *saved_history(const struct site *site);

/** saved_layer - the path of a layer's tar, 0 being the last (kept) */
char *saved_layer(const struct site *site, size_t from_last);

/** saved_names - the names in the last layer's tar, one a line (kept) */
char *saved_names(const struct site *site);

/** saved_load - have the image t loaded again, with another config */
void saved_load(const struct site *site, const char *config_members,
                const char *tag);

/** saved_load_layers - the same with its last layer repeated */
void saved_load_layers(const struct site *site, size_t count, const char *tag);

/** saved_load_without - the same without one of what is beside its config */
void saved_load_without(const struct site *site, const char *member,
                        const char *tag);
