/*
 * Chapter: what duct build still holds when all its work is done.
 */
#include <string.h>
#include <unistd.h>

#include "atend.h"
#include "suite.h"

static void expect_let_go(const struct site *site, const struct at_end *end)
{
    const char *const *part =
        ARGV(site->state, site->context, "words-of-", "/inside-", "sha256",
             "created_by", "#(nop)", "PATH=", "pattern-");

    expect_lacks("what duct has open at its end", site->state,
                 end->descriptors);
    expect_lacks("what duct has open at its end", site->context,
                 end->descriptors);
    for (; *part != NULL; part++)
        expect_str("texts in memory that duct has not freed", "",
                   at_end_texts(end, *part));
}

static int count_of(const struct at_end *end)
{
    int count = 0;

    for (const char *c = end->descriptors; *c != '\0'; c++)
        count += *c == '\n';
    return count;
}

/* As many as a program that has opened nothing. */
static void expect_no_more(const struct at_end *end)
{
    static int usual;

    if (usual == 0) {
        struct at_end help = at_end_look(
            at_end_start(&(struct spawn){.argv = DUCT("build", "--help")}));

        usual = count_of(&help);
    }
    expect_int("descriptors that duct has open at its end", usual,
               count_of(end));
}

static const char *lets_go(const struct site *site, int status,
                           const char *const *text_and_options)
{
    struct at_end end = at_end_look(at_end_start(
        &(struct spawn){.argv = shared_build(site, text_and_options)}));

    trial_note("the Dockerfile: %s",
               expect_quoted(text_and_options[0], strlen(text_and_options[0])));
    expect_exit(end.program, status);
    expect_let_go(site, &end);
    expect_no_more(&end);
    return end.program->err;
}

#define LETS_GO(site, status, ...)                                             \
    (void)lets_go((site), (status), ARGV(__VA_ARGS__))

static struct site *furnished(void)
{
    struct site *site = site_new();

    site_file(site, "words-of-a", "a\n");
    site_file(site, "d/words-of-f", "f\n");
    site_file(site, "d/e/words-of-g", "g\n");
    site_file(site, ".dockerignore", "pattern-1*\n**/pattern-2\n!pattern-3\n");
    expect_call(symlink("words-of-f", site_path(site, "d/l")));
    expect_exit(spawn_run(&(struct spawn){
                    .argv = ARGV("tar", "-C", site_path(site, "d"), "-cf",
                                 site_path(site, "l.tar"), "e")}),
                0);
    return site;
}

static const char usual[] =
    "ARG words-of-base=busybox\n"
    "FROM busybox AS words-of-stage\n"
    "ARG A=words-of-arg B\n"
    "ENV E=words-of-env F=\"words-of-$A\" E=\"words-of-${A:-words-of-x}\"\n"
    "LABEL l=words-of-label\n"
    "MAINTAINER words-of-me\n"
    "WORKDIR words-of-w\n"
    "COPY words-of-? [d]/words-of-f /inside-c/\n"
    "COPY --chown=1:2 d /inside-d\n"
    "ADD l.tar /inside-t\n"
    "RUN echo words-of-run >/inside-r; rm /etc/issue\n"
    "RUN [\"echo\", \"words-of-echo\"]\n"
    "EXPOSE 80 90/udp\n"
    "VOLUME /inside-v [\"/inside-w\"]\n"
    "USER 1:2\n"
    "CMD words-of-cmd\n"
    "ENTRYPOINT [\"words-of-entry\", \"b\"]\n";

static void builds_let_go(void)
{
    const struct site *site = furnished();

    LETS_GO(site, 0, usual, "--build-arg", "B=words-of-given", "-t",
            "words-of-other", "-t", "words-of-tag");
    LETS_GO(site, 0, usual, "--build-arg", "B=words-of-given", "--build-arg",
            "words-of-unused=words-of-value");
    LETS_GO(site, 0, "FROM scratch\nENV E=words-of-env\n");
    LETS_GO(site, 0, "# words-of-a comment\nFROM busybox\n");
}

static void readers_let_go(void)
{
    const char *const *line = ARGV(
        "WORDS-OF words-of-x", "RUN", "ENV words-of-x", "ENV a=words-of-b c",
        "COPY --chown=words-of-x --chown=1 a /", "USER ${a:-words-of-x",
        "LABEL a=\"words-of-x", "CMD [\"words-of-x\", 1]",
        "COPY [\"words-of-x\"]", "FROM words-of-x",
        "VOLUME words-of-x 'words-of-y", "USER ${a:-words-of-${b%words-of-x}}");
    const struct site *site = furnished();

    for (; *line != NULL; line++)
        expect_contains(
            "stderr", "Dockerfile:3: ",
            lets_go(site, 125,
                    ARGV(keep_format("FROM busybox\nENV a=words-of-e\n%s\n",
                                     *line))));
    LETS_GO(site, 125, "ENV a=words-of-e\n");
    LETS_GO(site, 125, "# words-of-a comment\n");
    LETS_GO(site, 125, "FROM busybox\nRUN words-of-\xff\n");
}

static void failures_let_go(void)
{
    const char *const *line =
        ARGV("COPY words-of-none /inside-c", "COPY words-of-* none* /inside-c/",
             "COPY words-of-a d /inside-c",
             "COPY --chown=words-of-x words-of-a /inside-c",
             "COPY --chown=words-of-$x words-of-a /inside-c",
             "COPY words-of-a://b /inside-c", "COPY d /etc/passwd",
             "EXPOSE words-of-x", "VOLUME words-of-x ${c}",
             "ENV a=words-of-x $c=words-of-y", "LABEL ${c}=words-of-x",
             "ARG b=words-of-x =words-of-y", "USER ${c:+words-of-y}");
    const struct site *site = furnished();

    for (; *line != NULL; line++)
        LETS_GO(site, 125,
                keep_format("FROM busybox\nENV e=words-of-e\n%s\n", *line));
    LETS_GO(site, 3, "FROM busybox\nRUN echo words-of-x; exit 3\n");
    LETS_GO(site, 127, "FROM busybox\nRUN [\"words-of-x\"]\n");
    LETS_GO(site, 125, "FROM words-of-none\n");
    LETS_GO(site, 125, "FROM scratch\n");
    LETS_GO(site, 125, "FROM busybox\n", "-t", "words-of-:x:y");
    LETS_GO(site, 125, "FROM busybox\n", "-f", "/words-of-none");
}

static void misses_let_go(void)
{
    const struct site *site = furnished();

    LETS_GO(site, 0, usual);
    expect_exit(spawn_run(&(struct spawn){
                    .argv = ARGV("sh", "-c",
                                 "for f in $(find . -path './cache*' -type f); "
                                 "do echo '[\"words-of-x\"]' >$f; done"),
                    .cwd = keep_format("%s/_images", site->state)}),
                0);
    LETS_GO(site, 0, usual);
    expect_exit(spawn_run(&(struct spawn){
                    .argv = ARGV("sh", "-c", "rm -r layers/*"),
                    .cwd = keep_format("%s/_images", site->state)}),
                0);
    LETS_GO(site, 125, usual);
}

static void removal_lets_go(void)
{
    const struct site *site = furnished();
    struct at_end end;

    (void)built(site, usual, "-t", "words-of-tag");
    end = at_end_look(at_end_start(&(struct spawn){
        .argv = DUCT("rmi", "--state", site->state, "words-of-tag")}));
    expect_exit(end.program, 0);
    expect_lacks("what duct rmi has open at its end", site->state,
                 end.descriptors);
}

/* What a RUN could do harm with. */
static void commands_get_nothing(void)
{
    const struct site *site = furnished();

    (void)built(site, keep_format(DOCKERFILE("COPY d /d\n"
                                             "RUN ls -l /proc/self/fd 2>&1 | "
                                             "grep -c -e %s -e %s >/x; true\n"),
                                  site->state, site->context));
    expect_inside(site, "cat /x", "0\n");
}

static const struct trial trials[] = {
    {.name = "builds_let_go",
     .claim = "at its end duct build has closed and freed what it took",
     .usual_cause =
         "a strdup() without its free(), a list that is not released",
     .reread = "#build",
     .feature = true,
     .depends = "build_makes_an_image",
     .body = builds_let_go},
    {.name = "readers_let_go",
     .claim = "so has one whose Dockerfile is wrong",
     .usual_cause = "an error path returns before all is released",
     .reread = "#instructions",
     .feature = true,
     .depends = "build_makes_an_image",
     .body = readers_let_go},
    {.name = "failures_let_go",
     .claim = "so has one that failed midway",
     .usual_cause = "an error path returns before all is released",
     .reread = "#build",
     .feature = true,
     .depends = "build_makes_an_image",
     .body = failures_let_go},
    {.name = "misses_let_go",
     .claim = "so has one that found the cache damaged",
     .usual_cause = "a record that can't be used is not released",
     .reread = "#cache",
     .feature = true,
     .depends = "build_makes_an_image",
     .body = misses_let_go},
    {.name = "removal_lets_go",
     .claim = "so has duct rmi, which looks through the cache",
     .usual_cause = "an opendir() without its closedir()",
     .reread = "#cache",
     .feature = true,
     .depends = "build_makes_an_image",
     .body = removal_lets_go},
    {.name = "runs_get_nothing",
     .claim = "a RUN has no descriptor of the store or the context",
     .usual_cause = "an open() without O_CLOEXEC",
     .reread = "#run_step",
     .feature = true,
     .depends = "build_makes_an_image",
     .body = commands_get_nothing},
};

const struct chapter chapter_end = {"Ended", TRIALS(trials)};
