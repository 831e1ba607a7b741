/*
 * Chapter: /etc/resolv.conf.
 */
#include <sched.h>
#include <stdio.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "suite.h"

/* For .prepare: @etc in place of the host's /etc, for this program alone. */
static void with_etc(void *etc)
{
    if (unshare(CLONE_NEWNS) < 0 ||
        mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ||
        mount(etc, "/etc", NULL, MS_BIND, NULL) < 0)
        _exit(125);
}

/* What /etc/@name has in a container of a host whose own is @text. */
static const struct program *shown(const char *name, const char *text,
                                   const char *network)
{
    char *etc = tree_fresh_dir(0);

    if (text != NULL)
        tree_make(etc, name, text);
    return spawn_run(&(struct spawn){
        .argv = DUCT("run", "--network", network, rootfs(), "cat",
                     keep_format("/etc/%s", name)),
        .prepare = with_etc,
        .prepare_arg = etc,
    });
}

#define RESOLV "resolv.conf"

static void hosts_own_are_taken(void)
{
    static const char text[] = "# a comment\n"
                               "search example.org\n"
                               "nameserver 192.0.2.53\n"
                               "nameserver\t2001:db8::53\n"
                               "options ndots:2";

    expect_output(shown(RESOLV, text, "bridge"), text);
    expect_output(shown(RESOLV, text, "none"), text);
}

static void loopback_is_left_out(void)
{
    expect_output(shown(RESOLV,
                        "nameserver 127.0.0.53\n"
                        "nameserver \t 127.1.1.1\n"
                        "nameserver ::1\n"
                        "nameserver 192.0.2.127\n"
                        "nameserver 12.7.0.1\n"
                        "options edns0\n",
                        "bridge"),
                  "nameserver 192.0.2.127\n"
                  "nameserver 12.7.0.1\n"
                  "options edns0\n");
}

static const char loopback[] =
    "# This asks our own host, and the comment is longer "
    "than all of the other file.\n"
    "nameserver 127.0.0.53\n"
    "options edns0\n";

static void write_systemds(const char *text)
{
    const char *path = scratch_path("run/systemd");

    (void)mkdir(path, 0755);
    (void)mkdir(keep_format("%s/resolve", path), 0755);
    file_write(keep_format("%s/resolve/resolv.conf", path), text);
}

static void systemds_are_taken(void)
{
    write_systemds("nameserver 192.0.2.53\n");
    expect_output(shown(RESOLV, loopback, "bridge"), "nameserver 192.0.2.53\n");
    expect_output(shown(RESOLV, NULL, "bridge"), "nameserver 192.0.2.53\n");
    expect_output(shown(RESOLV, "nameserver 192.0.2.99\n", "bridge"),
                  "nameserver 192.0.2.99\n");
}

static void there_may_be_none(void)
{
    const struct program *p = shown(RESOLV, loopback, "bridge");

    expect_exit(p, 0);
    expect_lacks("/etc/resolv.conf", "nameserver", p->out);
    expect_output(shown(RESOLV, NULL, "bridge"), "");
    expect_output(shown(RESOLV, "", "none"), "");
}

/* The host's 127.0.0.53 is the container's: they share the loopback. */
static void host_mode_takes_all(void)
{
    static const char hosts[] = "127.0.0.1 localhost\n192.0.2.9 friend\n";

    write_systemds("nameserver 192.0.2.53\n");
    expect_output(shown(RESOLV, loopback, "host"), loopback);
    expect_output(shown("hosts", hosts, "host"), hosts);
    expect_output(shown("hosts", NULL, "host"), "");
    expect_lacks("/etc/hosts of a container on the bridge", "friend",
                 shown("hosts", hosts, "bridge")->out);
}

static const struct trial trials[] = {
    {.name = "resolvers_of_the_host",
     .claim = "/etc/resolv.conf is the host's, line by line",
     .usual_cause = "only lines that are understood are copied",
     .reread = "#names",
     .feature = true,
     .depends = "hosts_has_its_name",
     .body = hosts_own_are_taken},
    {.name = "resolvers_on_loopback_are_left_out",
     .claim = "less the name servers at 127.0.0.0/8 and ::1",
     .usual_cause = "the container would ask itself",
     .reread = "#names",
     .feature = true,
     .depends = "resolvers_of_the_host",
     .body = loopback_is_left_out},
    {.name = "resolvers_of_systemd",
     .claim = "if none is left, they come from "
              "/run/systemd/resolve/resolv.conf",
     .usual_cause = "the rest of the first file is still there",
     .reread = "#names",
     .feature = true,
     .depends = "resolvers_of_the_host",
     .body = systemds_are_taken},
    {.name = "resolvers_may_be_none",
     .claim = "a host without any is no reason not to start",
     .usual_cause = "fopen() returned NULL",
     .reread = "#names",
     .feature = true,
     .depends = "resolvers_of_the_host",
     .body = there_may_be_none},
    {.name = "host_mode_copies_all",
     .claim = "--network host: resolv.conf and hosts are the host's to the "
              "last line",
     .usual_cause = "127.0.0.53 is left out where it can be reached",
     .reread = "#names",
     .feature = true,
     .depends = "host_is_the_hosts",
     .body = host_mode_takes_all},
};

const struct chapter chapter_resolvers = {"Name servers", TRIALS(trials)};
