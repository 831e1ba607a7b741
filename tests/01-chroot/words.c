/*
 * Chapter: the command line. Flags end where ROOTFS begins; what can't be
 * understood is refused, named, and leaves nothing behind.
 */
#include <string.h>

#include "suite.h"

static void options_end_at_rootfs(void)
{
    static const char expected[] = "-e\0--help\0-w\0--\0--explain";
    const struct program *p = duct("run", rootfs(), "/inside/probe", "args",
                                   "-e", "--help", "-w", "--", "--explain");

    expect_exit(p, 0);
    expect_bytes("the command's arguments", expected, sizeof(expected), p->out,
                 p->out_size);
    expect_str("stderr", "", p->err);
}

static void two_dashes_end_options(void)
{
    expect_output(duct("run", "-e", "A=1", "--", rootfs(), "echo", "--"),
                  "--\n");
}

static void help_tells(const struct program *p, const char *const *words)
{
    expect_exit(p, 0);
    expect_str("stderr", "", p->err);
    for (; *words != NULL; words++)
        expect_contains("the help text", *words, p->out);
}

/* Each flag begins a line, and something is said about it there. */
static void flags_have_lines(const char *text)
{
    static const char *const flags[] = {"-e, --env ", "-w, --workdir ",
                                        "--explain", "--help"};

    for (size_t i = 0; i < sizeof(flags) / sizeof(flags[0]); i++) {
        const char *at = strstr(text, keep_format(" %s", flags[i]));
        const char *from = at;

        while (at != NULL && from > text && from[-1] == ' ')
            from--;
        expect_that(at != NULL && (from == text || from[-1] == '\n') &&
                        strcspn(at, "\n") > strlen(flags[i]) + 10,
                    keep_format("a line about %s", flags[i]), text);
    }
    expect_contains("the help text", "--env NAME", text);
    expect_contains("the help text", "--workdir DIR", text);
    expect_contains("the help text", "--explain[=FILE]", text);
}

static void help_is_on_stdout(void)
{
    help_tells(duct("--help"), ARGV("Usage: duct", "run", "--help"));
    help_tells(duct("run", "--help"),
               ARGV("duct run [OPTIONS] ROOTFS COMMAND [ARG...]", "-e, --env",
                    "-w, --workdir", "--explain", "--help", "Example"));
    flags_have_lines(duct("run", "--help")->out);
    help_tells(duct("run", "-e", "A=1", "--help", "/no/such/rootfs"),
               ARGV("duct run"));
}

static void unknown_flag_is_named(void)
{
    const struct program *p = duct("run", "--foo", rootfs(), "true");

    expect_refused(p, "unknown flag: --foo");
    expect_refused(duct("run", "--foo=bar", rootfs(), "true"), "--foo");
    expect_refused(duct("run", "-Z", rootfs(), "true"), "-Z");
    expect_refused(duct("run", "-eA=1", "-Zx", rootfs(), "true"), "-Zx");
    /* What a number of a long flag becomes when it is cut to a letter. */
    for (int i = 1; i < 8; i++)
        expect_refused(duct("run", keep_format("-%c", i), rootfs(), "true"),
                       "unknown");
}

static void missing_argument_is_named(void)
{
    expect_refused(duct("run", "-e"), "-e");
    expect_refused(duct("run", "--env"), "--env");
    expect_refused(duct("run", "-w"), "-w");
    expect_refused(duct("run", "--workdir"), "--workdir");
}

static void something_is_missing(void)
{
    expect_refused(duct("run"), "ROOTFS", "COMMAND");
    expect_refused(duct("run", rootfs()), "COMMAND");
    expect_refused(duct("run", "-e", "A=1", rootfs()), "COMMAND");
}

static void verb_is_named(void)
{
    expect_refused(duct("frobnicate"), "frobnicate");
    expect_refused(duct("frobnicate", rootfs(), "true"), "frobnicate");
    expect_refused(spawn_run(&(struct spawn){.argv = ARGV(duct_path())}),
                   "verb");
}

static const struct trial trials[] = {
    {.name = "options_end_at_rootfs",
     .claim = "flags after ROOTFS are the command's, untouched",
     .usual_cause = "getopt_long() sorts all flags to the front unless its "
                    "letters begin with +",
     .reread = "#command-line",
     .feature = true,
     .depends = "a_command_runs",
     .body = options_end_at_rootfs},
    {.name = "two_dashes_end_options",
     .claim = "-- ends duct's own flags",
     .usual_cause = "flags are compared by hand, and -- was forgotten",
     .reread = "#command-line",
     .feature = true,
     .depends = "a_command_runs",
     .body = two_dashes_end_options},
    {.name = "help_is_on_stdout",
     .claim = "--help tells every flag on stdout, with exit status 0",
     .usual_cause = "help is printed to stderr, or flags are checked before",
     .reread = "#command-line",
     .feature = true,
     .body = help_is_on_stdout},
    {.name = "unknown_flag_is_named",
     .claim = "an unknown flag is refused by name, with exit status 125",
     .usual_cause = "getopt_long() returns '?': say argv[optind - 1]",
     .reread = "#command-line",
     .feature = true,
     .body = unknown_flag_is_named},
    {.name = "missing_argument_is_named",
     .claim = "a flag whose argument is missing is named, with 125",
     .usual_cause = "getopt_long() returns ':' for that only when the "
                    "letters have a : in front",
     .reread = "#command-line",
     .feature = true,
     .body = missing_argument_is_named},
    {.name = "something_is_missing",
     .claim = "without ROOTFS or COMMAND duct says so, with 125",
     .usual_cause = "argv is read beyond argc",
     .reread = "#command-line",
     .feature = true,
     .body = something_is_missing},
    {.name = "verb_is_named",
     .claim = "an unknown verb is refused by name, with 125",
     .usual_cause = "argv[1] is not looked at",
     .reread = "#command-line",
     .feature = true,
     .body = verb_is_named},
};

const struct chapter chapter_words = {"Command line", TRIALS(trials)};
