/*
 * Chapter: root's power, less what a container does not need.
 */
#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "suite.h"

/* chown dac_override fowner fsetid kill setgid setuid setpcap
 * net_bind_service net_raw sys_chroot mknod audit_write setfcap */
#define DOCKERS 0xa80425fbULL

static void expect_caps(pid_t pid)
{
    uint64_t wanted = DOCKERS & kernel_status_hex(0, "CapBnd");

    expect_hex("CapBnd, what can ever be had", wanted,
               kernel_status_hex(pid, "CapBnd"));
    expect_hex("CapPrm, what can be used", wanted,
               kernel_status_hex(pid, "CapPrm"));
    expect_hex("CapEff, what is used", wanted,
               kernel_status_hex(pid, "CapEff"));
    expect_hex("CapInh", 0, kernel_status_hex(pid, "CapInh"));
    expect_hex("CapAmb", 0, kernel_status_hex(pid, "CapAmb"));
    expect_str("NoNewPrivs", "1", kernel_status(pid, "NoNewPrivs"));
}

static void caps_are_dockers(void)
{
    expect_caps(container(rootfs(), "sleep", "4711")->init);
}

static void caps_without_mnt(void)
{
    expect_caps(container("--share", "mnt", rootfs(), "sleep", "4711")->init);
}

static void caps_with_userns(void)
{
    expect_caps(container("--userns", rootfs(), "sleep", "4711")->init);
}

/* All that we have, made inheritable and ambient. */
static void pass_caps_on(void *arg)
{
    struct __user_cap_header_struct header = {.version =
                                                  _LINUX_CAPABILITY_VERSION_3};
    struct __user_cap_data_struct data[2] = {{0}};

    (void)arg;
    if (syscall(SYS_capget, &header, data) < 0)
        _exit(125);
    data[0].inheritable = data[0].permitted;
    data[1].inheritable = data[1].permitted;
    if (syscall(SYS_capset, &header, data) < 0)
        _exit(125);
    for (unsigned long cap = 0; cap < 64; cap++)
        (void)prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, cap, 0, 0);
}

static void callers_caps_end_here(void)
{
    expect_caps(
        container_start(&(struct spawn){
                            .argv = DUCT("run", rootfs(), "sleep", "4711"),
                            .prepare = pass_caps_on,
                        })
            ->init);
}

static void join_groups(void *arg)
{
    static const gid_t groups[] = {4, 24, 27};

    (void)arg;
    if (setgroups(3, groups) < 0)
        _exit(125);
}

static void groups_are_dropped(void)
{
    const struct container *c = container_start(&(struct spawn){
        .argv = DUCT("run", rootfs(), "sleep", "4711"),
        .prepare = join_groups,
    });
    const char *groups = kernel_status(c->init, "Groups");

    expect_that(groups != NULL && strspn(groups, " \t") == strlen(groups),
                "no supplementary groups", groups);
}

static void mount_is_denied(void)
{
    const struct program *p =
        duct("run", rootfs(), "mount", "-t", "tmpfs", "none", "/mnt");

    expect_that(p->exit_status > 0 && p->exit_status < 125,
                "mount(8) inside fails",
                keep_format("exit status %d", p->exit_status));
    expect_contains("what it says", "denied", p->err);
    expect_that(duct("run", rootfs(), "hostname", "other")->exit_status == 1,
                "hostname(1) can't set a name inside", "it can");
}

/* Root keeps CAP_MKNOD: with it, any disk of the host has a name. */
static void made_devices_do_not_work(void)
{
    static const char *const places[] = {"/tmp", "/dev", "/dev/shm"};

    for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
        const char *node = keep_format("%s/made", places[i]);
        const struct program *p = duct(
            "run", rootfs(), "sh", "-c",
            "mknod $0 c 1 5 2>&-; head -c 1 $0 2>&- | wc -c; rm -f $0", node);

        expect_exit(p, 0);
        expect_str(keep_format("bytes that can be read from %s", node), "0\n",
                   p->out);
    }
}

static void some_power_is_left(void)
{
    expect_output(duct("run", rootfs(), "sh", "-c",
                       "f=/tmp/f; echo x >$f && chown 7:8 $f && "
                       "chmod 600 $f && cat $f && stat -c %u:%g $f; rm $f"),
                  "x\n7:8\n");
}

static const char *needs_setuid(void)
{
    struct statvfs fs;

    if (statvfs(scratch_dir(), &fs) == 0 && (fs.f_flag & ST_NOSUID))
        return keep_format("%s is mounted nosuid: choose another TMPDIR",
                           scratch_dir());
    return NULL;
}

static void setuid_gives_nothing(void)
{
    char *tree = rootfs_linked();
    const char *file = keep_format("%s/inside/setuid", tree);
    const struct program *p;
    size_t size;
    char *bytes = file_read_bytes(inside_program("probe"), &size);

    file_write_bytes(file, bytes, size);
    expect_call(chmod(file, 04755));
    p = duct("run", tree, "/inside/probe", "as-user", "1000", "/inside/setuid",
             "whoami");
    expect_exit(p, 0);
    expect_contains("the setuid program", "uid 1000 euid 1000\n", p->out);
    expect_contains("the setuid program", "CapEff:\t0000000000000000\n",
                    p->out);
}

static const struct trial trials[] = {
    {.name = "caps_are_dockers",
     .claim = "permitted, effective and bounding set are docker's 14 "
              "capabilities; inheritable and ambient are empty; "
              "no_new_privs is set",
     .usual_cause = "a set was left out: the bounding set needs one prctl() "
                    "per capability, the others cap_set_proc()",
     .reread = "#caps",
     .feature = true,
     .depends = "a_command_runs",
     .body = caps_are_dockers},
    {.name = "caps_with_userns",
     .claim = "they are the same with --userns",
     .usual_cause = "a new user namespace begins with every capability in it",
     .reread = "#caps",
     .feature = true,
     .depends = "caps_are_dockers",
     .body = caps_with_userns},
    {.name = "caps_without_mnt",
     .claim = "they are the same with --share mnt",
     .usual_cause = "the way without pivot_root() ends before they are "
                    "dropped",
     .reread = "#caps",
     .feature = true,
     .only_here = true, /* --share mnt is refused from step 04 on */
     .depends = "caps_are_dockers",
     .body = caps_without_mnt},
    {.name = "callers_caps_end_here",
     .claim = "what duct's caller made inheritable and ambient ends with it",
     .usual_cause = "the inheritable set is not cleared, and ambient "
                    "capabilities live as long as it has them",
     .reread = "#caps",
     .feature = true,
     .depends = "caps_are_dockers",
     .body = callers_caps_end_here},
    {.name = "groups_are_dropped",
     .claim = "the command has none of its caller's supplementary groups",
     .usual_cause = "setgroups(0, NULL) is missing",
     .reread = "#caps",
     .feature = true,
     .depends = "a_command_runs",
     .body = groups_are_dropped},
    {.name = "mount_is_denied",
     .claim = "root inside can't mount, nor set the hostname",
     .usual_cause = "CAP_SYS_ADMIN was not dropped",
     .reread = "#caps",
     .feature = true,
     .depends = "caps_are_dockers",
     .body = mount_is_denied},
    {.name = "made_devices_do_not_work",
     .claim = "a device node that root makes inside can't be opened",
     .usual_cause = "ROOTFS, and the tmpfs on /dev, have to be mounted nodev; "
                    "the devices that are wanted are mounts of their own",
     .reread = "#proc-sys-dev",
     .feature = true,
     .depends = "a_command_runs",
     .body = made_devices_do_not_work},
    {.name = "some_power_is_left",
     .claim = "root inside can still give files away and read them all",
     .usual_cause = "more than docker drops was dropped",
     .reread = "#caps",
     .depends = "a_command_runs",
     .body = some_power_is_left},
    {.name = "setuid_gives_nothing",
     .claim = "a set-user-ID file of root gives another user nothing",
     .usual_cause = "prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) is missing",
     .reread = "#caps",
     .feature = true,
     .depends = "caps_are_dockers",
     .needs = needs_setuid,
     .body = setuid_gives_nothing},
};

const struct chapter chapter_rights = {"Capabilities", TRIALS(trials)};
