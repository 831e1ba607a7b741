/*
 * Chapter: -v shows a path of the host's in the container.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "suite.h"

/* A directory of the host's with a file in it. */
static char *source(void)
{
    char *directory = tree_fresh_dir(0);

    tree_make(directory, "file", "of the host\n");
    return directory;
}

#define VOLUME(from, to) keep_format("%s:%s", (from), (to))

static void directory_is_shown(void)
{
    const char *from = source(), *tree = shared_tree();
    const struct program *p =
        shared_sh("cat /data/full/file; echo x >/data/full/new; ls /data/full",
                  "-v", VOLUME(from, "/data/full"), tree);

    expect_output(p, "of the host\nfile\nnew\n");
    expect_str("what the container wrote, on the host", "x\n",
               file_read(keep_format("%s/new", from)));
}

static void it_is_the_same(void)
{
    const char *from = source();
    const struct container *c = container(
        "--volume", VOLUME(from, "/data/full"), shared_tree(), "sleep", "4711");
    struct stat ours, its;

    expect_call(stat(from, &ours));
    expect_call(stat(shared_path(c, "/data/full"), &its));
    expect_same("inode of the directory", ours.st_ino, its.st_ino);
    tree_make(from, "later", "x\n");
    expect_str("a file that the host makes later", "x\n",
               file_read(shared_path(c, "/data/full/later")));
}

static void file_is_shown(void)
{
    const char *from = keep_format("%s/file", source());
    const struct program *p =
        shared_sh("cat /data/one; echo more >>/data/one", "-v",
                  VOLUME(from, "/data/one"), shared_tree());

    expect_output(p, "of the host\n");
    expect_str("what the container wrote, on the host", "of the host\nmore\n",
               file_read(from));
}

static void target_is_made(void)
{
    const char *from = source(), *tree = shared_tree();
    const char *before = tree_record(tree);
    const struct program *p =
        shared_sh("cat /new/dir/file; cat /other/dir/one; stat -c %F /new/dir "
                  "/other/dir/one; stat -c %a /new /new/dir /other",
                  "-v", VOLUME(from, "/new/dir"), "-v",
                  VOLUME(keep_format("%s/file", from), "/other/dir/one"), tree);

    expect_output(p, "of the host\nof the host\ndirectory\nregular file\n"
                     "755\n755\n755\n");
    expect_unchanged(before, tree);
    expect_that(access("/new", F_OK) < 0 && access("/other", F_OK) < 0,
                "nothing to be made on the host", "/new or /other is there");
}

static void dots_are_made(void)
{
    const char *from = source();
    const struct program *p =
        shared_sh("cat /other/file; ls -d /new", "-v",
                  VOLUME(from, "/new/./../other"), shared_tree());

    expect_output(p, "of the host\n/new\n");
}

static void made_only_for_it(void)
{
    const char *from = source(), *tree = shared_tree();
    const char *state = tree_fresh_dir(0);

    expect_exit(duct("run", "--state", state, "--name", "web", "-v",
                     VOLUME(from, "/new/dir"), "-v",
                     VOLUME(keep_format("%s/file", from), "/new/file"), tree,
                     "true"),
                0);
    expect_output(duct("diff", "--state", state, "web"),
                  "A /new\nA /new/dir\nA /new/file\n");
    expect_output(duct("run", "--state", state, "--name", "web", tree, "cat",
                       "/new/file"),
                  "");
}

static void several_in_order(void)
{
    const char *outer = source(), *inner = source(), *last = source();

    tree_make(outer, "in/outer", "outer\n");
    tree_make(inner, "inner", "inner\n");
    tree_make(last, "last", "last\n");
    expect_output(shared_sh("ls /v /v/in", "-v", VOLUME(outer, "/v"), "-v",
                            VOLUME(inner, "/v/in"), shared_tree()),
                  "/v:\nfile\nin\n\n/v/in:\nfile\ninner\n");
    expect_output(shared_sh("ls /v", "-v", VOLUME(outer, "/v"), "-v",
                            VOLUME(last, "/v"), shared_tree()),
                  "file\nlast\n");
}

static void read_only_is(void)
{
    const char *from = source();
    const char *before = tree_record(from);
    const struct program *p = shared_sh(
        "echo x >/data/full/new; echo x >>/data/full/file; rm /data/full/file; "
        "chmod 0 /data/full; cat /data/full/file; echo x >/data/one",
        "-v", VOLUME(from, "/data/full:ro"), shared_tree());

    expect_exit(p, 0);
    expect_str("stdout", "of the host\n", p->out);
    expect_unchanged(before, from);
    expect_contains("what the container is told", "Read-only file system",
                    p->err);
}

static const char *flags_at(const struct container *c, const char *point)
{
    const struct mount_entry *entry = mounts_at(mounts_of(c->init), point);

    expect_that(entry != NULL, keep_format("a mount at %s", point), "none");
    return entry->flags;
}

static void kernel_says_read_only(void)
{
    const char *from = source();
    const struct container *c = container(
        "-v", VOLUME(from, "/data/full:ro"), "-v", VOLUME(from, "/data/sub"),
        "-v", VOLUME(from, "/rw:rw"), shared_tree(), "sleep", "4711");

    expect_that(mounts_flag(flags_at(c, "/data/full"), "ro"), "ro",
                flags_at(c, "/data/full"));
    expect_that(mounts_flag(flags_at(c, "/data/sub"), "rw"), "rw",
                flags_at(c, "/data/sub"));
    expect_that(mounts_flag(flags_at(c, "/rw"), "rw"), "rw",
                flags_at(c, "/rw"));
    expect_that(mounts_flag(flags_at(c, "/"), "rw"), "rw", flags_at(c, "/"));
}

/* Container's root may make some: on a volume they would open the host's. */
static void no_devices_there(void)
{
    const char *from = source();
    const char *point = keep_format("%s/sub", from);
    const struct program *p;
    struct container *c;

    expect_call(mkdir(point, 0755));
    expect_call(mount("tmpfs", point, "tmpfs", 0, NULL));
    c = container("-v", VOLUME(from, "/rw"), "-v", VOLUME(from, "/ro:ro"),
                  shared_tree(), "sleep", "4711");
    expect_that(mounts_flag(flags_at(c, "/rw"), "nodev"), "nodev",
                flags_at(c, "/rw"));
    expect_that(mounts_flag(flags_at(c, "/rw/sub"), "nodev"), "nodev",
                flags_at(c, "/rw/sub"));
    expect_that(mounts_flag(flags_at(c, "/ro"), "nodev"), "nodev",
                flags_at(c, "/ro"));
    p = shared_sh("mknod /v/zero c 1 5; head -c 1 /v/zero", "-v",
                  VOLUME(from, "/v"), shared_tree());
    expect_call(umount(point));
    expect_exit(p, 1);
    expect_str("bytes read from a device node on a volume", "", p->out);
}

static void submounts_come_along(void)
{
    const char *from = source(), *before;
    const char *point = keep_format("%s/sub", from);
    struct container *c;

    expect_call(mkdir(point, 0755));
    expect_call(mount("tmpfs", point, "tmpfs", 0, NULL));
    tree_make(point, "deep", "deep\n");
    before = mounts_told(mounts_of(0));
    c = container("-v", VOLUME(from, "/rw"), "-v", VOLUME(from, "/ro:ro"),
                  shared_tree(), "sleep", "4711");
    expect_str("a file of a mount below the volume", "deep\n",
               file_read(shared_path(c, "/rw/sub/deep")));
    expect_that(mounts_flag(flags_at(c, "/rw/sub"), "rw"), "rw",
                flags_at(c, "/rw/sub"));
    expect_that(mounts_flag(flags_at(c, "/ro/sub"), "ro"),
                "ro below a volume that is ro", flags_at(c, "/ro/sub"));
    expect_mounts_unchanged(before);
    container_end(c);
    expect_mounts_unchanged(before);
    expect_call(umount(point));
}

/* What is mounted later on the host is the host's. */
static void volumes_are_private(void)
{
    const char *from = source();
    const char *point = keep_format("%s/sub", from);
    const struct mount_entry *entry;
    struct container *c;

    expect_call(mkdir(point, 0755));
    c = container("-v", VOLUME(from, "/v"), "--tmpfs", "/t", shared_tree(),
                  "sleep", "4711");
    entry = mounts_at(mounts_of(c->init), "/v");
    expect_that(entry != NULL, "a mount at /v", "none");
    expect_str("propagation of /v", "", entry->shared);
    expect_call(mount("tmpfs", point, "tmpfs", 0, NULL));
    entry = mounts_at(mounts_of(c->init), "/v/sub");
    expect_call(umount(point));
    expect_that(entry == NULL,
                "a mount that the host makes later to be "
                "the host's",
                "it is in the container");
}

static void source_may_be_odd(void)
{
    const char *from = source(), *tree = shared_tree();
    const char *link = keep_format("%s/link", tree_fresh_dir(0));
    const struct spawn relative = {
        .argv = DUCT("run", "-v", "./full:/v", tree, "ls", "/v"),
        .cwd = keep_format("%s/data", tree),
    };

    expect_call(symlink(from, link));
    expect_output(shared_sh("ls /v", "-v", VOLUME(link, "/v"), tree), "file\n");
    expect_output(spawn_run(&relative), "a\nb\n");
    link = keep_format("%s/a b,c", tree_fresh_dir(0));
    expect_call(mkdir(link, 0755));
    tree_make(link, "x", "x\n");
    expect_output(shared_sh("ls /v", "-v", VOLUME(link, "/v"), tree), "x\n");
}

static void source_must_be_there(void)
{
    const char *tree = shared_tree(), *state = tree_fresh_dir(0);
    const struct program *p = duct("run", "--state", state, "-v",
                                   "/no/such/source:/data/full", tree, "true");

    expect_refused(p, "--volume", "\"/no/such/source:/data/full\"", "(ENOENT)");
    expect_that(access("/no", F_OK) < 0, "nothing to be made on the host",
                "/no is there");
    expect_str("what is left in the state directory", "", tree_paths(state));
}

static void forms_are_checked(void)
{
    const char *from = source(), *tree = shared_tree();
    const char *const *form = ARGV(
        "", ":", "::", ":/dst", from, keep_format("%s:", from),
        keep_format("%s:dst", from), keep_format("%s:./dst", from),
        keep_format("%s:../dst", from), keep_format("%s:/dst:", from),
        keep_format("%s:/dst:x", from), keep_format("%s:/dst:RO", from),
        keep_format("%s:/dst:ro,rw", from), keep_format("%s:/dst:ro:ro", from),
        keep_format("%s:/dst:ro:", from), keep_format("%s:/dst:ro rw", from),
        "name:/dst");

    for (; *form != NULL; form++)
        expect_refused(duct("run", "-v", *form, tree, "true"), "--volume",
                       keep_format("\"%s\"", *form));
}

/* Paths that are the root in other words. */
static void root_is_no_target(void)
{
    const char *from = source(), *tree = shared_tree();
    const char *const *target = ARGV("/", "//", "/.", "/data/..", "/..", "/./");

    for (; *target != NULL; target++) {
        expect_refused(duct("run", "-v", VOLUME(from, *target), tree, "true"),
                       *target);
        expect_refused(duct("run", "--tmpfs", *target, tree, "true"), *target);
    }
}

/* The tree may be anybody's work: its links begin at the container's root. */

static void link_in(const char *tree, const char *name, const char *to)
{
    expect_call(symlink(to, keep_format("%s/%s", tree, name)));
}

/* The trial fails if a mount at @target gets out of the root. It may be
 * refused, or be somewhere inside: then at @inside, if that is given. */
static void stays_inside(const char *tree, const char *canary,
                         const char *target, const char *inside)
{
    const char *before = tree_record(canary);
    const char *mounts = mounts_told(mounts_of(0));
    const char *root = tree_paths("/etc");
    const struct program *p =
        shared_sh(inside == NULL ? "true" : keep_format("cat %s/file", inside),
                  "-v", VOLUME(source(), target), tree);

    expect_unchanged(before, canary);
    expect_mounts_unchanged(mounts);
    expect_str("files in /etc of the host", root, tree_paths("/etc"));
    if (inside != NULL)
        expect_output(p, "of the host\n");
    else if (p->exit_status != 0)
        expect_refused(p, "ROOTFS");
    p = shared_sh("true", "--tmpfs", target, tree);
    expect_unchanged(before, canary);
    expect_mounts_unchanged(mounts);
    if (inside != NULL)
        expect_output(p, "");
}

static void links_stay_inside(void)
{
    char *tree = shared_fresh_tree();
    const char *canary = tree_fresh_dir(0);

    tree_make(canary, "file", "canary\n");
    tree_make(canary, "sub/file", "canary\n");
    link_in(tree, "data/out", canary);
    link_in(tree, "data/up", "../../../../../../../../../..");
    link_in(tree, "data/upetc", "../../../../../../../../../../etc");
    link_in(tree, "data/etc", "/etc");
    link_in(tree, "data/far", keep_format("../../../../../../..%s", canary));
    stays_inside(tree, canary, "/data/out", NULL);
    stays_inside(tree, canary, "/data/out/sub", NULL);
    stays_inside(tree, canary, "/data/out/new", NULL);
    stays_inside(tree, canary, "/data/far", NULL);
    stays_inside(tree, canary, "/data/far/new", NULL);
    stays_inside(tree, canary, "/data/up/duct-canary", "/duct-canary");
    stays_inside(tree, canary, "/data/etc/duct-canary", "/etc/duct-canary");
    stays_inside(tree, canary, "/data/upetc/duct-canary", "/etc/duct-canary");
    stays_inside(tree, canary, "/data/etc", "/etc");
    stays_inside(tree, canary, keep_format("/../../../..%s/sub", canary), NULL);
}

static void name_is_no_path(void)
{
    const struct program *p =
        duct("run", "-v", "data:/data", shared_tree(), "true");

    expect_refused(p, "--volume", "\"data:/data\"", "path");
    expect_contains("the hint below it", "final", p->err);
}

#define CALL(call, error)                                                      \
    {                                                                          \
        .number = SYS_##call, .errnum = (error), .name = #call                 \
    }

/* A container without what was asked for is worse than none. */
static void refused_by_the_kernel(void)
{
    struct deny denied[] = {
        CALL(open_tree, EMFILE),
        CALL(fsopen, EMFILE),
        CALL(fsconfig, ENOMEM),
        CALL(fsmount, EMFILE),
        CALL(move_mount, ENOSPC),
        CALL(openat2, ENFILE),
        {.number = SYS_openat,
         .argument = 2,
         .value = O_PATH | O_DIRECTORY | O_CLOEXEC,
         .only_with = true,
         .errnum = ENFILE,
         .name = "openat(O_PATH)"},
        {.number = SYS_mount_setattr,
         .argument = 2,
         .value = AT_EMPTY_PATH | AT_RECURSIVE,
         .only_with = true,
         .errnum = ENOMEM,
         .name = "mount_setattr"},
    };
    const char *from = source(), *tree = shared_tree();

    for (size_t i = 0; i < sizeof(denied) / sizeof(denied[0]); i++) {
        trial_note("now %s fails", denied[i].name);
        expect_refused(spawn_run(&(struct spawn){
                           .argv = DUCT("run", "-v", VOLUME(from, "/data/full"),
                                        "--tmpfs", "/tmp", tree, "true"),
                           .prepare = deny_call,
                           .prepare_arg = &denied[i],
                       }),
                       keep_format("(%s)", strerrorname_np(denied[i].errnum)));
    }
}

static void dangling_link_is_told(void)
{
    char *tree = shared_fresh_tree();
    const struct program *p;

    link_in(tree, "data/out", "/no/such/place");
    p = duct("run", "-v", VOLUME(source(), "/data/out/new/dir"), tree, "true");
    expect_refused(p, "/data/out", "(EEXIST)");
    expect_contains("the hint below it", "link", p->err);
}

/* When anything was renamed meanwhile, the kernel can't be sure of a "..". */
static void unsure_paths_are_tried_again(void)
{
    char *tree = shared_fresh_tree();
    struct deny call = {
        .number = SYS_openat2, .errnum = EAGAIN, .name = "openat2"};
    struct held held;
    struct program *p;

    link_in(tree, "data/up", "../../tmp");
    p = spawn_start(&(struct spawn){
        .argv = DUCT("run", "-v", VOLUME(source(), "/data/up/x"), tree, "cat",
                     "/tmp/x/file"),
        .prepare = hold_call,
        .prepare_arg = &call,
    });
    if (hold_wait(p, false, &held))
        hold_fail_once(&held, call.errnum);
    spawn_finish(p);
    expect_output(p, "of the host\n");
}

/* With links of the kernel's own there is no telling where they lead. */
static void magic_links_are_refused(void)
{
    const char *tree = shared_tree();
    const char *mounts = mounts_told(mounts_of(0));
    const struct program *p =
        shared_sh("ls /proc/1/root/file", "-v",
                  VOLUME(source(), "/proc/self/root/x"), tree);

    expect_refused(p, "/proc/self/root/x");
    expect_mounts_unchanged(mounts);
}

static void over_a_mount(void)
{
    const char *from = source();

    expect_output(shared_sh("cat /dev/shm/file /tmp/file", "-v",
                            VOLUME(from, "/dev/shm"), "-v",
                            VOLUME(from, "/tmp"), shared_tree()),
                  "of the host\nof the host\n");
}

static void kinds_must_fit(void)
{
    const char *from = source(), *tree = shared_tree();

    expect_refused(duct("run", "-v", VOLUME(from, "/data/one"), tree, "true"),
                   "/data/one");
    expect_refused(duct("run", "-v",
                        VOLUME(keep_format("%s/file", from), "/data/full"),
                        tree, "true"),
                   "/data/full");
    expect_refused(
        duct("run", "-v", VOLUME(from, "/data/one/new"), tree, "true"),
        "/data/one/new", "(ENOTDIR)");
}

static const struct trial trials[] = {
    {.name = "volume_shows_a_directory",
     .claim = "-v SRC:DST shows SRC at DST, and what is written there is "
              "written on the host",
     .usual_cause = "the mount is made in the old root, after the pivot",
     .reread = "#volumes",
     .feature = true,
     .body = directory_is_shown},
    {.name = "volume_is_the_same",
     .claim = "DST is SRC itself: the same inode, later changes and all",
     .usual_cause = "SRC is copied",
     .reread = "#volumes",
     .feature = true,
     .depends = "volume_shows_a_directory",
     .body = it_is_the_same},
    {.name = "volume_shows_a_file",
     .claim = "SRC may be a file",
     .usual_cause = "the target is always made a directory",
     .reread = "#volumes",
     .feature = true,
     .body = file_is_shown},
    {.name = "volume_target_is_made",
     .claim = "a DST that is missing is made, a directory or a file as SRC "
              "is, and ROOTFS stays as it is",
     .usual_cause = "mkdir() makes one directory, not several; or it is made "
                    "before the overlay is mounted",
     .reread = "#volumes",
     .feature = true,
     .depends = "volume_shows_a_directory",
     .body = target_is_made},
    {.name = "volume_target_has_dots",
     .claim = "a DST that is missing may lead through . and ..",
     .usual_cause = "mkdir() is to make a .., which is there",
     .reread = "#volumes",
     .feature = true,
     .depends = "volume_target_is_made",
     .body = dots_are_made},
    {.name = "volume_target_is_in_the_layer",
     .claim = "a DST that was made is one of the container's changes",
     .usual_cause = "it is made in a tree below",
     .reread = "#volumes",
     .feature = true,
     .depends = "volume_target_is_made",
     .body = made_only_for_it},
    {.name = "volumes_in_order",
     .claim = "several -v are mounted in the order in which they are given",
     .usual_cause = "the list is walked from its end",
     .reread = "#volumes",
     .feature = true,
     .depends = "volume_target_is_made",
     .body = several_in_order},
    {.name = "volume_read_only",
     .claim = "nothing can be written to a volume that is :ro",
     .usual_cause = "MS_RDONLY together with MS_BIND is ignored: it takes a "
                    "remount, or mount_setattr()",
     .reread = "#volumes",
     .feature = true,
     .depends = "volume_shows_a_directory",
     .body = read_only_is},
    {.name = "volume_read_only_alone",
     .claim = "only what is :ro is read-only; :rw is as without",
     .usual_cause = "the remount takes the root for the volume",
     .reread = "#volumes",
     .feature = true,
     .depends = "volume_read_only",
     .body = kernel_says_read_only},
    {.name = "volume_opens_no_devices",
     .claim = "a device node on a volume opens nothing: nodev, on what is "
              "mounted below it as well",
     .usual_cause = "the bind has the flags of the host's mount",
     .reread = "#volumes",
     .feature = true,
     .depends = "volume_shows_a_directory",
     .body = no_devices_there},
    {.name = "volume_submounts",
     .claim = "what is mounted below SRC comes along, and is read-only as "
              "well with :ro",
     .usual_cause = "MS_BIND without MS_REC; a remount changes one mount only",
     .reread = "#volumes",
     .feature = true,
     .depends = "volume_read_only",
     .body = submounts_come_along},
    {.name = "volumes_are_private",
     .claim = "mounts that the host makes later do not appear in the container",
     .usual_cause = "the volume is a peer of the host's mount",
     .reread = "#volumes",
     .feature = true,
     .depends = "volume_shows_a_directory",
     .body = volumes_are_private},
    {.name = "volume_source_may_be_odd",
     .claim = "SRC may be a link, relative, or have blanks in it",
     .usual_cause = "the path is used after chdir(), in the child",
     .reread = "#volumes",
     .feature = true,
     .depends = "volume_shows_a_directory",
     .body = source_may_be_odd},
    {.name = "volume_source_must_be_there",
     .claim = "a SRC that is missing is refused, and not made",
     .usual_cause = "it is made, as docker does: a typing error is then an "
                    "empty directory of root's",
     .reread = "#volumes",
     .feature = true,
     .body = source_must_be_there},
    {.name = "volume_forms_are_checked",
     .claim = "what is not SRC:/DST[:ro] is refused, by flag and value",
     .usual_cause = "words after the second colon are ignored",
     .reread = "#volumes",
     .feature = true,
     .body = forms_are_checked},
    {.name = "root_is_no_target",
     .claim = "/ in other words is refused as a target as well",
     .usual_cause = "the word is compared with \"/\", not the place",
     .reread = "#volumes",
     .feature = true,
     .body = root_is_no_target},
    {.name = "volume_over_a_mount",
     .claim = "DST may be below one of the container's own mounts",
     .usual_cause = "/dev is mounted after the volumes, and hides them",
     .reread = "#volumes",
     .feature = true,
     .depends = "volume_shows_a_directory",
     .body = over_a_mount},
    {.name = "volume_kinds_must_fit",
     .claim = "a directory on a file, or a file on a directory, is refused",
     .usual_cause = "the result of move_mount() is not looked at",
     .reread = "#volumes",
     .feature = true,
     .depends = "volume_shows_a_directory",
     .body = kinds_must_fit},
    {.name = "links_stay_inside",
     .claim = "a link in ROOTFS, whatever it says, does not lead DST out of "
              "the container's root",
     .usual_cause = "DST is appended to the root's path, and the kernel "
                    "follows the link from the host's /",
     .reread = "#volumes",
     .feature = true,
     .depends = "volume_target_is_made",
     .body = links_stay_inside},
    {.name = "unsure_paths_are_tried_again",
     .claim = "a path that the kernel was not sure of is looked up again",
     .usual_cause = "openat2(2) may fail with EAGAIN, which is no error",
     .reread = "#volumes",
     .feature = true,
     .depends = "links_stay_inside",
     .body = unsure_paths_are_tried_again},
    {.name = "name_is_no_path",
     .claim = "-v NAME:/TARGET is refused, and told to come later",
     .usual_cause = "the name is taken for a path of the working directory",
     .reread = "#volumes",
     .feature = true,
     .depends = "volume_shows_a_directory",
     .body = name_is_no_path},
    {.name = "volumes_refused",
     .claim = "when a call for a mount fails, duct says which error it was, "
              "and the command does not run",
     .usual_cause = "a result is not checked, and the next call fails with "
                    "EBADF",
     .reread = "#volumes",
     .feature = true,
     .depends = "volume_shows_a_directory",
     .body = refused_by_the_kernel},
    {.name = "dangling_link_is_told",
     .claim = "a link on the way to DST that leads nowhere is told as such",
     .usual_cause = "the error of the last attempt is told, not of the first",
     .reread = "#volumes",
     .feature = true,
     .depends = "volume_target_is_made",
     .body = dangling_link_is_told},
    {.name = "magic_links_are_refused",
     .claim = "DST does not go through /proc/PID/root",
     .usual_cause = "RESOLVE_NO_MAGICLINKS is missing",
     .reread = "#volumes",
     .feature = true,
     .depends = "volume_target_is_made",
     .body = magic_links_are_refused},
};

const struct chapter chapter_volumes = {"Volumes", TRIALS(trials)};
