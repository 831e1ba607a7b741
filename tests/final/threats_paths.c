/*
 * Chapter: known failures, rows A: paths, mounts, races. See README.
 *
 * An image, a volume or a layer is anybody's work: whatever links it holds,
 * what is looked up in it stays in it.
 */
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "threats.h"

static char *before;

const char *canary(void)
{
    const char *path = scratch_path("canary");

    (void)file_remove_tree(path);
    expect_call(mkdir(path, 0750));
    expect_call(chmod(path, 0750));
    file_write(keep_format("%s/f", path), "sings\n");
    expect_call(chmod(keep_format("%s/f", path), 0640));
    before = keep_format("%s%s", tree_record(path), host_look(HOST_MOUNTS));
    return path;
}

void expect_canary(void)
{
    expect_str("a directory of the host's", before,
               keep_format("%s%s", tree_record(scratch_path("canary")),
                           host_look(HOST_MOUNTS)));
}

void evil_image(const char *name, const char *script)
{
    const char *root = rootfs_linked();
    const char *tar = scratch_path("evil.tar");
    const char *const steps[] = {
        keep_format("cd %s && CANARY=%s && %s", root, scratch_path("canary"),
                    script),
        keep_format("tar -C %s --owner=0 --group=0 -cf %s .", root, tar),
        keep_format("%s import %s %s", duct_path(), tar, name)};

    for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++)
        expect_exit(spawn_run(&(struct spawn){
                        .argv = ARGV("sh", "-c", steps[i]), .aside = true}),
                    0);
}

void evil_image_gone(const char *name)
{
    (void)spawn_run(
        &(struct spawn){.argv = DUCT("rmi", "-f", name), .aside = true});
    (void)spawn_run(
        &(struct spawn){.argv = DUCT("image", "prune", "-f"), .aside = true});
}

void expect_no(const char *what, const struct program *p)
{
    expect_that(p->exit_status != 0, keep_format("%s to be refused", what),
                keep_format("exit status 0: %s", p->out));
}

static void layer_entries(void)
{
    static const char *const scripts[] = {
        /* a link, then a file behind it */
        "ln -s $CANARY x; tar -cf $T x; rm x; mkdir x; echo evil >x/f; "
        "tar -rf $T x/f",
        "ln -s $CANARY x; tar -cf $T x; rm x; mkdir x; echo evil >x/new; "
        "tar -rf $T x/new",
        "echo evil >f; tar -cPf $T --transform "
        "s,^f,../../../../../$CANARY/f, f",
        "echo evil >f; tar -cPf $T --transform s,^f,$CANARY/f, f",
        /* a hard link to the host's file, then its new content */
        "echo evil >a; ln a b; tar -cPf $T --transform s,^a,$CANARY/f,H a b; "
        "tar -rf $T b",
    };
    const char *at = canary();

    for (size_t i = 0; i < sizeof(scripts) / sizeof(scripts[0]); i++) {
        const char *dir = scratch_path("layer%zu", i);

        expect_call(mkdir(dir, 0755));
        (void)spawn_run(&(struct spawn){
            .argv = ARGV("sh", "-c",
                         keep_format("cd %s; CANARY=%s T=%s/../layer.tar; %s",
                                     dir, at, dir, scripts[i])),
            .aside = true});
        (void)duct("import", scratch_path("layer.tar"), "evil");
        (void)run("--rm", "evil", "/bin/true"); /* this unpacks it */
        expect_canary();
        evil_image_gone("evil");
        (void)file_remove_tree(dir);
    }
}

static void mount_targets(void)
{
    const char *at = canary();

    evil_image("evil", "ln -s $CANARY data; mkdir a; ln -s ../../.. a/b");
    (void)run("--rm", "-v", "vol1:/data", "evil", "sh", "-c", ">/data/evil");
    (void)run("--rm", "-v", "vol1:/data/deeper/still", "evil", "true");
    (void)run("--rm", "--tmpfs", keep_format("/a/b%s/x", at), "evil", "true");
    (void)run("--rm", "-w", "/data/work", "evil", "sh", "-c", ">evil");
    (void)run("--rm", "-w", keep_format("/a/b%s/w", at), "evil", "true");
    expect_canary();
    evil_image_gone("evil");
}

static void proc_replaced(void)
{
    (void)canary();
    evil_image("evil", "rm -rf proc && ln -s /p proc && mkdir p");
    expect_no("a link /proc", run("--rm", "evil", "true"));
    evil_image("evil", "rm -rf sys && ln -s $CANARY sys");
    expect_no("a link /sys", run("--rm", "evil", "true"));
    expect_no("a volume at /proc",
              run("--rm", "-v", "vol1:/proc", "bb", "true"));
    expect_no("a volume below /proc",
              run("--rm", "-v", "vol1:/proc/self", "bb", "true"));
    expect_no("a tmpfs below /proc",
              run("--rm", "--tmpfs", "/proc/sys/kernel", "bb", "true"));
    expect_canary();
    evil_image_gone("evil");
}

enum {
    ROUNDS = 4
};

/* One container swaps a directory and a link in a volume; others are started
 * that mount, and work, below it. */
static void swapped_targets(void)
{
    const char *at = canary();

    (void)ok("volume", "create", "vol1");
    (void)detached("swap1", "-v", "vol1:/vol", "bb", "sh", "-c",
                   keep_format("mkdir -p /vol/a/x; ln -s %s /vol/l; exec "
                               "/inside/threat swapper /vol/a /vol/l",
                               at));
    logs_become("swap1", "ready");
    for (int i = 0; i < ROUNDS; i++) {
        (void)run("--rm", "-v", "vol1:/vol", "-v",
                  keep_format("vol2:/vol/a/new%d", i), "bb", "sh", "-c",
                  keep_format(">/vol/a/new%d/evil", i));
        (void)run("--rm", "-v", "vol1:/vol", "-w",
                  keep_format("/vol/a/work%d", i), "bb", "sh", "-c", ">evil");
    }
    (void)ok("rm", "-f", "swap1");
    (void)ok("volume", "rm", "vol1", "vol2");
    expect_canary();
}

static void mask_sources(void)
{
    const char *core = kernel_read("sys/kernel/core_pattern");

    (void)canary();
    evil_image("evil", "rm -rf dev && mkdir dev && ln -s "
                       "/proc/sys/kernel/core_pattern dev/null");
    expect_str("what hides a file", "1,3\n1,3\n",
               shared_out(__FILE__, __LINE__,
                          run("--rm", "evil", "sh", "-c",
                              "stat -c %t,%T /dev/null /proc/keys; echo "
                              "evil >/proc/keys; echo evil >/dev/null")));
    expect_str("core_pattern", core, kernel_read("sys/kernel/core_pattern"));
    expect_canary();
    evil_image_gone("evil");
}

static void console_replaced(void)
{
    const struct program *p;

    (void)canary();
    evil_image("evil", "rm -rf dev && mkdir dev && ln -s $CANARY dev/pts && ln "
                       "-s /proc/sys/kernel/core_pattern dev/console");
    p = spawn_run(&(struct spawn){
        .argv = RUN_ARGV("--rm", "-t", "evil", "sh", "-c",
                         "stat -c %F%t /dev/console /dev/pts/0; grep -c "
                         "'/dev/console devpts' /proc/mounts"),
        .terminal = true});
    expect_str(
        "what they are",
        "character special file88\r\r\ncharacter special file88\r\r\n1\r\r\n",
        p->out);
    expect_canary();
    evil_image_gone("evil");
}

static void dev_replaced(void)
{
    static const char *const scripts[] = {
        "rm -rf dev && ln -s ../..$CANARY dev",
        "rm -rf dev && ln -s $CANARY dev", "rm -rf dev && echo >dev"};

    (void)canary();
    for (size_t i = 0; i < sizeof(scripts) / sizeof(scripts[0]); i++) {
        evil_image("evil", scripts[i]);
        expect_no("a /dev that is no directory", run("--rm", "evil", "true"));
    }
    evil_image("evil", "rm -rf dev && mkdir dev && for i in shm pts mqueue; do "
                       "ln -s $CANARY dev/$i; done");
    (void)ok("run", "--rm", "--network", "none", "evil", "sh", "-c",
             ">/dev/shm/evil");
    expect_canary();
    evil_image_gone("evil");
}

static void image_volumes(void)
{
    const char *at = canary();

    evil_image("evil", "mkdir l2 && echo image >l2/f && ln -s / l && ln -s "
                       "$CANARY l3");
    (void)run("--rm", "-v", "/../../..//l/tmp", "evil", "true");
    (void)run("--rm", "-v", "vol3:/l3", "evil", "sh", "-c", "ls /l3");
    expect_lacks("the new volume", "sings",
                 run("--rm", "-v", "vol3:/v", "bb", "cat", "/v/f")->out);
    (void)run("--rm", "-v", keep_format("vol4:%s", at), "evil", "true");
    (void)sh("echo own >/v/f", "-v", "vol1:/v");
    expect_str(
        "a volume that had something", "own\n",
        shared_out(__FILE__, __LINE__,
                   run("--rm", "-v", "vol1:/l2", "evil", "cat", "/l2/f")));
    expect_canary();
    evil_image_gone("evil");
}

static void modes_by_link(void)
{
    const char *at = canary();
    const char *dir = scratch_path("layer");

    expect_call(mkdir(dir, 0755));
    (void)spawn_run(&(struct spawn){
        .argv = ARGV("sh", "-c",
                     keep_format("cd %s; T=%s/../layer.tar; ln -s %s/f x; tar "
                                 "-cf $T x; rm x; >x; chmod 777 x; tar "
                                 "--owner=7 -rf $T x; rm x; mkdir -m 777 x; "
                                 "tar --owner=7 -rf $T x",
                                 dir, dir, at)),
        .aside = true});
    (void)duct("import", scratch_path("layer.tar"), "evil");
    (void)run("--rm", "evil", "/bin/true");
    expect_canary();
    evil_image_gone("evil");
    (void)file_remove_tree(dir);
}

static void odd_passwd(void)
{
    static const char *const scripts[] = {
        "rm etc/passwd && mkfifo etc/passwd",
        "rm etc/passwd && mkdir etc/passwd",
        "rm etc/passwd && ln -s /proc/self/mem etc/passwd",
        "rm etc/passwd && ln -s $CANARY/f etc/passwd",
    };

    (void)canary();
    for (size_t i = 0; i < sizeof(scripts) / sizeof(scripts[0]); i++) {
        evil_image("evil", scripts[i]);
        long long began = spawn_now_ms();
        expect_no(scripts[i], run("--rm", "-u", "somebody", "evil", "id"));
        expect_between("milliseconds", 0, spawn_patience(2000),
                       (double)(spawn_now_ms() - began));
    }
    expect_canary();
    evil_image_gone("evil");
}

/* Any attribute of overlay's below a directory of layers? */
static void expect_plain(const char *dir)
{
    const struct program *p =
        spawn_run(&(struct spawn){.argv = ARGV("find", dir), .aside = true});

    for (char *line = p->out; *line != '\0';) {
        size_t length = strcspn(line, "\n");
        char names[4096] = "";
        const char *path = keep_format("%.*s", (int)length, line);
        ssize_t size = llistxattr(path, names, sizeof(names) - 1);

        for (ssize_t i = 0; i < size; i += (ssize_t)strlen(names + i) + 1)
            expect_lacks(path, "overlay.", names + i);
        line += length + (line[length] == '\n');
    }
}

static void overlay_attributes(void)
{
    (void)canary();
    (void)spawn_run(&(struct spawn){
        .argv = ARGV(
            "sh", "-c",
            keep_format(
                "cd %s; mkdir -p evil/d; cp bin/busybox evil/busybox; tar "
                "--format=posix "
                "--pax-option=SCHILY.xattr.trusted.overlay.opaque:=y,"
                "SCHILY.xattr.trusted.overlay.redirect:=/../../etc,SCHILY."
                "xattr.user.overlay.opaque:=y,SCHILY.xattr.user.other:=fine "
                "-C evil -cf %s .; rm -rf evil",
                rootfs_linked(), scratch_path("layer.tar"))),
        .aside = true});
    (void)ok("import", scratch_path("layer.tar"), "evil");
    (void)ok("run", "--rm", "--network", "none", "evil", "/busybox", "true");
    expect_plain(DATA_ROOT "/layers");
    evil_image_gone("evil");
}

static const struct trial trials[] = {
    {.name = "row_A1_layer_entries",
     .claim = "no name or link in a layer leads out of its tree",
     .usual_cause = "a path is opened by name, after an earlier entry's link",
     .body = layer_entries},
    {.name = "row_A2_mount_targets",
     .claim = "-v, --tmpfs and -w follow the image's links inside of it only",
     .usual_cause = "\"ROOT + path\" is given to mount(2)",
     .body = mount_targets},
    {.name = "row_A5_proc_replaced",
     .claim = "nothing but the kernel's own may be /proc and /sys",
     .usual_cause = "a link, or a volume, is mounted over",
     .body = proc_replaced},
    {.name = "row_A6_A7_swapped_targets",
     .claim = "a target that another container swaps meanwhile leads nowhere",
     .usual_cause = "time passes between the look-up and the mount",
     .body = swapped_targets},
    {.name = "row_A8_mask_sources",
     .claim = "what hides a file is the real /dev/null",
     .usual_cause = "the image's /dev/null is bound",
     .body = mask_sources},
    {.name = "row_A9_console_replaced",
     .claim = "/dev/console is the terminal, whatever the image has there",
     .usual_cause = "/dev/pts/N is opened by name",
     .body = console_replaced},
    {.name = "row_A11_dev_replaced",
     .claim = "/dev must be a directory; links in it are covered",
     .usual_cause = "mknod(2) follows the image's link",
     .body = dev_replaced},
    {.name = "row_A12_image_volumes",
     .claim = "volumes copy nothing from the host, and keep what they have",
     .usual_cause = "the image's directory is looked up on the host",
     .body = image_volumes},
    {.name = "row_A14_modes_by_link",
     .claim = "a later entry changes no mode or owner behind an earlier link",
     .usual_cause = "chmod(2) by name",
     .body = modes_by_link},
    {.name = "row_A17_odd_passwd",
     .claim = "an /etc/passwd that is no file ends in an error, and soon",
     .usual_cause = "open(2) waits for a writer",
     .body = odd_passwd},
    {.name = "row_A20_overlay_attributes",
     .claim = "attributes by which overlay finds other trees are dropped",
     .usual_cause = "all of a tar's attributes are set",
     .body = overlay_attributes},
};

const struct chapter chapter_threats_paths = {"Known failures: paths",
                                              TRIALS(trials)};
