/*
 * Chapter: --explain tells each step as shell commands.
 */
#include <string.h>

#include "suite.h"

/* Those of the child that copies, from its mount on. */
static void expect_lines_of_copy(const char *script)
{
    char *text = keep_format("%s", strstr(script, "\nmount -t overlay ") + 1);
    static const char *const lines[] = {"mount -t overlay ", "cd ", "tar -xp ",
                                        "mkdir -p ./ "};

    for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
        const char *line = strsep(&text, "\n");

        expect_that(
            line != NULL && strncmp(line, lines[i], strlen(lines[i])) == 0,
            keep_format("a line that begins with \"%s\"", lines[i]), line);
    }
}

static void tells_each_step(void)
{
    const struct site *site = site_new();
    const char *file = keep_format("%s/script", tree_fresh_dir(0));
    const char *script;

    site_file(site, "a", "a\n");
    (void)built(site, DOCKERFILE("ENV a=1\nCOPY a /b\nRUN echo x >/x\n"),
                keep_format("--explain=%s", file));
    script = file_read(file);
    expect_contains("the script", "\n# Dockerfile:1: FROM\n", script);
    expect_contains("the script", "\n# Dockerfile:2: ENV\n", script);
    script = strstr(script, "\n# Dockerfile:3: COPY\n");
    expect_that(script != NULL, "# Dockerfile:3: COPY in the script", "none");
    expect_contains("the script", "\nmount -t overlay ", script);
    expect_contains("the script", keep_format("\ncd %s ", site->context),
                    script);
    expect_contains("the script", "\nmkdir -p ./", script);
    expect_contains("the script", "\ntar -c --format=pax ", script);
    expect_lines_of_copy(script);
    script = strstr(script, "\n# Dockerfile:4: RUN\n");
    expect_that(script != NULL, "# Dockerfile:4: RUN behind it", "none");
    expect_contains("the script", "/bin/sh -c 'echo x >/x'", script);
    expect_contains("the script", "\ntar -c --format=pax ", script);
    expect_contains("the script", "\n# lsns -p ", script);
}

static void tells_on_stderr(void)
{
    const struct site *site = site_new();
    const struct program *p =
        build(site, DOCKERFILE("RUN true\n"), "--explain");

    expect_exit(p, 0);
    expect_contains("stderr", "\n# Dockerfile:2: RUN\n", p->err);
    expect_lacks("stdout", "# Dockerfile", p->out);
    expect_refused(build(site, DOCKERFILE(""), "--explain=/no/such/file"),
                   "/no/such/file", "(ENOENT)");
}

static void cached_steps_are_short(void)
{
    const struct site *site = site_new();
    const struct program *p;

    (void)built(site, DOCKERFILE("RUN true\n"));
    p = build(site, DOCKERFILE("RUN true\n"), "--explain");
    expect_exit(p, 0);
    expect_contains("stderr", "\n# Dockerfile:2: RUN\n", p->err);
    expect_lacks("stderr of a build that does nothing", "mount", p->err);
}

static const struct trial trials[] = {
    {.name = "explain_tells_each_step",
     .claim = "--explain=FILE tells each step with its line, and what is "
              "done for it",
     .usual_cause = "an operation is done but not told",
     .reread = "#run-it-look-at-it",
     .feature = true,
     .depends = "build_makes_an_image",
     .body = tells_each_step},
    {.name = "explain_on_stderr",
     .claim = "--explain tells it on stderr; a FILE must be one",
     .usual_cause = "it is mixed with what the build prints",
     .reread = "#run-it-look-at-it",
     .feature = true,
     .depends = "build_makes_an_image",
     .body = tells_on_stderr},
    {.name = "explain_knows_the_cache",
     .claim = "of a step that is CACHED nothing is told",
     .usual_cause = "what would be done is told",
     .reread = "#run-it-look-at-it",
     .feature = true,
     .depends = "again_is_cached",
     .body = cached_steps_are_short},
};

const struct chapter chapter_explain = {"--explain", TRIALS(trials)};
