/*
 * Chapter: the same commands as an ordinary user.
 *
 * That user is 1000, whom shared_settle_in() has given ids of its own in
 * /etc/subuid and a /dev/net/tun that everybody may open, as on most hosts;
 * NOBODY has neither a line nor a name there.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "suite.h"

enum {
    ORDINARY = 1000,
    FIRST = 100000, /* of its other ids */
    PORT = 18080,
};

/* ---------------------------------------------------------- the user's host */

static void lay_over(const char *text, const char *file)
{
    const char *copy = scratch_path("over%s", strrchr(file, '/'));

    (void)mkdir(scratch_path("over"), 0755);
    file_write(copy, text);
    expect_call(chmod(copy, 0644));
    if (access(file, F_OK) == 0)
        expect_call(mount(copy, file, NULL, MS_BIND, NULL));
}

/* Others' lines stay, but for who has our number. */
static char *with_line(const char *file, const char *line)
{
    char *rest = file_read(file);
    char *kept = keep_format("%s\n", line);
    const char *old;

    while ((old = strsep(&rest, "\n")) != NULL)
        if (*old != '\0' && strstr(old, ":1000:") == NULL)
            kept = keep_format("%s%s\n", kept, old);
    return kept;
}

static void open_tun(void)
{
    const char *node = scratch_path("over/tun");

    if (access("/dev/net/tun", F_OK) < 0)
        return;
    expect_call(mknod(node, S_IFCHR, makedev(10, 200)));
    expect_call(chmod(node, 0666));
    expect_call(mount(node, "/dev/net/tun", NULL, MS_BIND, NULL));
}

void rootless_settle_in(void)
{
    const char *range = keep_format("%d:%d:65536\n", ORDINARY, FIRST);

    lay_over(with_line("/etc/passwd", "ordinary:x:1000:1000::/:/bin/sh"),
             "/etc/passwd");
    lay_over(range, "/etc/subuid");
    lay_over(range, "/etc/subgid");
    open_tun();
}

static const char *needs_ids(void)
{
    if (!spawn_have("newuidmap") || !spawn_have("newgidmap"))
        return "newuidmap and newgidmap are not here (package uidmap)";
    return access("/etc/subuid", F_OK) < 0 || access("/etc/subgid", F_OK) < 0
               ? "there is no /etc/subuid or /etc/subgid to lay one over"
               : NULL;
}

static const char *needs_outlet(void)
{
    if (!spawn_have("slirp4netns"))
        return "slirp4netns is not here";
    if (access("/dev/net/tun", F_OK) < 0)
        return "there is no /dev/net/tun: the kernel has no tun";
    return needs_ids();
}

/* ------------------------------------------------------------ as that user */

static const char *home; /* of this trial */
static uid_t user;

static void (*prepare)(void *);

static struct program *as_user(const char *const *words)
{
    return spawn_run(&(struct spawn){
        .argv = argv_of(ARGV(duct_path()), words, NULL),
        .env = ARGV("PATH=/usr/sbin:/usr/bin:/sbin:/bin",
                    keep_format("HOME=%s", home),
                    keep_format("XDG_RUNTIME_DIR=%s", home)),
        .uid = user,
        .prepare = prepare,
    });
}

#define USER(...)    as_user(ARGV(__VA_ARGS__))
#define user_ok(...) shared_out(__FILE__, __LINE__, as_user(ARGV(__VA_ARGS__)))

/* A home with the image bb. */
static void live_as(uid_t uid)
{
    user = uid;
    prepare = NULL;
    home = tree_fresh_dir(uid);
    (void)user_ok("import", scratch_path("bb.tar"), "bb:latest");
}

static char *without_end(char *text)
{
    text[strcspn(text, "\n")] = '\0';
    return text;
}

static char *user_told(const char *name, const char *format)
{
    return without_end(user_ok("inspect", "--format", format, name));
}

static char *state_of(const char *part)
{
    return keep_format("%s/.local/share/duct/%s", home, part);
}

static char *owner_of(const char *path)
{
    struct stat st;

    if (lstat(path, &st) < 0)
        return "nothing";
    return keep_format("%u:%u", st.st_uid, st.st_gid);
}

static char *upper_of(const char *name, const char *path)
{
    return keep_format(
        "%s/upper%s",
        state_of(keep_format("containers/%s", user_told(name, "{{.Id}}"))),
        path);
}

/* ------------------------------------------------------------------ trials */

static void users(void)
{
    live_as(ORDINARY);
    expect_str("who there is", "0 1000 1\n1 100000 65536\n",
               user_ok("run", "--rm", "--network", "none", "bb", "awk",
                       "{$1 = $1; print}", "/proc/self/uid_map"));
    expect_str("who may ping", "0\t65536\n",
               user_ok("run", "--rm", "--network", "none", "bb", "cat",
                       "/proc/sys/net/ipv4/ping_group_range"));
    (void)user_ok("run", "--network", "none", "--name", "one1", "bb", "sh",
                  "-c", "touch /own /other; chown 33:44 /other");
    expect_str("root's file", "1000:1000", owner_of(upper_of("one1", "/own")));
    expect_str("another's", keep_format("%d:%d", FIRST + 32, FIRST + 43),
               owner_of(upper_of("one1", "/other")));
    expect_str("another user", "7 9\n",
               user_ok("run", "--rm", "--network", "none", "--user", "7:9",
                       "bb", "sh", "-c", "echo $(id -u) $(id -g)"));
    (void)user_ok("rm", "one1");
}

static void alone(void)
{
    live_as(NOBODY);
    expect_str("who there is", "0 65534 1\n",
               user_ok("run", "--rm", "--network", "none", "bb", "awk",
                       "{$1 = $1; print}", "/proc/self/uid_map"));
    expect_contains("what info warns of",
                    "WARNING: Containers have one user only: /etc/subuid has "
                    "no line for this user\n",
                    USER("info")->err);
}

static void image_owners(void)
{
    const char *tree = tree_fresh_dir(0);
    const char *tar = scratch_path("owners.tar");

    file_write(keep_format("%s/mine", tree), "x");
    expect_exit(
        spawn_run(&(struct spawn){.argv = ARGV("tar", "-C", tree, "--owner=5",
                                               "--group=6", "-cf", tar, "mine"),
                                  .aside = true}),
        0);
    expect_call(chmod(tar, 0644));
    live_as(ORDINARY);
    char *id = user_ok("import", tar, "owners");
    (void)user_ok("create", "--name", "one1", "owners", "/x");
    const char *lower = user_told("one1", "{{.GraphDriver.Data.LowerDir}}");
    expect_str(
        "a file of user 5, group 6, of an image",
        keep_format("%d:%d", FIRST + 4, FIRST + 5),
        owner_of(keep_format("%.*s/mine", (int)strcspn(lower, ":"), lower)));
    (void)user_ok("rm", "one1");
    (void)user_ok("rmi", without_end(id));
    expect_exit(spawn_run(&(struct spawn){.argv = ARGV("tar", "-C", tree,
                                                       "--owner=70000", "-cf",
                                                       tar, "mine"),
                                          .aside = true}),
                0);
    expect_error(USER("import", tar, "owners"), 125, "mine", "70000",
                 "/etc/subuid");
}

static void foreign_trees(void)
{
    live_as(ORDINARY);
    (void)user_ok("run", "--network", "none", "--name", "one1", "-v",
                  "vol1:/data", "bb", "sh", "-c",
                  "for d in /d /data/d; do mkdir $d; echo 123 >$d/f; "
                  "chown -R 7:7 $d; chmod 700 $d; done");
    expect_str("what has changed", "A /d\nA /d/f\nA /data\n",
               user_ok("diff", "one1"));
    expect_contains("its size", "4B (",
                    user_ok("ps", "-a", "-s", "--format", "{{.Size}}"));
    (void)user_ok("rm", "one1");
    (void)user_ok("volume", "rm", "vol1");
    (void)user_ok("rmi", "bb");
    expect_str("containers, volumes, layers left", "",
               keep_format("%s%s%s%s", file_tree(state_of("containers")),
                           file_tree(state_of("trash")),
                           file_tree(state_of("volumes")),
                           file_tree(state_of("layers/bottom/d"))));
}

static void binds(void)
{
    live_as(ORDINARY);
    const char *dir = tree_fresh_dir(ORDINARY);

    (void)user_ok("run", "--rm", "--network", "none", "-v",
                  keep_format("%s:/b", dir), "bb", "touch", "/b/own");
    expect_str("what root made", "1000:1000",
               owner_of(keep_format("%s/own", dir)));
}

static void life(void)
{
    live_as(ORDINARY);
    (void)user_ok("run", "-d", "--network", "none", "--name", "one1", "--user",
                  "7", "bb", "sh", "-c", "echo said; exec sleep 4711");
    expect_str("exec", "0\n",
               user_ok("exec", "--user", "0", "one1", "id", "-u"));
    expect_contains("ps", "one1", user_ok("ps"));
    (void)user_ok("stop", "-t", "0", "one1");
    expect_str("logs", "said\n", user_ok("logs", "one1"));
    expect_str("how it ended", "137", user_told("one1", "{{.State.ExitCode}}"));
    (void)user_ok("start", "one1");
    (void)user_ok("kill", "one1");
    (void)user_ok("rm", "-f", "one1");
}

static bool has_no_slirp(void *arg)
{
    (void)arg;
    return spawn_run(&(struct spawn){.argv = ARGV("pgrep", "slirp4netns"),
                                     .aside = true})
               ->exit_status == 1;
}

static void serve(void)
{
    live_as(ORDINARY);
    (void)user_ok("run", "-d", "--name", "one1", "-p",
                  keep_format("127.0.0.1:%d:80", PORT), "bb", "sh", "-c",
                  "mkdir /www; echo served >/www/index.html; "
                  "httpd -p 80 -h /www; echo listens; exec sleep 4711");
    for (int i = 0; i < 100 && *user_ok("logs", "one1") == '\0'; i++)
        spawn_sleep_ms(20);
}

static char *asked(void)
{
    return user_ok("run", "--rm", "--network", "host", "bb", "wget", "-qO-",
                   keep_format("http://127.0.0.1:%d/", PORT));
}

static void outlet(void)
{
    serve();
    expect_str("port", keep_format("80/tcp -> 127.0.0.1:%d\n", PORT),
               user_ok("port", "one1"));
    expect_str("what the host is served", "served\n", asked());
    expect_str("its address", "10.0.2.100",
               user_told("one1", "{{.NetworkSettings.IPAddress}}"));
    expect_contains("its route", "default via 10.0.2.2 dev eth0",
                    user_ok("exec", "one1", "ip", "route"));
    expect_contains("whom it asks for names", "nameserver 10.0.2.3\n",
                    user_ok("exec", "one1", "cat", "/etc/resolv.conf"));
    expect_error(USER("run", "--rm", "-p", keep_format("127.0.0.1:%d:80", PORT),
                      "bb", "true"),
                 125, "port is already allocated");
    (void)user_ok("restart", "-t", "0", "one1");
    (void)user_ok("rm", "-f", "one1");
    expect_that(has_no_slirp(NULL), "no slirp4netns without its container",
                "one that goes on");
}

static void outlet_after_a_kill(void)
{
    serve();
    pid_t monitor = 0;
    const char *id = user_told("one1", "{{.Id}}");
    const char *state =
        file_read(state_of(keep_format("containers/%s/state.json", id)));

    const char *number = strstr(state, "\"MonitorPid\"");
    if (number != NULL)
        monitor =
            (pid_t)strtol(number + strcspn(number, "0123456789"), NULL, 10);
    expect_that(monitor > 1, "a monitor's pid in state.json", "none");
    expect_call(kill(monitor, SIGKILL));
    expect_soon(has_no_slirp, NULL, SPAWN_SOON_MS,
                "slirp4netns to end with the monitor", "it goes on");
    (void)user_ok("rm", "-f", "one1");
    expect_str("what is left of its run", "",
               file_tree(keep_format("%s/duct/%s", home, id)));
}

static void joined(void)
{
    live_as(ORDINARY);
    (void)user_ok("run", "-d", "--network", "none", "--name", "one1", "bb",
                  "sleep", "4711");
    (void)user_ok("run", "-d", "--network", "none", "--name", "two2", "bb",
                  "sleep", "4712");
    expect_contains("processes of another container", "sleep 4711",
                    user_ok("run", "--rm", "--network", "none", "--pid",
                            "container:one1", "--ipc", "container:one1", "bb",
                            "ps"));
    expect_str("its network is the other's",
               user_ok("exec", "one1", "readlink", "/proc/self/ns/net"),
               user_ok("run", "--rm", "--network", "container:one1", "bb",
                       "readlink", "/proc/self/ns/net"));
    expect_error(USER("run", "--rm", "--network", "container:one1", "--pid",
                      "container:two2", "bb", "true"),
                 125, "whose users are not the same");
    (void)user_ok("rm", "-f", "one1", "two2");
}

static void refused(void)
{
    live_as(ORDINARY);
    expect_str("what is privileged but not root's", "null\n",
               user_ok("run", "--rm", "--network", "none", "--privileged", "bb",
                       "sh", "-c",
                       "cd /dev; ls null sda vda 2>/dev/null; true"));
    (void)user_ok("network", "create", "net1");
    expect_error(USER("run", "--rm", "--network", "net1", "bb", "true"), 125,
                 "net1 is not available without root");
    expect_error(USER("run", "--rm", "-p", "80:80", "bb", "true"), 125,
                 "ip_unprivileged_port_start");
    expect_error(
        USER("run", "--rm", "--network", "none", "-m", "32m", "bb", "true"),
        125, "Delegate=yes");
    const char *warnings = USER("info")->err;
    expect_contains("what info warns of", "No memory limit support: no perm",
                    warnings);
    expect_contains("what info warns of", "No networks but bridge, host and ",
                    warnings);
    expect_that(strstr(warnings, "one user") == NULL, "no word of users",
                warnings);
}

static void limited(void)
{
    live_as(NOBODY);
    prepare = cgroups_as_delegated;
    (void)user_ok("run", "-d", "--network", "none", "--name", "one1", "-m",
                  "64m", "bb", "sleep", "4711");
    pid_t init = (pid_t)strtol(user_told("one1", "{{.State.Pid}}"), NULL, 10);
    expect_str("memory", "67108864",
               knob_read(init, &(struct knob){"memory", "memory.limit_in_bytes",
                                              "memory.max"}));
    (void)user_ok("rm", "-f", "one1");
}

static const struct trial trials[] = {
    {.name = "ordinary_users",
     .claim = "an ordinary user's container has as many users as the system "
              "has set aside for that user",
     .usual_cause = "newuidmap or newgidmap was not run, or with other numbers "
                    "than /etc/subuid and /etc/subgid have",
     .needs = needs_ids,
     .body = users},
    {.name = "ordinary_without_ids",
     .claim = "without a line in /etc/subuid it has one user",
     .usual_cause = "newuidmap is run all the same, and refuses",
     .body = alone},
    {.name = "ordinary_image_owners",
     .claim = "an image's files belong to those users",
     .usual_cause = "the layer was unpacked by one who has no other users",
     .needs = needs_ids,
     .body = image_owners},
    {.name = "ordinary_foreign_trees",
     .claim = "what those users have made can be looked at and removed",
     .usual_cause = "the host's kernel sees another user's directory: only "
                    "root of a like user namespace may",
     .needs = needs_ids,
     .body = foreign_trees},
    {.name = "ordinary_binds",
     .claim = "what root makes in a bind mount is the user's own",
     .usual_cause = "user 0 inside is not mapped to the user",
     .body = binds},
    {.name = "ordinary_life",
     .claim = "exec, ps, stop, logs, start, kill and rm work",
     .usual_cause = "a process of another user can be reached through its user "
                    "namespace only",
     .needs = needs_ids,
     .body = life},
    {.name = "ordinary_outlet",
     .claim = "an ordinary user's container has a network and published ports",
     .usual_cause = "slirp4netns was not started, or not told of the port",
     .needs = needs_outlet,
     .body = outlet},
    {.name = "ordinary_outlet_after_a_kill",
     .claim = "slirp4netns ends with a monitor that was killed",
     .usual_cause = "somebody else holds the pipe that tells it to end",
     .needs = needs_outlet,
     .body = outlet_after_a_kill},
    {.name = "ordinary_joined",
     .claim = "one container can join the namespaces of another",
     .usual_cause = "it takes root of the user namespace that they belong to",
     .body = joined},
    {.name = "ordinary_refused",
     .claim = "what only root can have is refused with the reason",
     .usual_cause = "it fails somewhere deep down, or silently not at all",
     .needs = needs_ids,
     .body = refused},
    {.name = "ordinary_limited",
     .claim = "limits work where a cgroup was delegated",
     .usual_cause = "cgroups are made for root only",
     .body = limited},
};

const struct chapter chapter_rootless = {"As an ordinary user", TRIALS(trials)};
