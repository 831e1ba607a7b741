/*
 * Chapter: the kernel says no. Then duct does not run the command with less.
 */
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <sched.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "suite.h"

static void join_groups(void *unused)
{
    static const gid_t groups[] = {4, 24, 27};

    (void)unused;
    if (setgroups(3, groups) < 0)
        _exit(125);
}

/* The command: probe tells what it finds, and which namespaces are not those
 * of the host, which are named to it. */
static const char *const *facts(void)
{
    const char **argv = keep_zeroed(16 * sizeof(*argv));
    size_t count = 0;

    argv[count++] = "/inside/probe";
    argv[count++] = "facts";
    for (size_t i = 0; namespace_names[i] != NULL; i++)
        argv[count++] = keep_format(
            "%s=%llu", namespace_names[i],
            (unsigned long long)kernel_namespace(0, namespace_names[i]));
    return argv;
}

static void all_refused(const struct deny *denied, size_t count,
                        const char *const *argv)
{
    for (size_t i = 0; i < count; i++)
        expect_closed(&denied[i], argv_of(argv, facts(), NULL), join_groups);
}

#define ALL_REFUSED(denied, ...)                                               \
    all_refused((denied), sizeof(denied) / sizeof((denied)[0]),                \
                DUCT(__VA_ARGS__))

#define CALL(call, error)                                                      \
    {                                                                          \
        .number = SYS_##call, .errnum = (error), .name = #call                 \
    }
#define CALL_WITH(call, which, what, error)                                    \
    {                                                                          \
        .number = SYS_##call, .argument = (which), .value = (what),            \
        .only_with = true, .errnum = (error), .name = #call "(" #what ")"      \
    }

static void namespaces_refused(void)
{
    static const struct deny denied[] = {
        CALL(clone3, EPERM),
        CALL(unshare, EPERM),
        CALL_WITH(unshare, 0, CLONE_NEWCGROUP, EPERM),
        CALL_WITH(unshare, 0, CLONE_NEWTIME, EPERM),
        CALL(setns, EPERM),
        CALL(sethostname, EPERM),
        CALL(pipe2, EMFILE),
        CALL_WITH(ioctl, 1, SIOCSIFFLAGS, EPERM),
        CALL_WITH(prctl, 0, PR_SET_PDEATHSIG, EINVAL),
    };

    ALL_REFUSED(denied, "run", "--time-offset", "100", rootfs());
}

/* The machine forbids namespaces, or has run out of them: what now? */
static void refusals_have_hints(void)
{
    static const struct {
        int number, errnum;
        const char *hint;
    } usual[] = {
        {SYS_clone3, EPERM, "user namespace"},
        {SYS_clone3, ENOSPC, "max_"},
        {SYS_unshare, ENOSPC, "max_"},
    };

    for (size_t i = 0; i < sizeof(usual) / sizeof(usual[0]); i++) {
        struct deny denied = {.number = SYS_clone3, .errnum = usual[i].errnum};
        const struct program *p = spawn_run(&(struct spawn){
            .argv = DUCT("run", rootfs(), "true"),
            .prepare = deny_call,
            .prepare_arg = &denied,
        });

        if (p->exit_status == 0)
            continue; /* it has another way */
        expect_refused(p,
                       keep_format("(%s)", strerrorname_np(usual[i].errnum)));
        expect_contains("the hint below the message", usual[i].hint,
                        strchrnul(p->err, '\n'));
    }
}

static void mounts_refused(void)
{
    static const unsigned none = MS_NOSUID | MS_NODEV | MS_NOEXEC;
    const struct deny denied[] = {
        CALL(mount, EPERM),
        CALL(mount_setattr, EPERM),
        CALL_WITH(openat, 2, O_WRONLY | O_CREAT | O_CLOEXEC, EACCES),
        CALL_WITH(mount, 3, MS_REC | MS_PRIVATE, EPERM),
        CALL_WITH(mount, 3, MS_BIND | MS_REC, EPERM),
        CALL_WITH(mount, 3, MS_BIND, EPERM),
        CALL_WITH(mount, 3, none, EPERM),
        CALL_WITH(mount, 3, none | MS_RDONLY, EPERM),
        CALL_WITH(mount, 3, MS_NOSUID | MS_NOEXEC, EPERM),
        CALL(pivot_root, EINVAL),
        CALL(umount2, EINVAL),
        CALL(chdir, EACCES),
        CALL(mkdir, EROFS),
        CALL(mkdirat, EROFS),
        CALL(symlink, EROFS),
        CALL(symlinkat, EROFS),
    };

    ALL_REFUSED(denied, "run", rootfs());
}

/* What a user shares with the host is bound from there. */
static void shared_mounts_refused(void)
{
    static const struct deny denied[] = {
        CALL(mount_setattr, EPERM),
        CALL_WITH(mount, 3, MS_BIND | MS_REC, EPERM),
    };

    ALL_REFUSED(denied, "run", "--userns", "--share", "net", rootfs());
    ALL_REFUSED(denied, "run", "--userns", "--share", "pid", rootfs());
}

static void rights_refused(void)
{
    static const struct deny denied[] = {
        CALL(capset, EPERM),
        CALL(setgroups, EINVAL),
        CALL_WITH(prctl, 0, PR_CAPBSET_DROP, EPERM),
        CALL_WITH(prctl, 0, PR_SET_NO_NEW_PRIVS, EINVAL),
    };

    ALL_REFUSED(denied, "run", rootfs());
}

/* What is written to setgroups has 4 bytes, to a map of root's 5. */
static void maps_refused(void)
{
    static const struct deny denied[] = {
        CALL_WITH(openat, 2, O_WRONLY | O_CLOEXEC, EACCES),
        CALL_WITH(write, 2, 4, EPERM),
        CALL_WITH(write, 2, 5, EPERM),
    };

    ALL_REFUSED(denied, "run", "--userns", rootfs());
}

static void chroot_refused(void)
{
    static const struct deny denied[] = {
        CALL(chroot, EPERM),
        CALL(chdir, EACCES),
    };

    ALL_REFUSED(denied, "run", "--share", "mnt", rootfs());
}

static void exec_refused(void)
{
    static const struct deny denied[] = {
        CALL(setns, EPERM),      CALL(chroot, EPERM),
        CALL(fchdir, EACCES),    CALL(clone, EAGAIN),
        CALL(clone3, EAGAIN),    CALL(pidfd_open, ENOSYS),
        CALL(setgroups, EINVAL), CALL(capset, EPERM),
        CALL(pipe2, EMFILE),     CALL_WITH(prctl, 0, PR_CAPBSET_DROP, EPERM),
    };
    const struct container *c = container(rootfs(), "sleep", "4711");
    const struct container *open =
        container("--share", "mnt", rootfs(), "sleep", "4711");

    ALL_REFUSED(denied, "exec", keep_format("%d", c->init));
    ALL_REFUSED(denied, "exec", keep_format("%d", open->init));
}

/* Root becomes root inside as well, or runs nothing there. */
static void exec_of_a_users_refused(void)
{
    static const struct deny denied[] = {
        CALL(setresuid, EPERM),
        CALL(setresgid, EPERM),
        CALL(setuid, EPERM),
        CALL(setgid, EPERM),
    };
    const struct container *c = container_start(&(struct spawn){
        .argv = DUCT("run", rootfs_of_nobody(), "sleep", "4711"),
        .uid = NOBODY,
    });

    ALL_REFUSED(denied, "exec", keep_format("%d", c->init));
}

static const struct trial trials[] = {
    {.name = "namespaces_refused",
     .claim = "where a namespace can't be made or set up, the command does "
              "not run",
     .usual_cause = "a call's result is not checked",
     .reread = "#errors",
     .feature = true,
     .depends = "time_is_shifted",
     .body = namespaces_refused},
    {.name = "refusals_have_hints",
     .claim = "where the machine forbids namespaces, duct tells what to do",
     .usual_cause = "EPERM and ENOSPC of clone3() have usual causes: name them "
                    "in a line below the message",
     .reread = "#errors",
     .depends = "namespaces_refused",
     .body = refusals_have_hints},
    {.name = "maps_refused",
     .claim = "where ids can't be mapped, the command does not run",
     .usual_cause = "the result of a write() is not checked",
     .reread = "#errors",
     .feature = true,
     .depends = "userns_maps_root_alone",
     .body = maps_refused},
    {.name = "mounts_refused",
     .claim = "where a mount, pivot_root or the end of the old root fails, "
              "the command does not run",
     .usual_cause = "a call's result is not checked",
     .reread = "#errors",
     .depends = "a_command_runs",
     .only_here = true, /* step 04 mounts its root another way */
     .body = mounts_refused},
    {.name = "shared_mounts_refused",
     .claim = "so with what is shared in a user namespace",
     .usual_cause = "a call's result is not checked",
     .reread = "#errors",
     .feature = true,
     .depends = "userns_is_new",
     .only_here = true, /* step 04 mounts its root another way */
     .body = shared_mounts_refused},
    {.name = "rights_refused",
     .claim = "where rights can't be dropped, the command does not run",
     .usual_cause = "a call's result is not checked",
     .reread = "#errors",
     .depends = "a_command_runs",
     .body = rights_refused},
    {.name = "chroot_refused",
     .claim = "with --share mnt, where chroot fails, the command does not run",
     .usual_cause = "a call's result is not checked",
     .reread = "#errors",
     .feature = true,
     .only_here = true,
     .depends = "share_mnt",
     .body = chroot_refused},
    {.name = "exec_refused",
     .claim = "where a namespace can't be joined, duct exec runs nothing",
     .usual_cause = "a call's result is not checked",
     .reread = "#errors",
     .feature = true,
     .only_here = true, /* makes use of --share mnt */
     .depends = "exec_joins_a_chroot",
     .body = exec_refused},
    {.name = "exec_of_a_users_refused",
     .claim = "where root can't become root inside, duct exec runs nothing",
     .usual_cause = "a call's result is not checked",
     .reread = "#errors",
     .feature = true,
     .depends = "users_exec_in_their_own",
     .body = exec_of_a_users_refused},
};

const struct chapter chapter_refusals = {"The kernel says no", TRIALS(trials)};
