/*
 * Sysctls and ulimits: which a container may set, and how they are said.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#undef fail /* duct has its own */

#include <sched.h>
#include <string.h>

#include "sysctl.h"
#include "ulimits.h"

static void a_key_is_one_path_however_it_is_said(void **state)
{
    static const char *const pairs[][2] = {
        {"net.ipv4.ip_forward", "net/ipv4/ip_forward"},
        {"net/ipv4/ip_forward", "net/ipv4/ip_forward"},
        {"net.ipv4.conf.eth0/100.forwarding",
         "net/ipv4/conf/eth0.100/forwarding"},
        {"net/ipv4/conf/eth0.100/forwarding",
         "net/ipv4/conf/eth0.100/forwarding"},
        {"kernel.shmmax", "kernel/shmmax"},
        {"fs.mqueue.msg_max", "fs/mqueue/msg_max"},
    };
    (void)state;

    for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
        struct sysctls s = {0};
        struct failure why;

        assert_int_equal(sysctls_add(&s, pairs[i][0], "1", &why), 0);
        assert_string_equal(s.list[0].path, pairs[i][1]);
        sysctls_release(&s);
    }
}

static void what_is_the_whole_machines_is_refused(void **state)
{
    static const char *const keys[] = {
        "kernel.core_pattern",
        "kernel/core_pattern",
        "net/../kernel/core_pattern",
        "net.ipv4./../../kernel/core_pattern",
        "net/ipv4/..",
        "net",
        "net.",
        "net//ipv4",
        "net.ipv4.ip_forward=1+kernel.core_pattern",
        "net.ipv4.ip_forward\n",
        " net.ipv4.ip_forward",
        "kernel.shmmaxx",
        "kernel.hostname",
        "fs.mqueue",
        "vm.swappiness",
        "",
    };
    (void)state;

    for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
        struct sysctls s = {0};
        struct failure why;

        assert_int_equal(sysctls_add(&s, keys[i], "1", &why), -1);
        assert_int_equal(why.kind, FAILURE_BAD_PARAMETER);
        assert_int_equal(s.count, 0);
        sysctls_release(&s);
    }
}

static void a_value_is_one_line_and_said_once(void **state)
{
    struct sysctls s = {0};
    struct failure why;
    (void)state;

    assert_int_equal(sysctls_add(&s, "kernel.sem", "1\n2", &why), -1);
    assert_int_equal(sysctls_add(&s, "kernel.sem", "1\t2 3", &why), 0);
    assert_int_equal(sysctls_add(&s, "kernel/sem", "1", &why), -1);
    assert_non_null(strstr(why.message, "twice"));
    sysctls_release(&s);
}

static void a_shared_namespace_has_nothing_to_set(void **state)
{
    struct sysctls s = {0};
    struct failure why;
    (void)state;

    assert_int_equal(sysctls_add(&s, "net.core.somaxconn", "1", &why), 0);
    assert_int_equal(sysctls_check(&s, CLONE_NEWNET, &why), 0);
    assert_int_equal(sysctls_check(&s, CLONE_NEWIPC, &why), -1);
    assert_non_null(strstr(why.message, "not allowed in host network"));
    assert_int_equal(sysctls_add(&s, "kernel.sem", "1", &why), 0);
    assert_int_equal(sysctls_check(&s, CLONE_NEWNET, &why), -1);
    assert_int_equal(sysctls_check(&s, CLONE_NEWNET | CLONE_NEWIPC, &why), 0);
    sysctls_release(&s);
}

static void a_ulimit_has_one_number_or_two(void **state)
{
    struct ulimits u;
    struct failure why;
    (void)state;

    ulimits_default(&u);
    assert_int_equal(ulimits_parse(&u, "nofile=10", &why), 0);
    assert_int_equal(u.list[RLIMIT_NOFILE].rlim_cur, 10);
    assert_int_equal(u.list[RLIMIT_NOFILE].rlim_max, 10);
    assert_int_equal(ulimits_parse(&u, "core=1:-1", &why), 0);
    assert_int_equal(u.list[RLIMIT_CORE].rlim_cur, 1);
    assert_true(u.list[RLIMIT_CORE].rlim_max == RLIM_INFINITY);
    assert_int_equal(u.asked, 1 << RLIMIT_NOFILE | 1 << RLIMIT_CORE);
}

static void nonsense_is_no_ulimit(void **state)
{
    static const char *const texts[][2] = {
        {"nofile", "invalid ulimit argument: nofile"},
        {"", "invalid ulimit argument: "},
        {"nope=1", "invalid ulimit type: nope"},
        {"=1", "invalid ulimit type: "},
        {"nofile=", "invalid ulimit argument: nofile="},
        {"nofile=1:", "invalid ulimit argument: nofile=1:"},
        {"nofile=1:2:3", "invalid ulimit argument: nofile=1:2:3"},
        {"nofile=-2", "invalid ulimit argument: nofile=-2"},
        {"nofile=99999999999999999999", "invalid ulimit argument: "},
        {"nofile=2:1", "ulimit soft limit must be less than or equal to hard "
                       "limit: 2 > 1"},
        {"nofile=-1:1", "ulimit soft limit must be less than"},
    };
    (void)state;

    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        struct ulimits u = {0};
        struct failure why;

        assert_int_equal(ulimits_parse(&u, texts[i][0], &why), -1);
        assert_memory_equal(why.message, texts[i][1], strlen(texts[i][1]));
        assert_int_equal(u.asked, 0);
    }
}

extern const struct CMUnitTest sysctl_tests[];
extern const size_t sysctl_count;

const struct CMUnitTest sysctl_tests[] = {
    cmocka_unit_test(a_key_is_one_path_however_it_is_said),
    cmocka_unit_test(what_is_the_whole_machines_is_refused),
    cmocka_unit_test(a_value_is_one_line_and_said_once),
    cmocka_unit_test(a_shared_namespace_has_nothing_to_set),
    cmocka_unit_test(a_ulimit_has_one_number_or_two),
    cmocka_unit_test(nonsense_is_no_ulimit),
};
const size_t sysctl_count = sizeof(sysctl_tests) / sizeof(sysctl_tests[0]);
