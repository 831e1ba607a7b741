/*
 * stats: docker's record, out of files as the kernel writes them.
 */
#include <fcntl.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "cgroup.h"
#include "cleanup.h"
#include "ids.h"
#include "stats.h"
#include "tree.h"

#include <cmocka.h> /* after failure.h: it has another fail() */

static void put(const char *directory, const char *name, const char *text)
{
    cleanup_free char *path = NULL;

    assert_true(asprintf(&path, "%s/%s", directory, name) > 0);
    FILE *file = fopen(path, "we");
    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
}

static json_int_t number(const json_t *record, const char *path)
{
    cleanup_free char *copy = strdup(path);
    char *rest = copy;
    const char *key;

    while ((key = strsep(&rest, ".")) != NULL)
        record = json_object_get(record, key);
    if (!json_is_integer(record))
        fail_msg("%s is no number", path);
    return json_integer_value(record);
}

/* A directory with the files of a cgroup of version 2. */
static char *make_v2(void)
{
    char *directory = strdup("/tmp/duct-stats-XXXXXX");

    assert_non_null(mkdtemp(directory));
    put(directory, "memory.current", "1000000\n");
    put(directory, "memory.max", "4000000\n");
    put(directory, "memory.stat", "anon 600000\ninactive_file 200000\n");
    put(directory, "cpu.stat",
        "usage_usec 3000000\nuser_usec 2000000\nsystem_usec 1000000\n"
        "nr_periods 7\nnr_throttled 2\nthrottled_usec 5\n");
    put(directory, "pids.current", "3\n");
    put(directory, "pids.max", "max\n");
    put(directory, "io.stat",
        "254:0 rbytes=4096 wbytes=8192 rios=1 wios=2 dbytes=0 dios=0\n"
        "7:1 rbytes=1 wbytes=2 rios=3 wios=4\n");
    return directory;
}

static json_t *read_from(struct cgroup *cgroup, const json_t *previous)
{
    struct failure why;
    struct stats_subject subject = {"12", "/web", cgroup, 0};
    json_t *record = stats_read(&subject, previous, &why);

    if (record == NULL)
        fail_msg("%s", why.message);
    return record;
}

static void version_2_is_read(void **state)
{
    struct cgroup cgroup = {.unified_fd = -1};
    cleanup_free char *directory = make_v2();

    (void)state;
    cgroup.directories[CGROUP_UNIFIED] = directory;
    json_t *r = read_from(&cgroup, NULL);
    assert_int_equal(number(r, "cpu_stats.cpu_usage.total_usage"), 3000000000);
    assert_int_equal(number(r, "cpu_stats.cpu_usage.usage_in_usermode"),
                     2000000000);
    assert_int_equal(number(r, "cpu_stats.cpu_usage.usage_in_kernelmode"),
                     1000000000);
    assert_int_equal(number(r, "cpu_stats.throttling_data.periods"), 7);
    assert_int_equal(number(r, "cpu_stats.throttling_data.throttled_time"),
                     5000);
    assert_int_equal(number(r, "precpu_stats.cpu_usage.total_usage"), 0);
    assert_int_equal(number(r, "memory_stats.usage"), 1000000);
    assert_int_equal(number(r, "memory_stats.limit"), 4000000);
    assert_int_equal(number(r, "memory_stats.stats.anon"), 600000);
    assert_int_equal(number(r, "pids_stats.current"), 3);
    assert_int_equal(number(r, "pids_stats.limit"), 0);
    assert_string_equal(json_string_value(json_object_get(r, "preread")),
                        TIME_NEVER);
    struct stats_display d = stats_display(r);
    assert_string_equal(d.name, "/web");
    assert_float_equal(d.memory, 800000, 0);
    assert_float_equal(d.memory_percent, 20, 0.001);
    assert_float_equal(d.read, 4097, 0);
    assert_float_equal(d.written, 8194, 0);
    assert_int_equal(d.pids, 3);
    json_decref(r);
    tree_remove(AT_FDCWD, directory);
}

static void version_1_is_read(void **state)
{
    struct cgroup cgroup = {.unified_fd = -1};
    char directory[] = "/tmp/duct-stats-XXXXXX";

    (void)state;
    assert_non_null(mkdtemp(directory));
    put(directory, "memory.usage_in_bytes", "1000000\n");
    put(directory, "memory.limit_in_bytes", "9223372036854771712\n");
    put(directory, "memory.stat",
        "inactive_file 1\ntotal_inactive_file 300000\n");
    put(directory, "memory.failcnt", "4\n");
    put(directory, "cpuacct.usage", "3000000000\n");
    put(directory, "cpuacct.stat", "user 200\nsystem 100\n");
    put(directory, "cpuacct.usage_percpu", "1000000000 2000000000 \n");
    put(directory, "blkio.throttle.io_service_bytes_recursive",
        "254:0 Read 4096\n254:0 Write 8192\n254:0 Sync 1\n254:0 Total 12288\n"
        "Total 12288\n");
    cgroup.directories[CGROUP_MEMORY] = directory;
    cgroup.directories[CGROUP_CPUACCT] = directory;
    cgroup.directories[CGROUP_BLKIO] = directory;
    json_t *r = read_from(&cgroup, NULL);
    assert_int_equal(number(r, "cpu_stats.cpu_usage.total_usage"), 3000000000);
    assert_int_equal(number(r, "cpu_stats.cpu_usage.usage_in_usermode") *
                         sysconf(_SC_CLK_TCK) / 100,
                     2000000000);
    json_t *each = json_object_get(
        json_object_get(json_object_get(r, "cpu_stats"), "cpu_usage"),
        "percpu_usage");
    assert_int_equal(json_array_size(each), 2);
    assert_int_equal(json_integer_value(json_array_get(each, 1)), 2000000000);
    assert_int_equal(number(r, "memory_stats.failcnt"), 4);
    /* Whoever has no limit may have all there is. */
    assert_int_equal(number(r, "memory_stats.limit"),
                     sysconf(_SC_PHYS_PAGES) * sysconf(_SC_PAGESIZE));
    struct stats_display d = stats_display(r);
    assert_float_equal(d.memory, 700000, 0);
    assert_float_equal(d.read, 4096, 0);
    assert_float_equal(d.written, 8192, 0);
    json_decref(r);
    tree_remove(AT_FDCWD, directory);
}

static void two_samples_tell_how_busy_it_is(void **state)
{
    json_error_t error;
    json_t *record =
        json_loads("{\"cpu_stats\":{\"cpu_usage\":{\"total_usage\":1500},"
                   "\"system_cpu_usage\":14000,\"online_cpus\":2},"
                   "\"precpu_stats\":{\"cpu_usage\":{\"total_usage\":500},"
                   "\"system_cpu_usage\":10000}}",
                   0, &error);

    (void)state;
    assert_float_equal(stats_display(record).cpu_percent, 50, 0.0001);
    json_decref(record);
}

static void the_sample_before_is_handed_on(void **state)
{
    struct cgroup cgroup = {.unified_fd = -1};
    cleanup_free char *directory = make_v2();

    (void)state;
    cgroup.directories[CGROUP_UNIFIED] = directory;
    json_t *one = read_from(&cgroup, NULL);
    put(directory, "cpu.stat", "usage_usec 3500000\n");
    json_t *two = read_from(&cgroup, one);
    assert_int_equal(number(two, "cpu_stats.cpu_usage.total_usage"),
                     3500000000);
    assert_int_equal(number(two, "precpu_stats.cpu_usage.total_usage"),
                     3000000000);
    assert_true(json_equal(json_object_get(two, "preread"),
                           json_object_get(one, "read")));
    json_decref(two);
    json_decref(one);
    tree_remove(AT_FDCWD, directory);
}

static void who_does_not_run_uses_nothing(void **state)
{
    json_t *r = read_from(NULL, NULL);

    (void)state;
    assert_int_equal(number(r, "cpu_stats.cpu_usage.total_usage"), 0);
    assert_string_equal(json_string_value(json_object_get(r, "read")),
                        TIME_NEVER);
    assert_null(json_object_get(r, "networks"));
    struct stats_display d = stats_display(r);
    assert_float_equal(d.cpu_percent, 0, 0);
    assert_float_equal(d.memory_percent, 0, 0);
    json_decref(r);
}

/* In a namespace of its own, /proc is what we say. */
static void read_interfaces(void)
{
    struct cgroup cgroup = {.unified_fd = -1,
                            .directories = {[CGROUP_UNIFIED] = "/proc"}};
    struct stats_subject subject = {"12", "/web", &cgroup, 7};
    struct failure why;

    if (unshare(CLONE_NEWNS) < 0 ||
        mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ||
        mount("tmpfs", "/proc", "tmpfs", 0, NULL) < 0 ||
        mkdir("/proc/7", 0755) < 0 || mkdir("/proc/7/net", 0755) < 0)
        _exit(2);
    put("/proc/7/net", "dev",
        "Inter-|   Receive                         |  Transmit\n"
        " face |bytes    packets errs drop fifo frame compressed multicast|"
        "bytes    packets errs drop fifo colls carrier compressed\n"
        "    lo:     100       1    0    0    0     0          0         0 "
        "    100       1    0    0    0     0       0          0\n"
        "  eth0:    1000      10    1    2    0     0          0         0 "
        "   2000      20    3    4    0     0       0          0\n"
        "  eth1:18446744073709551616 x\n");
    json_t *r = stats_read(&subject, NULL, &why);
    json_t *networks = json_object_get(r, "networks");
    struct stats_display d = stats_display(r);
    _exit(json_object_size(networks) == 2 &&
                  number(networks, "eth0.rx_bytes") == 1000 &&
                  number(networks, "eth0.rx_packets") == 10 &&
                  number(networks, "eth0.rx_errors") == 1 &&
                  number(networks, "eth0.rx_dropped") == 2 &&
                  number(networks, "eth0.tx_bytes") == 2000 &&
                  number(networks, "eth0.tx_dropped") == 4 &&
                  number(networks, "eth1.rx_bytes") == 0 &&
                  d.received == 1000 && d.sent == 2000
              ? 0
              : 1);
}

static void interfaces_are_counted_but_for_the_loop(void **state)
{
    int status;

    (void)state;
    if (geteuid() != 0) {
        print_message("needs root\n");
        skip();
    }
    pid_t pid = fork();
    if (pid == 0)
        read_interfaces();
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(status, 0);
}

const struct CMUnitTest stats_tests[] = {
    cmocka_unit_test(version_2_is_read),
    cmocka_unit_test(version_1_is_read),
    cmocka_unit_test(two_samples_tell_how_busy_it_is),
    cmocka_unit_test(the_sample_before_is_handed_on),
    cmocka_unit_test(who_does_not_run_uses_nothing),
    cmocka_unit_test(interfaces_are_counted_but_for_the_loop),
};
const size_t stats_count = sizeof(stats_tests) / sizeof(stats_tests[0]);
