/*
 * Chapter: ROOTFS is read, never written; what is written is the container's.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "suite.h"

static void root_is_an_overlay(void)
{
    const char *tree = shared_tree();
    const struct container *c = container(tree, "sleep", "4711");
    const struct mount_entry *root = shared_root(c);

    expect_contains("lowerdir of the overlay", tree, root->options);
    expect_that(mounts_flag(root->flags, "nodev"),
                "device nodes of the tree to open nothing (nodev)",
                root->flags);
    expect_that(mounts_flag(root->flags, "rw"), "a root that can be written",
                root->flags);
}

static const char everything[] =
    "echo new >/data/new; echo more >>/data/one; rm /data/two\n"
    "mv /data/three /data/moved; chmod 600 /data/four; >/data/five\n"
    "mkdir /data/dir; ln -s one /data/link; rm -r /data/full\n"
    "mv /data/sub /data/other; chown 1:1 /data; chmod 700 /etc\n"
    "touch /data/other; rm -r /bin/vi /root; echo changed >/etc/issue\n";

static void tree_is_unchanged(void)
{
    const char *tree = shared_tree();
    const char *before = tree_record(tree);
    const struct program *p = shared_sh(
        keep_format("set -e\n%scat /data/one /data/moved /data/other/deep "
                    "/etc/issue; ls /data",
                    everything),
        tree);

    expect_unchanged(before, tree);
    expect_output(p, "one\nmore\nthree\ndeep\nchanged\n"
                     "dir\nfive\nfour\nlink\nmoved\nnew\none\nother\n");
}

static void next_one_sees_the_tree(void)
{
    const char *tree = shared_tree();

    expect_exit(shared_sh(everything, tree), 0);
    expect_output(shared_sh("cat /data/one; ls /data", tree),
                  "one\nfive\nfour\nfull\none\nsub\nthree\ntwo\n");
}

static void neighbours_do_not_meet(void)
{
    const char *tree = shared_tree();
    const struct container *c =
        shared_changed("echo mine >/data/one; rm /data/two", tree);

    expect_output(shared_sh("cat /data/one /data/two", tree), "one\ntwo\n");
    expect_str("/data/one of the container", "mine\n",
               file_read(shared_path(c, "/data/one")));
}

static bool all_ready(void *arg)
{
    struct program **all = arg;

    for (; *all != NULL; all++)
        if (strstr((*all)->out, "ready\n") == NULL && !(*all)->ended)
            return false;
    return true;
}

enum {
    MANY = 50
};

static void fifty_share_a_tree(void)
{
    const char *tree = shared_tree();
    const char *before = tree_record(tree);
    struct program *all[MANY + 1] = {0};

    for (int i = 0; i < MANY; i++)
        all[i] = spawn_start(&(struct spawn){
            .argv = DUCT("run", tree, "sh", "-c",
                         keep_format("echo %d >/data/one; echo %d >/data/%d; "
                                     "rm /data/two; echo ready; read line; "
                                     "cat /data/one; ls /data",
                                     i, i, 1000 + i)),
            .stdin_is = INPUT_OPEN,
            .timeout_ms = 30000,
        });
    expect_soon(all_ready, all, 20000, "fifty containers that run at once",
                "fewer");
    for (int i = 0; i < MANY; i++)
        spawn_type(all[i], "go\n");
    for (int i = 0; i < MANY; i++) {
        spawn_finish(all[i]);
        expect_output(all[i],
                      keep_format("ready\n%d\n%d\nfive\nfour\nfull\none\n"
                                  "sub\nthree\n",
                                  i, 1000 + i));
    }
    expect_unchanged(before, tree);
}

static void host_sees_no_mount(void)
{
    const char *before = mounts_told(mounts_of(0));
    struct container *c = container(shared_tree(), "sleep", "4711");

    expect_mounts_unchanged(before);
    expect_str("what the host sees in the directory where it is mounted", "",
               tree_paths(keep_format("%s/../merged", shared_upper(c))));
    container_end(c);
    expect_mounts_unchanged(before);
}

static void reading_copies_nothing(void)
{
    const struct container *c =
        shared_changed("cat /data/one /data/sub/deep >/dev/null; ls -lR /data "
                       ">/dev/null; sh -c true",
                       shared_tree());

    expect_str("files in upperdir", "", tree_paths(shared_upper(c)));
}

static void writing_copies_the_file(void)
{
    const struct container *c =
        shared_changed("echo more >>/data/sub/deep", shared_tree());
    const char *upper = shared_upper(c);

    expect_str("files in upperdir", "/data\n/data/sub\n/data/sub/deep\n",
               tree_paths(upper));
    expect_str("the copy in upperdir", "deep\nmore\n",
               file_read(keep_format("%s/data/sub/deep", upper)));
}

static void removing_leaves_a_whiteout(void)
{
    const struct container *c =
        shared_changed("rm /data/one; rm -r /data/full; echo x >/data/x; "
                       "rm /data/x",
                       shared_tree());
    const char *upper = shared_upper(c);

    expect_str("files in upperdir", "/data\n/data/full\n/data/one\n",
               tree_paths(upper));
    expect_that(tree_is_whiteout(keep_format("%s/data/one", upper)),
                "a character device 0,0 for the file", "something else");
    expect_that(tree_is_whiteout(keep_format("%s/data/full", upper)),
                "a character device 0,0 for the directory", "something else");
}

static void new_directory_is_opaque(void)
{
    const struct container *c = shared_changed(
        "rm -r /data/full; mkdir /data/full; echo c >/data/full/c",
        shared_tree());
    const char *full = keep_format("%s/data/full", shared_upper(c));

    expect_str("files in it", "/c\n", tree_paths(full));
    expect_that(tree_is_opaque(full, "trusted.overlay.opaque"),
                "its attribute trusted.overlay.opaque to be y",
                "no such attribute, or another value");
    expect_str("what the container sees", "/c\n",
               tree_paths(shared_path(c, "/data/full")));
}

static void root_looks_like_the_tree(void)
{
    const char *tree = shared_fresh_tree();
    struct stat st;

    expect_call(chown(tree, 3, 4));
    expect_call(chmod(tree, 01751));
    const struct container *c = container(tree, "sleep", "4711");

    expect_call(kernel_stat(&st, "%d/root", c->init));
    expect_int("mode of /", 041751, st.st_mode);
    expect_int("owner of /", 3, st.st_uid);
    expect_int("group of /", 4, st.st_gid);
}

static void exec_sees_the_same(void)
{
    struct container *c = shared_changed("echo mine >/data/one", shared_tree());
    const char *pid = keep_format("%d", c->init);

    expect_output(duct("exec", pid, "cat", "/data/one"), "mine\n");
    expect_exit(duct("exec", pid, "sh", "-c", "echo exec >/data/two"), 0);
    expect_str("/data/two of the first command", "exec\n",
               file_read(shared_path(c, "/data/two")));
}

static void mounts_need_a_namespace(void)
{
    const char *before = mounts_told(mounts_of(0));

    expect_refused(duct("run", "--share", "mnt", shared_tree(), "true"),
                   "--share", "mnt");
    expect_mounts_unchanged(before);
}

static void refusal_has_a_hint(void)
{
    static const struct {
        int errnum;
        const char *hint;
    } usual[] = {
        {EINVAL, "--state"}, {ENODEV, "modprobe"}, {EPERM, "Linux 5.11"}};
    const char *tree = shared_tree();

    for (size_t i = 0; i < sizeof(usual) / sizeof(usual[0]); i++) {
        struct deny denied = {.number = SYS_mount,
                              .argument = 3,
                              .value = MS_NODEV,
                              .only_with = true,
                              .errnum = usual[i].errnum,
                              .name = "mount(MS_NODEV)"};
        const struct program *p =
            spawn_run(&(struct spawn){.argv = DUCT("run", tree, "true"),
                                      .prepare = deny_call,
                                      .prepare_arg = &denied});

        if (p->exit_status == 0)
            continue; /* it has another way */
        expect_refused(p, "overlay",
                       keep_format("(%s)", strerrorname_np(usual[i].errnum)));
        expect_contains("the hint below it", usual[i].hint,
                        strchrnul(p->err, '\n'));
    }
}

static const struct trial trials[] = {
    {.name = "root_is_an_overlay",
     .claim = "the container's / is an overlay with ROOTFS as lowerdir, "
              "mounted nodev",
     .usual_cause = "ROOTFS is still bound on itself",
     .reread = "#the-diff",
     .feature = true,
     .body = root_is_an_overlay},
    {.name = "tree_is_unchanged",
     .claim = "whatever a container writes, removes, renames: ROOTFS stays as "
              "it is, to the last bit",
     .usual_cause = "the container's root is ROOTFS itself",
     .reread = "#run-it-look-at-it",
     .feature = true,
     .body = tree_is_unchanged},
    {.name = "next_one_sees_the_tree",
     .claim = "the next container begins with ROOTFS as it was",
     .usual_cause = "all containers have one upperdir",
     .reread = "#run-it-look-at-it",
     .feature = true,
     .body = next_one_sees_the_tree},
    {.name = "neighbours_do_not_meet",
     .claim = "two containers at once don't see what the other one writes",
     .usual_cause = "all containers have one upperdir",
     .reread = "#run-it-look-at-it",
     .feature = true,
     .body = neighbours_do_not_meet},
    {.name = "nothing_is_mounted_on_the_host",
     .claim = "the overlay is mounted in the container's mount namespace only",
     .usual_cause = "mount() comes before the namespace is private",
     .reread = "#overlay_mount",
     .feature = true,
     .depends = "root_is_an_overlay",
     .body = host_sees_no_mount},
    {.name = "reading_copies_nothing",
     .claim = "what is only read is not copied: upperdir stays empty",
     .usual_cause = "the tree is copied; or duct makes /dev, /proc, /sys anew "
                    "although they are there",
     .reread = "#copy-up",
     .feature = true,
     .depends = "root_is_an_overlay",
     .body = reading_copies_nothing},
    {.name = "writing_copies_the_file",
     .claim = "a file is copied up whole when it is first written to",
     .usual_cause = "upperdir and lowerdir are exchanged",
     .reread = "#copy-up",
     .feature = true,
     .depends = "root_is_an_overlay",
     .body = writing_copies_the_file},
    {.name = "removing_leaves_a_whiteout",
     .claim = "what is removed has a character device 0,0 in upperdir",
     .usual_cause = "upperdir is on a file system that can't make one",
     .reread = "#whiteouts",
     .feature = true,
     .depends = "root_is_an_overlay",
     .body = removing_leaves_a_whiteout},
    {.name = "new_directory_is_opaque",
     .claim = "a directory that was removed and made anew is opaque: "
              "trusted.overlay.opaque is y",
     .usual_cause = "userxattr is given without a user namespace",
     .reread = "#whiteouts",
     .feature = true,
     .depends = "root_is_an_overlay",
     .body = new_directory_is_opaque},
    {.name = "root_looks_like_the_tree",
     .claim = "/ has the mode and the owner of ROOTFS",
     .usual_cause = "/ of an overlay looks like upperdir, which was made with "
                    "other ones",
     .reread = "#layers",
     .depends = "root_is_an_overlay",
     .body = root_looks_like_the_tree},
    {.name = "exec_sees_the_same",
     .claim = "duct exec sees and writes the same files",
     .usual_cause = "exec joins all namespaces but mnt",
     .reread = "#run-it-look-at-it",
     .body = exec_sees_the_same},
    {.name = "overlay_needs_a_mount_namespace",
     .claim = "--share mnt is refused from now on",
     .usual_cause = "the overlay would be mounted on the host",
     .reread = "#overlay_mount",
     .feature = true,
     .body = mounts_need_a_namespace},
    {.name = "fifty_share_a_tree",
     .claim = "fifty containers run at once over one tree, each with its own "
              "changes",
     .usual_cause = "directories have fixed names, or a layer in use is "
                    "swept away",
     .reread = "#break-it",
     .feature = true,
     .depends = "neighbours_do_not_meet",
     .body = fifty_share_a_tree},
    {.name = "refusal_has_a_hint",
     .claim = "where overlay can't be mounted, duct says what to do about it",
     .usual_cause = "the kernel's word alone is told, and EINVAL means much",
     .reread = "#the-diff",
     .depends = "root_is_an_overlay",
     .body = refusal_has_a_hint},
};

const struct chapter chapter_overlay = {"Overlay", TRIALS(trials)};
