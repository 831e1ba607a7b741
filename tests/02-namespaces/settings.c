/*
 * Chapter: what is set in the new namespaces: name, clocks, links, and what
 * ipc and cgroup namespaces hide.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/msg.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

#include "suite.h"

static char *host_name(void)
{
    struct utsname name;

    expect_call(uname(&name));
    return keep_format("%s", name.nodename);
}

static void hostname_is_duct(void)
{
    const char *before = host_name();

    expect_output(duct("run", rootfs(), "hostname"), "duct\n");
    expect_str("the host's own name", before, host_name());
}

static void hostname_is_given(void)
{
    const char *before = host_name();
    const char *longest = keep_format("%064d", 7);

    expect_output(duct("run", "--hostname", "box.example", rootfs(), "sh", "-c",
                       "hostname; echo $HOSTNAME"),
                  "box.example\nbox.example\n");
    expect_output(duct("run", "-h", "a", rootfs(), "hostname"), "a\n");
    expect_output(duct("run", "-h", longest, rootfs(), "hostname"),
                  keep_format("%s\n", longest));
    expect_str("the host's own name", before, host_name());
}

static void bad_hostnames_are_refused(void)
{
    const char *long_one = keep_format("%065d", 7);

    expect_refused(duct("run", "--hostname", long_one, rootfs(), "true"),
                   "--hostname", long_one);
    expect_refused(duct("run", "-h", long_one, rootfs(), "true"), "--hostname",
                   long_one);
    expect_refused(duct("run", "--hostname"), "--hostname");
}

static void shared_name_stays(void)
{
    const char *before = host_name();

    expect_output(duct("run", "--share", "uts", rootfs(), "hostname"),
                  keep_format("%s\n", before));
    expect_refused(
        duct("run", "--share", "uts", "-h", "other", rootfs(), "true"),
        "--hostname", "\"other\"");
    expect_str("the host's own name", before, host_name());
}

static void only_loopback(void)
{
    expect_output(duct("run", rootfs(), "ls", "/sys/class/net"), "lo\n");
}

static void loopback_answers(void)
{
    expect_output(duct("run", rootfs(), "/inside/probe", "loopback"),
                  "answers\n");
}

static void shared_net_is_the_hosts(void)
{
    const struct container *c =
        container("--share", "net", rootfs(), "sleep", "4711");
    struct stat host, its;

    expect_call(stat("/proc/self/ns/net", &host));
    expect_call(kernel_stat(&its, "%d/ns/net", c->init));
    expect_same("net namespace", host.st_ino, its.st_ino);
    expect_output(
        duct("run", "--share", "net", rootfs(), "/inside/probe", "loopback"),
        "answers\n");
}

static void queues_are_apart(void)
{
    const char *key = keep_format("%d", 0xd0c7);
    int queue = msgget(0xd0c7, IPC_CREAT | IPC_EXCL | 0600);
    const struct program *apart, *shared;

    expect_call(queue);
    apart = duct("run", rootfs(), "/inside/probe", "sysv", key);
    shared =
        duct("run", "--share", "ipc", rootfs(), "/inside/probe", "sysv", key);
    expect_call(msgctl(queue, IPC_RMID, NULL));
    expect_output(apart, "none\n");
    expect_output(shared, "there\n");
}

/* A control group to start duct in: ours, where one can be made. */
static char *own_cgroup(void)
{
    const struct mounts *m = mounts_of(0);

    for (size_t i = 0; i < m->count; i++) {
        char *path = keep_format("%s/suite-%d", m->entries[i].point, getpid());

        if (strncmp(m->entries[i].type, "cgroup", 6) == 0 &&
            !mounts_flag(m->entries[i].options, "cpuset") &&
            mkdir(path, 0755) == 0)
            return path;
    }
    return NULL;
}

static void enter_cgroup(void *arg)
{
    int fd = open(arg, O_WRONLY | O_CLOEXEC);

    if (fd < 0 || write(fd, "0", 1) != 1)
        _exit(125);
}

static const struct program *paths_inside(const char *cgroup, const char *ns)
{
    return spawn_run(&(struct spawn){
        .argv =
            DUCT("run", "--share", ns, rootfs(), "cat", "/proc/self/cgroup"),
        .prepare = enter_cgroup,
        .prepare_arg = keep_format("%s/cgroup.procs", cgroup),
    });
}

static void cgroup_paths_are_hidden(void)
{
    const char *cgroup = own_cgroup();
    const char *name = keep_format("suite-%d", getpid());
    const struct program *hidden, *shown;
    int removed;

    if (cgroup == NULL)
        trial_skip("no control group can be made on this machine");
    hidden = paths_inside(cgroup, "uts");
    shown = paths_inside(cgroup, "cgroup");
    removed = rmdir(cgroup);
    expect_exit(hidden, 0);
    expect_lacks("/proc/self/cgroup inside", name, hidden->out);
    expect_lacks("/proc/self/cgroup inside", "/..", hidden->out);
    expect_contains("/proc/self/cgroup with --share cgroup", name, shown->out);
    expect_call(removed);
}

static long long clock_of_host(clockid_t id)
{
    struct timespec now;

    expect_call(clock_gettime(id, &now));
    return now.tv_sec;
}

/* The clocks inside, and /proc/uptime, are those of the host plus @offset. */
static void expect_offset(const char *value, long long offset, const char *file)
{
    struct program *p = duct("run", keep_format("--time-offset=%s", value),
                             rootfs(), "sh", "-c",
                             "/inside/probe clocks; cut -d. -f1 /proc/uptime; "
                             "cat /proc/self/timens_offsets");
    long long boot = clock_of_host(CLOCK_BOOTTIME);
    long long steady = clock_of_host(CLOCK_MONOTONIC);
    char *at = p->out;

    expect_exit(p, 0);
    expect_between("CLOCK_BOOTTIME inside", boot + offset - 3,
                   boot + offset + 1, strtoll(at, &at, 10));
    expect_between("CLOCK_MONOTONIC inside", steady + offset - 3,
                   steady + offset + 1, strtoll(at, &at, 10));
    expect_between("/proc/uptime inside", boot + offset - 3, boot + offset + 1,
                   strtoll(at, &at, 10));
    expect_str("/proc/self/timens_offsets", file, at + (*at == '\n'));
}

static void time_is_shifted(void)
{
    expect_offset("86400", 86400,
                  "monotonic       86400         0\n"
                  "boottime        86400         0\n");
    expect_offset("0", 0,
                  "monotonic           0         0\n"
                  "boottime            0         0\n");
    expect_offset("-2", -2,
                  "monotonic          -2         0\n"
                  "boottime           -2         0\n");
}

static void time_is_the_hosts_at_first(void)
{
    const struct container *c = container(rootfs(), "sleep", "4711");

    expect_str("timens_offsets of the command",
               "monotonic           0         0\n"
               "boottime            0         0\n",
               kernel_read("%d/timens_offsets", c->init));
}

static void bad_offsets_are_refused(void)
{
    static const char *const bad[] = {"",
                                      "abc",
                                      "1h",
                                      "1.5",
                                      " 1",
                                      "1 ",
                                      "--1",
                                      "-",
                                      "+",
                                      "0x10",
                                      "99999999999999999999"};

    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        expect_refused(duct("run", "--time-offset", bad[i], rootfs(), "true"),
                       "--time-offset", keep_format("\"%s\"", bad[i]));
    expect_refused(duct("run", "--time-offset"), "--time-offset");
    /* No clock may go below zero: before the machine was started. */
    expect_refused(duct("run", "--time-offset=-2000000000", rootfs(), "true"),
                   "--time-offset", "-2000000000", "(ERANGE)");
    expect_refused(
        duct("run", "--share", "time", "--time-offset", "5", rootfs(), "true"),
        "--time-offset", "\"5\"");
}

static void flags_are_told(void)
{
    static const char *const words[] = {
        "-h, --hostname", "--share", "--time-offset", "--userns",
        "-e, --env",      "--help",  "Example",
    };
    const struct program *p = duct("run", "--help");

    expect_exit(p, 0);
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
        expect_contains("the help text", words[i], p->out);
}

static const struct trial trials[] = {
    {.name = "hostname_is_duct",
     .claim = "the container is called duct; the host keeps its name",
     .usual_cause = "sethostname() is called by the parent, or before the "
                    "uts namespace is new",
     .reread = "#uts",
     .feature = true,
     .depends = "uts_is_new",
     .body = hostname_is_duct},
    {.name = "hostname_is_given",
     .claim = "--hostname NAME names the container, up to 64 bytes",
     .usual_cause = "sethostname() wants the length without the NUL",
     .reread = "#uts",
     .feature = true,
     .depends = "hostname_is_duct",
     .body = hostname_is_given},
    {.name = "bad_hostnames_are_refused",
     .claim = "a name of more than 64 bytes is refused, with flag and value",
     .usual_cause = "the result of sethostname() is not checked",
     .reread = "#uts",
     .feature = true,
     .depends = "hostname_is_given",
     .body = bad_hostnames_are_refused},
    {.name = "shared_name_stays",
     .claim = "with --share uts the host's name is seen, and stays; "
              "--hostname is refused",
     .usual_cause = "sethostname() is called although the uts namespace is "
                    "the host's",
     .reread = "#share",
     .feature = true,
     .depends = "share_uts",
     .body = shared_name_stays},
    {.name = "new_flags_are_told",
     .claim = "duct run --help tells the new flags, and an example",
     .usual_cause = "a flag is parsed and not in the table of the help",
     .reread = "#the-diff",
     .feature = true,
     .body = flags_are_told},
    {.name = "only_loopback",
     .claim = "the only network link is lo",
     .usual_cause = "/sys was mounted before the net namespace was new",
     .reread = "#net",
     .feature = true,
     .only_here = true, /* step 05 connects it */
     .depends = "net_is_new",
     .body = only_loopback},
    {.name = "loopback_answers",
     .claim = "127.0.0.1 answers",
     .usual_cause = "lo is down in a new network namespace: set IFF_UP",
     .reread = "#net",
     .depends = "net_is_new",
     .body = loopback_answers},
    {.name = "shared_net_is_the_hosts",
     .claim = "with --share net the container has the host's links",
     .usual_cause = "lo is set up, or fails to be, in the host's namespace",
     .reread = "#share",
     .feature = true,
     .depends = "share_net",
     .body = shared_net_is_the_hosts},
    {.name = "queues_are_apart",
     .claim = "a System V queue of the host is not there inside, but with "
              "--share ipc",
     .usual_cause = "CLONE_NEWIPC is missing",
     .reread = "#ipc",
     .feature = true,
     .depends = "ipc_is_new",
     .body = queues_are_apart},
    {.name = "cgroup_paths_are_hidden",
     .claim = "/proc/self/cgroup tells nothing of the host's control groups",
     .usual_cause = "CLONE_NEWCGROUP takes for root where the process is at "
                    "that moment",
     .reread = "#cgroup",
     .feature = true,
     .depends = "cgroup_is_new",
     .body = cgroup_paths_are_hidden},
    {.name = "time_is_the_hosts_at_first",
     .claim = "without --time-offset the clocks run as on the host",
     .usual_cause = "something was written to timens_offsets",
     .reread = "#time",
     .depends = "time_is_new",
     .body = time_is_the_hosts_at_first},
    {.name = "time_is_shifted",
     .claim = "--time-offset shifts CLOCK_BOOTTIME, CLOCK_MONOTONIC and so "
              "/proc/uptime, both ways",
     .usual_cause = "timens_offsets can be written only while nobody lives "
                    "in the namespace, and has a line for each clock",
     .reread = "#time",
     .feature = true,
     .depends = "time_is_new",
     .body = time_is_shifted},
    {.name = "bad_offsets_are_refused",
     .claim = "--time-offset refuses what is no number of seconds, what "
              "would put a clock below zero, and --share time",
     .usual_cause = "strtol() without a look at where it stopped; a write() "
                    "that is not checked",
     .reread = "#time",
     .feature = true,
     .depends = "time_is_shifted",
     .body = bad_offsets_are_refused},
};

const struct chapter chapter_settings = {"Name, network, ipc, time",
                                         TRIALS(trials)};
