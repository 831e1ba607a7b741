/*
 * Profiles: docker's format, and what its program answers.
 *
 * Needs duct-archive's objects, and libseccomp.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#undef fail /* duct has its own */

#define give_up(...)                                                           \
    (print_error(__VA_ARGS__), print_error("\n"), _fail(__FILE__, __LINE__))

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "seccomp_profile.h"

/* Makes a program, and a call behind it. Returns the call's error, or -1 when
 * there is no program. */
static int ask(const char *profile, const struct caps *caps, long number,
               unsigned long a, struct failure *why)
{
    json_error_t error;
    json_t *json = json_loads(profile, 0, &error);
    struct seccomp seccomp;
    int status;

    if (json == NULL)
        give_up("%s: %s", profile, error.text);
    int made = seccomp_profile_compile(json, caps, &seccomp, why);
    json_decref(json);
    if (made < 0)
        return -1;
    pid_t child = fork();
    if (child == 0) {
        prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
        if (seccomp_filter_load(seccomp.program, seccomp.count, why) < 0)
            _exit(255);
        _exit(syscall(number, a, 0, 0, 0) < 0 ? errno : 0);
    }
    waitpid(child, &status, 0);
    seccomp_filter_free(&seccomp);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

#define RULE(text)                                                             \
    "{\"defaultAction\":\"SCMP_ACT_ALLOW\",\"syscalls\":[" text "]}"

static void a_rule_answers_for_its_calls(void **state)
{
    static const char plain[] =
        RULE("{\"names\":[\"unshare\",\"no_such_call\"],"
             "\"action\":\"SCMP_ACT_ERRNO\",\"errnoRet\":33}");
    static const char argument[] =
        RULE("{\"name\":\"unshare\",\"action\":\"SCMP_ACT_ERRNO\",\"args\":["
             "{\"index\":0,\"value\":1024,\"op\":\"SCMP_CMP_EQ\"},"
             "{\"index\":0,\"value\":512,\"valueTwo\":512,"
             "\"op\":\"SCMP_CMP_MASKED_EQ\"}]}");
    static const char kill[] =
        RULE("{\"names\":[\"unshare\"],\"action\":\"SCMP_ACT_KILL_PROCESS\"}");
    struct caps caps = {0};
    struct failure why;
    (void)state;

    assert_int_equal(ask(plain, &caps, SYS_unshare, 0, &why), 33);
    assert_int_equal(ask(plain, &caps, SYS_getppid, 0, &why), 0);
    assert_int_equal(ask(argument, &caps, SYS_unshare, 1024, &why), EPERM);
    assert_int_equal(ask(argument, &caps, SYS_unshare, 512, &why), EPERM);
    assert_int_equal(ask(argument, &caps, SYS_unshare, 0, &why), 0);
    assert_int_equal(ask(kill, &caps, SYS_unshare, 0, &why), 128 + 31);
}

static void a_rule_may_be_for_others(void **state)
{
    static const char with[] =
        RULE("{\"names\":[\"unshare\"],\"action\":\"SCMP_ACT_ERRNO\","
             "\"includes\":{\"caps\":[\"CAP_SYS_ADMIN\"]}}");
    static const char without[] =
        RULE("{\"names\":[\"unshare\"],\"action\":\"SCMP_ACT_ERRNO\","
             "\"excludes\":{\"caps\":[\"CAP_SYS_ADMIN\"]}}");
    static const char kernel[] =
        RULE("{\"names\":[\"unshare\"],\"action\":\"SCMP_ACT_ERRNO\","
             "\"includes\":{\"minKernel\":\"99.0\"}}");
    struct caps none = {0};
    struct caps admin = {0};
    struct failure why;
    (void)state;

    assert_int_equal(caps_add(&admin, "SYS_ADMIN", &why), 0);
    assert_int_equal(ask(with, &none, SYS_unshare, 0, &why), 0);
    assert_int_equal(ask(with, &admin, SYS_unshare, 0, &why), EPERM);
    assert_int_equal(ask(without, &none, SYS_unshare, 0, &why), EPERM);
    assert_int_equal(ask(without, &admin, SYS_unshare, 0, &why), 0);
    assert_int_equal(ask(kernel, &none, SYS_unshare, 0, &why), 0);
}

static void nonsense_is_no_profile(void **state)
{
    static const char *const profiles[] = {
        "[]",
        "{}",
        "{\"defaultAction\":\"SCMP_ACT_NOPE\"}",
        "{\"defaultAction\":\"SCMP_ACT_ERRNO\",\"defaultErrnoRet\":-1}",
        "{\"defaultAction\":\"SCMP_ACT_ALLOW\",\"syscalls\":{}}",
        RULE("1"),
        RULE("{\"names\":[1],\"action\":\"SCMP_ACT_ERRNO\"}"),
        RULE("{\"names\":[\"read\"]}"),
        RULE("{\"names\":[\"read\"],\"name\":\"read\","
             "\"action\":\"SCMP_ACT_ERRNO\"}"),
        RULE("{\"names\":[\"read\"],\"action\":\"SCMP_ACT_ERRNO\","
             "\"args\":[{\"index\":6,\"op\":\"SCMP_CMP_EQ\"}]}"),
        RULE("{\"names\":[\"read\"],\"action\":\"SCMP_ACT_ERRNO\","
             "\"args\":[{\"index\":0,\"op\":\"EQ\"}]}"),
        RULE("{\"names\":[\"read\"],\"action\":\"SCMP_ACT_NOTIFY\"}"),
        "{\"defaultAction\":\"SCMP_ACT_ALLOW\",\"architectures\":[\"x\"],"
        "\"archMap\":[{}]}",
    };
    struct caps caps = {0};
    (void)state;

    for (size_t i = 0; i < sizeof(profiles) / sizeof(profiles[0]); i++) {
        struct failure why;

        if (ask(profiles[i], &caps, SYS_getppid, 0, &why) != -1)
            give_up("taken: %s", profiles[i]);
        assert_non_null(strstr(why.message, "Decoding seccomp profile failed"));
        assert_int_equal(why.kind, FAILURE_BAD_PARAMETER);
    }
}

extern const struct CMUnitTest seccomp_profile_tests[];
extern const size_t seccomp_profile_count;

const struct CMUnitTest seccomp_profile_tests[] = {
    cmocka_unit_test(a_rule_answers_for_its_calls),
    cmocka_unit_test(a_rule_may_be_for_others),
    cmocka_unit_test(nonsense_is_no_profile),
};
const size_t seccomp_profile_count =
    sizeof(seccomp_profile_tests) / sizeof(seccomp_profile_tests[0]);
