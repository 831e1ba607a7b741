/*
 * Chapter: version 1, version 2, both, and none that helps.
 */
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

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

/* A process in a cgroup called duct-5 that lies elsewhere on the host. */
static void refuse_outsider(const char *elsewhere)
{
    struct view view = {"a container", cgroups_as_in_container};
    struct program *p =
        spawn_start(&(struct spawn){.argv = ARGV("sleep", "4711")});
    const char *pid = keep_format("%d", p->pid);
    const char *directory = keep_format("%s/duct-5", elsewhere);
    const struct program *stats, *pause;

    expect_call(mkdir(elsewhere, 0755));
    expect_call(mkdir(directory, 0755));
    file_write(keep_format("%s/cgroup.procs", directory), pid);
    stats = view_duct(&view, "stats", pid);
    pause = view_duct(&view, "pause", pid);
    expect_call(spawn_signal(p, SIGKILL));
    spawn_finish(p);
    expect_call(rmdir(directory));
    expect_call(rmdir(elsewhere));
    expect_refused(stats, keep_format("process %s ", pid));
    expect_refused(pause, keep_format("process %s ", pid));
}

static void outsiders_are_refused(void)
{
    char *parent =
        keep_format("%s", cgroups_top(knob_is_v1(&knob_pids) ? "pids" : NULL));
    char *name = strrchr(parent, '/');

    *name++ = '\0';
    refuse_outsider(keep_format("%s/outside-of-%s", parent, name));
    refuse_outsider(keep_format("%s/%s-too", parent, name));
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

/* Where the cgroup is when subtree_control says so, here and above. */
static const char *place_of(const char *here, const char *above)
{
    const char *files[] = {scratch_path("here"), scratch_path("above")};
    struct container *c;
    char *place;

    file_write(files[0], here);
    file_write(files[1], above);
    c = container_start(&(struct spawn){
        .argv = DUCT("run", rootfs(), "sleep", "4711"),
        .prepare = cgroups_promised,
        .prepare_arg = &(struct cgroups_promise){files[0], files[1]},
    });
    place = cgroups_of(c->init, NULL);
    container_end(c);
    expect_call(unlink(files[0]));
    expect_call(unlink(files[1]));
    expect_str("name of the cgroup", keep_format("duct-%d", c->duct->pid),
               strrchr(place, '/') + 1);
    *strrchr(place, '/') = '\0';
    return place;
}

static void accounts_are_looked_for(void)
{
    cgroups_sweep();
    static const char all[] = "cpuset cpu io memory pids\n";
    const char *home = cgroups_home(NULL);
    char *above = keep_format("%s", home);

    *strrchr(above, '/') = '\0';
    expect_str("where, when all are passed on here", home, place_of(all, all));
    expect_str("where, when all are passed on above", above, place_of("", all));
    expect_str("where, when some are passed on here and all above", above,
               place_of("memory pids\n", all));
    expect_str("where, when all but one are passed on", home,
               place_of("", "cpuset cpu io memory\n"));
    expect_str("where, when the names are only alike", home,
               place_of("", "cpuset cpux io memory pids2\n"));
    expect_str("where, when nothing is passed on", home, place_of("", ""));
    expect_no_cgroup();
}

static const char *need_v2(void)
{
    return cgroups_of(0, NULL) != NULL ? NULL : "version 2 is not mounted";
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
    {.name = "outsiders_are_refused",
     .claim = "inside of a container that has a part of the hierarchy, "
              "processes elsewhere in it are in no cgroup of duct's",
     .usual_cause = "the part's path is cut off whether it is there or not, "
                    "or a longer name is taken for it",
     .reread = "#hierarchies",
     .feature = true,
     .depends = "verbs_work_everywhere",
     .body = outsiders_are_refused},
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
    {.name = "accounts_are_looked_for",
     .claim = "without limits, version 2's cgroup lies below the nearest one "
              "that passes on memory, cpu and pids: they count what is used; "
              "where there is none, below duct's own",
     .usual_cause = "cgroup.subtree_control of duct's own cgroup is all that "
                    "is looked at; a cgroup with processes has nothing in it",
     .reread = "#hierarchies",
     .feature = true,
     .depends = "no_controller_no_harm",
     .needs = need_v2,
     .body = accounts_are_looked_for},
    {.name = "subtree_control_stays",
     .claim = "duct changes nothing about the cgroups above the container's",
     .usual_cause = "controllers are passed on by force: then no process may "
                    "be in that cgroup any more",
     .reread = "#hierarchies",
     .body = subtree_control_stays},
};

const struct chapter chapter_hosts = {"Hosts", TRIALS(trials)};
