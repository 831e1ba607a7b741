/*
 * Chapter: what can't be understood is refused, named, and leaves nothing.
 */
#include <stdio.h>

#include "suite.h"

/* As nobody without a cgroup: nonsense is refused before anything is tried. */
static void each_refused(const char *flag, const char *const *values)
{
    cgroups_sweep();
    for (; *values != NULL; values++)
        expect_refused(
            spawn_run(&(struct spawn){
                .argv = DUCT("run", flag, *values, rootfs_of_nobody(), "true"),
                .uid = NOBODY}),
            flag, keep_format("\"%s\"", *values));
    expect_no_cgroup();
}

#define EACH_REFUSED(flag, ...) each_refused((flag), ARGV(__VA_ARGS__))

static void memory_is_a_size(void)
{
    EACH_REFUSED("--memory", "", "m", "12x", "1e9", " 64m", "64m ", "-64m",
                 "-1", "+64m", "0x10", "1.5.2", "64 m", "64mm", "64mib", "64bb",
                 ".m", "64.", "64.m", "99999999999999999999", "99999999t",
                 "nan", "inf", "64m,1", "1p");
}

/* What is no number at all is not just too small. */
static void memory_is_told_apart(void)
{
    const char *const *value = ARGV("12x", "5q", "1?", "6v", "64m1");

    for (; *value != NULL; value++)
        expect_lacks("the message", "at least",
                     duct("run", "-m", *value, rootfs(), "true")->err);
    expect_contains("the message", "at least",
                    duct("run", "-m", "5m", rootfs(), "true")->err);
}

static void memory_is_not_too_little(void)
{
    EACH_REFUSED("--memory", "0", "1", "5k", "5m", "6291455", "5.99m");
}

static void swap_is_a_size(void)
{
    cgroups_sweep();
    const char *const *value =
        ARGV("", "12x", "-2", "-64m", "1e9", " 64m", "max", "0x10",
             "99999999999999999999", "--1", "-1m", "- 1");

    for (; *value != NULL; value++)
        expect_refused(
            duct("run", "-m", "64m", "--memory-swap", *value, rootfs(), "true"),
            "--memory-swap", keep_format("\"%s\"", *value));
    expect_no_cgroup();
}

static void swap_needs_memory(void)
{
    cgroups_sweep();
    expect_refused(duct("run", "--memory-swap", "64m", rootfs(), "true"),
                   "--memory-swap \"64m\"", "needs --memory");
    expect_no_cgroup();
}

static void swap_is_the_sum(void)
{
    cgroups_sweep();
    expect_refused(
        duct("run", "-m", "64m", "--memory-swap", "32m", rootfs(), "true"),
        "--memory-swap \"32m\"", "less than --memory");
    expect_refused(
        duct("run", "-m", "64m", "--memory-swap", "67108863", rootfs(), "true"),
        "--memory-swap \"67108863\"", "less than --memory");
    expect_no_cgroup();
}

static void cpus_is_a_number(void)
{
    EACH_REFUSED("--cpus", "", "0", "0.0", "0.009", "-1", "-0.5", "x", "1x",
                 "1e0", " 1", "1 ", "1,5", "1.5.2", "0x1", "+1", "1.", "nan",
                 "inf", "99999", "99999999999999999999");
}

static void shares_is_a_weight(void)
{
    EACH_REFUSED("--cpu-shares", "", "0", "1", "262145", "-1", "-512", "512x",
                 "1e3", " 512", "512.5", "0x200", "99999999999999999999");
}

static void cpuset_is_a_list(void)
{
    EACH_REFUSED("--cpuset-cpus", "", ",", "0,", ",0", "0,,0", "0-", "-0", "-1",
                 "x", "0x1", "0-x", "1-0", "0-0-0", " 0", "0 ", "0;1", "1.0",
                 "8191", "0-8191", "0-1023", "99999999999999999999", "all");
}

static void pids_is_a_number(void)
{
    EACH_REFUSED("--pids-limit", "", "-2", "-5", "x", "12x", "1e3", " 5", "5 ",
                 "5.0", "0x10", "4194305", "99999999999999999999", "max",
                 "--1");
}

static void something_is_missing(void)
{
    const char *const *flag =
        ARGV("-m", "--memory", "--memory-swap", "--cpus", "--cpu-shares",
             "--cpuset-cpus", "--pids-limit");

    for (; *flag != NULL; flag++)
        expect_refused(duct("run", *flag), "needs an argument", *flag);
}

static void refused(const char *verb, const char *pid, const char *named)
{
    expect_refused(duct(verb, pid), named);
}

static void pid_is_of_a_container(void)
{
    const char *const *verb = ARGV("pause", "unpause", "stats");
    struct program *outsider =
        spawn_start(&(struct spawn){.argv = ARGV("sleep", "4711")});

    for (; *verb != NULL; verb++) {
        refused(*verb, "", "PID \"\"");
        refused(*verb, "abc", "PID \"abc\"");
        refused(*verb, "12x", "PID \"12x\"");
        refused(*verb, " 1", "PID \" 1\"");
        refused(*verb, "0", "PID \"0\"");
        refused(*verb, "-1", "\"-1\"");
        refused(*verb, "99999999999999999999", "\"99999999999999999999\"");
        refused(*verb, "4194303", "process 4194303");
        refused(*verb, "1", "process 1 ");
        refused(*verb, keep_format("%d", outsider->pid),
                keep_format("process %d ", outsider->pid));
        expect_refused(duct(*verb), *verb, "PID");
        expect_refused(duct(*verb, "1", "2"), *verb, "PID");
    }
    expect_that(kernel_alive(outsider->pid), "the outsider to live", "dead");
}

static void help_lists_the_flags(void)
{
    const char *const *words =
        ARGV("-m, --memory", "--memory-swap", "--cpus", "--cpu-shares",
             "--cpuset-cpus", "--pids-limit");
    const struct program *p = duct("run", "--help");

    expect_exit(p, 0);
    expect_str("stderr", "", p->err);
    for (; *words != NULL; words++)
        expect_contains("the help text", *words, p->out);
    expect_contains("the help text", "\nExample: duct run ", p->out);
}

static void help_lists_the_verbs(void)
{
    const char *const *verb = ARGV("pause", "unpause", "stats");
    const struct program *all = duct("--help");

    expect_exit(all, 0);
    for (; *verb != NULL; verb++) {
        const struct program *p = duct(*verb, "--help");

        expect_contains("duct --help", *verb, all->out);
        expect_exit(p, 0);
        expect_str("stderr", "", p->err);
        expect_contains("the help text", keep_format("duct %s PID", *verb),
                        p->out);
    }
}

static const struct trial trials[] = {
    {.name = "memory_is_a_size",
     .claim = "--memory refuses what is no size, by flag and value",
     .usual_cause = "strtoll() or atof() stops at the first strange letter "
                    "and says nothing",
     .reread = "#limits",
     .feature = true,
     .body = memory_is_a_size},
    {.name = "memory_is_not_too_little",
     .claim = "--memory refuses less than 6m, in which no program lives",
     .usual_cause = "the value is not compared with a smallest one",
     .reread = "#limits",
     .feature = true,
     .body = memory_is_not_too_little},
    {.name = "memory_is_told_apart",
     .claim = "what is no size is told apart from what is too little",
     .usual_cause = "an unknown unit is looked up in the list all the same",
     .reread = "#limits",
     .feature = true,
     .depends = "memory_is_a_size",
     .body = memory_is_told_apart},
    {.name = "memory_swap_is_a_size",
     .claim = "--memory-swap refuses what is neither a size nor -1",
     .usual_cause = "everything that begins with -1 is taken for -1",
     .reread = "#limits",
     .feature = true,
     .body = swap_is_a_size},
    {.name = "memory_swap_needs_memory",
     .claim = "--memory-swap alone is refused",
     .usual_cause = "version 1 refuses it in words that nobody understands; "
                    "version 2 takes it for something else",
     .reread = "#limits",
     .feature = true,
     .body = swap_needs_memory},
    {.name = "memory_swap_is_the_sum",
     .claim = "--memory-swap less than --memory is refused",
     .usual_cause = "it is taken for swap alone",
     .reread = "#limits",
     .feature = true,
     .body = swap_is_the_sum},
    {.name = "cpus_is_a_number",
     .claim = "--cpus refuses what is no number from 0.01 to all CPUs",
     .usual_cause = "strtod() reads hexadecimal, exponents, nan and inf",
     .reread = "#limits",
     .feature = true,
     .body = cpus_is_a_number},
    {.name = "cpu_shares_is_a_weight",
     .claim = "--cpu-shares refuses what is no whole number from 2 to 262144",
     .usual_cause = "the kernel quietly takes the nearest value it knows",
     .reread = "#limits",
     .feature = true,
     .body = shares_is_a_weight},
    {.name = "cpuset_is_a_list",
     .claim = "--cpuset-cpus refuses what is no list of CPUs of this machine",
     .usual_cause = "the list is left to the kernel, whose answer names "
                    "neither flag nor value",
     .reread = "#limits",
     .feature = true,
     .body = cpuset_is_a_list},
    {.name = "pids_limit_is_a_number",
     .claim = "--pids-limit refuses what is no number, by flag and value",
     .usual_cause = "strtoll() stops at the first strange letter",
     .reread = "#limits",
     .feature = true,
     .body = pids_is_a_number},
    {.name = "limit_needs_an_argument",
     .claim = "each flag without its argument is refused",
     .usual_cause = "the flag's line in the table lacks its argument",
     .reread = "#limits",
     .feature = true,
     .body = something_is_missing},
    {.name = "pid_is_of_a_container",
     .claim = "pause, unpause and stats refuse a PID that is none, is gone, "
              "or is in no container, by name",
     .usual_cause = "any process's cgroup is frozen: the host's too",
     .reread = "#cgroup_find",
     .feature = true,
     .body = pid_is_of_a_container},
    {.name = "run_help_lists_the_limits",
     .claim = "duct run --help lists every flag",
     .usual_cause = "the table of flags has no line for it",
     .reread = "#limits",
     .feature = true,
     .body = help_lists_the_flags},
    {.name = "help_lists_the_verbs",
     .claim = "duct --help lists pause, unpause and stats, and each has help",
     .usual_cause = "the table of verbs has no line for it",
     .reread = "#cgroup_find",
     .feature = true,
     .body = help_lists_the_verbs},
};

const struct chapter chapter_words = {"Bad input", TRIALS(trials)};
