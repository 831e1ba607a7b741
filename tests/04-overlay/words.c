/*
 * Chapter: flags that are there, and flags that lack their argument.
 */
#include "suite.h"

static void help_lists_the_flags(void)
{
    const char *const *words =
        ARGV("duct run [OPTIONS] ROOTFS COMMAND [ARG...]", "--lower", "--name",
             "--rm", "--read-only", "-v, --volume", "--tmpfs", "--state",
             "\nExample: duct run ");
    const struct program *p = duct("run", "--help");

    expect_exit(p, 0);
    expect_str("stderr", "", p->err);
    for (; *words != NULL; words++)
        expect_contains("the help text", *words, p->out);
}

static void help_lists_the_verbs(void)
{
    const char *const *verb = ARGV("diff", "rm");
    const struct program *all = duct("--help");

    expect_exit(all, 0);
    for (; *verb != NULL; verb++) {
        const struct program *p = duct(*verb, "--help");

        expect_contains("duct --help", keep_format("  %s ", *verb), all->out);
        expect_exit(p, 0);
        expect_str("stderr", "", p->err);
        expect_contains("the help text", keep_format("duct %s", *verb), p->out);
        expect_contains("the help text", "--state", p->out);
        expect_contains("the help text", "NAME", p->out);
        expect_contains("the help text",
                        keep_format("\nExample: duct %s ", *verb), p->out);
    }
}

static void something_is_missing(void)
{
    const char *const *flag =
        ARGV("--lower", "--name", "-v", "--volume", "--tmpfs", "--state");

    for (; *flag != NULL; flag++)
        expect_refused(duct("run", *flag), "needs an argument", *flag);
}

static void takes_no_argument(void)
{
    expect_refused(duct("run", "--read-only=yes", rootfs(), "true"),
                   "--read-only=yes");
    expect_refused(duct("run", "--rm=no", rootfs(), "true"), "--rm=no");
    expect_exit(duct("run", "--read-only", "--rm", rootfs(), "true"), 0);
}

static const struct trial trials[] = {
    {.name = "run_help_lists_the_flags",
     .claim = "duct run --help lists every flag",
     .usual_cause = "the table of flags has no line for it",
     .reread = "#the-diff",
     .feature = true,
     .body = help_lists_the_flags},
    {.name = "help_lists_diff_and_rm",
     .claim = "duct --help lists diff and rm, and each has help",
     .usual_cause = "the table of verbs has no line for it",
     .reread = "#the-diff",
     .feature = true,
     .body = help_lists_the_verbs},
    {.name = "flags_need_arguments",
     .claim = "each flag without its argument is refused",
     .usual_cause = "the flag's line in the table lacks its argument",
     .reread = "#the-diff",
     .feature = true,
     .body = something_is_missing},
    {.name = "flags_without_arguments",
     .claim = "--read-only and --rm take no argument",
     .usual_cause = "the flag's line in the table has one",
     .reread = "#the-diff",
     .feature = true,
     .body = takes_no_argument},
};

const struct chapter chapter_words = {"Command line", TRIALS(trials)};
