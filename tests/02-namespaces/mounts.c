/*
 * Chapter: the file tree. A root that there is no way out of, and file
 * systems of the container's own.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "suite.h"

static void root_is_rootfs(void)
{
    const struct container *c = container(rootfs(), "sleep", "4711");
    struct stat root, cwd, inside;

    expect_call(kernel_stat(&root, "%d/root", c->init));
    expect_call(kernel_stat(&cwd, "%d/cwd", c->init));
    expect_that(kernel_stat(&inside, "%d/root/inside/probe", c->init) == 0,
                keep_format("the files of ROOTFS in /proc/%d/root", c->init),
                "other ones, or none");
    expect_same("inode of the working directory", root.st_ino, cwd.st_ino);
    expect_same("device of the working directory", root.st_dev, cwd.st_dev);
    expect_output(duct("run", rootfs(), "sh", "-c",
                       "mkdir /tmp/d && rmdir /tmp/d && pwd"),
                  "/\n");
}

static bool is_below(const char *path, const char *top)
{
    size_t size = strlen(top);

    return strncmp(path, top, size) == 0 &&
           (path[size] == '\0' || path[size] == '/');
}

/* From step 05 on a container has names of its own, each a file. */
static bool is_name(const char *path)
{
    return strcmp(path, "/etc/hosts") == 0 ||
           strcmp(path, "/etc/hostname") == 0 ||
           strcmp(path, "/etc/resolv.conf") == 0;
}

static void old_root_is_gone(void)
{
    const struct container *c = container(rootfs(), "sleep", "4711");
    const struct mounts *m = mounts_of_namespace(c->init);
    const struct mount_entry *root = mounts_at(m, "/");
    int roots = 0;

    expect_that(root != NULL, "a mount on / in the command's mount namespace",
                "none: ROOTFS itself has to become a mount point");
    for (size_t i = 0; i < m->count; i++) {
        const struct mount_entry *entry = &m->entries[i];

        roots += strcmp(entry->point, "/") == 0;
        expect_that(strcmp(entry->point, "/") == 0 ||
                        is_below(entry->point, "/proc") ||
                        is_below(entry->point, "/sys") ||
                        is_below(entry->point, "/dev") || is_name(entry->point),
                    "only /, /proc, /sys, /dev and below in the command's "
                    "mount namespace",
                    keep_format("%s on %s", entry->type, entry->point));
    }
    expect_int("mounts on /", 1, roots);
}

static bool hangs_below(const struct mounts *m, const struct mount_entry *at,
                        const struct mount_entry *root)
{
    for (size_t depth = 0; at != NULL && depth <= m->count; depth++) {
        if (at == root)
            return true;
        at = mounts_by_id(m, at->parent);
    }
    return false;
}

/* Each mount hangs on another one of the container, up to the root. */
static void parents_are_own(void)
{
    const struct container *c = container(rootfs(), "sleep", "4711");
    const struct mounts *m = mounts_of_namespace(c->init);
    const struct mount_entry *root = mounts_at(m, "/");

    expect_that(root != NULL, "a mount on /", "none");
    expect_that(mounts_by_id(m, root->parent) == NULL ||
                    root->parent == root->id,
                "nothing above the mount on /", "another mount");
    for (size_t i = 0; i < m->count; i++)
        expect_that(
            hangs_below(m, &m->entries[i], root),
            keep_format("%s hangs below the root mount", m->entries[i].point),
            "it does not");
}

static void escape_fails(void)
{
    const struct program *p =
        duct("run", rootfs(), "sh", "-c",
             "/inside/probe facts | sed -n 's/^root: //p'; /inside/escape");
    const char *end = strchrnul(p->out, '\n');
    struct stat host;

    expect_call(stat("/", &host));
    expect_exit(p, 0);
    expect_lacks("where the escape may begin and end",
                 keep_format("%lu:%lu\n", (unsigned long)host.st_dev,
                             (unsigned long)host.st_ino),
                 p->out);
    expect_str("where the escape ends: at the container's own root",
               keep_format("%.*s\n", (int)(end - p->out), p->out),
               *end == '\0' ? "" : end + 1);
}

static void mounts_are_private(void)
{
    const struct container *c = container(rootfs(), "sleep", "4711");
    const struct mounts *m = mounts_of_namespace(c->init);

    for (size_t i = 0; i < m->count; i++)
        expect_str(
            keep_format("propagation of the mount on %s", m->entries[i].point),
            "", m->entries[i].shared);
}

static void host_mounts_stay_outside(void)
{
    const char *point = keep_format("%s/mnt", rootfs());
    const struct container *c = container(rootfs(), "sleep", "4711");
    struct stat outside, inside;

    expect_call(mount("none", point, "tmpfs", 0, NULL));
    expect_call(stat(point, &outside));
    expect_call(kernel_stat(&inside, "%d/root/mnt", c->init));
    expect_call(umount2(point, MNT_DETACH));
    expect_differ("device of /mnt inside", outside.st_dev, inside.st_dev);
}

static void inner_mounts_stay_inside(void)
{
    const char *before = host_look(HOST_MOUNTS);
    const struct container *c = container(rootfs(), "sleep", "4711");
    const struct program *p = spawn_run(&(struct spawn){
        .argv = ARGV("nsenter", "-t", keep_format("%d", c->init), "-m", "mount",
                     "-t", "tmpfs", "none", "/mnt"),
    });

    expect_exit(p, 0);
    expect_str("what was mounted inside, seen on the host", "",
               host_differences(before, host_look(HOST_MOUNTS)));
}

/* The mount on @point; its type and each of the flags are as given. */
static const struct mount_entry *expect_mount(pid_t init, const char *point,
                                              const char *type,
                                              const char *const *flags)
{
    const struct mount_entry *entry = mounts_at(mounts_of(init), point);

    expect_that(entry != NULL, keep_format("a %s on %s", type, point),
                "no mount there");
    expect_str(keep_format("file system on %s", point), type, entry->type);
    for (; *flags != NULL; flags++)
        expect_that(mounts_flag(entry->flags, *flags),
                    keep_format("%s is mounted %s", point, *flags),
                    entry->flags);
    return entry;
}

static void proc_is_new(void)
{
    const struct container *c = container(rootfs(), "sleep", "4711");

    expect_mount(c->init, "/proc", "proc",
                 ARGV("rw", "nosuid", "nodev", "noexec"));
}

static void sys_is_read_only(void)
{
    const struct container *c = container(rootfs(), "sleep", "4711");

    expect_mount(c->init, "/sys", "sysfs",
                 ARGV("ro", "nosuid", "nodev", "noexec"));
}

static void dev_is_new(void)
{
    const struct container *c = container(rootfs(), "sleep", "4711");
    const struct mount_entry *entry = expect_mount(
        c->init, "/dev", "tmpfs", ARGV("rw", "nosuid", "nodev", "noexec"));

    expect_contains("options of the tmpfs", "size=", entry->options);
    expect_mount(c->init, "/dev/pts", "devpts", ARGV("rw", "nosuid", "noexec"));
    entry = expect_mount(c->init, "/dev/shm", "tmpfs",
                         ARGV("rw", "nosuid", "nodev", "noexec"));
    expect_contains("options of the tmpfs", "size=65536k", entry->options);
    expect_mount(c->init, "/dev/mqueue", "mqueue",
                 ARGV("rw", "nosuid", "nodev", "noexec"));
}

static void rootfs_stays_clean(void)
{
    char *tree = rootfs_linked(), *before = file_tree(tree);

    expect_exit(duct("run", tree, "true"), 0);
    expect_str("what is new in ROOTFS", "",
               host_differences(before, file_tree(tree)));
}

static void bare_rootfs_will_do(void)
{
    static const char *const names[] = {"proc", "sys", "dev"};
    char *tree = rootfs_linked();

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        expect_call(file_remove_tree(keep_format("%s/%s", tree, names[i])));
    expect_output(duct("run", tree, "sh", "-c",
                       "test -e /proc/1/status && test -d /sys/class && "
                       "test -c /dev/null && echo all there"),
                  "all there\n");
}

/* What is mounted in ROOTFS on the host belongs to the tree. */
static void rootfs_may_hold_mounts(void)
{
    char *tree = rootfs_linked();
    const char *point = keep_format("%s/mnt", tree);
    const struct program *p;

    expect_call(mount("none", point, "tmpfs", 0, NULL));
    file_write(keep_format("%s/file", point), "in a mount\n");
    p = duct("run", tree, "cat", "/mnt/file");
    expect_call(umount2(point, MNT_DETACH));
    expect_output(p, "in a mount\n");
}

static void share_mnt_is_chroot(void)
{
    const char *before = host_look(HOST_MOUNTS);
    const struct container *c =
        container("--share", "mnt", rootfs(), "sleep", "4711");
    struct stat wanted, its;

    expect_call(stat(rootfs(), &wanted));
    expect_call(kernel_stat(&its, "%d/root", c->init));
    expect_same("inode of /", wanted.st_ino, its.st_ino);
    expect_call(kernel_stat(&its, "%d/cwd", c->init));
    expect_same("inode of the working directory", wanted.st_ino, its.st_ino);
    expect_str("what was mounted on the host", "",
               host_differences(before, host_look(HOST_MOUNTS)));
}

static const char *canary(void)
{
    char *path = scratch_path("canary");

    expect_call(mkdir(path, 0755));
    file_write(keep_format("%s/file", path), "sings\n");
    return path;
}

static void expect_canary(const char *path, const char *before)
{
    const char *after = file_tree(path);

    expect_call(file_remove_tree(path));
    expect_str("what is new in the host's directory", "",
               host_differences(before, after));
}

static void no_link_out(const char *name, const char *target)
{
    char *tree = rootfs_linked();
    const char *link = keep_format("%s/%s", tree, name);
    const char *victim = canary(), *before = file_tree(victim);
    const struct program *p;

    (void)file_remove_tree(link);
    expect_call(symlink(target == NULL ? victim : target, link));
    p = duct("run", tree, "true");
    expect_canary(victim, before);
    expect_refused(p, name);
}

static void hostile_links_are_refused(void)
{
    static const char *const names[] = {"proc", "sys", "dev"};

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        no_link_out(names[i], NULL);
        no_link_out(names[i], "../canary");
        no_link_out(names[i], "tmp");
    }
}

static void hostile_files_are_refused(void)
{
    static const char *const names[] = {"proc", "sys", "dev"};

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        char *tree = rootfs_linked();
        const char *file = keep_format("%s/%s", tree, names[i]);

        expect_call(file_remove_tree(file));
        file_write(file, "not a directory\n");
        expect_refused(duct("run", tree, "true"), names[i]);
    }
}

/* Links below /dev of the tree lie under the new /dev, and do no harm. */
static void hidden_links_do_no_harm(void)
{
    char *tree = rootfs_linked();
    const char *victim = canary(), *before = file_tree(victim);
    const struct program *p;

    expect_call(symlink(victim, keep_format("%s/dev/pts", tree)));
    expect_call(symlink(keep_format("%s/file", victim),
                        keep_format("%s/dev/null", tree)));
    p = duct("run", tree, "sh", "-c", "echo gone >/dev/null");
    expect_canary(victim, before);
    expect_output(p, "");
}

static const struct trial trials[] = {
    {.name = "root_is_rootfs",
     .claim = "the command's / is ROOTFS, writable, and it begins there",
     .usual_cause = "pivot_root() was given another directory, or chdir(\"/\")"
                    " is missing after it",
     .reread = "#pivot-root",
     .depends = "a_command_runs",
     .body = root_is_rootfs},
    {.name = "old_root_is_gone",
     .claim = "nothing of the host's tree is in the mount namespace",
     .usual_cause = "chroot() in place of pivot_root(), or the old root is "
                    "not unmounted after it",
     .reread = "#pivot-root",
     .feature = true,
     .depends = "mnt_is_new",
     .body = old_root_is_gone},
    {.name = "mounts_hang_together",
     .claim = "each mount of the namespace hangs below its own root",
     .usual_cause = "chroot() in place of pivot_root(), or the old root is "
                    "not unmounted after it",
     .reread = "#pivot-root",
     .depends = "old_root_is_gone",
     .body = parents_are_own},
    {.name = "escape_fails",
     .claim = "the escape that got out of a chroot ends in the container",
     .usual_cause = "chroot() in place of pivot_root(): the old root is "
                    "still there, above",
     .reread = "#break-it",
     .feature = true,
     .depends = "mnt_is_new",
     .body = escape_fails},
    {.name = "mounts_are_private",
     .claim = "no mount of the container is shared with, or follows, the "
              "host's",
     .usual_cause = "MS_PRIVATE without MS_REC, or MS_SLAVE in place of it",
     .reread = "#propagation",
     .feature = true,
     .depends = "old_root_is_gone",
     .body = mounts_are_private},
    {.name = "host_mounts_stay_outside",
     .claim = "what the host mounts later is not seen inside",
     .usual_cause = "MS_SLAVE in place of MS_PRIVATE",
     .reread = "#propagation",
     .feature = true,
     .depends = "mnt_is_new",
     .body = host_mounts_stay_outside},
    {.name = "inner_mounts_stay_inside",
     .claim = "what is mounted inside later is not seen on the host",
     .usual_cause = "mounts of the namespace are still shared with the host's",
     .reread = "#propagation",
     .feature = true,
     .depends = "mnt_is_new",
     .body = inner_mounts_stay_inside},
    {.name = "proc_is_new",
     .claim = "/proc is a proc file system, nosuid, nodev and noexec",
     .usual_cause = "mount(\"proc\", ...) is missing, or its flags are",
     .reread = "#proc-sys-dev",
     .feature = true,
     .depends = "mnt_is_new",
     .body = proc_is_new},
    {.name = "sys_is_read_only",
     .claim = "/sys is a sysfs, read-only, nosuid, nodev and noexec",
     .usual_cause = "MS_RDONLY is missing: root in the container could set "
                    "the host's devices",
     .reread = "#proc-sys-dev",
     .feature = true,
     .depends = "mnt_is_new",
     .body = sys_is_read_only},
    {.name = "dev_is_new",
     .claim = "/dev is a small tmpfs with devpts, shm (64 MiB) and mqueue in "
              "it",
     .usual_cause = "a mount is missing, or its flags or size are",
     .reread = "#proc-sys-dev",
     .feature = true,
     .depends = "mnt_is_new",
     .body = dev_is_new},
    {.name = "rootfs_stays_clean",
     .claim = "a container leaves nothing in ROOTFS",
     .usual_cause = "devices and links were made before the tmpfs on /dev "
                    "was mounted",
     .reread = "#proc-sys-dev",
     .depends = "a_command_runs",
     .body = rootfs_stays_clean},
    {.name = "bare_rootfs_will_do",
     .claim = "a ROOTFS without proc, sys and dev gets them",
     .usual_cause = "mkdir() is missing before mount()",
     .reread = "#proc-sys-dev",
     .feature = true,
     .depends = "dev_is_new",
     .body = bare_rootfs_will_do},
    {.name = "rootfs_may_hold_mounts",
     .claim = "what is mounted in ROOTFS is seen inside as well",
     .usual_cause = "MS_BIND without MS_REC leaves out what is mounted below",
     .reread = "#pivot-root",
     .only_here = true, /* step 04 takes ROOTFS for a lower layer */
     .depends = "a_command_runs",
     .body = rootfs_may_hold_mounts},
    {.name = "share_mnt_is_chroot",
     .claim = "with --share mnt the command still has ROOTFS for /, and "
              "nothing is mounted on the host",
     .usual_cause = "/proc or /dev are mounted although the mount namespace "
                    "is the host's",
     .reread = "#share",
     .feature = true,
     .only_here = true, /* refused from step 04 on */
     .depends = "share_mnt",
     .body = share_mnt_is_chroot},
    {.name = "hostile_links_are_refused",
     .claim = "a ROOTFS whose proc, sys or dev is a symbolic link is refused, "
              "and what it leads to is untouched",
     .usual_cause = "mount() follows links: open the directory with "
                    "O_NOFOLLOW first",
     .reread = "#proc-sys-dev",
     .feature = true,
     .depends = "dev_is_new",
     .body = hostile_links_are_refused},
    {.name = "hostile_files_are_refused",
     .claim = "a ROOTFS whose proc, sys or dev is a file is refused",
     .usual_cause = "a call's result is not checked",
     .reread = "#proc-sys-dev",
     .feature = true,
     .depends = "dev_is_new",
     .body = hostile_files_are_refused},
    {.name = "hidden_links_do_no_harm",
     .claim = "links in ROOTFS's own dev lie hidden under the new /dev",
     .usual_cause = "devices are made before the tmpfs on /dev is mounted",
     .reread = "#proc-sys-dev",
     .feature = true,
     .depends = "dev_is_new",
     .body = hidden_links_do_no_harm},
};

const struct chapter chapter_mounts = {"File tree", TRIALS(trials)};
