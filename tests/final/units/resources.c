/*
 * resources: limits out of a HostConfig, and docker's words for nonsense.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "cleanup.h"
#include "limit.h"
#include "resources.h"

#include <cmocka.h> /* after failure.h: it has another fail() */

static json_t *parse(const char *text)
{
    json_error_t error;
    json_t *json = json_loads(text, 0, &error);

    if (json == NULL)
        fail_msg("%s: %s", text, error.text);
    return json;
}

static void refuses(const char *host_config, const char *message)
{
    struct failure why = {0};
    struct limits l;
    json_t *json = parse(host_config);

    if (resources_limits(json, &l, &why) == 0)
        fail_msg("%s was taken", host_config);
    assert_string_equal(why.message, message);
    assert_int_equal(why.kind, FAILURE_BAD_PARAMETER);
    json_decref(json);
}

static struct limits takes(json_t *json)
{
    struct failure why;
    struct limits l;

    if (resources_limits(json, &l, &why) < 0)
        fail_msg("%s", why.message);
    return l;
}

static void nonsense_is_refused_in_dockers_words(void **state)
{
    (void)state;
    refuses("{\"Memory\":6291455}", "Minimum memory limit allowed is 6MB");
    refuses("{\"Memory\":-2}", "Minimum memory limit allowed is 6MB");
    refuses("{\"MemoryReservation\":1024}",
            "Minimum memory reservation allowed is 6MB");
    refuses("{\"Memory\":67108864,\"MemorySwap\":67108863}",
            "Minimum memoryswap limit should be larger than memory limit, see "
            "usage");
    refuses("{\"MemorySwap\":67108864}",
            "You should always set the Memory limit when using Memoryswap "
            "limit, see usage");
    refuses("{\"Memory\":67108864,\"MemoryReservation\":67108865}",
            "Minimum memory limit can not be less than memory reservation "
            "limit, see usage");
    refuses("{\"MemorySwappiness\":101}",
            "Invalid value: 101, valid memory swappiness range is 0-100");
    refuses("{\"CpuPeriod\":999}",
            "CPU cfs period can not be less than 1ms (i.e. 1000) or larger "
            "than 1s (i.e. 1000000)");
    refuses("{\"CpuPeriod\":1000001}",
            "CPU cfs period can not be less than 1ms (i.e. 1000) or larger "
            "than 1s (i.e. 1000000)");
    refuses("{\"CpuQuota\":999}",
            "CPU cfs quota can not be less than 1ms (i.e. 1000)");
    refuses("{\"NanoCpus\":500000000,\"CpuQuota\":50000}",
            "Conflicting options: Nano CPUs and CPU Quota cannot both be set");
    refuses("{\"NanoCpus\":500000000,\"CpuPeriod\":50000}",
            "Conflicting options: Nano CPUs and CPU Period cannot both be set");
    refuses("{\"CpuShares\":-1}",
            "invalid CPU shares (-1): value must be a positive integer");
    refuses("{\"BlkioWeight\":9}", "Range of blkio weight is from 10 to 1000");
    refuses("{\"BlkioWeight\":1001}",
            "Range of blkio weight is from 10 to 1000");
    refuses("{\"CpusetCpus\":\"0-\"}", "Invalid value 0- for cpuset cpus");
    refuses("{\"CpusetCpus\":\"1-0\"}", "Invalid value 1-0 for cpuset cpus");
    refuses("{\"CpusetCpus\":\"0-4294967295\"}",
            "Invalid value 0-4294967295 for cpuset cpus");
    refuses("{\"CpusetMems\":\"x\"}", "Invalid value x for cpuset mems");
    refuses("{\"Memory\":\"64m\"}",
            "HostConfig.Memory has to be a whole number");
    refuses("{\"Memory\":1e9}", "HostConfig.Memory has to be a whole number");
}

static void more_cpus_than_there_are_are_refused(void **state)
{
    cleanup_free char *config = NULL;
    cleanup_free char *message = NULL;
    long there = sysconf(_SC_NPROCESSORS_ONLN);

    (void)state;
    assert_true(asprintf(&message,
                         "Range of CPUs is from 0.01 to %ld.00, as there are "
                         "only %ld CPUs available",
                         there, there) > 0);
    assert_true(asprintf(&config, "{\"NanoCpus\":%ld000000001}", there) > 0);
    refuses(config, message);
    refuses("{\"NanoCpus\":9999999}", message);
    refuses("{\"NanoCpus\":-1}", message);
    struct failure why;
    struct limits l;
    json_t *json = parse("{\"CpusetCpus\":\"0,8191\"}");
    assert_int_equal(resources_limits(json, &l, &why), -1);
    assert_non_null(strstr(why.message, "Requested CPUs are not available - "
                                        "requested 0,8191, available: 0"));
    json_decref(json);
}

static void what_is_said_becomes_limits(void **state)
{
    json_t *json =
        parse("{\"Memory\":67108864,\"MemorySwap\":134217728,"
              "\"MemoryReservation\":33554432,\"MemorySwappiness\":0,"
              "\"NanoCpus\":1500000000,\"CpuShares\":512,\"CpusetCpus\":\"0\","
              "\"CpusetMems\":\"0\",\"PidsLimit\":100,\"BlkioWeight\":300,"
              "\"OomKillDisable\":true}");
    struct limits l;

    (void)state;
    if (sysconf(_SC_NPROCESSORS_ONLN) < 2)
        json_object_set_new(json, "NanoCpus", json_integer(0));
    l = takes(json);
    assert_int_equal(l.memory, 67108864);
    assert_int_equal(l.memory_swap, 134217728);
    assert_int_equal(l.swap_default, LIMIT_NONE);
    assert_int_equal(l.memory_reservation, 33554432);
    assert_int_equal(l.swappiness, 0);
    if (sysconf(_SC_NPROCESSORS_ONLN) >= 2) {
        assert_int_equal(l.cpu_quota, 150000);
        assert_int_equal(l.cpu_period, 100000);
    }
    assert_int_equal(l.cpu_shares, 512);
    assert_string_equal(l.cpuset, "0");
    assert_string_equal(l.cpuset_mems, "0");
    assert_int_equal(l.pids, 100);
    assert_int_equal(l.pids_default, LIMIT_NONE);
    assert_int_equal(l.blkio_weight, 300);
    assert_true(l.oom_kill_disable);
    json_decref(json);
}

/* What docker's client sends when nobody has typed a flag. */
static void nothing_said_is_no_limit_but_of_processes(void **state)
{
    json_t *json =
        parse("{\"Memory\":0,\"MemorySwap\":0,\"MemoryReservation\":0,"
              "\"MemorySwappiness\":-1,\"NanoCpus\":0,\"CpuShares\":0,"
              "\"CpuPeriod\":0,\"CpuQuota\":0,\"CpusetCpus\":\"\","
              "\"CpusetMems\":\"\",\"PidsLimit\":0,\"BlkioWeight\":0,"
              "\"OomKillDisable\":false}");
    struct limits l = takes(json);
    struct limits none = limit_none;

    (void)state;
    none.pids_default = LIMIT_PIDS_DEFAULT;
    assert_memory_equal(&l, &none, sizeof(l));
    json_decref(json);
}

static void minus_one_takes_a_limit_away(void **state)
{
    json_t *json = parse("{\"PidsLimit\":-1,\"Memory\":67108864,"
                         "\"MemorySwap\":-1,\"CpuQuota\":-1}");
    struct limits l = takes(json);

    (void)state;
    assert_true(l.pids == LIMIT_MAX);
    assert_int_equal(l.pids_default, LIMIT_NONE);
    assert_true(l.memory_swap == LIMIT_MAX);
    assert_true(l.cpu_quota == LIMIT_MAX);
    json_decref(json);
}

static void creation_fills_in_swap(void **state)
{
    struct failure why;
    json_t *json = parse("{\"Memory\":67108864,\"MemorySwap\":0}");
    json_t *warnings = json_array();

    (void)state;
    assert_int_equal(resources_settle(json, warnings, &why), 0);
    assert_int_equal(json_integer_value(json_object_get(json, "MemorySwap")),
                     134217728);
    assert_int_equal(json_array_size(warnings), 0);
    json_decref(json);
    json_decref(warnings);
}

static void a_cgroup_is_named_by_parent_and_id(void **state)
{
    static const char *const cases[][2] = {
        {"{}", "duct-12"},
        {"{\"CgroupParent\":\"\"}", "duct-12"},
        {"{\"CgroupParent\":\"/\"}", "/duct-12"},
        {"{\"CgroupParent\":\"/a/b/\"}", "/a/b/duct-12"},
        {"{\"CgroupParent\":\"a.slice\"}", "a.slice/duct-12"},
        {"{\"CgroupParent\":\"/../a\"}", NULL},
        {"{\"CgroupParent\":\"a/..\"}", NULL},
        {"{\"CgroupParent\":\"a//b\"}", NULL},
        {"{\"CgroupParent\":\"a\\nname b\"}", NULL},
    };
    struct failure why;

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        json_t *json = parse(cases[i][0]);
        cleanup_free char *name = resources_cgroup_name(json, "12", &why);

        if (cases[i][1] == NULL) {
            assert_null(name);
            assert_int_equal(why.kind, FAILURE_BAD_PARAMETER);
        } else {
            assert_non_null(name);
            assert_string_equal(name, cases[i][1]);
        }
        json_decref(json);
    }
}

/* Compares what becomes of a HostConfig with a text, or with docker's words. */
static void update(const char *old_text, const char *changes_text,
                   const char *expected, const char *message)
{
    struct failure why = {0};
    json_t *old = parse(old_text);
    json_t *changes = parse(changes_text);
    json_t *merged = NULL;
    int status = resources_update(old, changes, &merged, &why);

    if (expected != NULL) {
        if (status < 0)
            fail_msg("%s", why.message);
        json_t *wanted = parse(expected);
        cleanup_free char *got = json_dumps(merged, JSON_SORT_KEYS);
        cleanup_free char *want = json_dumps(wanted, JSON_SORT_KEYS);
        assert_string_equal(got, want);
        json_decref(wanted);
    } else {
        assert_int_equal(status, -1);
        assert_null(merged);
        assert_string_equal(why.message, message);
    }
    json_decref(merged);
    json_decref(changes);
    json_decref(old);
}

static void an_update_leaves_what_it_does_not_name(void **state)
{
    (void)state;
    update("{\"Memory\":67108864,\"MemorySwap\":134217728,\"X\":[1]}",
           "{\"Memory\":0,\"PidsLimit\":null,\"CpusetCpus\":\"\","
           "\"CpuShares\":512,\"X\":2}",
           "{\"Memory\":67108864,\"MemorySwap\":134217728,\"X\":[1],"
           "\"CpuShares\":512}",
           NULL);
    update("{\"Memory\":67108864,\"MemorySwap\":134217728}",
           "{\"Memory\":134217728}",
           "{\"Memory\":134217728,\"MemorySwap\":134217728}", NULL);
    update("{}", "{\"Memory\":67108864}",
           "{\"Memory\":67108864,\"MemorySwap\":134217728}", NULL);
    update("{\"Memory\":67108864,\"MemorySwap\":134217728}",
           "{\"Memory\":-1,\"PidsLimit\":-1}",
           "{\"Memory\":-1,\"MemorySwap\":-1,\"PidsLimit\":-1}", NULL);
}

static void an_update_that_does_not_fit_is_refused(void **state)
{
    (void)state;
    update("{\"Memory\":67108864,\"MemorySwap\":134217728}",
           "{\"Memory\":134217729}", NULL,
           "Memory limit should be smaller than already set memoryswap limit, "
           "update the memoryswap at the same time");
    update("{\"NanoCpus\":500000000}", "{\"CpuQuota\":50000}", NULL,
           "Conflicting options: CPU Quota cannot be updated as NanoCPUs has "
           "already been set");
    update("{\"CpuPeriod\":50000}", "{\"NanoCpus\":500000000}", NULL,
           "Conflicting options: Nano CPUs cannot be updated as CPU Period "
           "has already been set");
    update("{\"Memory\":67108864,\"MemorySwap\":134217728}",
           "{\"MemorySwap\":6291456}", NULL,
           "Minimum memoryswap limit should be larger than memory limit, see "
           "usage");
    update("{}", "{\"Memory\":1}", NULL, "Minimum memory limit allowed is 6MB");
}

const struct CMUnitTest resources_tests[] = {
    cmocka_unit_test(nonsense_is_refused_in_dockers_words),
    cmocka_unit_test(more_cpus_than_there_are_are_refused),
    cmocka_unit_test(what_is_said_becomes_limits),
    cmocka_unit_test(nothing_said_is_no_limit_but_of_processes),
    cmocka_unit_test(minus_one_takes_a_limit_away),
    cmocka_unit_test(creation_fills_in_swap),
    cmocka_unit_test(a_cgroup_is_named_by_parent_and_id),
    cmocka_unit_test(an_update_leaves_what_it_does_not_name),
    cmocka_unit_test(an_update_that_does_not_fit_is_refused),
};
const size_t resources_count =
    sizeof(resources_tests) / sizeof(resources_tests[0]);
