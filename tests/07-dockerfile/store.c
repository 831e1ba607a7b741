/*
 * Chapter: the cache is in the store, whose parts may be missing.
 */
#include <dirent.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "suite.h"

static const char usual[] = DOCKERFILE("ENV A=1\n"
                                       "RUN echo r >/r\n"
                                       "RUN echo s >/s\n"
                                       "CMD [\"x\"]\n");

static void shell(const struct site *site, const char *script)
{
    const struct program *p = spawn_run(
        &(struct spawn){.argv = ARGV("sh", "-e", "-c", script, "sh"),
                        .cwd = keep_format("%s/_images", site->state)});

    expect_exit(p, 0);
}

/* The sum of the last layer's tar, and the name of its tree. */
static char *last_layer(const struct site *site)
{
    const char *path = saved_layer(site, 0);

    return keep_format("%s", strrchr(path, '/') + 1);
}

static void trees_are_missed(void)
{
    const struct site *site = site_new();

    (void)built(site, usual);
    shell(site, keep_format("rm -r layers/%s", last_layer(site)));
    expect_hits(2, build(site, usual));
    expect_inside(site, "cat /r /s", "r\ns\n");
    expect_hits(4, build(site, usual));
}

static void blobs_are_missed(void)
{
    const struct site *site = site_new();

    (void)built(site, usual);
    shell(site, keep_format("rm blobs/sha256/%s", last_layer(site)));
    expect_hits(2, build(site, usual));
    expect_hits(4, build(site, usual));
    (void)saved(site);
}

/* Written by another program, or half of it. */
static void records_without_a_time(void)
{
    const struct site *site = site_new();
    const char *again;

    (void)built(site, usual);
    shell(site, "sed -E -i 's/\"created\":\"[^\"]*\",?//g' cache.json; "
                "! grep created cache.json; grep newest cache.json");
    again = built(site, usual);
    expect_int("steps that are CACHED without a time", 0, shared_hits(again));
    expect_inside(site, "cat /r /s", "r\ns\n");
    expect_hits(4, build(site, usual));
}

/* Those that nothing but the cache has led to. */
static void configs_are_missed(void)
{
    const struct site *site = site_new();
    const char *id;

    id = shared_id(built(site, DOCKERFILE("ENV A=1\n")));
    (void)built(site, usual);
    shell(site, keep_format("rm blobs/sha256/%s*", id));
    (void)built(site, usual);
    expect_inside(site, "echo $A; cat /r", "1\nr\n");
    (void)built(site, DOCKERFILE("ENV A=1\n"));
    expect_inside(site, "echo $A", "1\n");
}

/* Whether it is a file or a directory of them. */
static void records_are_damaged(void)
{
    const char *const *harm =
        ARGV("echo '{' >$f", "echo '[1]' >$f", ": >$f", "echo '{}' >$f",
             "rm $f; ln -s nowhere $f", "sed -i 's/\"[a-z]*\":/\"x\":/g' $f",
             "sed -i 's/\"sha256:[0-9a-f]*\"/\"sha256:..\\/..\"/g' $f");

    for (; *harm != NULL; harm++) {
        const struct site *site = site_new();

        trial_note("what is done to each record: %s", *harm);
        (void)built(site, usual);
        shell(site, keep_format("for f in $(find . -path './cache*' -type f); "
                                "do %s; done",
                                *harm));
        (void)built(site, usual);
        expect_inside(site, "cat /r /s", "r\ns\n");
    }
}

/* All that is removed by name takes its steps along. */
static void removed_with_the_image(void)
{
    const struct site *site = site_new();

    (void)built(site, usual);
    expect_exit(on(site, "rmi", "t"), 0);
    expect_exit(on(site, "rmi", "busybox"), 0);
    shell(site, "test -z \"$(ls blobs/sha256 layers)\" || "
                "test \"$(ls blobs/sha256 layers | xargs)\" = "
                "'blobs/sha256: layers:'");
    shell(site, "test -z \"$(find . -path './cache*' -type f)\"");
}

static void records_of_others_stay(void)
{
    const struct site *site = site_new();

    (void)built(site, DOCKERFILE("ENV A=1\nRUN echo r >/r\nRUN echo o >/o\n"),
                "-t", "other");
    (void)built(site, usual);
    expect_exit(on(site, "rmi", "t"), 0);
    expect_hits(3, build(site, DOCKERFILE("ENV A=1\nRUN echo r >/r\n"
                                          "RUN echo o >/o\nENV B=1\n")));
}

static void removed_meanwhile(void)
{
    const struct site *site = site_new();
    struct program *p, *rmi;

    (void)built(site, DOCKERFILE("RUN echo old >/old\n"), "-t", "old");
    p = spawn_start(&(struct spawn){
        .argv = shared_build(
            site, ARGV(DOCKERFILE("RUN echo old >/old\n"
                                  "RUN echo waiting; while test ! -e /go; do "
                                  "sleep 0.05; done\n"
                                  "RUN cat /old >/new\n")))});
    expect_that(spawn_printed(p, "\nwaiting\n", SPAWN_SOON_MS),
                "the second RUN to begin", expect_quoted(p->out, p->out_size));
    rmi = spawn_start(
        &(struct spawn){.argv = DUCT("rmi", "--state", site->state, "old")});
    (void)spawn_ended(rmi, 200);
    file_write(
        keep_format("/proc/%d/root/go", kernel_find(p->pid, "sleep 0.05")), "");
    spawn_finish(p);
    spawn_finish(rmi);
    expect_exit(rmi, 0);
    (void)shared_built(p);
    expect_inside(site, "cat /new", "old\n");
}

static void on_its_own_image(void)
{
    const struct site *site = site_new();

    (void)built(site, DOCKERFILE("RUN echo 1 >/x\n"));
    (void)built(site, "FROM t\nRUN echo 2 >>/x\n");
    (void)built(site, "FROM t\nRUN echo 2 >>/x\n");
    expect_inside(site, "cat /x", "1\n2\n2\n");
}

static void other_tools_read_it(void)
{
    const struct site *site = site_new();
    const struct program *p;

    if (!spawn_have("skopeo"))
        trial_skip("skopeo is not installed");
    site_file(site, "a", "a\n");
    (void)built(site, DOCKERFILE("COPY a /\nRUN echo b >/b\nENV A=1\n"));
    p = spawn_run(&(struct spawn){
        .argv = ARGV("skopeo", "inspect", "--config",
                     keep_format("docker-archive:%s/t.tar", saved(site)))});
    expect_exit(p, 0);
    expect_contains("what skopeo says of the image", "\"A=1\"", p->out);
    expect_exit(
        spawn_run(&(struct spawn){
            .argv = ARGV("skopeo", "copy", "-q", "--insecure-policy",
                         keep_format("docker-archive:%s/t.tar", saved(site)),
                         keep_format("oci:%s:t", tree_fresh_dir(0)))}),
        0);
    shared_forget_skopeo();
}

static const struct trial trials[] = {
    {.name = "missing_trees_are_a_miss",
     .claim =
         "a step whose files are gone is done again, those before it are not",
     .usual_cause = "the record is believed",
     .reread = "#cache",
     .feature = true,
     .depends = "again_is_cached",
     .body = trees_are_missed},
    {.name = "missing_blobs_are_a_miss",
     .claim = "so is one whose layer is gone",
     .usual_cause = "only the tree is looked for",
     .reread = "#cache",
     .feature = true,
     .depends = "again_is_cached",
     .body = blobs_are_missed},
    {.name = "missing_configs_are_a_miss",
     .claim = "so is one whose config is gone",
     .usual_cause = "only layers are looked for",
     .reread = "#cache",
     .feature = true,
     .depends = "again_is_cached",
     .body = configs_are_missed},
    {.name = "records_are_checked",
     .claim = "a record of the cache that lacks something is as good as none",
     .usual_cause = "what is in the file is what was written",
     .reread = "#cache",
     .feature = true,
     .depends = "again_is_cached",
     .body = records_without_a_time},
    {.name = "damaged_records_are_a_miss",
     .claim = "so is one whose record can't be read",
     .usual_cause = "a record that is no JSON ends the build",
     .reread = "#cache",
     .feature = true,
     .depends = "again_is_cached",
     .body = records_are_damaged},
    {.name = "records_go_with_images",
     .claim = "duct rmi of the last image that had a step removes its "
              "record, and all "
              "that only the cache had",
     .usual_cause = "the cache keeps layers for ever",
     .reread = "#cache",
     .feature = true,
     .depends = "again_is_cached",
     .body = removed_with_the_image},
    {.name = "records_of_others_stay",
     .claim = "what another image still has is kept",
     .usual_cause = "all records are removed",
     .reread = "#cache",
     .feature = true,
     .depends = "again_is_cached",
     .body = records_of_others_stay},
    {.name = "builds_hold_what_they_use",
     .claim = "what a build has begun with is not removed under its feet",
     .usual_cause = "the store is not locked between two steps",
     .reread = "#cache",
     .feature = true,
     .depends = "again_is_cached",
     .body = removed_meanwhile},
    {.name = "builds_on_its_own_image",
     .claim = "a Dockerfile may build on what it made last",
     .usual_cause = "the name is moved before the base is read",
     .reread = "#build",
     .feature = true,
     .depends = "build_makes_an_image",
     .body = on_its_own_image},
    {.name = "other_tools_read_it",
     .claim = "skopeo reads what duct has built",
     .usual_cause = "a digest, a size or a media type is not what it should be",
     .reread = "#commit",
     .feature = true,
     .depends = "build_makes_an_image",
     .body = other_tools_read_it},
};

const struct chapter chapter_store = {"The store", TRIALS(trials)};
