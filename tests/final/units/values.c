/*
 * values: flags' values of many kinds, as docker's client reads them.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "cleanup.h"
#include "device_spec.h"
#include "endpoint.h"
#include "env_file.h"
#include "security_opt.h"
#include "values.h"

#include <cmocka.h> /* after failure.h: it has another fail() */

typedef int reader(json_t *into, const char *text, struct failure *why);

struct row {
    const char *text, *found;
};

/* Each row read into something of its own. */
static void check(reader *read, bool is_array, const struct row *rows,
                  size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct failure why = {0};
        json_auto_t *into = is_array ? json_array() : json_object();
        int status = read(into, rows[i].text, &why);
        cleanup_free char *found =
            status < 0 ? strdup(why.message)
                       : json_dumps(into, JSON_COMPACT | JSON_SORT_KEYS);

        assert_string_equal(found, rows[i].found);
    }
}

#define COUNT(rows) (sizeof(rows) / sizeof(*(rows)))

static void labels_have_names(void **state)
{
    static const struct row rows[] = {
        {"a=b=c", "{\"a\":\"b=c\"}"},
        {"a", "{\"a\":\"\"}"},
        {" a=b", "{\" a\":\"b\"}"},
        {"", "invalid label '': empty name"},
        {"=x", "invalid label '=x': empty name"},
        {"a b=c", "label 'a b' contains whitespaces"},
        {"a=\xff", "\"a=\xff\" is not UTF-8"},
    };

    (void)state;
    check(value_label, false, rows, COUNT(rows));
}

static void variables_may_be_ours(void **state)
{
    static const struct row rows[] = {
        {"A=1", "[\"A=1\"]"},
        {"A=", "[\"A=\"]"},
        {"DUCT_UNIT", "[\"DUCT_UNIT=x=y\"]"},
        {"DUCT_NO_UNIT", "[\"DUCT_NO_UNIT\"]"},
        {"", "invalid environment variable: "},
        {"=x", "invalid environment variable: =x"},
    };

    (void)state;
    setenv("DUCT_UNIT", "x=y", 1);
    check(value_env, true, rows, COUNT(rows));
    unsetenv("DUCT_UNIT");
}

static void filters_are_lists_by_name(void **state)
{
    static const struct row rows[] = {
        {"name=x", "{\"name\":[\"x\"]}"},
        {" Label = a=b ", "{\"label\":[\"a=b\"]}"},
        {"", "{}"},
        {"x", "bad format of filter (expected name=value)"},
    };
    json_auto_t *both = json_object();
    struct failure why;

    (void)state;
    check(value_filter, false, rows, COUNT(rows));
    assert_int_equal(value_filter(both, "name=x", &why), 0);
    assert_int_equal(value_filter(both, "name=y", &why), 0);
    assert_int_equal(json_array_size(json_object_get(both, "name")), 2);
}

static void ulimits_are_soft_and_hard(void **state)
{
    static const struct row rows[] = {
        {"nofile=5", "[{\"Hard\":5,\"Name\":\"nofile\",\"Soft\":5}]"},
        {"nofile=5:6", "[{\"Hard\":6,\"Name\":\"nofile\",\"Soft\":5}]"},
        {"core=-1", "[{\"Hard\":-1,\"Name\":\"core\",\"Soft\":-1}]"},
        {"core=5:-1", "[{\"Hard\":-1,\"Name\":\"core\",\"Soft\":5}]"},
        {"x", "invalid ulimit argument: x"},
        {"foo=1", "invalid ulimit type: foo"},
        {"nofile=a", "strconv.ParseInt: parsing \"a\": invalid syntax"},
        {"nofile=1:a", "strconv.ParseInt: parsing \"a\": invalid syntax"},
        {"nofile=", "strconv.ParseInt: parsing \"\": invalid syntax"},
        {"nofile=10:5", "ulimit soft limit must be less than or equal to hard "
                        "limit: 10 > 5"},
        {"nofile=-1:5", "ulimit soft limit must be less than or equal to hard "
                        "limit: soft: -1 (unlimited), hard: 5"},
        {"nofile=1:2:3", "too many limit value arguments - 1:2:3, can only "
                         "have up to two, `soft[:hard]`"},
        {"nofile=-2", "invalid ulimit: -2:-2: -1 is none, less there is not"},
    };
    json_auto_t *twice = json_array();
    struct failure why;

    (void)state;
    check(value_ulimit, true, rows, COUNT(rows));
    assert_int_equal(value_ulimit(twice, "core=1", &why), 0);
    assert_int_equal(value_ulimit(twice, "core=2", &why), 0);
    assert_int_equal(json_array_size(twice), 1);
}

static void devices_have_paths_and_modes(void **state)
{
    static const struct row rows[] = {
        {"/a", "[{\"CgroupPermissions\":\"rwm\",\"PathInContainer\":\"/a\","
               "\"PathOnHost\":\"/a\"}]"},
        {"/a:rw", "[{\"CgroupPermissions\":\"rw\",\"PathInContainer\":\"/a\","
                  "\"PathOnHost\":\"/a\"}]"},
        {"/a:/b", "[{\"CgroupPermissions\":\"rwm\",\"PathInContainer\":\"/b\","
                  "\"PathOnHost\":\"/a\"}]"},
        {"/a:/b:m", "[{\"CgroupPermissions\":\"m\",\"PathInContainer\":\"/b\","
                    "\"PathOnHost\":\"/a\"}]"},
        {"a", "a is not an absolute path"},
        {"/a:rr", "rr is not an absolute path"},
        {"/a:/b:q", "bad mode specified: q"},
        {"/a:/b:", "bad mode specified: "},
        {"/a:/b:r:w", "bad format for path: /a:/b:r:w"},
        {"", "bad format for path: "},
        {":/a", "bad format for path: :/a"},
    };
    static const struct row rules[] = {
        {"c 1:3 rwm", "[\"c 1:3 rwm\"]"},
        {"a *:* r", "[\"a *:* r\"]"},
        {"b 8:* m", "[\"b 8:* m\"]"},
        {"", "invalid device cgroup format ''"},
        {"x 1:3 r", "invalid device cgroup format 'x 1:3 r'"},
        {"c 1:3", "invalid device cgroup format 'c 1:3'"},
        {"c 1:3 ", "invalid device cgroup format 'c 1:3 '"},
        {"c 1 r", "invalid device cgroup format 'c 1 r'"},
        {"c 1:3 rwmr", "invalid device cgroup format 'c 1:3 rwmr'"},
    };

    (void)state;
    check(device_spec, true, rows, COUNT(rows));
    check(device_spec_rule, true, rules, COUNT(rules));
}

static void restart_policies_may_count(void **state)
{
    static const struct row rows[] = {
        {"no", "{\"MaximumRetryCount\":0,\"Name\":\"no\"}"},
        {"on-failure:3", "{\"MaximumRetryCount\":3,\"Name\":\"on-failure\"}"},
        {"on-failure:", "{\"MaximumRetryCount\":0,\"Name\":\"on-failure\"}"},
        {"", "{\"MaximumRetryCount\":0,\"Name\":\"\"}"},
        {":3", "invalid restart policy format: no policy provided before "
               "colon"},
        {"on-failure:x", "invalid restart policy format: maximum retry count "
                         "must be an integer"},
        {"on-failure:9999999999",
         "invalid restart policy format: maximum retry count must be an "
         "integer"},
    };

    (void)state;
    check(value_restart, false, rows, COUNT(rows));
}

static void hosts_and_domains_are_checked(void **state)
{
    static const struct row hosts[] = {
        {"a:1.2.3.4", "[\"a:1.2.3.4\"]"},
        {"a=1.2.3.4", "[\"a:1.2.3.4\"]"},
        {"a:::1", "[\"a:::1\"]"},
        {"a=[::1]", "[\"a:::1\"]"},
        {"a:host-gateway", "[\"a:host-gateway\"]"},
        {"a", "bad format for add-host: \"a\""},
        {":1.2.3.4", "bad format for add-host: \":1.2.3.4\""},
        {"a:b=1.2.3.4", "bad format for add-host: \"a:b=1.2.3.4\""},
        {"a:b", "invalid IP address in add-host: \"b\""},
    };
    static const struct row domains[] = {
        {".", "[\".\"]"},
        {"a.b-c.d", "[\"a.b-c.d\"]"},
        {"a.b.", "[\"a.b\"]"},
        {"a_b", "a_b is not a valid domain"},
        {"-a", "-a is not a valid domain"},
        {"a..b", "a..b is not a valid domain"},
        {"12", "12 is not a valid domain"},
        {"", " is not a valid domain"},
    };
    static const struct row addresses[] = {
        {"1.2.3.4", "[\"1.2.3.4\"]"},
        {" ::1", "[\"::1\"]"},
        {"x", "IP address is not correctly formatted: x"},
    };

    (void)state;
    check(value_host, true, hosts, COUNT(hosts));
    check(value_domain, true, domains, COUNT(domains));
    check(value_address, true, addresses, COUNT(addresses));
}

static void only_private_sysctls_pass(void **state)
{
    static const struct row rows[] = {
        {"net.a=1", "{\"net.a\":\"1\"}"},
        {"kernel.sem=1 2", "{\"kernel.sem\":\"1 2\"}"},
        {"fs.mqueue.x=1", "{\"fs.mqueue.x\":\"1\"}"},
        {"kernel.semx=1", "sysctl 'kernel.semx=1' is not allowed"},
        {"kernel.core_pattern=x",
         "sysctl 'kernel.core_pattern=x' is not allowed"},
        {"net.a", "sysctl 'net.a' is not allowed"},
        {"", "sysctl '' is not allowed"},
    };

    (void)state;
    check(value_sysctl, false, rows, COUNT(rows));
}

static void security_options_need_values(void **state)
{
    static const struct row rows[] = {
        {"no-new-privileges", "{\"SecurityOpt\":[\"no-new-privileges\"]}"},
        {"no-new-privileges:true",
         "{\"SecurityOpt\":[\"no-new-privileges:true\"]}"},
        {"seccomp=unconfined", "{\"SecurityOpt\":[\"seccomp=unconfined\"]}"},
        {"label:disable", "{\"SecurityOpt\":[\"label:disable\"]}"},
        {"systempaths=unconfined", "{\"MaskedPaths\":[],\"ReadonlyPaths\":[]}"},
        {"x", "invalid --security-opt: \"x\""},
        {"a=", "invalid --security-opt: \"a=\""},
        {"seccomp=/dev/null", "opening seccomp profile (/dev/null) failed: it "
                              "is no file, or far too long"},
    };

    (void)state;
    check(security_opt, false, rows, COUNT(rows));
}

static int read_env(json_t *array, const char *text, struct failure *why)
{
    cleanup_free char *copy = strdup(text);

    return env_file_parse(array, copy, strlen(text), true, why);
}

static int read_labels(json_t *array, const char *text, struct failure *why)
{
    cleanup_free char *copy = strdup(text);

    return env_file_parse(array, copy, strlen(text), false, why);
}

static void files_have_a_variable_in_a_line(void **state)
{
    static const struct row rows[] = {
        {"", "[]"},
        {"A=1\n# c\n\n  B=2  \n\tC=3\r\nD=", "[\"A=1\",\"B=2  \",\"C=3\","
                                             "\"D=\"]"},
        {"\xef\xbb\xbf"
         "A=1",
         "[\"A=1\"]"},
        {"A=\"x\"", "[\"A=\\\"x\\\"\"]"},
        {"DUCT_UNIT\nDUCT_NO_UNIT", "[\"DUCT_UNIT=x\"]"},
        {"=x", "no variable name on line '=x'"},
        {"A =x", "variable 'A ' contains whitespaces"},
        {"A=1\nB=\xff", "invalid utf8 bytes at line 2"},
    };
    static const struct row labels[] = {
        {"A=1\nDUCT_UNIT", "[\"A=1\"]"},
    };
    char zero[] = "A=1\0B=2";
    json_auto_t *array = json_array();
    struct failure why;

    (void)state;
    setenv("DUCT_UNIT", "x", 1);
    check(read_env, true, rows, COUNT(rows));
    check(read_labels, true, labels, COUNT(labels));
    unsetenv("DUCT_UNIT");
    assert_int_equal(env_file_parse(array, zero, sizeof(zero) - 1, true, &why),
                     -1);
}

static void networks_are_said_shortly_or_at_length(void **state)
{
    static const struct {
        const char *text, *name, *found;
    } rows[] = {
        {"a", "a", "{}"},
        {"", "", "{}"},
        {"container:x", "container:x", "{}"},
        {"name=A,alias=b,alias=c,ip=1.2.3.4", "A",
         "{\"Aliases\":[\"b\",\"c\"],\"IPAMConfig\":{\"IPv4Address\":"
         "\"1.2.3.4\"}}"},
        {"name=a, IP6 = ::1 ,driver-opt=k=v,gw-priority=-1", "a",
         "{\"DriverOpts\":{\"k\":\"v\"},\"GwPriority\":-1,\"IPAMConfig\":{"
         "\"IPv6Address\":\"::1\"}}"},
        {"name=_", "_", "{}"},
        {"=", "=", "{}"},
        {"alias=b", NULL, "network name/id is not specified"},
        {"name=a,foo=b", NULL, "invalid field key foo"},
        {"name=a,", NULL, "invalid field "},
        {"name=a,ip=x", NULL, "failed to parse IP: \"x\""},
        {"name=a,driver-opt=k", NULL,
         "invalid key value pair format in driver options"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct failure why = {0};
        cleanup_free char *name = NULL;
        json_auto_t *endpoint = endpoint_parse(rows[i].text, &name, &why);
        cleanup_free char *found =
            endpoint == NULL
                ? strdup(why.message)
                : json_dumps(endpoint, JSON_COMPACT | JSON_SORT_KEYS);

        assert_string_equal(found, rows[i].found);
        if (rows[i].name != NULL)
            assert_string_equal(name, rows[i].name);
    }
}

const struct CMUnitTest values_tests[] = {
    cmocka_unit_test(labels_have_names),
    cmocka_unit_test(variables_may_be_ours),
    cmocka_unit_test(filters_are_lists_by_name),
    cmocka_unit_test(ulimits_are_soft_and_hard),
    cmocka_unit_test(devices_have_paths_and_modes),
    cmocka_unit_test(restart_policies_may_count),
    cmocka_unit_test(hosts_and_domains_are_checked),
    cmocka_unit_test(only_private_sysctls_pass),
    cmocka_unit_test(security_options_need_values),
    cmocka_unit_test(files_have_a_variable_in_a_line),
    cmocka_unit_test(networks_are_said_shortly_or_at_length),
};
const size_t values_count = sizeof(values_tests) / sizeof(values_tests[0]);
