/*
 * Chapter: where the container's cgroup is, and who is in it.
 */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "suite.h"

/* On version 1, duct makes one for each of these. */
static const char *const always[] = {"memory", "cpu", "cpuacct", "pids",
                                     "freezer"};

enum {
    ALWAYS = sizeof(always) / sizeof(always[0])
};

static const char *last_part(const char *path)
{
    const char *slash = path == NULL ? NULL : strrchr(path, '/');

    return slash == NULL ? "" : slash + 1;
}

static void expect_named(const struct container *c, const char *controller)
{
    const char *directory = cgroups_of(c->init, controller);

    if (directory != NULL)
        expect_str(keep_format("last part of %s", directory),
                   keep_format("duct-%d", c->duct->pid), last_part(directory));
}

static void is_named_for_duct(void)
{
    const struct container *c = container(rootfs(), "sleep", "4711");

    for (size_t i = 0; i < ALWAYS; i++)
        expect_named(c, always[i]);
    expect_named(c, NULL);
}

static void lies_below_ducts_own(void)
{
    const struct container *c = container("-m", "64m", "--cpuset-cpus",
                                          kernel_status(0, "Cpus_allowed_list"),
                                          rootfs(), "sleep", "4711");
    const char *name = keep_format("duct-%d", c->duct->pid);

    for (size_t i = 0; i < ALWAYS; i++)
        if (cgroups_of(0, always[i]) != NULL)
            expect_str(keep_format("cgroup of the container (%s)", always[i]),
                       keep_format("%s/%s", cgroups_home(always[i]), name),
                       cgroups_of(c->init, always[i]));
    if (cgroups_of(0, "cpuset") != NULL)
        expect_str("cgroup of the container (cpuset)",
                   keep_format("%s/%s", cgroups_home("cpuset"), name),
                   cgroups_of(c->init, "cpuset"));
    if (cgroups_of(0, NULL) != NULL) {
        char *top = keep_format("%s", cgroups_home(NULL));

        *strrchr(top, '/') = '\0';
        expect_contains("cgroup of the container (version 2)", top,
                        cgroups_of(c->init, NULL));
    }
}

static void empty_cpuset_is_avoided(void)
{
    const struct container *c =
        container("-m", "64m", rootfs(), "sleep", "4711");

    expect_str("Cpus_allowed_list in /proc/PID/status, as of the suite",
               kernel_status(0, "Cpus_allowed_list"),
               kernel_status(c->init, "Cpus_allowed_list"));
}

static void duct_stays_outside(void)
{
    const struct container *c =
        container("-m", "64m", rootfs(), "sleep", "4711");

    expect_str("cgroup of duct, as of the suite", cgroups_with(0, "memory"),
               cgroups_with(c->duct->pid, "memory"));
}

/* Each line of /proc/PID/cgroup for which duct makes a cgroup. */
static void each_line(const char *text,
                      void (*check)(const char *line, const char *path,
                                    const void *arg),
                      const void *arg)
{
    char *copy = keep_format("%s", text), *line;
    int count = 0;

    while ((line = strsep(&copy, "\n")) != NULL) {
        char *rest = keep_format("%s", line), *list;
        bool ours = false;

        (void)strsep(&rest, ":");
        list = strsep(&rest, ":");
        if (rest == NULL)
            continue;
        for (size_t i = 0; i < ALWAYS; i++)
            ours = ours || mounts_flag(list, always[i]);
        if (!ours && !(*list == '\0' && cgroups_of(0, NULL) != NULL))
            continue;
        check(line, rest, arg);
        count++;
    }
    expect_between("lines of /proc/PID/cgroup", 1, 6, count);
}

static void is_root(const char *line, const char *path, const void *arg)
{
    (void)arg;
    expect_str(keep_format("path in the line `%s`, from inside", line), "/",
               path);
}

static void ends_in(const char *line, const char *path, const void *name)
{
    expect_str(keep_format("last part of `%s`", line), name, last_part(path));
}

static void namespace_begins_there(void)
{
    const struct container *c =
        container(rootfs(), "/inside/load", "cgroup", "say", "done", "hold");

    expect_that(spawn_printed(c->duct, "done", SPAWN_SOON_MS),
                "the command to run", "it is silent");
    each_line(c->duct->out, is_root, NULL);
    each_line(kernel_read("%d/cgroup", c->init), ends_in,
              keep_format("duct-%d", c->duct->pid));
}

static void namespace_may_be_shared(void)
{
    const struct program *p =
        duct("run", "--share", "cgroup", rootfs(), "/inside/load", "cgroup");

    expect_exit(p, 0);
    each_line(p->out, ends_in, keep_format("duct-%d", p->pid));
}

/* Whoever moves the command afterwards will be late at least once. */
static void in_it_from_the_start(void)
{
    for (int i = 0; i < 20; i++) {
        const struct program *p =
            duct("run", "--share", "cgroup", "--pids-limit", "1", rootfs(),
                 "/inside/load", "cgroup", "fork", "1");

        expect_exit(p, 0);
        each_line(
            keep_copy(p->out, (size_t)(strstr(p->out, "children") - p->out)),
            ends_in, keep_format("duct-%d", p->pid));
        expect_contains("output of fork() below --pids-limit 1",
                        "children: 0\n", p->out);
    }
}

static void children_are_in_it(void)
{
    const struct container *c = container(
        rootfs(), "sh", "-c", "/bin/sleep 4712 & /bin/sleep 4713 & wait");
    pid_t first = kernel_find(c->init, "/bin/sleep 4712");
    pid_t second = kernel_find(c->init, "/bin/sleep 4713");

    expect_str("cgroup of a child", cgroups_with(c->init, "pids"),
               cgroups_with(first, "pids"));
    expect_str("cgroup of another child", cgroups_with(c->init, "pids"),
               cgroups_with(second, "pids"));
}

static void exec_is_in_it(void)
{
    const struct container *c = container("--pids-limit", "2", "--cpuset-cpus",
                                          kernel_status(0, "Cpus_allowed_list"),
                                          rootfs(), "sleep", "4711");
    const char *pid = keep_format("%d", c->init);
    struct container *more = container_start(
        &(struct spawn){.argv = DUCT("exec", pid, "sleep", "4712")});

    expect_str("/proc/PID/cgroup of the second command, as of the first",
               kernel_read("%d/cgroup", c->init),
               kernel_read("%d/cgroup", more->init));
    container_end(more);
    expect_output(duct("exec", pid, "/inside/load", "fork", "5"),
                  "children: 0\n");
}

/* Having joined the namespace is not being in the cgroup: "/..". */
static void exec_sees_the_root(void)
{
    const struct container *c = container(rootfs(), "sleep", "4711");
    const struct program *p =
        duct("exec", keep_format("%d", c->init), "/inside/load", "cgroup");

    expect_exit(p, 0);
    each_line(p->out, is_root, NULL);
}

static void hundred_at_once(void)
{
    cgroups_sweep();
    struct program *all[100];

    for (int i = 0; i < 100; i++)
        all[i] = spawn_start(&(struct spawn){
            .argv = DUCT("run", "-m", "16m", "--cpus", "1", "--pids-limit",
                         "10", rootfs(), "sh", "-c",
                         keep_format("echo %d; exit %d", i, i)),
            .timeout_ms = 30000,
        });
    for (int i = 0; i < 100; i++) {
        spawn_finish(all[i]);
        expect_exit(all[i], i);
        expect_str("stdout", keep_format("%d\n", i), all[i]->out);
    }
    expect_no_cgroup();
}

static const struct trial trials[] = {
    {.name = "cgroup_is_named_for_duct",
     .claim = "the command is in a cgroup called duct-PID, the pid of duct, "
              "in each hierarchy",
     .usual_cause = "the pid is read after fork(), in the child; or there is "
                    "a hierarchy of version 1 that was passed over",
     .reread = "#hierarchies",
     .feature = true,
     .body = is_named_for_duct},
    {.name = "cgroup_lies_below_ducts_own",
     .claim = "it lies below the cgroup that duct itself is in",
     .usual_cause = "the path /sys/fs/cgroup/... is fixed: read "
                    "/proc/self/cgroup and /proc/self/mounts",
     .reread = "#hierarchies",
     .feature = true,
     .body = lies_below_ducts_own},
    {.name = "empty_cpuset_is_avoided",
     .claim = "without --cpuset-cpus the command may run wherever duct may",
     .usual_cause = "on version 1 a new cpuset is empty, and takes nobody in",
     .reread = "#hierarchies",
     .body = empty_cpuset_is_avoided},
    {.name = "duct_stays_outside",
     .claim = "duct itself is not in the container's cgroup",
     .usual_cause = "duct enters before it forks: then the limits are its "
                    "own, and the cgroup can't be removed",
     .reread = "#cgroup_enter",
     .body = duct_stays_outside},
    {.name = "cgroup_namespace_begins_there",
     .claim = "from inside, /proc/self/cgroup shows / for the container's own "
              "cgroup",
     .usual_cause = "unshare(CLONE_NEWCGROUP) comes before the command is in "
                    "its cgroup",
     .reread = "#cgroup_enter",
     .feature = true,
     .depends = "cgroup_is_named_for_duct",
     .body = namespace_begins_there},
    {.name = "cgroup_namespace_may_be_shared",
     .claim = "with --share cgroup the command sees the path as the host does",
     .usual_cause = "the cgroup namespace is unshared whatever flags say",
     .reread = "#cgroup_enter",
     .feature = true,
     .depends = "cgroup_is_named_for_duct",
     .body = namespace_may_be_shared},
    {.name = "limits_hold_from_the_start",
     .claim = "the command's first instruction runs in the cgroup already",
     .usual_cause = "the parent writes the child's pid to cgroup.procs while "
                    "the child runs",
     .reread = "#cgroup_enter",
     .feature = true,
     .depends = "cgroup_namespace_may_be_shared",
     .body = in_it_from_the_start},
    {.name = "children_are_in_the_cgroup",
     .claim = "what the command starts is in the same cgroup",
     .usual_cause = "only the first process was moved, after it had children",
     .reread = "#cgroup_enter",
     .body = children_are_in_it},
    {.name = "exec_is_in_the_cgroup",
     .claim = "a command of duct exec is in the container's cgroup, and its "
              "limits hold for it",
     .usual_cause = "exec joins namespaces only; the cgroup is none",
     .reread = "#cgroup_enter",
     .feature = true,
     .depends = "cgroup_is_named_for_duct",
     .body = exec_is_in_it},
    {.name = "exec_sees_the_root",
     .claim = "a command of duct exec sees / for its cgroup as well",
     .usual_cause = "exec has joined the cgroup namespace but not the cgroup",
     .reread = "#cgroup_enter",
     .depends = "cgroup_namespace_begins_there",
     .body = exec_sees_the_root},
    {.name = "hundred_with_limits",
     .claim = "a hundred containers with limits start side by side",
     .usual_cause = "the cgroup's name is fixed, or a cgroup that another "
                    "duct has just made is taken for one left behind",
     .reread = "#cgroup_destroy",
     .feature = true,
     .depends = "memory_is_limited",
     .body = hundred_at_once},
};

const struct chapter chapter_place = {"The container's cgroup", TRIALS(trials)};
