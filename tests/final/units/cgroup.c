/*
 * cgroup: on this machine's own hierarchies, and on a tree of plain files that
 * looks like a host with version 2 only.
 */
#include <fcntl.h>
#include <limits.h>
#include <linux/sched.h>
#include <poll.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "cgroup.h"
#include "cgroup_knobs.h"
#include "cgroup_place.h"
#include "cleanup.h"
#include "hierarchy.h"

#include <cmocka.h> /* after failure.h: it has another fail() */

static const char name[] = "duct-unit-of-cgroup";

/* Makes one, on a host where that can be seen to be possible. */
static void need_cgroups(struct cgroup *cgroup)
{
    cleanup_free char *v1 = hierarchy_find(getpid(), "pids");
    cleanup_free char *v2 = hierarchy_find(getpid(), NULL);
    const char *directory = v1 != NULL ? v1 : v2;
    struct failure why;

    if (geteuid() != 0 || directory == NULL || access(directory, W_OK) < 0) {
        print_message("needs root, and cgroups that can be written\n");
        skip();
    }
    /* What a run that failed has left. */
    cgroup_find_named(cgroup, name);
    cgroup_destroy(cgroup);
    if (cgroup_create(cgroup, name, &limit_none, &why) < 0)
        fail_msg("%s", why.message);
    assert_true(cgroup_exists(cgroup));
}

/* Starts a child in a cgroup that does what it is told, and returns its pid
 * once it is in there. */
static pid_t start_in(struct cgroup *cgroup, void (*work)(void))
{
    struct failure why;
    int ready[2];
    char byte;

    assert_int_equal(pipe2(ready, O_CLOEXEC), 0);
    if (cgroup_open(cgroup, &why) < 0)
        fail_msg("%s", why.message);
    int fd = cgroup_unified_fd(cgroup);
    struct clone_args args = {
        .flags = fd < 0 ? 0 : CLONE_INTO_CGROUP,
        .exit_signal = SIGCHLD,
        .cgroup = fd < 0 ? 0 : (unsigned)fd,
    };
    pid_t pid = (pid_t)syscall(SYS_clone3, &args, sizeof(args));
    assert_true(pid >= 0);
    if (pid == 0) {
        if (cgroup_enter(cgroup, &why) < 0)
            _exit(1);
        (void)!write(ready[1], "r", 1);
        work();
        _exit(0);
    }
    close(ready[1]);
    assert_int_equal(read(ready[0], &byte, 1), 1);
    close(ready[0]);
    return pid;
}

static void sleep_for_ever(void)
{
    for (;;)
        pause();
}

static void fork_three(void)
{
    for (int i = 0; i < 3; i++)
        if (fork() == 0)
            sleep_for_ever();
    sleep_for_ever();
}

static void eat_memory(void)
{
    for (;;) {
        char *more = malloc(1 << 20);

        if (more != NULL)
            memset(more, 1, 1 << 20);
    }
}

static int wait_for(pid_t pid)
{
    int status;

    assert_int_equal(waitpid(pid, &status, 0), pid);
    return status;
}

static void expect_file(const struct cgroup *cgroup, int controller,
                        const char *file, const char *expected)
{
    cleanup_free char *text =
        hierarchy_read(cgroup_knobs(cgroup, controller), file);

    text[strcspn(text, "\n")] = '\0';
    assert_string_equal(text, expected);
}

static void a_cgroup_is_found_by_its_name_without_a_process(void **state)
{
    struct cgroup cgroup;
    struct cgroup again;

    (void)state;
    need_cgroups(&cgroup);
    cleanup_free char *text = cgroup_describe(&cgroup);
    cgroup_release(&cgroup);
    int found = cgroup_find_named(&again, name);
    assert_true(found > 0);
    cleanup_free char *same = cgroup_describe(&again);
    assert_string_equal(text, same);
    assert_true(cgroup_is_empty(&again));
    assert_int_equal(cgroup_destroy(&again), 0);
    assert_int_equal(cgroup_find_named(&again, name), 0);
    cgroup_release(&again);
    assert_int_equal(cgroup_recall(&again, text), 0);
    cgroup_release(&again);
}

static void a_child_is_in_every_hierarchy_of_it(void **state)
{
    struct cgroup cgroup;
    struct cgroup found;

    (void)state;
    need_cgroups(&cgroup);
    pid_t pid = start_in(&cgroup, sleep_for_ever);
    cleanup_free char *text = cgroup_describe(&cgroup);
    assert_true(cgroup_find(&found, pid) > 0);
    cleanup_free char *same = cgroup_describe(&found);
    assert_string_equal(text, same);
    assert_false(cgroup_is_empty(&found));
    cleanup_free pid_t *pids = NULL;
    assert_int_equal(cgroup_pids(&found, &pids), 1);
    assert_int_equal(pids[0], pid);
    cgroup_release(&found);
    assert_int_equal(cgroup_destroy(&cgroup), 0);
    assert_int_equal(WTERMSIG(wait_for(pid)), SIGKILL);
}

static void killing_takes_all_and_frozen_ones_too(void **state)
{
    struct failure why;
    struct cgroup cgroup;

    (void)state;
    need_cgroups(&cgroup);
    pid_t pid = start_in(&cgroup, fork_three);
    cleanup_free pid_t *pids = NULL;
    for (int i = 0; i < 100 && cgroup_pids(&cgroup, &pids) < 4; i++) {
        free(pids);
        pids = NULL;
        usleep(10000);
    }
    assert_int_equal(cgroup_freeze(&cgroup, true, &why), 0);
    assert_int_equal(cgroup_kill(&cgroup, &why), 0);
    assert_true(cgroup_is_empty(&cgroup));
    assert_int_equal(WTERMSIG(wait_for(pid)), SIGKILL);
    assert_int_equal(cgroup_destroy(&cgroup), 0);
}

static void version_1_alone_can_freeze_and_kill(void **state)
{
    struct failure why;
    struct cgroup cgroup;
    cleanup_cgroup_place struct cgroup_place place;

    (void)state;
    need_cgroups(&cgroup);
    assert_int_equal(cgroup_place_find(&place, name), 0);
    if (place.own[CGROUP_FREEZER] == NULL) {
        cgroup_destroy(&cgroup);
        print_message("needs a freezer of version 1\n");
        skip();
    }
    /* As it would be on a host that has no version 2 at all. */
    assert_int_equal(rmdir(cgroup.directories[CGROUP_UNIFIED]), 0);
    free_pointer(&cgroup.directories[CGROUP_UNIFIED]);
    cgroup.directories[CGROUP_UNIFIED] = NULL;
    cgroup.directories[CGROUP_FREEZER] =
        cgroup_place_make_v1(&place, CGROUP_FREEZER);
    assert_non_null(cgroup.directories[CGROUP_FREEZER]);
    pid_t pid = start_in(&cgroup, fork_three);
    assert_int_equal(cgroup_freeze(&cgroup, true, &why), 0);
    expect_file(&cgroup, CGROUP_FREEZER, "freezer.state", "FROZEN");
    assert_int_equal(cgroup_kill(&cgroup, &why), 0);
    assert_true(cgroup_is_empty(&cgroup));
    assert_int_equal(WTERMSIG(wait_for(pid)), SIGKILL);
    assert_int_equal(cgroup_destroy(&cgroup), 0);
}

static void what_is_left_of_a_dead_one_is_in_nobodys_way(void **state)
{
    struct failure why;
    struct cgroup cgroup;
    struct cgroup next;
    cleanup_free char *below = NULL;

    (void)state;
    need_cgroups(&cgroup);
    assert_true(
        asprintf(&below, "%s/below", cgroup_knobs(&cgroup, CGROUP_PIDS)) > 0);
    assert_int_equal(mkdir(below, 0755), 0);
    assert_int_equal(cgroup_create(&next, name, &limit_none, &why), 0);
    assert_int_not_equal(access(below, F_OK), 0);
    cgroup_release(&next);
    pid_t pid = start_in(&cgroup, sleep_for_ever);
    assert_int_equal(cgroup_create(&next, name, &limit_none, &why), -1);
    assert_non_null(strstr(why.message, "EBUSY"));
    assert_int_equal(cgroup_destroy(&cgroup), 0);
    wait_for(pid);
}

static void a_parent_may_be_named_but_lead_nowhere_else(void **state)
{
    static const char *const bad[] = {
        "../duct-x", "a/../duct-x", "/../duct-x", "a//duct-x", "", "/", ".",
    };
    struct failure why;
    struct cgroup cgroup;

    (void)state;
    need_cgroups(&cgroup);
    cgroup_destroy(&cgroup);
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        if (cgroup_create(&cgroup, bad[i], &limit_none, &why) == 0)
            fail_msg("\"%s\" was taken", bad[i]);
        assert_non_null(strstr(why.message, "EINVAL"));
    }
    assert_int_equal(
        cgroup_create(&cgroup, "duct-unit-parent/duct-unit", &limit_none, &why),
        0);
    cleanup_free char *text = cgroup_describe(&cgroup);
    assert_non_null(strstr(text, "/duct-unit-parent/duct-unit\n"));
    cgroup_destroy(&cgroup);
    /* The parent stays, but it is the test's. */
    assert_true(cgroup_find_named(&cgroup, "duct-unit-parent") > 0);
    assert_int_equal(cgroup_destroy(&cgroup), 0);
}

static void limits_are_set_changed_and_cleared(void **state)
{
    struct failure why;
    struct cgroup cgroup;
    struct limits l = limit_none;

    (void)state;
    need_cgroups(&cgroup);
    cgroup_destroy(&cgroup);
    l.memory = 64 << 20;
    l.swap_default = 128 << 20;
    l.pids_default = LIMIT_PIDS_DEFAULT;
    if (cgroup_create(&cgroup, name, &l, &why) < 0)
        fail_msg("%s", why.message);
    bool v1 = cgroup.directories[CGROUP_MEMORY] != NULL;
    const char *memory = v1 ? "memory.limit_in_bytes" : "memory.max";
    expect_file(&cgroup, CGROUP_MEMORY, memory, "67108864");
    expect_file(&cgroup, CGROUP_PIDS, "pids.max", "2048");
    pid_t pid = start_in(&cgroup, sleep_for_ever);

    l = limit_none;
    l.memory = 512 << 20; /* more than memory and swap together were */
    l.memory_swap = 512 << 20;
    l.pids = LIMIT_MAX;
    l.cpu_quota = 50000; /* its hierarchy was not needed before */
    l.cpu_period = 100000;
    l.cpuset = "0";
    if (cgroup_update(&cgroup, &l, &why) < 0)
        fail_msg("%s", why.message);
    expect_file(&cgroup, CGROUP_MEMORY, memory, "536870912");
    expect_file(&cgroup, CGROUP_PIDS, "pids.max", "max");
    expect_file(&cgroup, CGROUP_CPUSET, "cpuset.cpus", "0");
    cpu_set_t set;
    assert_int_equal(sched_getaffinity(pid, sizeof(set), &set), 0);
    assert_int_equal(CPU_COUNT(&set), 1);
    struct cgroup found;
    cgroup_find(&found, pid);
    assert_non_null(cgroup_knobs(&found, CGROUP_CPU));
    cgroup_release(&found);

    l = limit_none;
    l.memory = LIMIT_MAX;
    l.swap_default = LIMIT_MAX;
    l.cpu_quota = LIMIT_MAX;
    if (cgroup_update(&cgroup, &l, &why) < 0)
        fail_msg("%s", why.message);
    expect_file(&cgroup, CGROUP_MEMORY, memory,
                v1 ? "9223372036854771712" : "max");
    assert_int_equal(cgroup_destroy(&cgroup), 0);
    wait_for(pid);
}

static void lack_of_memory_is_told_and_counted(void **state)
{
    struct failure why;
    struct cgroup cgroup;
    struct limits l = limit_none;

    (void)state;
    need_cgroups(&cgroup);
    cgroup_destroy(&cgroup);
    l.memory = 8 << 20;
    l.memory_swap = 8 << 20;
    if (cgroup_create(&cgroup, name, &l, &why) < 0)
        fail_msg("%s", why.message);
    cleanup_close int fd = cgroup_oom_fd(&cgroup);
    assert_true(fd >= 0);
    struct pollfd event = {.fd = fd, .events = POLLIN};
    assert_int_equal(poll(&event, 1, 0), 0);
    assert_int_equal(cgroup_oom_kills(&cgroup), 0);
    pid_t pid = start_in(&cgroup, eat_memory);
    assert_int_equal(poll(&event, 1, 10000), 1);
    assert_int_equal(WTERMSIG(wait_for(pid)), SIGKILL);
    assert_int_equal(cgroup_oom_kills(&cgroup), 1);
    assert_int_equal(cgroup_destroy(&cgroup), 0);
}

/* ------------------------------------------------- a host with version 2 only
 *
 * In a mount namespace of its own, /proc says that a tree of plain files is the
 * unified hierarchy, and that we are in /slice/scope. */

static void put(const char *path, const char *text)
{
    FILE *file = fopen(path, "we");

    if (file == NULL || fputs(text, file) < 0 || fclose(file) != 0)
        _exit(90);
}

static void get(const char *path, const char *expected)
{
    cleanup_free char *text = hierarchy_read("/proc", path);

    if (!str_eq(text, expected)) {
        fprintf(stderr, "/proc/%s: \"%s\", not \"%s\"\n", path, text, expected);
        _exit(1);
    }
}

static void make_version_2(void)
{
    char path[64];

    if (unshare(CLONE_NEWNS) < 0 ||
        mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ||
        mount("tmpfs", "/proc", "tmpfs", 0, NULL) < 0)
        _exit(91);
    snprintf(path, sizeof(path), "/proc/%d", getpid());
    if (mkdir("/proc/self", 0755) < 0 || mkdir(path, 0755) < 0 ||
        mkdir("/proc/v2", 0755) < 0 || mkdir("/proc/v2/slice", 0755) < 0 ||
        mkdir("/proc/v2/slice/scope", 0755) < 0)
        _exit(92);
    put("/proc/self/mountinfo",
        "1 0 0:1 / / rw - ext4 /dev/x rw\n"
        "30 24 0:26 / /proc/v2 rw,nosuid shared:4 - cgroup2 cgroup2 rw\n");
    snprintf(path, sizeof(path), "/proc/%d/cgroup", getpid());
    put(path, "0::/slice/scope\n");
    put("/proc/v2/cgroup.controllers", "cpuset cpu io memory pids\n");
    put("/proc/v2/cgroup.subtree_control", "cpu memory pids\n");
    put("/proc/v2/slice/cgroup.controllers", "cpu memory pids\n");
    put("/proc/v2/slice/cgroup.subtree_control", "memory pids\n");
    put("/proc/v2/slice/scope/cgroup.controllers", "memory pids\n");
    put("/proc/v2/slice/scope/cgroup.subtree_control", "");
}

/* Runs a test in a child, as what it does to /proc can't be undone. */
static void on_version_2(void (*work)(void))
{
    if (geteuid() != 0) {
        print_message("needs root\n");
        skip();
    }
    pid_t pid = fork();
    if (pid == 0) {
        make_version_2();
        work();
        _exit(0);
    }
    assert_int_equal(wait_for(pid), 0);
}

static void expect_made(const char *there, int wanted, const char *cgroup)
{
    cleanup_cgroup_place struct cgroup_place place;

    if (cgroup_place_find(&place, cgroup) < 0)
        _exit(2);
    cleanup_free char *made = cgroup_place_make_v2(&place, wanted);
    if (made == NULL ? there != NULL : there == NULL || !str_eq(made, there)) {
        fprintf(stderr, "%s: in %s, not %s\n", cgroup, made, there);
        _exit(3);
    }
    cleanup_free char *looked = cgroup_place_look(&place, CGROUP_UNIFIED);
    if (made != NULL && (looked == NULL || !str_eq(made, looked)))
        _exit(4);
    if (made != NULL)
        rmdir(made);
}

static void climb_as_far_as_needed(void)
{
    expect_made("/proc/v2/slice/scope/duct-1", 0, "duct-1");
    expect_made("/proc/v2/slice/duct-1", 1 << CGROUP_MEMORY, "duct-1");
    expect_made("/proc/v2/duct-1", 1 << CGROUP_CPU | 1 << CGROUP_PIDS,
                "duct-1");
    get("v2/cgroup.subtree_control", "cpu memory pids\n");
}

static void version_2_is_climbed_as_far_as_needed(void **state)
{
    (void)state;
    on_version_2(climb_as_far_as_needed);
}

static void ask_for_more(void)
{
    /* Plain files don't add "+cpuset" to what they hold; they hold it. */
    expect_made("/proc/v2/duct-1", 1 << CGROUP_CPUSET, "duct-1");
    get("v2/slice/cgroup.subtree_control", "memory pids\n");
    get("v2/cgroup.subtree_control", "+cpusetory pids\n");
}

static void only_what_is_missing_is_passed_on_anew(void **state)
{
    (void)state;
    on_version_2(ask_for_more);
}

static void ask_for_the_impossible(void)
{
    put("/proc/v2/cgroup.controllers", "cpu memory pids\n");
    expect_made(NULL, 1 << CGROUP_BLKIO, "duct-1");
    if (errno != ENOENT)
        _exit(5);
    get("v2/cgroup.subtree_control", "cpu memory pids\n");
}

static void a_controller_that_nobody_has_is_missing(void **state)
{
    (void)state;
    on_version_2(ask_for_the_impossible);
}

static void set_every_knob(void)
{
    struct failure why;
    struct cgroup cgroup = {.unified_fd = -1};
    struct limits l = {
        .memory = 64 << 20,
        .memory_reservation = 32 << 20,
        .memory_swap = 96 << 20,
        .swap_default = LIMIT_NONE,
        .swappiness = LIMIT_NONE,
        .cpu_quota = 150000,
        .cpu_period = 50000,
        .cpu_shares = 1024,
        .cpuset = "0-1,3",
        .cpuset_mems = "0",
        .pids = 100,
        .pids_default = LIMIT_NONE,
        .blkio_weight = 500,
    };
    static const char *const files[][2] = {
        {"memory.max", "67108864"},
        {"memory.low", "33554432"},
        {"memory.swap.max", "33554432"},
        {"cpu.max", "150000 50000"},
        {"cpu.weight", "39"},
        {"cpuset.cpus", "0-1,3"},
        {"cpuset.mems", "0"},
        {"pids.max", "100"},
        {"io.weight", "4950"},
    };

    for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
        cleanup_free char *path = NULL;

        (void)!asprintf(&path, "/proc/v2/%s", files[i][0]);
        put(path, "");
    }
    cgroup.directories[CGROUP_UNIFIED] = strdup("/proc/v2");
    if (cgroup_knobs_set(&cgroup, &l, &why) < 0) {
        fprintf(stderr, "%s\n", why.message);
        _exit(6);
    }
    for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
        cleanup_free char *path = NULL;

        (void)!asprintf(&path, "v2/%s", files[i][0]);
        get(path, files[i][1]);
    }
    free(cgroup.directories[CGROUP_UNIFIED]);
}

static void version_2_has_its_own_files_and_formats(void **state)
{
    (void)state;
    on_version_2(set_every_knob);
}

static void clear_every_knob(void)
{
    struct failure why;
    struct cgroup cgroup = {.unified_fd = -1};
    struct limits l = limit_none;

    put("/proc/v2/memory.max", "");
    put("/proc/v2/memory.swap.max", "");
    put("/proc/v2/cpu.max", "");
    put("/proc/v2/pids.max", "");
    cgroup.directories[CGROUP_UNIFIED] = strdup("/proc/v2");
    l.memory = l.memory_swap = l.cpu_quota = l.pids = LIMIT_MAX;
    if (cgroup_knobs_set(&cgroup, &l, &why) < 0)
        _exit(6);
    get("v2/memory.max", "max");
    get("v2/memory.swap.max", "max");
    get("v2/cpu.max", "max 100000");
    get("v2/pids.max", "max");
    l = limit_none;
    l.swappiness = 10;
    if (cgroup_knobs_set(&cgroup, &l, &why) == 0 ||
        strstr(why.message, "--memory-swappiness") == NULL)
        _exit(7);
    free(cgroup.directories[CGROUP_UNIFIED]);
}

static void version_2_is_cleared_by_a_word(void **state)
{
    (void)state;
    on_version_2(clear_every_knob);
}

/* A plain file isn't cut when it is written to. */
static void make_limits(struct cgroup *cgroup)
{
    *cgroup = (struct cgroup){.unified_fd = -1};
    for (int h = 0; h < CGROUP_HIERARCHIES; h++)
        cgroup->doors[h] = -1;
    cgroup->name = strdup("duct-1");
    cgroup->directories[CGROUP_UNIFIED] = strdup("/proc/v2");
    put("/proc/v2/memory.max", "64000000");
    put("/proc/v2/memory.stat", "anon 32000000\nfile 50000000\n");
    put("/proc/v2/pids.max", "50");
    put("/proc/v2/cpu.weight", "99");
    put("/proc/v2/cpu.max", "900000 100000");
}

static void expect_limits(const char *memory, const char *pids)
{
    get("v2/memory.max", memory);
    get("v2/pids.max", pids);
    get("v2/cpu.weight", "99");
    get("v2/cpu.max", "900000 100000");
}

static void update_what_fits(void)
{
    struct limits l = limit_none;
    struct cgroup cgroup;
    struct failure why;

    make_limits(&cgroup);
    l.memory = 32000000;
    l.pids = 60;
    if (cgroup_update(&cgroup, &l, &why) < 0)
        _exit(8);
    expect_limits("32000000", "60");
    cgroup_release(&cgroup);
}

static void update_what_does_not_fit(void)
{
    struct limits l = limit_none;
    struct cgroup cgroup;
    struct failure why;

    make_limits(&cgroup);
    l.memory = 65000000;
    l.cpu_shares = 512;
    l.cpu_quota = 500000;
    l.pids = 60;
    l.blkio_weight = 100; /* which has no file here */
    if (cgroup_update(&cgroup, &l, &why) == 0 ||
        strstr(why.message, "--blkio-weight") == NULL)
        _exit(9);
    expect_limits("64000000", "50");
    cgroup_release(&cgroup);
}

static void update_below_use(void)
{
    struct limits l = limit_none;
    struct cgroup cgroup;
    struct failure why;

    make_limits(&cgroup);
    l.memory = 31999999;
    l.pids = 60;
    if (cgroup_update(&cgroup, &l, &why) == 0 ||
        strstr(why.message, "more is in use than that") == NULL)
        _exit(10);
    expect_limits("64000000", "50");
    cgroup_release(&cgroup);
}

static void an_update_is_done_as_a_whole(void **state)
{
    (void)state;
    on_version_2(update_what_fits);
}

static void an_update_is_refused_as_a_whole(void **state)
{
    (void)state;
    on_version_2(update_what_does_not_fit);
}

static void version_2_may_not_kill_for_a_new_limit(void **state)
{
    (void)state;
    on_version_2(update_below_use);
}

const struct CMUnitTest cgroup_tests[] = {
    cmocka_unit_test(a_cgroup_is_found_by_its_name_without_a_process),
    cmocka_unit_test(a_child_is_in_every_hierarchy_of_it),
    cmocka_unit_test(killing_takes_all_and_frozen_ones_too),
    cmocka_unit_test(version_1_alone_can_freeze_and_kill),
    cmocka_unit_test(what_is_left_of_a_dead_one_is_in_nobodys_way),
    cmocka_unit_test(a_parent_may_be_named_but_lead_nowhere_else),
    cmocka_unit_test(limits_are_set_changed_and_cleared),
    cmocka_unit_test(lack_of_memory_is_told_and_counted),
    cmocka_unit_test(version_2_is_climbed_as_far_as_needed),
    cmocka_unit_test(only_what_is_missing_is_passed_on_anew),
    cmocka_unit_test(a_controller_that_nobody_has_is_missing),
    cmocka_unit_test(version_2_has_its_own_files_and_formats),
    cmocka_unit_test(version_2_is_cleared_by_a_word),
    cmocka_unit_test(an_update_is_done_as_a_whole),
    cmocka_unit_test(an_update_is_refused_as_a_whole),
    cmocka_unit_test(version_2_may_not_kill_for_a_new_limit),
};
const size_t cgroup_count = sizeof(cgroup_tests) / sizeof(cgroup_tests[0]);
