/*
 * Chapter: .dockerignore, and what of a context is left.
 */
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "suite.h"

/* With these patterns, what is left of a context with these files; a path that
 * ends in a slash is a directory. */
struct patterns {
    const char *patterns;
    const char *const *files;
    const char *left; /* a line for each; but for the Dockerfile */
};

static void expect_left(const struct site *site, const char *lines)
{
    (void)built(site, DOCKERFILE("COPY . /i/\n"));
    expect_inside(site,
                  "cd /i; find . -mindepth 1 | grep -v -x -e ./Dockerfile -e "
                  "./.dockerignore | sort; true",
                  lines);
}

static void expect_patterns(const struct patterns *cases)
{
    for (; cases->patterns != NULL; cases++) {
        const struct site *site = site_new();

        trial_note(".dockerignore: %s",
                   expect_quoted(cases->patterns, strlen(cases->patterns)));
        site_file(site, ".dockerignore", cases->patterns);
        for (const char *const *file = cases->files; *file != NULL; file++)
            site_file(site, *file, "x\n");
        expect_left(site, cases->left);
    }
}

static void names(void)
{
    expect_patterns((const struct patterns[]){
        {"*.o\n", ARGV("a.o", "a.c", "d/a.o"), "./a.c\n./d\n./d/a.o\n"},
        {"logs\n", ARGV("logs/x", "logs2", "d/logs"),
         "./d\n./d/logs\n./logs2\n"},
        {"a/b\n", ARGV("a/b", "a/c", "b"), "./a\n./a/c\n./b\n"},
        {"?\n[c-e]x\n[^f]y\n", ARGV("a", "ab", "dx", "gx", "ey", "fy", "g/a"),
         "./ab\n./fy\n./gx\n"},
        {"a\\*b\n", ARGV("a*b", "axb"), "./axb\n"},
        {"d/*\n", ARGV("d/x", "d/y", "e"), "./d\n./e\n"},
        {"[.]x\n[a^]y\n\\?\n\\[z\n",
         ARGV(".x", "ax", "^y", "by", "?", "q", "[z", "z"),
         "./ax\n./by\n./q\n./z\n"},
        {0},
    });
}

/* What means something to a regular expression, if that is used. */
static void letters(void)
{
    expect_patterns((const struct patterns[]){
        {"a.c\nb+\n(x)\n^e\nf$\n{1}\ng|h\n",
         ARGV("a.c", "abc", "b+", "bb", "(x)", "x", "^e", "e", "f$", "f", "{1}",
              "g|h", "g", "h"),
         "./abc\n./bb\n./e\n./f\n./g\n./h\n./x\n"},
        {0},
    });
}

static void lines(void)
{
    expect_patterns((const struct patterns[]){
        {"#c\n\n  a  \n/b/\n./c\nd/../e\nf//g/.\n\t\n",
         ARGV("a", "b/x", "c", "d", "e", "#c", "f/g/h", "f/i"),
         "./#c\n./d\n./f\n./f/i\n"},
        {"a\r\nb\r\n", ARGV("a", "b", "c"), "./c\n"},
        {"..\n/\n.\n!\n", ARGV("a"), "./a\n"},
        {"\\#c\n", ARGV("#c", "c"), "./c\n"},
        {"a", ARGV("a", "b"), "./b\n"},
        {0},
    });
}

static void exceptions(void)
{
    expect_patterns((const struct patterns[]){
        {"logs\n!logs/x\n", ARGV("logs/x", "logs/y"), "./logs\n./logs/x\n"},
        {"!logs/x\nlogs\n", ARGV("logs/x", "a"), "./a\n"},
        {"*\n!keep\n  !too\n", ARGV("keep/x", "x", "too"),
         "./keep\n./keep/x\n./too\n"},
        {"d\n!d/keep\nd/keep/no\n", ARGV("d/keep/no", "d/keep/yes", "d/x"),
         "./d\n./d/keep\n./d/keep/yes\n"},
        {"*\n!*/k\n", ARGV("d/k", "d/x", "e/k2/z", "f/k/z"),
         "./d\n./d/k\n./f\n./f/k\n./f/k/z\n"},
        {"a\n!b\n", ARGV("a/b", "b"), "./b\n"},
        {0},
    });
}

static void any_depth(void)
{
    expect_patterns((const struct patterns[]){
        {"**/*.o\n", ARGV("a.o", "d/a.o", "d/e/a.o", "a"), "./a\n./d\n./d/e\n"},
        {"**.o\n", ARGV("a.o", "d/e/a.o", "a"), "./a\n./d\n./d/e\n"},
        {"a/**/b\n", ARGV("a/b", "a/x/b/z", "a/x/y/b", "a/c", "x/a/b"),
         "./a\n./a/c\n./a/x\n./a/x/y\n./x\n./x/a\n./x/a/b\n"},
        {"a/**\n", ARGV("a/b", "a/c/d", "b"), "./a\n./b\n"},
        {"**\n!a\n", ARGV("a/x", "b/a", "c"), "./a\n./a/x\n"},
        {"x\n!**/y\n", ARGV("x/y", "x/z", "x/w/y", "x/v/z"),
         "./x\n./x/w\n./x/w/y\n./x/y\n"},
        {"**/d/*\n", ARGV("d/x", "e/d/y", "e/z"), "./d\n./e\n./e/d\n./e/z\n"},
        {0},
    });
}

static void all_of_it(void)
{
    const struct site *site = site_new();

    site_file(site, ".dockerignore", "*\n");
    site_file(site, "a", "a\n");
    (void)built(site, DOCKERFILE("COPY . /i/\n"));
    expect_inside(site, "ls -A /i", "");
    site_file(site, ".dockerignore", "Dockerfile\n.dockerignore\n");
    (void)built(site, DOCKERFILE("COPY . /i/\n"));
    expect_inside(site, "ls -A /i", "a\n");
}

static void named_sources(void)
{
    const struct site *site = site_new();
    const char *const *line =
        ARGV("COPY drop /x", "COPY d/in /x", "COPY d /x", "COPY lk /x",
             "ADD ./drop /x", "COPY dr* /x");

    site_file(site, "drop", "x\n");
    site_file(site, "d/in", "x\n");
    expect_call(symlink("drop", site_path(site, "lk")));
    site_file(site, ".dockerignore", "drop\nd\n");
    for (; *line != NULL; line++)
        expect_blamed(build(site, keep_format(DOCKERFILE("%s\n"), *line)), 125,
                      2, *line, "in the context");
    expect_contains("the hint", ".dockerignore leaves it out",
                    build(site, DOCKERFILE("COPY drop /x\n"))->err);
    expect_nothing_left(site);
}

static void directories_that_return(void)
{
    const struct site *site = site_new();

    site_file(site, "d/keep", "x\n");
    site_file(site, "d/drop", "x\n");
    site_file(site, "e/drop", "x\n");
    site_file(site, ".dockerignore", "d\ne\n!d/keep\n!e/no\n");
    expect_left(site, "./d\n./d/keep\n");
    (void)built(site, DOCKERFILE("COPY d/ /j/\nCOPY d/k* /k\n"));
    expect_inside(site, "ls /j; cat /k", "keep\nx\n");
}

static void not_in_the_key(void)
{
    const struct site *site = site_new();

    site_file(site, "a", "x\n");
    site_file(site, "log", "x\n");
    site_file(site, ".dockerignore", "log\n.dockerignore\n");
    (void)built(site, DOCKERFILE("COPY . /i/\n"));
    site_file(site, "log", "other\n");
    expect_hits(1, build(site, DOCKERFILE("COPY . /i/\n")));
    site_file(site, "a", "other\n");
    expect_hits(0, build(site, DOCKERFILE("COPY . /i/\n")));
}

/* What may not be read need not be. */
static void left_out_is_not_read(void)
{
    const struct site *site = site_of_nobody();

    site_file(site, "a", "x\n");
    site_file(site, "secret/x", "x\n");
    expect_call(chmod(site_path(site, "secret"), 0));
    expect_exit(build(site, DOCKERFILE("COPY . /i/\n")), 125);
    site_file(site, ".dockerignore", "secret\n");
    expect_left(site, "./a\n");
}

static void not_slow(void)
{
    const struct site *site = site_new();

    site_file(site, ".dockerignore",
              keep_format("%sb\n", shared_repeated("**/a/", 60)));
    site_file(site, keep_format("%sc", shared_repeated("a/", 60)), "x\n");
    (void)built(site, DOCKERFILE("COPY . /i/\n"));
}

static void no_patterns(void)
{
    const struct site *site = site_new();

    site_file(site, ".dockerignore", "a\n[b\n");
    expect_refused(build(site, DOCKERFILE("")), ".dockerignore", "\"[b\"");
}

static void no_file(void)
{
    const struct site *site = site_new();

    expect_call(mkdir(site_path(site, ".dockerignore"), 0755));
    expect_refused(build(site, DOCKERFILE("ENV a=1\n")), ".dockerignore",
                   "(EISDIR)");
    expect_nothing_left(site);
}

static const struct trial trials[] = {
    {.name = "ignore_can_be_read",
     .claim = "a .dockerignore that can't be read is refused",
     .usual_cause = "it is taken for an empty one",
     .reread = "#ignore",
     .feature = true,
     .depends = "build_makes_an_image",
     .body = no_file},
    {.name = "ignore_checks_patterns",
     .claim = "a pattern that is none is refused by name",
     .usual_cause = "what can't be read is left out",
     .reread = "#ignore",
     .feature = true,
     .depends = "build_makes_an_image",
     .body = no_patterns},
    {.name = "ignore_leaves_out_names",
     .claim = "a pattern of .dockerignore leaves out what it matches, from "
              "the top of "
              "the context, and all below",
     .usual_cause = "it is looked for at every depth; or a * crosses a /",
     .reread = "#ignore",
     .feature = true,
     .depends = "copy_takes_a_directory",
     .body = names},
    {.name = "ignore_takes_letters",
     .claim = "of all other letters . + ^ $ | ( ) { } are nothing special",
     .usual_cause =
         "a pattern becomes a regular expression without its escapes",
     .reread = "#ignore",
     .feature = true,
     .depends = "ignore_leaves_out_names",
     .body = letters},
    {.name = "ignore_reads_lines",
     .claim =
         "comments and empty lines are skipped, blanks and needless dots and "
         "slashes removed",
     .usual_cause = "the text is compared as it is",
     .reread = "#ignore",
     .feature = true,
     .depends = "ignore_leaves_out_names",
     .body = lines},
    {.name = "ignore_has_exceptions",
     .claim = "a pattern with ! takes back; the last that matches decides",
     .usual_cause =
         "the first that matches decides; or a directory that is left out is "
         "not looked into",
     .reread = "#ignore",
     .feature = true,
     .depends = "ignore_leaves_out_names",
     .body = exceptions},
    {.name = "ignore_at_any_depth",
     .claim = "** stands for any number of directories, or none",
     .usual_cause = "it is taken for two of *",
     .reread = "#ignore",
     .feature = true,
     .depends = "ignore_leaves_out_names",
     .body = any_depth},
    {.name = "ignore_may_leave_out_all",
     .claim = "the Dockerfile itself may be left out, and is read all the same",
     .usual_cause = "it is looked for among what is left",
     .reread = "#ignore",
     .feature = true,
     .depends = "ignore_leaves_out_names",
     .body = all_of_it},
    {.name = "ignore_counts_for_sources",
     .claim = "a source that is left out is as good as none, by a link as well",
     .usual_cause = "only what is below a directory is asked for",
     .reread = "#ignore",
     .feature = true,
     .depends = "ignore_leaves_out_names",
     .body = named_sources},
    {.name = "ignore_gives_directories_back",
     .claim = "a directory that is left out is there if something in it is not",
     .usual_cause = "its files are made without it, or it is made for nothing",
     .reread = "#ignore",
     .feature = true,
     .depends = "ignore_has_exceptions",
     .body = directories_that_return},
    {.name = "ignored_is_not_in_the_key",
     .claim = "what is left out may change: a COPY stays CACHED",
     .usual_cause = "the hash is made of all that is there",
     .reread = "#cache",
     .feature = true,
     .depends = "ignore_leaves_out_names",
     .body = not_in_the_key},
    {.name = "ignored_is_not_read",
     .claim = "a directory that is left out need not be readable",
     .usual_cause = "it is opened before it is asked for",
     .reread = "#ignore",
     .feature = true,
     .depends = "ignore_leaves_out_names",
     .body = left_out_is_not_read},
    {.name = "ignore_takes_no_time",
     .claim = "many ** in a pattern take no time",
     .usual_cause = "each of them tries all that the next ones try",
     .reread = "#ignore",
     .feature = true,
     .depends = "ignore_at_any_depth",
     .body = not_slow},
};

const struct chapter chapter_ignore = {".dockerignore", TRIALS(trials)};
