/*
 * Chapter: verbs and flags that are there, and words that are missing.
 */
#include "suite.h"

static const struct {
    const char *name, *words, *flag;
} verbs[] = {
    {"import", "duct import [OPTIONS] TAR|- [NAME[:TAG]]", "--state"},
    {"load", "duct load [OPTIONS]\n", "-i, --input"},
    {"save", "duct save [OPTIONS] IMAGE", "-o, --output"},
    {"images", "duct images [OPTIONS]\n", "-q, --quiet"},
    {"history", "duct history [OPTIONS] IMAGE", "--no-trunc"},
    {"tag", "duct tag [OPTIONS] IMAGE NAME[:TAG]", "--explain"},
    {"rmi", "duct rmi [OPTIONS] IMAGE...", "--state"},
};

enum {
    VERBS = sizeof(verbs) / sizeof(verbs[0])
};

static void help_lists_the_verbs(void)
{
    const struct program *all = duct("--help");

    expect_exit(all, 0);
    for (size_t i = 0; i < VERBS; i++) {
        const struct program *p = duct(verbs[i].name, "--help");

        expect_contains("duct --help", keep_format("  %s ", verbs[i].name),
                        all->out);
        expect_exit(p, 0);
        expect_str("stderr", "", p->err);
        expect_contains("the help text", verbs[i].words, p->out);
        expect_contains("the help text", verbs[i].flag, p->out);
        expect_contains("the help text", "--state", p->out);
        expect_contains("the help text", "--explain", p->out);
    }
    expect_contains("duct images --help", "--no-trunc",
                    duct("images", "--help")->out);
}

static void help_lists_the_flags(void)
{
    const char *const *words =
        ARGV("duct run [OPTIONS] ROOTFS COMMAND [ARG...]",
             "duct run [OPTIONS] IMAGE [COMMAND] [ARG...]", "-u, --user",
             "--entrypoint", "\nExample: duct run ");
    const struct program *p = duct("run", "--help");

    expect_exit(p, 0);
    expect_str("stderr", "", p->err);
    for (; *words != NULL; words++)
        expect_contains("the help text", *words, p->out);
    expect_contains("duct exec --help", "-u, --user",
                    duct("exec", "--help")->out);
}

static void too_few_words(void)
{
    static const struct {
        const char *verb;
        size_t least, most;
    } cases[] = {{"import", 1, 2}, {"load", 0, 0},    {"save", 1, 1},
                 {"images", 0, 0}, {"history", 1, 1}, {"tag", 2, 2},
                 {"rmi", 1, 5}};

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const char *verb = cases[i].verb;
        const char *const *argv = DUCT(verb, "a", "b", "c");
        const struct program *p;

        for (size_t count = 0; count < 4; count++) {
            const char *some[6] = {argv[0], argv[1]};

            if (count >= cases[i].least && count <= cases[i].most)
                continue;
            for (size_t word = 0; word < count; word++)
                some[2 + word] = argv[2 + word];
            p = spawn_run(&(struct spawn){.argv = some});
            expect_refused(p, keep_format("%s needs", verb));
            expect_contains("the hint", "--help", p->err);
        }
    }
    expect_refused(duct("images", "x"), "no words");
}

static void something_is_missing(void)
{
    expect_refused(duct("load", "-i"), "needs an argument", "-i");
    expect_refused(duct("save", "--output"), "needs an argument", "--output");
    expect_refused(duct("images", "--state"), "needs an argument", "--state");
    expect_refused(duct("run", "-u"), "needs an argument", "-u");
    expect_refused(duct("run", "--user"), "needs an argument", "--user");
    expect_refused(duct("run", "--entrypoint"), "needs an argument",
                   "--entrypoint");
    expect_refused(duct("exec", "-u"), "needs an argument", "-u");
}

static void flags_of_others(void)
{
    expect_refused(duct("load", "-o", "x"), "-o");
    expect_refused(duct("save", "-i", "x", "y"), "-i");
    expect_refused(duct("images", "--input", "x"), "--input");
    expect_refused(duct("tag", "-q", "x", "y"), "-q");
    expect_refused(duct("history", "-q", "x"), "-q");
    expect_refused(duct("rmi", "--no-trunc", "x"), "--no-trunc");
    expect_refused(duct("images", "--quiet=yes"), "--quiet");
}

static const struct trial trials[] = {
    {.name = "help_lists_the_verbs",
     .claim = "duct --help lists the verbs for images, and each has help",
     .usual_cause = "the table of verbs has no line for it",
     .reread = "#run-it-look-at-it",
     .feature = true,
     .body = help_lists_the_verbs},
    {.name = "run_help_lists_the_flags",
     .claim = "duct run --help tells how to run an image, and its flags",
     .usual_cause = "the table of flags has no line for it",
     .reread = "#run-it-look-at-it",
     .feature = true,
     .body = help_lists_the_flags},
    {.name = "too_few_words",
     .claim = "a verb with too few words, or too many, is refused",
     .usual_cause = "argv is read behind its end",
     .reread = "#run-it-look-at-it",
     .feature = true,
     .body = too_few_words},
    {.name = "flags_need_arguments",
     .claim = "each flag without its argument is refused",
     .usual_cause = "the flag's line in the table lacks its argument",
     .reread = "#run-it-look-at-it",
     .feature = true,
     .body = something_is_missing},
    {.name = "flags_of_other_verbs",
     .claim = "a flag of another verb is refused",
     .usual_cause = "one table for all",
     .reread = "#run-it-look-at-it",
     .feature = true,
     .body = flags_of_others},
};

const struct chapter chapter_words = {"Command line", TRIALS(trials)};
