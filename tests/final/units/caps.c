/*
 * Capabilities: their names, and what is left of them.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#undef fail /* duct has its own */

#include <string.h>
#include <sys/capability.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "caps.h"

static void a_name_needs_no_prefix_and_no_capitals(void **state)
{
    static const char *const names[] = {"NET_ADMIN", "CAP_NET_ADMIN",
                                        "net_admin", "cap_net_admin"};
    (void)state;

    for (size_t i = 0; i < 4; i++) {
        struct caps caps = {0};
        struct failure why;

        assert_int_equal(caps_add(&caps, names[i], &why), 0);
        assert_int_equal(caps.held, 1 << CAP_NET_ADMIN);
        assert_int_equal(caps.asked, 1 << CAP_NET_ADMIN);
    }
}

static void what_is_no_name_is_refused(void **state)
{
    static const char *const names[] = {"",       "CAP_",       "NOPE",  "12",
                                        "CAP_12", "NET_ADMIN ", "+chown"};
    (void)state;

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        struct caps caps = {0};
        struct failure why;

        assert_int_equal(caps_add(&caps, names[i], &why), -1);
        assert_int_equal(why.kind, FAILURE_BAD_PARAMETER);
        assert_non_null(strstr(why.message, "unknown capability: \""));
        assert_int_equal(caps.held, 0);
    }
}

static void usually_there_are_eleven(void **state)
{
    struct caps caps;
    (void)state;

    caps_default(&caps);
    assert_int_equal(caps.held, 0x800405fb);
    assert_int_equal(caps.asked, 0);
}

static void all_are_not_asked_for_by_name(void **state)
{
    struct caps caps;
    struct caps every;
    struct failure why;
    (void)state;

    caps_default(&caps);
    caps_all(&every);
    assert_int_equal(caps_add(&caps, "ALL", &why), 0);
    assert_int_equal(caps.held, every.held);
    assert_int_equal(caps.asked, 0);
    assert_int_equal(caps_drop_name(&caps, "all", &why), 0);
    assert_int_equal(caps.held, 0);
}

/* One of the five sets, as a number. */
static uint64_t kept(cap_flag_t flag)
{
    cap_t state = cap_get_proc();
    uint64_t set = 0;

    for (cap_value_t cap = 0; cap < cap_max_bits(); cap++) {
        cap_flag_value_t value;

        if (cap_get_flag(state, cap, flag, &value) == 0 && value == CAP_SET)
            set |= UINT64_C(1) << cap;
    }
    cap_free(state);
    return set;
}

/* Drops in a child, as this user, and compares what there is then. */
static int drop(struct caps caps, uid_t uid, uint64_t effective)
{
    pid_t child = fork();
    int status;

    if (child == 0) {
        struct failure why;

        if (prctl(PR_SET_KEEPCAPS, 1) < 0 || setresuid(uid, uid, uid) < 0 ||
            caps_regain(&why) < 0 || caps_drop(&caps, &why) < 0)
            _exit(1);
        if (kept(CAP_EFFECTIVE) != effective ||
            kept(CAP_PERMITTED) != effective)
            _exit(2);
        if (kept(CAP_INHERITABLE) != (uid == 0 ? 0 : effective) ||
            (cap_get_ambient(CAP_KILL) > 0) !=
                (uid != 0 && effective & 1 << CAP_KILL))
            _exit(3);
        for (cap_value_t cap = 0; cap < cap_max_bits(); cap++)
            if (cap_get_bound(cap) > 0 && !(caps.held >> cap & 1))
                _exit(4);
        _exit(0);
    }
    waitpid(child, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void
root_keeps_what_was_chosen_and_others_what_was_asked_for(void **state)
{
    struct caps caps;
    struct caps asked;
    struct failure why;
    (void)state;

    if (geteuid() != 0)
        skip();
    caps_default(&caps);
    asked = caps;
    assert_int_equal(caps_drop_name(&asked, "KILL", &why), 0);
    assert_int_equal(caps_add(&asked, "KILL", &why), 0);
    assert_int_equal(drop(caps, 0, caps.held), 0);
    assert_int_equal(drop(asked, 0, caps.held), 0);
    assert_int_equal(drop(caps, 1000, 0), 0);
    assert_int_equal(drop(asked, 1000, 1 << CAP_KILL), 0);
    assert_int_equal(drop((struct caps){0}, 0, 0), 0);
}

extern const struct CMUnitTest caps_tests[];
extern const size_t caps_count;

const struct CMUnitTest caps_tests[] = {
    cmocka_unit_test(a_name_needs_no_prefix_and_no_capitals),
    cmocka_unit_test(what_is_no_name_is_refused),
    cmocka_unit_test(usually_there_are_eleven),
    cmocka_unit_test(all_are_not_asked_for_by_name),
    cmocka_unit_test(root_keeps_what_was_chosen_and_others_what_was_asked_for),
};
const size_t caps_count = sizeof(caps_tests) / sizeof(caps_tests[0]);
