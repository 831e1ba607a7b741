/*
 * Chapter: beside other firewalls. They are made here, as they are on hosts.
 */
#include <string.h>

#include "suite.h"

static const char docker[] =
    "table ip filter {\n"
    "  chain DOCKER-USER { }\n"
    "  chain FORWARD { type filter hook forward priority filter; policy drop;\n"
    "    jump DOCKER-USER\n"
    "    oifname docker0 ct state established,related accept\n"
    "    iifname docker0 accept; }\n"
    "}\n";

static const char ufw[] =
    "table ip filter {\n"
    "  chain ufw-user-forward { }\n"
    "  chain FORWARD { type filter hook forward priority filter; policy drop;\n"
    "    jump ufw-user-forward; }\n"
    "}\n";

static const char firewalld[] =
    "table inet firewalld {\n"
    "  chain filter_FORWARD { type filter hook forward priority filter + 10;\n"
    "    ct state established,related accept\n"
    "    reject with icmpx admin-prohibited; }\n"
    "}\n";

static const char other[] =
    "table inet filter {\n"
    "  chain open { type filter hook forward priority 5; policy accept; }\n"
    "  chain forward { type filter hook forward priority filter; policy drop;\n"
    "    iifname lan0 oifname wan0 accept; }\n"
    "}\n";

static const char *said(void)
{
    const struct program *p =
        duct("run", "--network", "bridge", rootfs(), "true");

    expect_exit(p, 0);
    return p->err;
}

static void expect_told(const char *rules, const char *const *words)
{
    const char *told;

    lan_nft(rules);
    told = said();
    expect_contains("what duct says", "duct: ", told);
    for (; *words != NULL; words++)
        expect_contains("what duct says", *words, told);
    expect_str("what duct says with --network none", "",
               duct("run", "--network", "none", rootfs(), "true")->err);
}

static void docker_is_told(void)
{
    expect_told(docker, ARGV("docker", "DOCKER-USER", BRIDGE, "iptables -I"));
}

static void ufw_is_told(void)
{
    expect_told(ufw, ARGV("ufw route allow in on " BRIDGE,
                          "ufw route allow out on " BRIDGE));
}

static void firewalld_is_told(void)
{
    expect_told(firewalld, ARGV("firewall-cmd", "--add-interface=" BRIDGE));
}

static void another_is_told(void)
{
    expect_told(other, ARGV(BRIDGE, "nft list ruleset"));
}

/* Also when our own table, with the bridge's name in it, is there already. */
static void the_second_is_told(void)
{
    const struct container *c;

    lan_nft(other);
    c = boxed("--network", "bridge");
    expect_contains("what the first duct says", BRIDGE, c->duct->err);
    expect_contains("what the second duct says", BRIDGE, said());
}

static void nothing_to_tell(void)
{
    expect_str("what duct says without other rules", "", said());
    lan_nft("table inet filter {\n"
            "  chain input { type filter hook input priority filter; policy "
            "drop; iifname lan0 accept; }\n"
            "  chain forward { type filter hook forward priority filter; "
            "policy accept; }\n"
            "}\n");
    expect_str("what duct says if nothing drops what is forwarded", "", said());
    const struct container *c = boxed("--network", "bridge");

    expect_str("what duct says if its own table is there", "", said());
    expect_str("what the first said", "", c->duct->err);
}

/* What duct says, done: in nft's words. */
static void advice_helps(void)
{
    const struct container *c;
    int server;

    lan_nft(docker);
    c = boxed("-p", "8080:80");
    server = lan_serve(lan_world(), TCP_DOOR(WORLD_FAR, 80));
    expect_unreached(shared_place(c), TCP_DOOR(WORLD_FAR, 80), server);
    lan_nft("insert rule ip filter DOCKER-USER iifname " BRIDGE " accept\n"
            "insert rule ip filter DOCKER-USER oifname " BRIDGE " accept\n");
    expect_reached(shared_place(c), TCP_DOOR(WORLD_FAR, 80), server, WAN_HOST);
    expect_reached(lan_peer(), TCP_DOOR(LAN_HOST, 8080), shared_serve(c, 80),
                   LAN_PEER);
    expect_unreached(lan_peer(), TCP_DOOR(shared_address(c), 81),
                     shared_serve(c, 81));
    expect_str("what duct says now", "", said());
}

/* Docker publishes by chains of its own; ours go on beside them. */
static void dockers_nat_is_no_obstacle(void)
{
    const struct container *c;
    int server;

    lan_nft("table ip nat {\n"
            "  chain DOCKER { iifname docker0 return;\n"
            "    tcp dport 9090 dnat to 172.17.0.2:80; }\n"
            "  chain PREROUTING { type nat hook prerouting priority dstnat;\n"
            "    fib daddr type local jump DOCKER; }\n"
            "  chain OUTPUT { type nat hook output priority -100;\n"
            "    ip daddr != 127.0.0.0/8 fib daddr type local jump DOCKER; }\n"
            "  chain POSTROUTING { type nat hook postrouting priority srcnat;\n"
            "    ip saddr 172.17.0.0/16 oifname != docker0 masquerade; }\n"
            "}\n");
    c = boxed("-p", "8080:80");
    server = shared_serve(c, 80);
    expect_reached(lan_peer(), TCP_DOOR(LAN_HOST, 8080), server, LAN_PEER);
    expect_reached(lan_host(), TCP_DOOR("127.0.0.1", 8080), server, NULL);
    expect_reached(shared_place(c), TCP_DOOR(WORLD_FAR, 80),
                   lan_serve(lan_world(), TCP_DOOR(WORLD_FAR, 80)), WAN_HOST);
}

static const struct trial trials[] = {
    {.name = "docker_is_told",
     .claim = "beside docker, which drops what is forwarded, duct says so and "
              "what to do",
     .usual_cause = "an accept in one table does not overrule a drop in "
                    "another: nobody hears why the network is silent",
     .reread = "#nat_obstacle",
     .feature = true,
     .depends = "bridge_is_usual",
     .body = docker_is_told},
    {.name = "ufw_is_told",
     .claim = "the same beside ufw",
     .usual_cause = "the list of rules is not looked at",
     .reread = "#nat_obstacle",
     .feature = true,
     .depends = "bridge_is_usual",
     .body = ufw_is_told},
    {.name = "firewalld_is_told",
     .claim = "the same beside firewalld",
     .usual_cause = "it rejects by a rule, not by policy",
     .reread = "#nat_obstacle",
     .feature = true,
     .depends = "bridge_is_usual",
     .body = firewalld_is_told},
    {.name = "another_firewall_is_told",
     .claim = "the same beside rules that somebody wrote by hand",
     .usual_cause = "only the first chain is looked at",
     .reread = "#nat_obstacle",
     .feature = true,
     .depends = "bridge_is_usual",
     .body = another_is_told},
    {.name = "second_is_told_as_well",
     .claim = "the second container's duct says it as well",
     .usual_cause = "duct's own table is taken for somebody's consent",
     .reread = "#nat_obstacle",
     .feature = true,
     .depends = "another_firewall_is_told",
     .body = the_second_is_told},
    {.name = "nothing_to_tell",
     .claim = "without such rules duct says nothing",
     .usual_cause = "its own rules, or an input chain's, are taken for an "
                    "obstacle",
     .reread = "#nat_obstacle",
     .depends = "bridge_is_usual",
     .body = nothing_to_tell},
    {.name = "advice_helps",
     .claim = "who does what duct says has a network, and hears no more of it",
     .usual_cause = "the rules that are asked for are not looked for",
     .reread = "#nat_obstacle",
     .feature = true,
     .depends = "docker_is_told",
     .body = advice_helps},
    {.name = "docker_publishes_as_well",
     .claim = "docker's published ports and duct's are no obstacle to each "
              "other",
     .usual_cause = "the same chains are used",
     .reread = "#nat_obstacle",
     .feature = true,
     .depends = "published_to_loopback",
     .body = dockers_nat_is_no_obstacle},
};

const struct chapter chapter_firewalls = {"Firewalls", TRIALS(trials)};
