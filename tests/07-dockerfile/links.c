/*
 * Chapter: links of the context, and of the image, lead nowhere else.
 */
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "suite.h"

static void link_to(const struct site *site, const char *to, const char *path)
{
    expect_call(symlink(to, site_path(site, path)));
}

static void sources_are_followed(void)
{
    const struct site *site = site_new();

    site_file(site, "a", "a\n");
    site_file(site, "d/x", "x\n");
    link_to(site, "a", "to-a");
    link_to(site, "/a", "from-the-top");
    link_to(site, "d", "to-d");
    link_to(site, "../a", "d/up");
    (void)built(site, DOCKERFILE("COPY to-a to-d from-the-top d/up to-d/x "
                                 "/l/\nCOPY to-? /m/\n"));
    expect_inside(site,
                  "cat /l/to-a /l/from-the-top /l/x; cat /l/up; cat "
                  "/m/to-a /m/x; test ! -L /l/to-a",
                  "a\na\nx\na\na\nx\n");
}

static void sources_lead_out(void)
{
    const struct site *site = site_new();
    const char *secret = tree_fresh_dir(0);
    const char *const *source;

    tree_make(secret, "file", "secret\n");
    link_to(site, keep_format("../../../../../../..%s/file", secret), "up");
    link_to(site, keep_format("%s/file", secret), "abs");
    link_to(site, secret, "dir");
    link_to(site, "/proc/self/root", "proc");
    link_to(site, "/", "root");
    link_to(site, "loop2", "loop1");
    link_to(site, "loop1", "loop2");
    source =
        ARGV("up", "abs", "dir/file", "dir", keep_format("root%s/file", secret),
             "proc/etc/passwd", "loop1");
    for (; *source != NULL; source++) {
        const char *line = keep_format("COPY %s /e", *source);
        const struct program *p =
            build(site, keep_format(DOCKERFILE("%s\n"), line));

        expect_blamed(p, 125, 2, line, *source);
        expect_lacks("what duct says", "secret\n", p->err);
    }
    expect_nothing_left(site);
    (void)built(site, DOCKERFILE("COPY . /all\n"));
    expect_inside(site, "readlink /all/dir; readlink /all/root",
                  keep_format("%s\n/\n", secret));
}

/* Whoever wrote the context wants to read a line of it in a message. */
static void dockerfiles_are_no_links(void)
{
    const struct site *site = site_new();
    const char *secret = tree_fresh_dir(0);
    const struct program *p;

    tree_make(secret, "file", "password\n");
    link_to(site, keep_format("%s/file", secret), "Dockerfile");
    p = on(site, "build", site->context);
    expect_refused(p, "open Dockerfile");
    expect_contains("the hint", "-f ", p->err);
    expect_lacks("what duct says", "password", p->err);
    expect_call(unlink(site_path(site, "Dockerfile")));
    expect_call(mkfifo(site_path(site, "Dockerfile"), 0600));
    expect_exit(on(site, "build", site->context), 125);
    expect_call(unlink(site_path(site, "Dockerfile")));
    expect_refused(on(site, "build", site->context), "open Dockerfile",
                   "(ENOENT)");
    link_to(site, "real", "Dockerfile");
    site_file(site, "real", DOCKERFILE("ENV a=1\n"));
    expect_exit(on(site, "build", "-t", "t", site->context), 0);
}

static void ignore_files_are_no_links(void)
{
    const struct site *site = site_new();
    const char *other = tree_fresh_dir(0);

    tree_make(other, "patterns", "a\n");
    site_file(site, "a", "a\n");
    link_to(site, keep_format("%s/patterns", other), ".dockerignore");
    (void)built(site, DOCKERFILE("COPY a /\n"));
    expect_call(unlink(site_path(site, ".dockerignore")));
    expect_call(mkfifo(site_path(site, ".dockerignore"), 0600));
    (void)built(site, DOCKERFILE("COPY a /\n"));
}

static void destinations_stay_inside(void)
{
    const struct site *site = site_new();
    const char *canary = tree_fresh_dir(0), *before;

    tree_make(canary, "file", "of the host\n");
    before = tree_record(canary);
    site_file(site, "a", "a\n");
    site_file(site, "d/x", "x\n");
    (void)built(
        site,
        keep_format(
            DOCKERFILE("RUN mkdir -p %s/in /real /r2; ln -s /real /ln; "
                       "ln -s ../../../../../../real /up; ln -s "
                       "/etc/../../../tmp /dots; ln -s ../../../../..%s /evil; "
                       "ln -s nowhere /dangling\n"
                       "COPY a /ln/\nCOPY a /up/new\nCOPY a /dots/abs\n"
                       "COPY d /ln\nCOPY d /evil/\nWORKDIR /evil/in\n"
                       "RUN touch here\nCOPY a /ln\n"),
            canary, canary));
    expect_inside(site,
                  keep_format("cat /real/a /real/new /tmp/abs /real/x %s/x; "
                              "ls %s/in; readlink /ln",
                              canary, canary),
                  "a\na\na\nx\nx\nhere\n/real\n");
    expect_str("a directory of the host's", before, tree_record(canary));
    expect_exit(build(site, DOCKERFILE("RUN ln -s /proc/1/root /e\n"
                                       "COPY d /e/x\n")),
                125);
}

static void context_changes(void)
{
    const struct site *site = site_new();
    struct program *mover;

    site_file(site, "d/passwd", "of the context\n");
    for (int i = 0; i < 40; i++)
        site_file(site, keep_format("d/f%d", i), "x\n");
    mover = spawn_start(&(struct spawn){
        .argv = ARGV("sh", "-c",
                     "while :; do mv d e; ln -s /etc d; rm d; mv e d; done"),
        .cwd = site->context,
        .aside = true});
    for (int i = 0; i < 6; i++) {
        struct program *p =
            build(site, DOCKERFILE("COPY d /r\n"), "--no-cache");

        if (p->exit_status == 0)
            expect_inside(site, "cat /r/passwd", "of the context\n");
        else
            expect_failed(p, "Dockerfile:2: ");
    }
    expect_call(spawn_signal(mover, SIGKILL));
    spawn_finish(mover);
}

static const struct trial trials[] = {
    {.name = "sources_may_be_links",
     .claim = "a source that is a link, or behind one, is followed within "
              "the context",
     .usual_cause = "an absolute link is looked up in the host's root",
     .reread = "#context",
     .feature = true,
     .depends = "build_makes_an_image",
     .body = sources_are_followed},
    {.name = "sources_stay_in_the_context",
     .claim = "a link that leads out of the context is as good as none",
     .usual_cause = "only the path's own .. are looked at",
     .reread = "#break-it",
     .feature = true,
     .depends = "build_makes_an_image",
     .body = sources_lead_out},
    {.name = "dockerfiles_stay_in_the_context",
     .claim = "so is a Dockerfile that is such a link: its lines would be told",
     .usual_cause = "open() follows it, with root's rights",
     .reread = "#break-it",
     .feature = true,
     .depends = "build_makes_an_image",
     .body = dockerfiles_are_no_links},
    {.name = "ignore_files_stay_in_the_context",
     .claim = "so is a .dockerignore, and one that is a FIFO is not waited for",
     .usual_cause = "open() waits for a writer",
     .reread = "#ignore",
     .feature = true,
     .depends = "build_makes_an_image",
     .body = ignore_files_are_no_links},
    {.name = "destinations_stay_in_the_image",
     .claim =
         "links of the image lead to files of the image, for COPY and WORKDIR",
     .usual_cause =
         "a path is joined with the directory, and looked up on the host",
     .reread = "#break-it",
     .feature = true,
     .depends = "build_makes_an_image",
     .body = destinations_stay_inside},
    {.name = "contexts_may_change",
     .claim = "who changes the context meanwhile gets no file of the host's",
     .usual_cause = "a file is looked at, and opened later",
     .reread = "#break-it",
     .feature = true,
     .depends = "build_makes_an_image",
     .body = context_changes},
};

const struct chapter chapter_links = {"Links", TRIALS(trials)};
