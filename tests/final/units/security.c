/*
 * Security: from docker's HostConfig to what the kernel is told.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#undef fail /* duct has its own */

#define give_up(...)                                                           \
    (print_error(__VA_ARGS__), print_error("\n"), _fail(__FILE__, __LINE__))

#include <jansson.h>
#include <string.h>
#include <sys/capability.h>

#include "security.h"

enum {
    USUAL = 0x800405fb
};

/* What the message is, or "" when the configuration is fine. */
static const char *read_it(const char *text, struct security *s)
{
    static struct failure why;
    static json_t *config;
    json_error_t error;

    json_decref(config); /* the one before: @s points into it until now */
    config = json_pack("{so}", "HostConfig", json_loads(text, 0, &error));
    assert_non_null(config);
    memset(&why, 0, sizeof(why));
    return security_from(config, s, &why) == 0 ? "" : why.message;
}

static uint64_t caps_of(const char *text)
{
    struct security s;

    assert_string_equal(read_it(text, &s), "");
    uint64_t held = s.caps.held;
    security_release(&s);
    return held;
}

static void capabilities_are_added_after_they_are_dropped(void **state)
{
    struct caps all;
    (void)state;

    caps_all(&all);
    assert_int_equal(caps_of("{}"), USUAL);
    assert_int_equal(caps_of("{\"CapAdd\": null, \"CapDrop\": []}"), USUAL);
    assert_int_equal(caps_of("{\"CapDrop\": [\"ALL\"]}"), 0);
    assert_int_equal(
        caps_of("{\"CapDrop\": [\"ALL\"], \"CapAdd\": [\"KILL\"]}"),
        1 << CAP_KILL);
    assert_int_equal(
        caps_of("{\"CapDrop\": [\"KILL\"], \"CapAdd\": [\"KILL\"]}"), USUAL);
    assert_int_equal(
        caps_of("{\"CapDrop\": [\"KILL\"], \"CapAdd\": [\"ALL\"]}"),
        all.held & ~(UINT64_C(1) << CAP_KILL));
    assert_int_equal(caps_of("{\"Privileged\": true, \"CapDrop\": [\"ALL\"]}"),
                     all.held);
}

static void nonsense_is_refused_in_dockers_words(void **state)
{
    static const char *const pairs[][2] = {
        {"{\"CapAdd\": [\"X\"]}", "invalid CapAdd: unknown capability: \"X\""},
        {"{\"CapDrop\": [\"X\"]}",
         "invalid CapDrop: unknown capability: \"X\""},
        {"{\"SecurityOpt\": [\"x\"]}", "invalid --security-opt 1: \"x\""},
        {"{\"SecurityOpt\": [\"x=y\"]}", "invalid --security-opt 2: \"x=y\""},
        {"{\"SecurityOpt\": [\"no-new-privileges=maybe\"]}",
         "invalid --security-opt 2: \"no-new-privileges=maybe\""},
        {"{\"SecurityOpt\": [\"apparmor=mine\"]}",
         "invalid --security-opt 2: \"apparmor=mine\""},
        {"{\"SecurityOpt\": [\"seccomp=[]\"]}",
         "Decoding seccomp profile failed"},
        {"{\"Sysctls\": {\"vm.swappiness\": \"1\"}}",
         "sysctl 'vm.swappiness' is not allowed"},
        {"{\"Ulimits\": [{\"Name\": \"x\", \"Soft\": 1, \"Hard\": 1}]}",
         "invalid ulimit type: x"},
        {"{\"Devices\": [{\"PathOnHost\": \"/dev/a\", "
         "\"CgroupPermissions\": \"z\"}]}",
         "invalid device mode: z"},
        {"{\"DeviceCgroupRules\": [\"z\"]}",
         "invalid device cgroup rule format: 'z'"},
        {"{\"MaskedPaths\": [\"/etc\"]}", "invalid masked or read-only path"},
        {"{\"ReadonlyPaths\": [\"/proc/../etc\"]}",
         "invalid masked or read-only path"},
        {"{\"OomScoreAdj\": 1001}",
         "Invalid value 1001, range for oom score adj is [-1000, 1000]"},
        {"{\"ShmSize\": -1}", "SHM size can not be less than 0"},
        {"{\"ShmSize\": \"1\"}", "invalid HostConfig: ShmSize"},
        {"{\"CapAdd\": {}}", "invalid HostConfig: CapAdd"},
        {"{\"GroupAdd\": [1]}", "invalid HostConfig: GroupAdd"},
    };
    (void)state;

    for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
        struct security s;
        const char *message = read_it(pairs[i][0], &s);

        if (strncmp(message, pairs[i][1], strlen(pairs[i][1])) != 0)
            give_up("%s: \"%s\"", pairs[i][0], message);
    }
}

static void a_filter_is_lifted_only_by_name(void **state)
{
    struct command command = {0};
    struct security s;
    (void)state;

    assert_string_equal(read_it("{}", &s), "");
    security_command(&s, &command);
    assert_true(command.seccomp->count > 100);
    assert_false(command.no_new_privs);
    security_release(&s);

    assert_string_equal(read_it("{\"SecurityOpt\": [\"seccomp=unconfined\", "
                                "\"no-new-privileges\"]}",
                                &s),
                        "");
    security_command(&s, &command);
    assert_null(command.seccomp);
    assert_true(command.no_new_privs);
    security_release(&s);

    /* One that nobody has compiled lets no container start. */
    assert_string_equal(read_it("{\"SecurityOpt\": [\"seccomp={}\"]}", &s), "");
    security_command(&s, &command);
    assert_non_null(command.seccomp);
    assert_int_equal(command.seccomp->count, 0);
    security_release(&s);

    assert_string_equal(read_it("{\"Privileged\": true}", &s), "");
    security_command(&s, &command);
    assert_null(command.seccomp);
    security_release(&s);
}

static void an_empty_list_of_paths_hides_nothing(void **state)
{
    struct container c = {0};
    struct security s;
    (void)state;

    assert_string_equal(read_it("{\"MaskedPaths\": []}", &s), "");
    security_container(&s, &c);
    assert_non_null(c.rootfs.hidden);
    assert_null(c.rootfs.hidden[0]);
    assert_null(c.rootfs.read_only);
    security_release(&s);
}

extern const struct CMUnitTest security_tests[];
extern const size_t security_count;

const struct CMUnitTest security_tests[] = {
    cmocka_unit_test(capabilities_are_added_after_they_are_dropped),
    cmocka_unit_test(nonsense_is_refused_in_dockers_words),
    cmocka_unit_test(a_filter_is_lifted_only_by_name),
    cmocka_unit_test(an_empty_list_of_paths_hides_nothing),
};
const size_t security_count =
    sizeof(security_tests) / sizeof(security_tests[0]);
