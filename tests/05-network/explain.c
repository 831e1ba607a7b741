/*
 * Chapter: --explain tells the network as commands of ip(8) and nft(8).
 */
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "suite.h"

struct seen {
    const char *inside; /* links, addresses, routes of the container */
    const char *names;  /* its /etc/hosts, hostname, resolv.conf */
    const char *host;   /* links and addresses of the host */
    const char *rules;
};

/* Indexes are new each time, and so is the host's end's hardware address. */
static const char *links_told(int place)
{
    char *lines = LAN_IP(place, "-br", "addr"), *line;
    char *text = keep_format("%s", "");

    while ((line = strsep(&lines, "\n")) != NULL)
        text = keep_format("%s%.*s%s\n", text, (int)strcspn(line, "@ "), line,
                           line + strcspn(line, " "));
    return text;
}

/* Who added a route: a program that says nothing is taken for ip(8). */
static const char *routes_told(int place)
{
    char *lines = LAN_IP(place, "route"), *line;
    char *text = keep_format("%s", "");

    while ((line = strsep(&lines, "\n")) != NULL) {
        const char *who = strstr(line, "proto ");
        size_t size = who == NULL ? strlen(line) : (size_t)(who - line);

        text = keep_format("%s%.*s\n", text, (int)size, line);
    }
    return text;
}

static struct seen look(pid_t pid)
{
    const struct container c = {.init = pid};
    int place = lan_place(pid);

    return (struct seen){
        .inside = keep_format("%s%s%s\n", links_told(place), routes_told(place),
                              lan_mac(place, "eth0")),
        .names = keep_format("%s%s%s", shared_read(&c, "/etc/hosts"),
                             shared_read(&c, "/etc/hostname"),
                             shared_read(&c, "/etc/resolv.conf")),
        .host = keep_format("%s%s\n", links_told(lan_host()),
                            lan_mac(lan_host(), BRIDGE)),
        .rules = lan_nft("list ruleset"),
    };
}

static pid_t replayed(const char *script, struct program **p)
{
    *p = spawn_start(&(struct spawn){.argv = ARGV("sh", script)});
    return kernel_find((*p)->pid, "sleep 4711");
}

static const char *explained(const char *const *options, struct container **c)
{
    const char *script = keep_format("%s/script", tree_fresh_dir(0));

    *c = container_start(&(struct spawn){
        .argv = argv_of(DUCT("run", keep_format("--explain=%s", script)),
                        options, ARGV(rootfs(), "sleep", "4711"), NULL)});
    return script;
}

static void expect_same_look(struct seen first, struct seen again)
{
    expect_str("links and routes of the script's container, as of duct's",
               first.inside, again.inside);
    expect_str("its hosts, hostname and resolv.conf", first.names, again.names);
    expect_str("links of the host", first.host, again.host);
    expect_str("rules of the host", first.rules, again.rules);
}

static void same_network(void)
{
    const char *before = lan_look(), *script;
    struct container *c;
    struct program *p;
    struct seen first, again;
    pid_t sleeper;
    int server;

    script = explained(ARGV("-h", "box", "-p", "8080:80", "-p",
                            "127.0.0.1:5300:53/udp", "--ip", "10.209.8.9"),
                       &c);
    first = look(c->init);
    container_end(c);
    expect_nothing_left(before);
    expect_lacks("the script: lines of more than one", "\n''",
                 file_read(script));
    sleeper = replayed(script, &p);
    again = look(sleeper);
    server = lan_serve(lan_place(sleeper), TCP_DOOR("0.0.0.0", 80));
    expect_reached(lan_peer(), TCP_DOOR(LAN_HOST, 8080), server, LAN_PEER);
    expect_reached(lan_place(sleeper), TCP_DOOR(LAN_HOST, 8080), server, NULL);
    expect_reached(lan_host(), TCP_DOOR("127.0.0.1", 8080), server, NULL);
    expect_call(kill(sleeper, SIGKILL));
    spawn_finish(p);
    expect_same_look(first, again);
    expect_nothing_left(before);
}

/* The bridge is there, and stays. */
static void beside_another(void)
{
    struct container *other, *c;
    struct program *p;
    const char *before, *script;
    pid_t sleeper;

    lan_set(lan_host(), "ipv4/ip_forward", "1");
    other = boxed("-p", "8081:80");
    before = lan_look();
    script = explained(ARGV("-p", "8080:80"), &c);
    container_end(c);
    sleeper = replayed(script, &p);
    expect_reached(lan_peer(), TCP_DOOR(LAN_HOST, 8080),
                   lan_serve(lan_place(sleeper), TCP_DOOR("0.0.0.0", 80)),
                   LAN_PEER);
    expect_call(kill(sleeper, SIGKILL));
    spawn_finish(p);
    expect_nothing_left(before);
    expect_reached(lan_peer(), TCP_DOOR(LAN_HOST, 8081),
                   shared_serve(other, 80), LAN_PEER);
}

static void other_modes(void)
{
    const char *const *mode = ARGV("none", "host");

    for (; *mode != NULL; mode++) {
        struct container *c;
        const char *before = lan_look();
        const char *script =
            explained(ARGV("--network", *mode, "-h", "box"), &c);
        const char *links = lan_links(shared_place(c));
        struct program *p;
        pid_t sleeper;

        container_end(c);
        expect_lacks("the script", "nft ", file_read(script));
        sleeper = replayed(script, &p);
        expect_str("links of the script's container", links,
                   lan_links(lan_place(sleeper)));
        expect_nothing_left(before);
        expect_call(kill(sleeper, SIGKILL));
        spawn_finish(p);
    }
}

static void names_anew(void)
{
    const char *script = keep_format("%s/script", tree_fresh_dir(0));
    const char *state = tree_fresh_dir(0);
    const struct program *p =
        duct("run", keep_format("--explain=%s", script), "--state", state,
             "--name", "web", "-h", "box", "--network", "none", rootfs(), "cat",
             "/etc/hosts", "/etc/hostname", "/etc/resolv.conf");

    expect_output(explain_replay(script), p->out);
    expect_output(explain_replay(script), p->out);
    expect_output(duct("rm", "--state", state, "web"), "");
}

static void says_where_to_look(void)
{
    struct container *c;
    const char *path = explained(ARGV("--network", "bridge"), &c);
    const char *script;

    container_end(c); /* the parent may write its part a little later */
    script = file_read(path);
    expect_contains("the script", "\n# nft list table " TABLE "\n", script);
    expect_contains("the script",
                    keep_format("\n# nsenter -t %d -n ip addr\n", c->init),
                    script);
    expect_contains("the script", "ip link add veth", script);
    expect_contains("the script", "\n# the helper does: ip link add ", script);
}

static void ends_as_the_command(void)
{
    const char *script = keep_format("%s/script", tree_fresh_dir(0));
    const char *before = lan_look();

    expect_exit(duct("run", keep_format("--explain=%s", script), "--network",
                     "bridge", rootfs(), "sh", "-c", "exit 42"),
                42);
    expect_exit(explain_replay(script), 42);
    expect_nothing_left(before);
    expect_exit(explain_replay(script), 42);
    expect_nothing_left(before);
}

static const struct trial trials[] = {
    {.name = "explain_makes_the_network",
     .claim = "sh FILE makes the same links, addresses, routes, rules and "
              "names, and leaves as little",
     .usual_cause = "an operation is done but not told, or told otherwise "
                    "than done",
     .reread = "#run-it-look-at-it",
     .feature = true,
     .depends = "published_to_the_lan",
     .body = same_network},
    {.name = "explain_beside_another",
     .claim = "the script works while another container is on the bridge, and "
              "does not disturb it",
     .usual_cause = "the script makes what is there, or removes what another "
                    "uses",
     .reread = "#run-it-look-at-it",
     .feature = true,
     .depends = "explain_makes_the_network",
     .body = beside_another},
    {.name = "explain_other_modes",
     .claim = "the script of --network none and host makes that, and touches "
              "no rule",
     .usual_cause = "the bridge is told whatever the mode",
     .reread = "#run-it-look-at-it",
     .feature = true,
     .depends = "none_has_loopback_only",
     .body = other_modes},
    {.name = "explain_writes_names_anew",
     .claim = "the script writes the same names, each time that it is run",
     .usual_cause = "it adds to what is there",
     .reread = "#names",
     .feature = true,
     .depends = "hosts_has_its_name",
     .body = names_anew},
    {.name = "explain_says_where_to_look",
     .claim = "among the commands there are comments: how to look at links "
              "and rules",
     .usual_cause = "what is shown is only what is done",
     .reread = "#run-it-look-at-it",
     .feature = true,
     .depends = "bridge_by_name",
     .body = says_where_to_look},
    {.name = "explain_ends_as_the_command",
     .claim = "the script ends with the command's exit status, and can be run "
              "again",
     .usual_cause = "a command of the script's end fails",
     .reread = "#run-it-look-at-it",
     .feature = true,
     .depends = "bridge_by_name",
     .body = ends_as_the_command},
};

const struct chapter chapter_explain = {"--explain", TRIALS(trials)};
