/*
 * Chapter: flags that are there, and flags that lack their argument.
 */
#include "suite.h"

static void help_lists_the_flags(void)
{
    const char *const *words =
        ARGV("duct run [OPTIONS] ROOTFS COMMAND [ARG...]", "--network",
             "-p, --publish", "--ip", "\nExample: duct run ");
    const struct program *p = duct("run", "--help");

    expect_exit(p, 0);
    expect_str("stderr", "", p->err);
    for (; *words != NULL; words++)
        expect_contains("the help text", *words, p->out);
}

static void something_is_missing(void)
{
    const char *const *flag = ARGV("--network", "-p", "--publish", "--ip");

    for (; *flag != NULL; flag++)
        expect_refused(duct("run", *flag), "needs an argument", *flag);
}

static const struct trial trials[] = {
    {.name = "run_help_lists_the_flags",
     .claim = "duct run --help lists every flag",
     .usual_cause = "the table of flags has no line for it",
     .reread = "#the-diff",
     .feature = true,
     .body = help_lists_the_flags},
    {.name = "flags_need_arguments",
     .claim = "each flag without its argument is refused",
     .usual_cause = "the flag's line in the table lacks its argument",
     .reread = "#the-diff",
     .feature = true,
     .body = something_is_missing},
};

const struct chapter chapter_words = {"Command line", TRIALS(trials)};
