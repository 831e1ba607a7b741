/*
 * Chapter: several builds at once.
 */
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "suite.h"

static void three_at_once(void)
{
    const struct site *site = site_new();
    struct program *p[3];
    const char *images;

    site_file(site, "a", "a\n");
    for (int i = 0; i < 3; i++)
        p[i] = spawn_start(&(struct spawn){
            .argv = shared_build(
                site, ARGV(DOCKERFILE("COPY a /a\nRUN sleep 0.2; echo b >/b\n"
                                      "RUN cat /a /b >/c\n"),
                           "-t", keep_format("p%d", i)))});
    for (int i = 0; i < 3; i++) {
        spawn_finish(p[i]);
        (void)shared_built(p[i]);
    }
    images = shared_images(site);
    for (int i = 0; i < 3; i++)
        expect_contains("duct images",
                        keep_format("p%d latest %s\n", i, shared_id(p[i]->out)),
                        images);
    for (int i = 0; i < 3; i++)
        expect_output(duct("run", "--network", "none", "--state", site->state,
                           keep_format("p%d", i), "/bin/cat", "/c"),
                      "a\nb\n");
    expect_tidy(site);
}

/* One name, which both want; the last one has it, and it is whole. */
static void one_name(void)
{
    const struct site *site = site_new();
    struct site other = *site;
    struct program *p[2];
    const char *id;

    other.context = tree_fresh_dir(0);
    p[0] = spawn_start(&(struct spawn){
        .argv = shared_build(site, ARGV(DOCKERFILE("RUN echo 1 >/x\n")))});
    p[1] = spawn_start(&(struct spawn){
        .argv = shared_build(&other, ARGV(DOCKERFILE("RUN echo 2 >/x\n")))});
    for (int i = 0; i < 2; i++) {
        spawn_finish(p[i]);
        (void)shared_built(p[i]);
    }
    id = strstr(shared_images(site), "t latest ");
    expect_that(id != NULL, "an image called t", shared_images(site));
    expect_inside(site, "wc -l </x", "1\n");
    expect_exit(on(site, "rmi", "t"), 0);
    expect_tidy(site);
}

/* The other one was quicker with the same step. */
static void same_step_twice(void)
{
    const struct site *site = site_new();
    static const char text[] = DOCKERFILE("RUN echo same >/x\n");
    struct deny call = {.number = SYS_syncfs, .name = "syncfs"};
    struct held held;
    struct program *p = spawn_start(
        &(struct spawn){.argv = shared_build(site, ARGV(text, "--no-cache")),
                        .prepare = hold_call,
                        .prepare_arg = &call});

    expect_that(hold_wait(p, false, &held), "a syncfs() of RUN", "none");
    (void)built(site, text);
    hold_no_more(&held);
    spawn_finish(p);
    (void)shared_built(p);
    expect_inside(site, "cat /x", "same\n");
    expect_tidy(site);
}

/* A sweep of somebody who finds the store alone takes nothing of ours. */
static void swept_meanwhile(void)
{
    const struct site *site = site_new();
    struct program *p = spawn_start(&(struct spawn){
        .argv = shared_build(
            site, ARGV(DOCKERFILE("RUN echo 1 >/x\n"
                                  "RUN echo waiting; while test ! -e /go; do "
                                  "sleep 0.05; done\n"
                                  "RUN cat /x >/y\n")))});
    pid_t shell;

    expect_that(spawn_printed(p, "\nwaiting\n", SPAWN_SOON_MS),
                "the second RUN to begin", expect_quoted(p->out, p->out_size));
    (void)built(site, DOCKERFILE("RUN echo other >/other\n"), "-t", "other");
    shell = kernel_find(p->pid, "/bin/sh -c echo waiting; while test ! -e /go; "
                                "do sleep 0.05; done");
    file_write(keep_format("/proc/%d/root/go", shell), "");
    spawn_finish(p);
    (void)shared_built(p);
    expect_inside(site, "cat /y", "1\n");
}

static const struct trial trials[] = {
    {.name = "three_builds_at_once",
     .claim = "builds of the same at once disturb nobody",
     .usual_cause = "a temporary name is not the build's own",
     .reread = "#cache",
     .feature = true,
     .depends = "again_is_cached",
     .body = three_at_once},
    {.name = "one_name_for_two",
     .claim = "of two builds of one name the last one has it",
     .usual_cause = "the index is read, and written without a lock",
     .reread = "#commit",
     .feature = true,
     .depends = "build_makes_an_image",
     .body = one_name},
    {.name = "same_step_twice",
     .claim = "two builds may do the same step: one result is kept",
     .usual_cause = "EEXIST and ENOTEMPTY are taken for failures",
     .reread = "#cache",
     .feature = true,
     .depends = "again_is_cached",
     .body = same_step_twice},
    {.name = "swept_meanwhile",
     .claim = "what a build works on is not swept by others",
     .usual_cause = "a directory without a lock is taken for a killed one's",
     .reread = "#commit",
     .feature = true,
     .depends = "build_makes_an_image",
     .body = swept_meanwhile},
};

const struct chapter chapter_races = {"At once", TRIALS(trials)};
