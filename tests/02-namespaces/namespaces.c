/*
 * Chapter: which namespaces are new.
 */
#include <string.h>

#include "suite.h"

const char *const namespace_names[] = {"pid",    "mnt",  "uts",  "ipc", "net",
                                       "cgroup", "time", "user", NULL};

static bool is_among(const char *name, const char *const *names)
{
    for (; *names != NULL; names++)
        if (strcmp(*names, name) == 0)
            return true;
    return false;
}

void expect_new_but(pid_t init, const char *const *shared)
{
    for (size_t i = 0; namespace_names[i] != NULL; i++) {
        const char *name = namespace_names[i];
        const char *what = keep_format("/proc/PID/ns/%s of the command", name);
        uint64_t host = kernel_namespace(0, name);

        if (is_among(name, shared))
            expect_same(what, host, kernel_namespace(init, name));
        else
            expect_differ(what, host, kernel_namespace(init, name));
    }
}

static void mounts_stay_inside(void)
{
    const char *before = host_look(HOST_MOUNTS);
    const struct container *c = container(rootfs(), "sleep", "4711");
    const char *differences = host_differences(before, host_look(HOST_MOUNTS));

    expect_that(kernel_alive(c->init), "a command that runs", "none");
    expect_that(differences[0] == '\0', "the host's mounts as they were",
                differences);
}

static void a_command_runs(void)
{
    expect_output(duct("run", rootfs(), "echo", "hello"), "hello\n");
}

static void is_new(const char *name)
{
    const struct container *c = container(rootfs(), "sleep", "4711");

    expect_differ(keep_format("/proc/PID/ns/%s of the command", name),
                  kernel_namespace(0, name), kernel_namespace(c->init, name));
}

static void is_shared_alone(const char *name)
{
    const struct container *c =
        container("--share", name, rootfs(), "sleep", "4711");

    expect_new_but(c->init, ARGV(name, "user"));
}

#define BODIES(name)                                                           \
    static void name##_is_new(void)                                            \
    {                                                                          \
        is_new(#name);                                                         \
    }                                                                          \
    static void share_##name(void)                                             \
    {                                                                          \
        is_shared_alone(#name);                                                \
    }

BODIES(pid)
BODIES(mnt)
BODIES(uts)
BODIES(ipc)
BODIES(net)
BODIES(cgroup)
BODIES(time)

static void user_stays(void)
{
    const struct container *c = container(rootfs(), "sleep", "4711");

    expect_new_but(c->init, ARGV("user"));
}

static void share_several(void)
{
    const struct container *c =
        container("--share", "net", "--share=uts", "--share", "time", rootfs(),
                  "sleep", "4711");

    expect_new_but(c->init, ARGV("net", "uts", "time", "user"));
}

static void share_nonsense(void)
{
    expect_refused(duct("run", "--share", "bogus", rootfs(), "true"), "--share",
                   "\"bogus\"");
    expect_refused(duct("run", "--share", "", rootfs(), "true"), "--share",
                   "\"\"");
    expect_refused(duct("run", "--share", "pi", rootfs(), "true"), "--share",
                   "\"pi\"");
    expect_refused(duct("run", "--share"), "--share");
}

/* Later processes are born into what their parent has "for children". */
static void children_stay_in(void)
{
    const struct container *c = container(rootfs(), "sleep", "4711");

    expect_new_but(c->init, ARGV("user"));
    expect_same("/proc/PID/ns/time_for_children",
                kernel_namespace(c->init, "time"),
                kernel_namespace(c->init, "time_for_children"));
    expect_same("/proc/PID/ns/pid_for_children",
                kernel_namespace(c->init, "pid"),
                kernel_namespace(c->init, "pid_for_children"));
}

static void two_are_strangers(void)
{
    const struct container *one = container(rootfs(), "sleep", "4711");
    const struct container *two = container(rootfs(), "sleep", "4711");

    for (size_t i = 0; strcmp(namespace_names[i], "user") != 0; i++)
        expect_differ(
            keep_format("%s namespaces of two containers", namespace_names[i]),
            kernel_namespace(one->init, namespace_names[i]),
            kernel_namespace(two->init, namespace_names[i]));
}

static void fifty_at_once(void)
{
    struct program *all[50];

    for (int i = 0; i < 50; i++)
        all[i] = spawn_start(&(struct spawn){
            .argv = DUCT("run", "-h", keep_format("box%d", i), rootfs(), "sh",
                         "-c", keep_format("hostname; echo $$; exit %d", i)),
            .timeout_ms = 20000,
        });
    for (int i = 0; i < 50; i++) {
        spawn_finish(all[i]);
        expect_exit(all[i], i);
        expect_str("stdout", keep_format("box%d\n1\n", i), all[i]->out);
    }
}

/* Two trials for each namespace. */
#define IS_NEW(ns, flag)                                                       \
    {                                                                          \
        .name = #ns "_is_new",                                                 \
        .claim = "the command has a " #ns " namespace of its own",             \
        .usual_cause = #flag " is not among the flags of clone3(), or "        \
                             "unshare() was called without a fork() after it", \
        .reread = "#" #ns, .feature = true, .depends = "a_command_runs",       \
        .body = ns##_is_new                                                    \
    }
#define IS_SHARED(ns, here, cause)                                             \
    {                                                                          \
        .name = "share_" #ns,                                                  \
        .claim = "--share " #ns " leaves the " #ns                             \
                 " namespace shared, and no other",                            \
        .usual_cause = (cause), .reread = "#share", .feature = true,           \
        .only_here = (here), .depends = #ns "_is_new", .body = share_##ns      \
    }

static const char flag_stays[] =
    "the flag is not taken out of those for clone3()";

static const struct trial trials[] = {
    {.name = "mounts_stay_inside",
     .claim = "what the container mounts is not mounted on the host",
     .usual_cause = "on most hosts / is shared: mount(NULL, \"/\", NULL, "
                    "MS_REC | MS_PRIVATE, NULL) has to come first. Without "
                    "it the host's own /proc may be covered (this suite runs "
                    "behind a fence: yours was not)",
     .reread = "#propagation",
     .body = mounts_stay_inside},
    {.name = "a_command_runs",
     .claim = "a command of ROOTFS runs and its output comes out",
     .usual_cause = "read duct's message: it names the call that failed",
     .reread = "#the-diff",
     .body = a_command_runs},
    IS_NEW(pid, CLONE_NEWPID),
    IS_SHARED(pid, false,
              "/proc can't be mounted anew, or the flag is not taken out"),
    IS_NEW(mnt, CLONE_NEWNS),
    IS_SHARED(mnt, true, /* refused from step 04 on */
              "without a mount namespace nothing may be mounted: duct falls "
              "back to chroot"),
    IS_NEW(uts, CLONE_NEWUTS),
    IS_SHARED(uts, false, flag_stays),
    IS_NEW(ipc, CLONE_NEWIPC),
    IS_SHARED(ipc, false, flag_stays),
    IS_NEW(net, CLONE_NEWNET),
    IS_SHARED(net, false, flag_stays),
    IS_NEW(cgroup, CLONE_NEWCGROUP),
    IS_SHARED(cgroup, false, flag_stays),
    IS_NEW(time, CLONE_NEWTIME),
    IS_SHARED(time, false, flag_stays),
    {.name = "user_namespace_stays",
     .claim = "run by root, the command keeps the host's user namespace, and "
              "that alone",
     .usual_cause = "CLONE_NEWUSER is for --userns and for who is not root",
     .reread = "#user",
     .feature = true,
     .depends = "a_command_runs",
     .body = user_stays},
    {.name = "share_several",
     .claim = "--share can be given more than once",
     .usual_cause = "the last --share replaces those before",
     .reread = "#share",
     .feature = true,
     .depends = "share_net",
     .body = share_several},
    {.name = "share_nonsense",
     .claim = "--share with an unknown name is refused, with 125",
     .usual_cause = "names are compared by their beginning, or not at all",
     .reread = "#share",
     .feature = true,
     .body = share_nonsense},
    {.name = "children_stay_in",
     .claim = "children of the command are born into its own namespaces",
     .usual_cause = "unshare(CLONE_NEWTIME) is for children to come: the "
                    "command itself has to be one, or to setns()",
     .reread = "#time",
     .feature = true,
     .depends = "time_is_new",
     .body = children_stay_in},
    {.name = "two_are_strangers",
     .claim = "two containers share no namespace but the user's",
     .usual_cause = "namespaces are made once and joined again",
     .reread = "#the-diff",
     .feature = true,
     .depends = "user_namespace_stays",
     .body = two_are_strangers},
    {.name = "fifty_at_once",
     .claim = "fifty containers start side by side, each pid 1, each with "
              "its name",
     .usual_cause = "a fixed name or a lock that all of them share",
     .reread = "#the-diff",
     .feature = true,
     .depends = "mounts_stay_inside",
     .body = fifty_at_once},
};

const struct chapter chapter_namespaces = {"Namespaces", TRIALS(trials)};
