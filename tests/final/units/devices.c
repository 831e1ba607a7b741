/*
 * Devices: how rules are said, and what a cgroup under them may open.
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
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cleanup.h"
#include "devices.h"
#include "hierarchy.h"

static void a_rule_has_a_type_two_numbers_and_an_access(void **state)
{
    struct devices d = {0};
    struct failure why;
    (void)state;

    assert_int_equal(devices_parse(&d, "c 42:* rmw", &why), 0);
    assert_int_equal(devices_parse(&d, "a *:7 r", &why), 0);
    assert_int_equal(d.allowed[0].type, 'c');
    assert_int_equal(d.allowed[0].major, 42);
    assert_int_equal(d.allowed[0].minor, DEVICE_ANY);
    assert_string_equal(d.allowed[0].access, "rmw");
    assert_int_equal(d.allowed[1].major, DEVICE_ANY);
    assert_int_equal(d.allowed[1].minor, 7);
    devices_release(&d);
}

static void nonsense_is_no_rule(void **state)
{
    static const char *const texts[] = {
        "",
        "c",
        "c 1",
        "c 1:3",
        "c 1:3 ",
        "x 1:3 r",
        "c 1:3 rx",
        "c 1:3 rwmr",
        "c -1:3 r",
        "c 1:-1 r",
        "c : r",
        "cc 1:3 r",
        " c 1:3 r",
        "c 1:3 r w",
        "c 1:3\nr",
        "c +1:3 r",
        "c 1:4294967296 r",
    };
    (void)state;

    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        struct devices d = {0};
        struct failure why;

        assert_int_equal(devices_parse(&d, texts[i], &why), -1);
        assert_memory_equal(why.message, "invalid device cgroup rule format: '",
                            strlen("invalid device cgroup rule format: '"));
        devices_release(&d);
    }
}

static void a_file_for_a_device_is_below_dev(void **state)
{
    struct nodes nodes = {0};
    struct failure why;
    (void)state;

    assert_int_equal(nodes_check("/dev/x", "/dev/y", "rwm", &why), 0);
    assert_int_equal(nodes_check("/dev/x", "/etc/y", "rwm", &why), -1);
    assert_int_equal(nodes_check("/dev/x", "/dev/../etc/y", "r", &why), -1);
    assert_int_equal(nodes_check("/dev/x", "/dev/", "r", &why), -1);
    assert_int_equal(nodes_check("dev/x", "/dev/y", "r", &why), -1);
    assert_int_equal(nodes_check("/dev/x", "/dev/y", "", &why), -1);
    assert_int_equal(nodes_check("/dev/x", "/dev/y", "rx", &why), -1);
    assert_string_equal(why.message, "invalid device mode: rx");
    assert_int_equal(nodes_add(&nodes, "/dev/no-such", "/dev/y", "r", &why),
                     -1);
    assert_string_equal(why.message,
                        "error gathering device information while adding "
                        "custom device \"/dev/no-such\": no such file or "
                        "directory");
    assert_int_equal(nodes_add(&nodes, "/etc/passwd", "/dev/y", "r", &why), -1);
    assert_non_null(strstr(why.message, "not a device node"));
    assert_int_equal(nodes_add(&nodes, "/dev/zero", "/dev/y", "r", &why), 0);
    assert_string_equal(nodes.list[0].path, "y");
    assert_true(nodes.list[0].device == makedev(1, 5));
    nodes_release(&nodes);
}

/* What a process in the cgroup gets: a letter for each that worked. */
static void try_devices(const char *directory, char *answer)
{
    char node[] = "/tmp/duct-node-XXXXXX";

    if (hierarchy_write(directory, "cgroup.procs", "0") < 0 ||
        mkdtemp(node) == NULL || chdir(node) < 0)
        return;
    if (open("/dev/null", O_RDWR | O_CLOEXEC) >= 0)
        *answer++ = 'n';
    if (open("/dev/zero", O_RDONLY | O_CLOEXEC) >= 0)
        *answer++ = 'r';
    if (open("/dev/zero", O_RDWR | O_CLOEXEC) >= 0)
        *answer++ = 'w';
    if (open("/dev/kmsg", O_RDONLY | O_CLOEXEC) >= 0)
        *answer++ = 'k';
    if (mknod("null", S_IFCHR | 0600, makedev(1, 3)) == 0)
        *answer++ = 'm';
    unlink("null");
    rmdir(node);
}

/* Opens devices in a new cgroup of the unified hierarchy, under rules. */
static void expect(const struct devices *d, const char *expected)
{
    cleanup_free char *parent = hierarchy_mount(getpid(), NULL);
    cleanup_free char *directory = NULL;
    char answer[8] = "";
    struct failure why;
    int pipes[2];

    if (geteuid() != 0 || parent == NULL)
        skip();
    assert_true(asprintf(&directory, "%s/duct-test-%d", parent, getpid()) > 0);
    assert_int_equal(mkdir(directory, 0755), 0);
    int status = devices_restrict(d, NULL, directory, &why);
    assert_int_equal(pipe2(pipes, O_CLOEXEC), 0);
    pid_t child = fork();
    if (child == 0) {
        try_devices(directory, answer);
        (void)!write(pipes[1], answer, sizeof(answer));
        _exit(0);
    }
    (void)!read(pipes[0], answer, sizeof(answer));
    waitpid(child, NULL, 0);
    close(pipes[0]);
    close(pipes[1]);
    rmdir(directory);
    if (status < 0)
        give_up("%s", why.message);
    assert_string_equal(answer, expected);
}

static void usually_a_cgroup_opens_what_does_no_harm(void **state)
{
    struct devices d;
    struct failure why;
    (void)state;

    assert_int_equal(devices_default(&d, &why), 0);
    expect(&d, "nrwm");
    devices_release(&d);
}

static void a_rule_gives_the_access_that_it_names(void **state)
{
    struct devices d = {0};
    struct failure why;
    (void)state;

    expect(&d, "");
    assert_int_equal(devices_parse(&d, "c 1:5 r", &why), 0);
    expect(&d, "r");
    assert_int_equal(devices_parse(&d, "b 1:* rwm", &why), 0);
    expect(&d, "r");
    assert_int_equal(devices_parse(&d, "c 1:3 m", &why), 0);
    expect(&d, "rm");
    assert_int_equal(devices_parse(&d, "a *:* rwm", &why), 0);
    expect(&d, "nrwkm");
    devices_release(&d);
}

extern const struct CMUnitTest devices_tests[];
extern const size_t devices_count;

const struct CMUnitTest devices_tests[] = {
    cmocka_unit_test(a_rule_has_a_type_two_numbers_and_an_access),
    cmocka_unit_test(nonsense_is_no_rule),
    cmocka_unit_test(a_file_for_a_device_is_below_dev),
    cmocka_unit_test(usually_a_cgroup_opens_what_does_no_harm),
    cmocka_unit_test(a_rule_gives_the_access_that_it_names),
};
const size_t devices_count = sizeof(devices_tests) / sizeof(devices_tests[0]);
