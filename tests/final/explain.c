/*
 * Chapter: --explain tells what the monitor does, as a script that does it.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "suite.h"

/* Where the script is, and how duct is asked for it. */
static char *script(void)
{
    return scratch_path("explained.sh");
}

static char *flag(void)
{
    return keep_format("--explain=%s", script());
}

/* What was told, which a shell has to understand. */
static char *explained(void)
{
    char *text = file_read(script());

    expect_that(text != NULL, "a file made by --explain=FILE", "none");
    expect_exit(spawn_run(&(struct spawn){.argv = ARGV("sh", "-n", script())}),
                0);
    return text;
}

/* Told in this order: the words of @parts. */
static void expect_order(const char *text, const char *const *parts)
{
    for (; *parts != NULL; parts++) {
        const char *found = strstr(text, *parts);

        expect_that(found != NULL,
                    keep_format("\"%s\" after what comes before", *parts),
                    text);
        text = found + 1;
    }
}

static void expect_replay(const struct program *told)
{
    const struct program *again = explain_replay(script());

    expect_str("stderr of the script", "", again->err);
    expect_str("stdout of the script", told->out, again->out);
    expect_exit(again, told->exit_status);
}

/* The first container of an image leaves a place for those to come. */
static const char *state_after_one(void)
{
    expect_exit(duct("run", "--rm", "--network", "none", "bb", "true"), 0);
    return state_left();
}

static void explained_run(void)
{
    const char *before = state_after_one();
    const struct program *p =
        duct(flag(), "run", "--rm", "--network", "none", "--hostname", "box",
             "-e", "WORD=it's", "bb", "sh", "-c",
             "hostname; echo \"$WORD\"; ls /sys /proc | wc -l >/dev/null; "
             "exit 3");

    expect_str("stdout", "box\nit's\n", p->out);
    expect_exit(p, 3);
    expect_str("stderr", "", p->err);
    expect_order(explained(),
                 ARGV("mkdir -p", "set +e; (", "exec $unshare", "hostname box",
                      "mount -t overlay", "mount -t proc", "pivot_root . .",
                      "exec env -i", "\nCONTAINER\n", "rmdir", "rm -rf",
                      "exit $status"));
    expect_replay(p);
    expect_str("what is left", before, state_left());
}

/* As long as somebody stays, nobody takes the bridge away. */
static void explained_bridge(void)
{
    const struct program *p;

    expect_exit(
        duct(flag(), "run", "-d", "--name", "one1", "bb", "sleep", "4711"), 0);
    expect_order(explained(),
                 ARGV("ip link add duct0", "nft 'add table inet duct'",
                      "exec $unshare", "exec env -i", "exit $status"));
    p = duct(flag(), "run", "--rm", "-p", "127.0.0.1:18081:80", "bb", "sh",
             "-c", "ip -o -4 addr show eth0 | awk '{print $4}'");
    expect_exit(p, 0);
    expect_contains("stdout", "/16", p->out);
    expect_order(explained(),
                 ARGV("published { tcp . 127.0.0.1 . 18081", "read -r child",
                      "netns $child", "ip route add default", "exec $unshare",
                      "mount -t overlay", "exec env -i",
                      "nft delete element inet duct published"));
    expect_replay(p);
    (void)ok("rm", "-f", "one1");
    shared_no_bridge();
}

/* The end of stderr has come when duct ends: the monitor lets go of it. */
static void explained_detached(void)
{
    const struct program *p =
        duct("--explain", "run", "-d", "--network", "none", "--name", "one1",
             "bb", "sleep", "4711");

    expect_exit(p, 0);
    expect_order(p->err, ARGV("exec $unshare", "exec env -i", "sleep 4711",
                              "exit $status"));
    expect_str("state", "running", told("one1", "{{.State.Status}}"));
    p = duct(flag(), "exec", "-e", "WORD=it's", "one1", "sh", "-c",
             "hostname; echo \"$WORD\"; exit 5");
    expect_exit(p, 5);
    expect_order(explained(), ARGV("exec nsenter", "exec env -i",
                                   "\nCONTAINER\n", "exit $status"));
    expect_replay(p);
    (void)ok("rm", "-f", "one1");
}

static void explained_failure(void)
{
    const struct program *p = duct(flag(), "run", "--rm", "--network", "none",
                                   "bb", "/no/such/program");

    expect_error(p, 127, "/no/such/program");
    expect_order(explained(), ARGV("mount -t overlay", "pivot_root . ."));
}

static const struct trial trials[] = {
    {.name = "explain_run",
     .claim = "what --explain tells of run makes the same container again",
     .usual_cause = "the monitor has closed the file, or tells too late",
     .body = explained_run},
    {.name = "explain_bridge",
     .claim = "it plugs that container in and publishes its ports",
     .usual_cause = "what two processes tell is mixed",
     .body = explained_bridge},
    {.name = "explain_detached_and_exec",
     .claim = "run -d and exec are told as well, and nobody keeps stderr open",
     .usual_cause = "the monitor keeps the file",
     .body = explained_detached},
    {.name = "explain_failure",
     .claim = "what was done before a start failed is told",
     .usual_cause = "lines wait in memory for an end that never comes",
     .body = explained_failure},
};

const struct chapter chapter_explain = {"Explained", TRIALS(trials)};
