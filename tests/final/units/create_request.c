/*
 * create_request: what flags of run become, together.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "cleanup.h"
#include "create_request.h"
#include "run_flags.h"

#include <cmocka.h> /* after failure.h: it has another fail() */

/* The request for an image of some flags, given as JSON; or what is wrong. */
static json_t *request(const char *flags, struct failure *why)
{
    char image[] = "image";
    char *words[] = {image, NULL};
    json_auto_t *given = json_loads(flags, 0, NULL);
    struct call call = {.flags = given, .count = 1, .words = words};

    assert_non_null(given);
    *why = (struct failure){0};
    return create_request(&call, why);
}

/* Is "HostConfig.Memory" of the request what we think? */
static void expect(const char *flags, const char *path, const char *value)
{
    struct failure why;
    json_auto_t *body = request(flags, &why);
    cleanup_free char *copy = strdup(path);
    char *rest = copy;
    const json_t *at = body;

    if (body == NULL)
        print_error("%s: %s\n", flags, why.message);
    assert_non_null(body);
    while (rest != NULL)
        at = json_object_get(at, strsep(&rest, "."));
    cleanup_free char *found =
        at == NULL
            ? strdup("nothing")
            : json_dumps(at, JSON_ENCODE_ANY | JSON_COMPACT | JSON_SORT_KEYS);
    assert_string_equal(found, value);
}

static void expect_failure(const char *flags, const char *message)
{
    struct failure why;

    assert_null(request(flags, &why));
    assert_string_equal(why.message, message);
    assert_int_equal(why.kind, FAILURE_BAD_PARAMETER);
}

static void words_are_image_and_command(void **state)
{
    char image[] = "busybox";
    char first[] = "echo";
    char second[] = "-n";
    char *words[] = {image, first, second, NULL};
    json_auto_t *flags = json_object();
    struct call call = {.flags = flags, .count = 3, .words = words};
    struct failure why;
    json_auto_t *body = create_request(&call, &why);
    cleanup_free char *text = json_dumps(body, JSON_COMPACT | JSON_SORT_KEYS);

    (void)state;
    assert_string_equal(
        text,
        "{\"AttachStderr\":true,\"AttachStdin\":false,\"AttachStdout\":true,"
        "\"Cmd\":[\"echo\",\"-n\"],\"HostConfig\":{\"AutoRemove\":false,"
        "\"LogConfig\":{\"Config\":{},\"Type\":\"\"},\"NetworkMode\":"
        "\"default\",\"OomKillDisable\":false,\"Privileged\":false,"
        "\"PublishAllPorts\":false,\"ReadonlyRootfs\":false,"
        "\"RestartPolicy\":{\"MaximumRetryCount\":0,\"Name\":\"no\"}},"
        "\"Image\":\"busybox\",\"NetworkingConfig\":{\"EndpointsConfig\":{}},"
        "\"OpenStdin\":false,\"StdinOnce\":false,\"Tty\":false}");
}

static void each_flag_has_its_member(void **state)
{
    static const struct {
        const char *flags, *path, *value;
    } rows[] = {
        {"{\"memory\":\"1.5g\"}", "HostConfig.Memory", "1610612736"},
        {"{\"memory-swap\":\"-1\"}", "HostConfig.MemorySwap", "-1"},
        {"{\"cpus\":\"1.5\"}", "HostConfig.NanoCpus", "1500000000"},
        {"{\"cpu-shares\":\"0x10\"}", "HostConfig.CpuShares", "16"},
        {"{\"memory-swappiness\":\"100\"}", "HostConfig.MemorySwappiness",
         "100"},
        {"{\"pids-limit\":\"-1\"}", "HostConfig.PidsLimit", "-1"},
        {"{\"cap-add\":[\"A\",\"B\"]}", "HostConfig.CapAdd", "[\"A\",\"B\"]"},
        {"{\"rm\":true}", "HostConfig.AutoRemove", "true"},
        {"{\"init\":false}", "HostConfig.Init", "false"},
        {"{}", "HostConfig.Init", "nothing"},
        {"{\"entrypoint\":\"\"}", "Entrypoint", "[\"\"]"},
        {"{\"stop-timeout\":\"5\"}", "StopTimeout", "5"},
        {"{\"tmpfs\":[\"/x:size=1\",\"/y\"]}", "HostConfig.Tmpfs",
         "{\"/x\":\"size=1\",\"/y\":\"\"}"},
        {"{\"log-opt\":[\"a=b=c\",\"d\"]}", "HostConfig.LogConfig.Config",
         "{\"a\":\"b=c\",\"d\":\"\"}"},
        {"{\"volume\":[\"/a\",\"b:/c\",\"b:/c\"]}", "HostConfig.Binds",
         "[\"b:/c\"]"},
        {"{\"volume\":[\"/a\",\"b:/c\"]}", "Volumes", "{\"/a\":{}}"},
        {"{\"publish\":[\"80\"],\"expose\":[\"90\"]}", "ExposedPorts",
         "{\"80/tcp\":{},\"90/tcp\":{}}"},
        {"{\"publish\":[\"80\"],\"expose\":[\"90\"]}",
         "HostConfig.PortBindings",
         "{\"80/tcp\":[{\"HostIp\":\"\",\"HostPort\":\"\"}]}"},
        {"{\"ulimit\":[\"core=1\",\"core=2\"]}", "HostConfig.Ulimits",
         "[{\"Hard\":2,\"Name\":\"core\",\"Soft\":2}]"},
        {"{\"pid\":\"container:x\"}", "HostConfig.PidMode", "\"container:x\""},
        {"{\"cgroupns\":\"private\"}", "HostConfig.CgroupnsMode",
         "\"private\""},
        {"{\"restart\":\"always\"}", "HostConfig.RestartPolicy.Name",
         "\"always\""},
        {"{\"health-cmd\":\"x y\",\"health-interval\":\"1s\"}", "Healthcheck",
         "{\"Interval\":1000000000,\"Test\":[\"CMD-SHELL\",\"x y\"]}"},
        {"{\"no-healthcheck\":true}", "Healthcheck", "{\"Test\":[\"NONE\"]}"},
        {"{}", "Healthcheck", "nothing"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
        expect(rows[i].flags, rows[i].path, rows[i].value);
}

static void streams_are_those_that_are_wanted(void **state)
{
    (void)state;
    expect("{\"interactive\":true}", "AttachStdin", "true");
    expect("{\"interactive\":true}", "StdinOnce", "true");
    expect("{\"interactive\":true,\"detach\":true}", "AttachStdin", "false");
    expect("{\"interactive\":true,\"detach\":true}", "StdinOnce", "false");
    expect("{\"interactive\":true,\"detach\":true}", "OpenStdin", "true");
    expect("{\"detach\":true}", "AttachStdout", "false");
    expect("{\"attach\":[\"STDERR\"]}", "AttachStderr", "true");
    expect("{\"attach\":[\"STDERR\"]}", "AttachStdout", "false");
    expect_failure("{\"attach\":[\"x\"]}",
                   "invalid argument \"x\" for \"-a, --attach\" flag: valid "
                   "streams are STDIN, STDOUT and STDERR");
    expect_failure("{\"attach\":[\"stdin\"],\"detach\":true}",
                   "conflicting options: cannot specify both --attach and "
                   "--detach");
}

static void files_come_before_flags(void **state)
{
    cleanup_close int fd = memfd_create("variables", MFD_CLOEXEC);
    cleanup_free char *flags = NULL;

    (void)state;
    assert_int_equal(write(fd, "A=1\nB=2\n", 8), 8);
    assert_true(
        asprintf(&flags,
                 "{\"env-file\":[\"/proc/self/fd/%d\"],\"env\":[\"A=3\"],"
                 "\"label-file\":[\"/proc/self/fd/%d\"],\"label\":[\"A=3\"]}",
                 fd, fd) > 0);
    expect(flags, "Env", "[\"A=1\",\"B=2\",\"A=3\"]");
    expect(flags, "Labels", "{\"A\":\"3\",\"B\":\"2\"}");
}

static void the_first_network_has_the_flags(void **state)
{
    (void)state;
    expect("{\"network\":[\"a\"]}", "HostConfig.NetworkMode", "\"a\"");
    expect("{\"network\":[\"a\"]}", "NetworkingConfig.EndpointsConfig", "{}");
    expect("{\"network\":[\"a\",\"b\"],\"network-alias\":[\"x\"],"
           "\"ip\":\"1.2.3.4\"}",
           "NetworkingConfig.EndpointsConfig",
           "{\"a\":{\"Aliases\":[\"x\"],\"IPAMConfig\":{\"IPv4Address\":"
           "\"1.2.3.4\"}},\"b\":{}}");
    expect_failure("{\"network\":[\"a\",\"a\"]}",
                   "network \"a\" is specified multiple times");
    expect_failure("{\"network\":[\"a\",\"host\"]}",
                   "conflicting options: cannot attach both user-defined and "
                   "non-user-defined network-modes");
    expect_failure("{\"network\":[\"\"]}", "no name set for network");
    expect_failure("{\"network-alias\":[\"x\"]}",
                   "network-scoped aliases are only supported for "
                   "user-defined networks");
    expect_failure("{\"network\":[\"name=a,alias=b\"],\"network-alias\":"
                   "[\"x\"]}",
                   "conflicting options: cannot specify both --network-alias "
                   "and per-network alias");
    expect_failure("{\"network\":[\"name=a,ip=1.2.3.4\"],\"ip\":\"1.2.3.4\"}",
                   "conflicting options: cannot specify both --ip and "
                   "per-network IPv4 address");
    expect_failure("{\"ip\":\"x\"}", "invalid argument \"x\" for \"--ip\" "
                                     "flag: failed to parse IP: \"x\"");
}

static void mistakes_name_their_flag(void **state)
{
    (void)state;
    expect_failure("{\"memory\":\"a\\\"b\"}",
                   "invalid argument \"a\\\"b\" for \"-m, --memory\" flag: "
                   "invalid size: 'a\"b'");
    expect_failure("{\"cpus\":\"x\"}", "invalid argument \"x\" for \"--cpus\" "
                                       "flag: failed to parse x as a rational "
                                       "number");
    expect_failure("{\"blkio-weight\":\"70000\"}",
                   "invalid argument \"70000\" for \"--blkio-weight\" flag: "
                   "strconv.ParseUint: parsing \"70000\": value out of range");
    expect_failure("{\"env\":[\"A=1\",\"=\"]}",
                   "invalid argument \"=\" for \"-e, --env\" flag: invalid "
                   "environment variable: =");
    expect_failure("{\"device\":[\"a\"]}", "a is not an absolute path");
    expect_failure("{\"publish\":[\"x\"]}", "invalid containerPort: x");
    expect_failure("{\"pid\":\"container:\"}", "--pid: invalid PID mode");
    expect_failure("{\"uts\":\"container:x\"}", "--uts: invalid UTS mode");
    expect_failure("{\"memory-swappiness\":\"101\"}",
                   "invalid value: 101. Valid memory swappiness range is "
                   "0-100");
    expect_failure("{\"health-retries\":\"-1\"}",
                   "--health-retries cannot be negative");
}

static void some_flags_exclude_each_other(void **state)
{
    (void)state;
    expect("{\"rm\":true,\"restart\":\"no\"}", "HostConfig.AutoRemove", "true");
    expect_failure("{\"rm\":true,\"restart\":\"always\"}",
                   "conflicting options: cannot specify both --restart and "
                   "--rm");
    expect_failure("{\"no-healthcheck\":true,\"health-cmd\":\"x\"}",
                   "--no-healthcheck conflicts with --health-* options");
    expect_failure("{\"log-driver\":\"none\",\"log-opt\":[\"a=b\"]}",
                   "invalid logging opts for driver none");
}

static void flags_are_listed_once_and_sorted(void **state)
{
    (void)state;
    assert_string_equal(create_flags[0].name, "add-host");
    for (const struct flag *f = create_flags + 1; f->name != NULL; f++)
        assert_true(strcmp(f[-1].name, f->name) < 0);
    for (const struct flag *f = run_flags; f->name != NULL; f++) {
        assert_true((f->kind == FLAG_SWITCH) == (f->value == NULL));
        for (const struct flag *g = run_flags; g < f; g++)
            assert_true(f->letter == 0 || f->letter != g->letter);
    }
}

const struct CMUnitTest create_request_tests[] = {
    cmocka_unit_test(words_are_image_and_command),
    cmocka_unit_test(each_flag_has_its_member),
    cmocka_unit_test(streams_are_those_that_are_wanted),
    cmocka_unit_test(files_come_before_flags),
    cmocka_unit_test(the_first_network_has_the_flags),
    cmocka_unit_test(mistakes_name_their_flag),
    cmocka_unit_test(some_flags_exclude_each_other),
    cmocka_unit_test(flags_are_listed_once_and_sorted),
};
const size_t create_request_count =
    sizeof(create_request_tests) / sizeof(create_request_tests[0]);
