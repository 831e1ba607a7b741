/*
 * Chapter: --network bridge, none and host; and without root.
 */
#include <string.h>
#include <sys/stat.h>

#include "suite.h"

static const char *links_of(const struct container *c)
{
    return lan_links(shared_place(c));
}

static void bridge_is_usual(void)
{
    const struct container *c = container(rootfs(), "sleep", "4711");

    expect_str("links of the container", "eth0 lo ", links_of(c));
    expect_contains("links of the host", BRIDGE " ", lan_links(lan_host()));
}

static void bridge_by_name(void)
{
    expect_str("links of the container", "eth0 lo ",
               links_of(boxed("--network", "bridge")));
    expect_str("links of the container", "eth0 lo ",
               links_of(boxed("--network=bridge")));
}

static void none_has_loopback_only(void)
{
    const char *before = lan_look();
    const struct container *c = boxed("--network", "none");

    expect_str("links of the container", "lo ", links_of(c));
    expect_nothing_left(before);
    expect_output(
        duct("run", "--network", "none", rootfs(), "/inside/probe", "loopback"),
        "answers\n");
}

static void expect_hosts(const char *const *options)
{
    const char *before = lan_look();
    const struct container *c = shared_boxed(options);

    expect_same("net namespace", kernel_namespace(0, "net"),
                kernel_namespace(c->init, "net"));
    expect_nothing_left(before);
}

static void host_is_the_hosts(void)
{
    expect_hosts(ARGV("--network", "host"));
}

static void share_net_is_host(void)
{
    expect_hosts(ARGV("--share", "net"));
    expect_hosts(ARGV("--share", "net", "--network", "host"));
    expect_refused(
        duct("run", "--share", "net", "--network", "none", rootfs(), "true"),
        "--network", "--share net");
    expect_refused(
        duct("run", "--network", "bridge", "--share", "net", rootfs(), "true"),
        "--network", "--share net");
}

static void nonsense_is_refused(void)
{
    const char *const *mode = ARGV("nonsense", "", "Bridge", "bridge ", "no");
    const char *before = lan_look();

    for (; *mode != NULL; mode++)
        expect_refused(duct("run", "--network", *mode, rootfs(), "true"),
                       "--network", keep_format("\"%s\"", *mode));
    expect_nothing_left(before);
}

static void need_the_bridge(void)
{
    const char *const *mode = ARGV("none", "host");

    for (; *mode != NULL; mode++) {
        expect_refused(duct("run", "--network", *mode, "--ip", "10.209.0.9",
                            rootfs(), "true"),
                       "--ip", "10.209.0.9", "bridge");
        expect_refused(
            duct("run", "--network", *mode, "-p", "8080:80", rootfs(), "true"),
            "--publish", "8080:80", "bridge");
    }
}

static struct program *as_nobody(const char *const *options)
{
    return spawn_run(&(struct spawn){
        .argv = argv_of(DUCT("run"), options,
                        ARGV(rootfs_of_nobody(), "ls", "/sys/class/net"), NULL),
        .uid = NOBODY,
    });
}

static void rootless_has_none(void)
{
    const char *before = lan_look();

    expect_output(as_nobody(ARGV("--network", "none")), "lo\n");
    expect_output(as_nobody(ARGV("-h", "box")), "lo\n");
    expect_nothing_left(before);
}

static void rootless_bridge_is_refused(void)
{
    const struct program *p = as_nobody(ARGV("--network", "bridge"));

    expect_refused(p, "--network", "bridge", "root");
    expect_refused(as_nobody(ARGV("-p", "8080:80")), "--publish", "8080:80");
    expect_refused(as_nobody(ARGV("--ip", "10.209.0.9")), "--ip", "10.209.0.9");
}

static void userns_on_the_bridge(void)
{
    const struct container *c = boxed("--userns", "--ip", "10.209.3.4");
    int server = lan_serve(lan_world(), TCP_DOOR(WORLD_FAR, 80));

    expect_differ("user namespace", kernel_namespace(0, "user"),
                  kernel_namespace(c->init, "user"));
    expect_str("address of eth0", "10.209.3.4/16 ",
               lan_address(shared_place(c), "eth0"));
    expect_reached(shared_place(c), TCP_DOOR(WORLD_FAR, 80), server, WAN_HOST);
}

static void exec_sees_it(void)
{
    const struct container *c = boxed("--network", "bridge");
    const struct program *p = duct("exec", keep_format("%d", c->init), "sh",
                                   "-c", "ls /sys/class/net; cat /etc/hosts");

    expect_output(p, keep_format("eth0\nlo\n%s", shared_read(c, "/etc/hosts")));
    expect_contains("/etc/hosts", shared_address(c), p->out);
}

static const struct trial trials[] = {
    {.name = "bridge_is_usual",
     .claim = "as root a container has lo and eth0, and the host has " BRIDGE,
     .usual_cause = "the veth pair was made, and its other end not moved",
     .reread = "#network_attach",
     .feature = true,
     .body = bridge_is_usual},
    {.name = "bridge_by_name",
     .claim = "--network bridge says so, as two words or as one",
     .usual_cause = "the flag is not in the table of flags",
     .reread = "#the-diff",
     .feature = true,
     .depends = "bridge_is_usual",
     .body = bridge_by_name},
    {.name = "none_has_loopback_only",
     .claim = "--network none: lo alone, which answers; the host has nothing "
              "new",
     .usual_cause = "the bridge is made before anybody looks at the mode",
     .reread = "#the-diff",
     .feature = true,
     .body = none_has_loopback_only},
    {.name = "host_is_the_hosts",
     .claim = "--network host: the host's own net namespace, and nothing new "
              "in it",
     .usual_cause = "CLONE_NEWNET is still among the flags",
     .reread = "#the-diff",
     .feature = true,
     .body = host_is_the_hosts},
    {.name = "share_net_is_host",
     .claim = "--share net is --network host, and goes with no other mode",
     .usual_cause = "the two flags do not know of each other",
     .reread = "#the-diff",
     .feature = true,
     .depends = "host_is_the_hosts",
     .body = share_net_is_host},
    {.name = "mode_must_be_known",
     .claim = "another --network is refused, and named",
     .usual_cause = "an unknown word falls through to a default",
     .reread = "#the-diff",
     .feature = true,
     .body = nonsense_is_refused},
    {.name = "ip_and_publish_need_the_bridge",
     .claim = "--ip and -p with another network are refused, and named",
     .usual_cause = "a flag that can't be obeyed is ignored",
     .reread = "#the-diff",
     .feature = true,
     .body = need_the_bridge},
    {.name = "rootless_has_none",
     .claim = "without root the usual network is none",
     .usual_cause = "bridge is the default for everybody",
     .reread = "#network_mode",
     .feature = true,
     .depends = "none_has_loopback_only",
     .body = rootless_has_none},
    {.name = "rootless_bridge_is_refused",
     .claim = "without root --network bridge, -p and --ip are refused, and "
              "named",
     .usual_cause = "netlink's EPERM is all that the user gets to see",
     .reread = "#network_mode",
     .feature = true,
     .body = rootless_bridge_is_refused},
    {.name = "userns_on_the_bridge",
     .claim = "root's --userns container is on the bridge as any other",
     .usual_cause = "the link is moved before the ids are mapped, or its "
                    "settings can't be written",
     .reread = "#network_attach",
     .feature = true,
     .depends = "bridge_is_usual",
     .body = userns_on_the_bridge},
    {.name = "exec_is_connected",
     .claim = "a second command sees eth0 and the same /etc/hosts",
     .usual_cause = "the net namespace is not joined",
     .reread = "lessons/02-namespaces.md#exec",
     .feature = true,
     .depends = "bridge_is_usual",
     .body = exec_sees_it},
};

const struct chapter chapter_modes = {"Modes", TRIALS(trials)};
