/*
 * Chapter: duct build's own command line.
 */
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "suite.h"

static void help(void)
{
    const char *const *words =
        ARGV("Usage: duct build [OPTIONS] CONTEXT", "-t, --tag NAME[:TAG]",
             "-f, --file FILE", "--build-arg NAME[=VALUE]", "--no-cache",
             "--network MODE", "--state DIR", "--explain[=FILE]", "--help",
             "\nExample: duct build ");
    const struct program *p = duct("build", "--help");

    expect_exit(p, 0);
    expect_str("stderr", "", p->err);
    for (; *words != NULL; words++)
        expect_contains("the help text", *words, p->out);
    p = duct("--help");
    expect_exit(p, 0);
    expect_contains("duct --help", "\n  build ", p->out);
}

static void arguments(void)
{
    const char *const *flag = ARGV("-t", "--tag", "-f", "--file", "--build-arg",
                                   "--network", "--state");

    for (; *flag != NULL; flag++)
        expect_refused(duct("build", *flag), "needs an argument", *flag);
    expect_refused(duct("build"), "CONTEXT");
    expect_refused(duct("build", ".", "."), "CONTEXT");
    expect_refused(duct("build", "--nope", "."), "--nope");
    expect_refused(duct("build", "--no-cache=1", "."), "--no-cache");
}

static void names(void)
{
    const char *const *name = ARGV("Bad", "a:b:c", "a/", "", "a b", ":v", "a:");
    const struct site *site = site_new();

    for (; *name != NULL; name++)
        expect_refused(build(site, DOCKERFILE(""), "-t", *name),
                       keep_format("\"%s\"", *name));
    expect_nothing_left(site);
}

static void last_one_counts(void)
{
    const struct site *site = site_new();
    const char *out;

    out = built(site, DOCKERFILE("ENV a=1\n"), "-t", "one", "-t", "two");
    expect_lacks("stdout", "tagged one", out);
    expect_contains("stdout", "Successfully tagged two:latest\n", out);
    expect_lacks("duct images", "one ", shared_images(site));
}

static void contexts(void)
{
    const struct site *site = site_new();

    site_file(site, "file", "x\n");
    site_file(site, "Dockerfile", DOCKERFILE(""));
    expect_refused(on(site, "build", site_path(site, "none")), "context",
                   "/none\"", "(ENOENT)");
    expect_refused(on(site, "build", site_path(site, "file")), "context",
                   "/file\"", "(ENOTDIR)");
    expect_refused(on(site, "build", ""), "context", "(ENOENT)");
    expect_refused(
        on(site, "build", "-f", site_path(site, "none"), site->context), "open",
        "/none", "(ENOENT)");
    expect_exit(on(site, "build", "-f", site->context, site->context), 125);
    expect_nothing_left(site);
}

/* The context is / : all paths begin at its end. */
static void the_whole_host(void)
{
    const struct site *site = site_new();
    const char *file = keep_format("%s/D", tree_fresh_dir(0));

    site_file(site, "a", "a\n");
    file_write(file, keep_format(DOCKERFILE("COPY %s/a %s/a /x/\n"),
                                 site->context, site->context + 1));
    expect_exit(
        on(site, "build", "--network", "none", "-t", "t", "-f", file, "/"), 0);
    expect_inside(site, "cat /x/a", "a\n");
}

static void new_state(void)
{
    const struct site *site = site_new();
    const char *state = keep_format("%s/new/state", tree_fresh_dir(0));

    site_file(site, "a", "a\n");
    file_write(site_path(site, "Dockerfile"), "FROM scratch\nCOPY a /\n");
    expect_exit(duct("build", "--state", tree_fresh_dir(0), site->context), 0);
    expect_refused(duct("build", "--state", "/dev/null", site->context),
                   "/dev/null");
    expect_exit(duct("build", "--state", state, site->context), 0);
}

static const struct trial trials[] = {
    {.name = "build_help_lists_the_flags",
     .claim = "duct build --help lists every flag",
     .usual_cause = "the table of flags has no line for it",
     .reread = "#build_verb",
     .feature = true,
     .body = help},
    {.name = "build_checks_its_flags",
     .claim = "flags without arguments, and others, are refused",
     .usual_cause = "the flag's line in the table lacks its argument",
     .reread = "#build_verb",
     .feature = true,
     .body = arguments},
    {.name = "build_checks_names",
     .claim = "-t refuses what is no name, before anything is done",
     .usual_cause = "the name is read when all is built",
     .reread = "#build_verb",
     .feature = true,
     .body = names},
    {.name = "build_takes_one_name",
     .claim = "of several -t the last one counts",
     .usual_cause = "the first is kept",
     .reread = "#build_verb",
     .feature = true,
     .only_here = true,
     .depends = "build_makes_an_image",
     .body = last_one_counts},
    {.name = "build_checks_contexts",
     .claim = "a CONTEXT or a Dockerfile that can't be read is refused by name",
     .usual_cause = "the result of open() is not looked at",
     .reread = "#build_verb",
     .feature = true,
     .body = contexts},
    {.name = "context_may_be_the_root",
     .claim = "CONTEXT may be /",
     .usual_cause =
         "what is cut off a path is one byte longer than the context",
     .reread = "#context",
     .feature = true,
     .depends = "build_makes_an_image",
     .body = the_whole_host},
    {.name = "build_makes_its_state",
     .claim = "--state is made if it is not there",
     .usual_cause = "only duct load makes a store",
     .reread = "#build_verb",
     .feature = true,
     .depends = "build_makes_an_image",
     .body = new_state},
};

const struct chapter chapter_words = {"Command line", TRIALS(trials)};
