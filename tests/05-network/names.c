/*
 * Chapter: /etc/hosts, /etc/hostname, and that they are nobody's change.
 */
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "suite.h"

static void hosts_has_its_name(void)
{
    const struct container *c = boxed("-h", "box", "--ip", "10.209.1.2");
    const char *text = shared_read(c, "/etc/hosts");

    expect_contains("/etc/hosts", "127.0.0.1 localhost\n", text);
    expect_contains("/etc/hosts", "::1 localhost", text);
    expect_contains("/etc/hosts", "\n10.209.1.2 box\n", text);
    expect_output(
        duct("exec", keep_format("%d", c->init), "cat", "/etc/hostname"),
        "box\n");
}

static void hosts_without_a_bridge(void)
{
    const struct container *c = boxed("--network", "none", "-h", "box");
    const char *text = shared_read(c, "/etc/hosts");

    expect_contains("/etc/hosts", "127.0.0.1 localhost\n", text);
    expect_contains("/etc/hosts", "\n127.0.1.1 box\n", text);
    expect_lacks("/etc/hosts", "10.209.", text);
    expect_str("/etc/hostname", "box\n", shared_read(c, "/etc/hostname"));
}

static void shared_name_is_the_hosts(void)
{
    const struct container *c = boxed("--share", "uts", "--network", "bridge");

    expect_str("/etc/hostname", "host\n", shared_read(c, "/etc/hostname"));
    expect_contains("/etc/hosts", keep_format("%s host\n", shared_address(c)),
                    shared_read(c, "/etc/hosts"));
}

static void usual_name(void)
{
    const struct container *c = boxed("--network", "bridge");
    const char *name = shared_read(c, "/etc/hostname");

    expect_str("/etc/hostname, and the name by uname(2)",
               duct("exec", keep_format("%d", c->init), "hostname")->out, name);
    expect_contains("/etc/hosts", keep_format("%s %s", shared_address(c), name),
                    shared_read(c, "/etc/hosts"));
}

/* An image made elsewhere has others, or none. */
static void image_is_not_asked(void)
{
    char *tree = rootfs_fresh();
    const char *before;

    tree_make(tree, "etc/hosts", "6.6.6.6 localhost\n");
    tree_make(tree, "etc/hostname", "factory\n");
    (void)unlink(keep_format("%s/etc/resolv.conf", tree));
    before = tree_record(tree);
    expect_output(duct("run", "-h", "box", tree, "sh", "-c",
                       "cat /etc/hostname; grep -c 6.6.6.6 /etc/hosts; "
                       "ls /etc/resolv.conf; stat -c %a:%u:%g /etc/hosts"),
                  "box\n0\n/etc/resolv.conf\n644:0:0\n");
    expect_str("the tree below the overlay", before, tree_record(tree));
}

/* An image may have no /etc at all. */
static void no_etc_at_all(void)
{
    char *tree = rootfs_fresh();

    expect_exit(spawn_run(&(struct spawn){
                    .argv = ARGV("rm", "-r", keep_format("%s/etc", tree))}),
                0);
    expect_output(duct("run", "-h", "box", tree, "cat", "/etc/hostname"),
                  "box\n");
    expect_that(access(keep_format("%s/etc", tree), F_OK) < 0,
                "no /etc in ROOTFS afterwards", "there is");
}

static void no_change(void)
{
    const char *state = tree_fresh_dir(0);

    expect_exit(duct("run", "--state", state, "--name", "web", rootfs(), "sh",
                     "-c",
                     "cat /etc/hosts /etc/hostname /etc/resolv.conf && "
                     "echo 192.0.2.9 more >>/etc/hosts && echo >/tmp/new"),
                0);
    expect_output(duct("diff", "--state", state, "web"),
                  "C /tmp\nA /tmp/new\n");
}

static void written_anew(void)
{
    const char *state = tree_fresh_dir(0);

    expect_exit(duct("run", "--state", state, "--name", "web", "-h", "one",
                     "--ip", "10.209.0.9", rootfs(), "sh", "-c",
                     "echo 192.0.2.9 a.very.long.name >>/etc/hosts"),
                0);
    expect_output(duct("run", "--state", state, "--name", "web", "-h", "two",
                       "--ip", "10.209.0.8", rootfs(), "tail", "-n", "1",
                       "/etc/hosts"),
                  "10.209.0.8 two\n");
    expect_output(duct("rm", "--state", state, "web"), "");
    expect_str("what is left in the state directory", "", tree_paths(state));
}

static void volume_comes_first(void)
{
    const char *from = tree_fresh_dir(0);

    tree_make(from, "hosts", "192.0.2.9 mine\n");
    expect_output(duct("run", "-v", keep_format("%s/hosts:/etc/hosts", from),
                       rootfs(), "cat", "/etc/hosts"),
                  "192.0.2.9 mine\n");
    expect_output(duct("run", "--read-only", "-h", "box", rootfs(), "cat",
                       "/etc/hostname"),
                  "box\n");
}

/* As systemd's images have it: what it points to runs on real machines. */
static void links_that_lead_nowhere(void)
{
    char *tree = rootfs_fresh();
    const char *mounts;

    (void)unlink(keep_format("%s/etc/resolv.conf", tree));
    (void)unlink(keep_format("%s/etc/hosts", tree));
    expect_call(symlink("../run/systemd/resolve/resolv.conf",
                        keep_format("%s/etc/resolv.conf", tree)));
    expect_call(symlink("hosts", keep_format("%s/etc/hosts", tree)));
    mounts = mounts_told(mounts_of(0));
    expect_output(duct("run", "-h", "box", tree, "sh", "-c",
                       "cat /etc/hostname; readlink /etc/resolv.conf"),
                  "box\n../run/systemd/resolve/resolv.conf\n");
    expect_str("mounts of the host", mounts, mounts_told(mounts_of(0)));
}

/* Links are followed, and never out of the image. */
static void links_that_lead_elsewhere(void)
{
    char *tree = rootfs_fresh();
    const char *away = tree_fresh_dir(0), *mounts;
    const struct container *c;

    tree_make(tree, "data/name", "factory\n");
    tree_make(away, "hosts", "the host's own\n");
    (void)unlink(keep_format("%s/etc/hostname", tree));
    (void)unlink(keep_format("%s/etc/hosts", tree));
    expect_call(symlink("/data/name", keep_format("%s/etc/hostname", tree)));
    expect_call(symlink(keep_format("%s/hosts", away),
                        keep_format("%s/etc/hosts", tree)));
    mounts = mounts_told(mounts_of(0));
    c = container("-h", "box", tree, "sleep", "4711");
    expect_str("/data/name, which /etc/hostname points to", "box\n",
               shared_read(c, "/data/name"));
    expect_str("mounts of the host", mounts, mounts_told(mounts_of(0)));
    expect_str("a file of the host's, which /etc/hosts points to",
               "the host's own\n", file_read(keep_format("%s/hosts", away)));
}

static void rootless_has_names(void)
{
    expect_output(
        spawn_run(&(struct spawn){
            .argv = DUCT("run", "-h", "box", rootfs_of_nobody(), "sh", "-c",
                         "cat /etc/hostname; tail -n 1 /etc/hosts"),
            .uid = NOBODY,
        }),
        "box\n127.0.1.1 box\n");
}

static const struct trial trials[] = {
    {.name = "hosts_has_its_name",
     .claim = "/etc/hosts has localhost and the container's address and name, "
              "/etc/hostname its name",
     .usual_cause = "the files are written before the address is known",
     .reread = "#names",
     .feature = true,
     .depends = "ip_is_given",
     .body = hosts_has_its_name},
    {.name = "hosts_without_a_bridge",
     .claim = "without an address its name stands for 127.0.1.1",
     .usual_cause = "the line is left out: programs that look up their own "
                    "name wait for a name server",
     .reread = "#names",
     .feature = true,
     .depends = "none_has_loopback_only",
     .body = hosts_without_a_bridge},
    {.name = "shared_name_is_the_host_s",
     .claim = "with --share uts both files have the host's name",
     .usual_cause = "the flag's default is written, whatever is shared",
     .reread = "#names",
     .feature = true,
     .depends = "hosts_has_its_name",
     .body = shared_name_is_the_hosts},
    {.name = "usual_name",
     .claim = "without -h they have the name that uname(2) tells",
     .usual_cause = "there are two defaults",
     .reread = "#names",
     .feature = true,
     .depends = "hosts_has_its_name",
     .body = usual_name},
    {.name = "image_is_not_asked",
     .claim = "the image's own files are hidden, not changed, and need not be "
              "there; what hides them may be read by all",
     .usual_cause = "the files are written into the image",
     .reread = "#names",
     .feature = true,
     .depends = "hosts_has_its_name",
     .body = image_is_not_asked},
    {.name = "no_etc_at_all",
     .claim = "an image without /etc gets them as well",
     .usual_cause = "a bind mount needs something to be mounted on",
     .reread = "#names",
     .feature = true,
     .depends = "hosts_has_its_name",
     .body = no_etc_at_all},
    {.name = "names_are_no_change",
     .claim = "duct diff does not list them, even if the container writes to "
              "them",
     .usual_cause = "they are made in the upper layer",
     .reread = "#names",
     .feature = true,
     .depends = "hosts_has_its_name",
     .body = no_change},
    {.name = "names_are_written_anew",
     .claim = "each run of a --name writes them anew",
     .usual_cause = "a file that is there is kept, or overwritten in part",
     .reread = "#names",
     .feature = true,
     .depends = "hosts_has_its_name",
     .body = written_anew},
    {.name = "volume_comes_first",
     .claim = "-v over /etc/hosts shows the volume; --read-only hides none",
     .usual_cause = "they are mounted last",
     .reread = "#names",
     .feature = true,
     .depends = "hosts_has_its_name",
     .body = volume_comes_first},
    {.name = "links_that_lead_nowhere",
     .claim = "an image whose /etc/resolv.conf is a link to nowhere starts",
     .usual_cause = "what can't be opened ends the run",
     .reread = "#names",
     .feature = true,
     .depends = "hosts_has_its_name",
     .body = links_that_lead_nowhere},
    {.name = "links_that_lead_elsewhere",
     .claim = "links are followed inside of the image, and never out of it",
     .usual_cause = "mount() is given a path, and follows links as the host "
                    "sees them",
     .reread = "lessons/04-overlay.md#a-path-that-must-stay-inside",
     .feature = true,
     .depends = "hosts_has_its_name",
     .body = links_that_lead_elsewhere},
    {.name = "rootless_has_names",
     .claim = "without root it is the same",
     .usual_cause = "the files belong to a user whom the container has not",
     .reread = "#network_mode",
     .feature = true,
     .depends = "rootless_has_none",
     .body = rootless_has_names},
};

const struct chapter chapter_names = {"Names", TRIALS(trials)};
