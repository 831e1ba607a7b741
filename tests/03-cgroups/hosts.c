/*
 * Chapter: version 1, version 2, both, and none that helps.
 */
#include <stdio.h>
#include <string.h>

#include "suite.h"

static void limits_hold_everywhere(void)
{
    cgroups_sweep();
    const struct view *view = shared_views();

    for (; view->name != NULL; view++) {
        struct container *c;

        trial_note("on: %s", view->name);
        c = view_container(view, "-m", "64m", "--cpus", "0.5", "--pids-limit",
                           "20", rootfs(), "sleep", "4711");
        expect_knob(c, &knob_memory, "67108864", "67108864");
        expect_knob(c, &knob_quota, "50000", "50000 100000");
        expect_knob(c, &knob_pids, "20", "20");
        expect_contains("its cgroup", keep_format("/duct-%d", c->duct->pid),
                        cgroups_with(c->init, "memory"));
        container_end(c);
        expect_no_cgroup();
    }
}

static void verbs_work_everywhere(void)
{
    cgroups_sweep();
    const struct view *view = shared_views();

    for (; view->name != NULL; view++) {
        struct container *c;
        const char *pid;

        trial_note("on: %s", view->name);
        c = view_container(view, "--pids-limit", "20", rootfs(), "/inside/load",
                           "count");
        pid = keep_format("%d", c->init);
        expect_exit(view_duct(view, "pause", pid), 0);
        expect_exit(view_duct(view, "unpause", pid), 0);
        expect_contains("stats", "\npids limit       20\n",
                        view_duct(view, "stats", pid)->out);
        expect_output(view_duct(view, "exec", pid, "echo", "hello"), "hello\n");
        container_end(c);
        expect_no_cgroup();
    }
}

static const struct view no_controllers = {"no controllers",
                                           cgroups_no_controllers};

static void missing_controller_is_told(void)
{
    cgroups_sweep();
    const struct program *p =
        view_duct(&no_controllers, "run", "-m", "64m", rootfs(), "true");

    expect_refused(p, "cgroup", "(ENOENT)");
    expect_contains("the hint below it", "subtree_control", p->err);
    expect_refused(
        view_duct(&no_controllers, "run", "--cpus", "0.5", rootfs(), "true"),
        "cgroup", "(ENOENT)");
    expect_refused(view_duct(&no_controllers, "run", "--cpu-shares", "512",
                             rootfs(), "true"),
                   "cgroup", "(ENOENT)");
    expect_refused(view_duct(&no_controllers, "run", "--cpuset-cpus", "0",
                             rootfs(), "true"),
                   "cgroup", "(ENOENT)");
    expect_refused(view_duct(&no_controllers, "run", "--pids-limit", "20",
                             rootfs(), "true"),
                   "cgroup", "(ENOENT)");
    expect_no_cgroup();
}

static void needs_no_controller(void)
{
    cgroups_sweep();
    struct container *c =
        view_container(&no_controllers, rootfs(), "sleep", "4711");

    if (cgroups_of(0, NULL) != NULL)
        expect_contains("its cgroup", keep_format("/duct-%d", c->duct->pid),
                        cgroups_of(c->init, NULL));
    container_end(c);
    expect_no_cgroup();
}

/* The host's controllers are left as they are. */
static void subtree_control_stays(void)
{
    const char *before, *top;

    if (cgroups_of(0, NULL) == NULL)
        return;
    before = cgroups_read(cgroups_home(NULL), "cgroup.subtree_control");
    top = cgroups_read(cgroups_home(NULL), "../cgroup.subtree_control");
    expect_exit(duct("run", "-m", "64m", "--cpus", "0.5", rootfs(), "true"), 0);
    (void)view_duct(&no_controllers, "run", "-m", "64m", rootfs(), "true");
    expect_str("cgroup.subtree_control of duct's cgroup", before,
               cgroups_read(cgroups_home(NULL), "cgroup.subtree_control"));
    expect_str("cgroup.subtree_control above it", top,
               cgroups_read(cgroups_home(NULL), "../cgroup.subtree_control"));
}

static const struct trial trials[] = {
    {.name = "limits_hold_everywhere",
     .claim = "limits are set on this host, on version 1 alone, and where "
              "only our own cgroup can be seen",
     .usual_cause = "paths are fixed: find the mounts in /proc/self/mounts, "
                    "and our cgroup in /proc/self/cgroup",
     .reread = "#hierarchies",
     .feature = true,
     .depends = "memory_is_limited",
     .body = limits_hold_everywhere},
    {.name = "verbs_work_everywhere",
     .claim = "pause, unpause, stats and exec work on each of them",
     .usual_cause = "paths are fixed: find the mounts in /proc/self/mounts",
     .reread = "#hierarchies",
     .feature = true,
     .depends = "limits_hold_everywhere",
     .body = verbs_work_everywhere},
    {.name = "missing_controller_is_told",
     .claim = "a limit whose controller nobody passes on is refused with a "
              "word about cgroup.subtree_control",
     .usual_cause = "\"No such file or directory\", and no idea which",
     .reread = "#hierarchies",
     .feature = true,
     .body = missing_controller_is_told},
    {.name = "no_controller_no_harm",
     .claim = "without limits a container runs, and has a cgroup, even where "
              "there is no controller",
     .usual_cause = "every controller is asked for, always",
     .reread = "#hierarchies",
     .feature = true,
     .body = needs_no_controller},
    {.name = "subtree_control_stays",
     .claim = "duct changes nothing about the cgroups above the container's",
     .usual_cause = "controllers are passed on by force: then no process may "
                    "be in that cgroup any more",
     .reread = "#hierarchies",
     .body = subtree_control_stays},
};

const struct chapter chapter_hosts = {"Hosts", TRIALS(trials)};
