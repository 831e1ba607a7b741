/*
 * Chapter: /dev, as small as a program can do with.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "suite.h"

static const struct {
    const char *name;
    unsigned major, minor; /* Documentation/admin-guide/devices.txt */
} devices[] = {
    {"null", 1, 3},   {"zero", 1, 5},    {"full", 1, 7},
    {"random", 1, 8}, {"urandom", 1, 9}, {"tty", 5, 0},
};

static const struct {
    const char *name, *target;
} links[] = {
    {"fd", "/proc/self/fd"},
    {"stdin", "/proc/self/fd/0"},
    {"stdout", "/proc/self/fd/1"},
    {"stderr", "/proc/self/fd/2"},
};

#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))

static void dev_is_exact(void)
{
    expect_output(duct("run", rootfs(), "ls", "-1A", "/dev"),
                  "fd\nfull\nmqueue\nnull\nptmx\npts\nrandom\nshm\nstderr\n"
                  "stdin\nstdout\ntty\nurandom\nzero\n");
}

static void nodes_are_right(void)
{
    const struct container *c = container(rootfs(), "sleep", "4711");

    for (size_t i = 0; i < LENGTH(devices); i++) {
        const char *name = devices[i].name;
        struct stat st;

        expect_that(kernel_stat(&st, "%d/root/dev/%s", c->init, name) == 0,
                    keep_format("/dev/%s", name), "nothing there");
        expect_that(S_ISCHR(st.st_mode),
                    keep_format("/dev/%s is a character device", name),
                    keep_format("mode %o", (unsigned)st.st_mode));
        expect_int(keep_format("major number of /dev/%s", name),
                   devices[i].major, major(st.st_rdev));
        expect_int(keep_format("minor number of /dev/%s", name),
                   devices[i].minor, minor(st.st_rdev));
        expect_int(keep_format("mode of /dev/%s, in decimal", name), 0666,
                   st.st_mode & 0777);
    }
}

static void devices_work(void)
{
    expect_output(duct("run", rootfs(), "sh", "-c",
                       "head -c 3 /dev/zero | od -An -tx1; "
                       "echo lost >/dev/null; cat /dev/null; "
                       "head -c 7 /dev/urandom | wc -c; "
                       "head -c 7 /dev/random | wc -c; "
                       "(echo x >/dev/full) 2>&1 | grep -o 'No space.*'"),
                  " 00 00 00\n7\n7\nNo space left on device\n");
}

static void links_are_right(void)
{
    const struct container *c = container(rootfs(), "sleep", "4711");

    for (size_t i = 0; i < LENGTH(links); i++)
        expect_str(keep_format("target of /dev/%s", links[i].name),
                   links[i].target,
                   kernel_link("%d/root/dev/%s", c->init, links[i].name));
}

static void links_work(void)
{
    const struct program *p = spawn_run(&(struct spawn){
        .argv = DUCT("run", rootfs(), "sh", "-c",
                     "cat /dev/stdin; echo out >/dev/stdout; "
                     "echo err >/dev/stderr; ls /dev/fd/0 >/dev/null && "
                     "echo fd"),
        .input = "in\n",
        .input_size = 3,
    });

    expect_exit(p, 0);
    expect_str("stdout", "in\nout\nfd\n", p->out);
    expect_str("stderr", "err\n", p->err);
}

static void tty_is_the_terminal(void)
{
    struct program *p = spawn_start(&(struct spawn){
        .argv = DUCT("run", rootfs(), "sh", "-c", "echo hello >/dev/tty"),
        .terminal = true,
    });

    spawn_finish(p);
    expect_exit(p, 0);
    expect_str("the terminal", "hello\r\n", p->out);
}

static void pts_is_a_new_instance(void)
{
    const struct container *c = container(rootfs(), "sleep", "4711");
    const struct mount_entry *host = mounts_at(mounts_of(0), "/dev/pts");
    const struct mount_entry *its = mounts_at(mounts_of(c->init), "/dev/pts");

    expect_that(its != NULL, "a devpts on /dev/pts", "none");
    if (host != NULL)
        expect_differ("minor device number of the devpts", host->minor,
                      its->minor);
    expect_output(duct("run", rootfs(), "ls", "-1A", "/dev/pts"), "ptmx\n");
}

static void ptmx_works(void)
{
    expect_output(duct("run", rootfs(), "/inside/probe", "ptmx"),
                  "/dev/pts/0 x\n");
    expect_output(duct("run", rootfs(), "/inside/probe", "as-user", "1000",
                       "/inside/probe", "ptmx"),
                  "/dev/pts/0 x\n");
}

static void shm_is_for_all(void)
{
    const struct container *c = container(rootfs(), "sleep", "4711");
    struct stat st;

    expect_call(kernel_stat(&st, "%d/root/dev/shm", c->init));
    expect_int("mode of /dev/shm, in decimal", 01777, st.st_mode & 07777);
    expect_output(duct("run", rootfs(), "/inside/probe", "as-user", "1000",
                       "/bin/sh", "-c",
                       "echo kept >/dev/shm/f && cat /dev/shm/f"),
                  "kept\n");
}

static void mqueue_shows_queues(void)
{
    expect_output(duct("run", rootfs(), "sh", "-c",
                       "/inside/probe mqueue /duct-suite; ls /dev/mqueue"),
                  "made\nduct-suite\n");
}

static const struct trial trials[] = {
    {.name = "dev_is_exact",
     .claim = "/dev holds fd full mqueue null ptmx pts random shm stderr "
              "stdin stdout tty urandom zero, and no more",
     .usual_cause = "a node, link or mount is missing; or the host's /dev was "
                    "bound, with all its disks",
     .reread = "#proc-sys-dev",
     .feature = true,
     .depends = "dev_is_new",
     .body = dev_is_exact},
    {.name = "device_nodes_are_right",
     .claim = "null zero full random urandom tty are the devices of these "
              "names, for all to read and write",
     .usual_cause = "a file was created, and the device not bound on it",
     .reread = "#proc-sys-dev",
     .feature = true,
     .depends = "dev_is_exact",
     .body = nodes_are_right},
    {.name = "devices_work",
     .claim = "zero gives zeros, null nothing, random chance, and full is "
              "full",
     .usual_cause = "/dev is mounted nodev",
     .reread = "#proc-sys-dev",
     .feature = true,
     .depends = "device_nodes_are_right",
     .body = devices_work},
    {.name = "dev_links_are_right",
     .claim = "fd stdin stdout stderr lead into /proc/self/fd",
     .usual_cause = "symlink() has its target first",
     .reread = "#proc-sys-dev",
     .feature = true,
     .depends = "dev_is_exact",
     .body = links_are_right},
    {.name = "dev_links_work",
     .claim = "/dev/stdin, /dev/stdout and /dev/stderr are the command's",
     .usual_cause = "/proc is not the container's own",
     .reread = "#proc-sys-dev",
     .feature = true,
     .depends = "dev_links_are_right",
     .body = links_work},
    {.name = "tty_is_the_terminal",
     .claim = "/dev/tty is the terminal that duct was called on",
     .usual_cause = "setsid() in the container: a session without terminal",
     .reread = "#proc-sys-dev",
     .feature = true,
     .depends = "device_nodes_are_right",
     .body = tty_is_the_terminal},
    {.name = "pts_is_a_new_instance",
     .claim = "/dev/pts is a devpts of the container's own, and empty",
     .usual_cause = "the host's /dev/pts was bound: its terminals can be "
                    "written to from inside",
     .reread = "#proc-sys-dev",
     .feature = true,
     .depends = "dev_is_exact",
     .body = pts_is_a_new_instance},
    {.name = "ptmx_works",
     .claim = "/dev/ptmx makes terminals in /dev/pts, for any user",
     .usual_cause = "/dev/ptmx is the host's node, or devpts was mounted "
                    "without ptmxmode=666",
     .reread = "#proc-sys-dev",
     .feature = true,
     .depends = "pts_is_a_new_instance",
     .body = ptmx_works},
    {.name = "shm_is_for_all",
     .claim = "/dev/shm is writable for all, with the sticky bit",
     .usual_cause = "the tmpfs was mounted without mode=1777",
     .reread = "#proc-sys-dev",
     .feature = true,
     .depends = "dev_is_new",
     .body = shm_is_for_all},
    {.name = "mqueue_shows_queues",
     .claim = "a POSIX message queue made inside shows in /dev/mqueue",
     .usual_cause = "mqueue is not mounted, or before the ipc namespace was "
                    "new",
     .reread = "#proc-sys-dev",
     .feature = true,
     .depends = "dev_is_new",
     .body = mqueue_shows_queues},
};

const struct chapter chapter_devices = {"Devices", TRIALS(trials)};
