/*
 * Chapter: what is said of what can't be done, and with which exit status.
 */
#include <string.h>

#include "suite.h"

static void wrong_count(void)
{
    static const char usage[] =
        "\"duct rm\" requires at least 1 argument.\n"
        "See 'duct rm --help'.\n"
        "\n"
        "Usage:  duct rm [OPTIONS] CONTAINER [CONTAINER...]\n"
        "\n"
        "Remove one or more containers\n";
    const struct program *p = duct("rm");

    expect_exit(p, 1);
    expect_str("stderr", usage, p->err);
    expect_error(duct("rename", "one"), 1,
                 "\"duct rename\" requires exactly 2 arguments.");
    expect_error(duct("network", "create"), 1, "\"duct network create\"",
                 "Usage:  duct network create [OPTIONS] NETWORK");
    expect_error(duct("ps", "one"), 1, "\"duct ps\" accepts no arguments.");
    expect_error(duct("ps", "--nope"), 125, "unknown flag: --nope");
    expect_error(duct("nope"), 1, "'nope' is not a duct command");
}

static void taken_name(void)
{
    static const char taken[] = "Conflict. The container name \"/one\"";

    (void)ok("create", "--name", "one", "bb", "true");
    (void)ok("create", "--name", "two", "bb", "true");
    expect_error(duct("create", "--name", "one", "bb", "true"), 1,
                 "Error response from engine: ", taken);
    expect_error(run("--name", "one", "bb", "true"), 125, taken);
    expect_error(run("-d", "--name", "one", "bb", "true"), 125, taken);
    expect_error(duct("rename", "two", "one"), 1,
                 "Error response from engine: ", taken);
}

static void unknown_name(void)
{
    static const char *const verbs[] = {"rm",      "start", "stop",    "kill",
                                        "restart", "pause", "unpause", "wait",
                                        "logs",    "top",   "port",    "diff"};

    for (size_t i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++)
        expect_error(duct(verbs[i], "nobody"), 1,
                     "Error: No such container: nobody");
    expect_error(duct("rm", "-f", "nobody"), 1,
                 "Error: No such container: nobody");
    expect_error(duct("exec", "nobody", "true"), 1,
                 "Error: No such container: nobody");
    expect_error(duct("rename", "nobody", "one"), 1,
                 "Error: No such container: nobody");
}

static void order_of_events(void)
{
    char *since = ok("info", "--format", "{{.SystemTime}}");

    since[strcspn(since, "\n")] = '\0';
    (void)ok("volume", "create", "ours");
    (void)ok("run", "--rm", "--name", "one", "-v", "ours:/v", "bb", "true");
    (void)ok("volume", "rm", "ours");
    expect_str("events",
               "volume create\n"
               "container create\n"
               "container attach\n"
               "network connect\n"
               "container start\n"
               "container die\n"
               "network disconnect\n"
               "container destroy\n"
               "volume destroy\n",
               ok("events", "--since", since, "--until", "0s", "--format",
                  "{{.Type}} {{.Action}}"));
    shared_no_bridge();
}

static const struct trial trials[] = {
    {.name = "wrong_count",
     .claim = "too many or too few words are refused as docker does, with 1",
     .usual_cause = "all that is wrong with a command line ends with 125",
     .body = wrong_count},
    {.name = "taken_name",
     .claim = "a name that is taken is an error of create's, and 125 for run",
     .usual_cause = "both say it with the same exit status",
     .body = taken_name},
    {.name = "unknown_name",
     .claim = "a container that is not there is called so by all verbs",
     .usual_cause = "a verb has words of its own for it",
     .body = unknown_name},
    {.name = "order_of_events",
     .claim = "a run is told in docker's order, and volumes come and go",
     .usual_cause = "something is told before it has happened, or never",
     .body = order_of_events},
};

const struct chapter chapter_words = {"Words and statuses", TRIALS(trials)};
