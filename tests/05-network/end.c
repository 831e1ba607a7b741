/*
 * Chapter: what duct still holds when all its work is done.
 */
#include <signal.h>
#include <string.h>

#include "atend.h"
#include "suite.h"

static void expect_let_go(const struct at_end *end)
{
    static const char *const parts[] = {
        "10.209.",    "/run/duct", "veth-",  "02:42:", "8080",    "5300",
        "nameserver", "localhost", "/names", "hook ",  "ip duct",
    };

    expect_lacks("what duct has open at its end", "/run/", end->descriptors);
    expect_lacks("what duct has open at its end", scratch_dir(),
                 end->descriptors);
    expect_lacks("what duct has open at its end", "socket:", end->descriptors);
    expect_lacks("what duct has open at its end", "/proc/", end->descriptors);
    for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
        expect_str("texts in memory that duct has not freed", "",
                   at_end_lines(end, parts[i]));
}

static void run_lets_go(const char *const *options)
{
    struct container *c = container_wait(at_end_start(&(struct spawn){
        .argv = argv_of(DUCT("run"), options, ARGV(rootfs(), "sleep", "4711"),
                        NULL)}));
    struct at_end end;

    expect_call(kill(c->init, SIGKILL));
    end = at_end_look(c->duct);
    expect_let_go(&end);
}

static void refusal_lets_go(const char *const *options)
{
    struct at_end end = at_end_look(at_end_start(&(struct spawn){
        .argv = argv_of(DUCT("run"), options, ARGV(rootfs(), "true"), NULL)}));

    expect_exit(end.program, 125);
    expect_let_go(&end);
}

static void all_is_let_go(void)
{
    run_lets_go(ARGV("--network", "bridge"));
    run_lets_go(ARGV("-p", "8080:80", "-p", "127.0.0.1:5300:53/udp"));
    run_lets_go(ARGV("--network", "none"));
    run_lets_go(ARGV("--network", "host"));
}

static void refusals_let_go(void)
{
    const struct container *c = boxed("--ip", "10.209.0.9", "-p", "8081:80");

    (void)c;
    refusal_lets_go(ARGV("--ip", "10.209.0.9", "-p", "8080:80"));
    refusal_lets_go(ARGV("-p", "8080:80", "-p", "8081:80"));
    refusal_lets_go(ARGV("-p", "8080:80", "--network", "none"));
}

static void sweep_lets_go(void)
{
    const struct container *c = boxed("-p", "5300:53/udp", "-p", "8081:80");

    expect_call(spawn_signal(c->duct, SIGKILL));
    spawn_finish(c->duct);
    run_lets_go(ARGV("-p", "8080:80"));
}

/* While the container runs: what its command could do harm with. */
static void command_gets_nothing(void)
{
    const struct program *p =
        duct("run", "-p", "8080:80", rootfs(), "sh", "-c",
             "for fd in /proc/self/fd/*; do readlink $fd; done | "
             "grep -c -e socket: -e /run/");

    expect_str("descriptors of duct's that the command has", "0\n", p->out);
}

static const struct trial trials[] = {
    {.name = "run_lets_go",
     .claim = "at its end duct run has closed and freed what it took",
     .usual_cause = "an opendir() without its closedir(), an asprintf() "
                    "without its free()",
     .reread = "#the-diff",
     .feature = true,
     .depends = "bridge_by_name",
     .body = all_is_let_go},
    {.name = "refusals_let_go",
     .claim = "so has one that was refused midway",
     .usual_cause = "an error path returns before all is released",
     .reread = "#the-diff",
     .feature = true,
     .depends = "ip_is_taken",
     .body = refusals_let_go},
    {.name = "sweep_lets_go",
     .claim = "so has one that had to sweep",
     .usual_cause = "an opendir() without its closedir()",
     .reread = "#address_take",
     .feature = true,
     .depends = "killed_is_swept",
     .body = sweep_lets_go},
    {.name = "command_gets_nothing",
     .claim = "the command has no descriptor of duct's sockets and locks",
     .usual_cause = "a socket without SOCK_CLOEXEC",
     .reread = "#ports",
     .feature = true,
     .depends = "published_to_the_lan",
     .body = command_gets_nothing},
};

const struct chapter chapter_end = {"Ended", TRIALS(trials)};
