/*
 * Chapter: what chroot is not. These trials pass here, and fail from step 02
 * on, whose suite claims the opposite.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "suite.h"

static void root_escapes(void)
{
    const struct program *p = duct("run", rootfs(), "/inside/escape");
    struct stat host;

    expect_call(stat("/", &host));
    expect_output(p, keep_format("%lu:%lu\n", (unsigned long)host.st_dev,
                                 (unsigned long)host.st_ino));
}

static void neighbour_can_be_killed(void)
{
    struct program *neighbour =
        spawn_start(&(struct spawn){.argv = ARGV("sleep", "4716")});
    const char *pid = keep_format("%d", neighbour->pid);

    expect_exit(duct("run", rootfs(), "kill", "-9", pid), 0);
    expect_that(spawn_ended(neighbour, SPAWN_SOON_MS),
                "the neighbour's process is gone", "it lives");
    expect_int("the signal that ended it", SIGKILL, neighbour->signal);
}

static void nothing_else_is_new(void)
{
    static const char *const names[] = {"pid", "mnt",    "uts",  "ipc",
                                        "net", "cgroup", "time", "user"};
    const struct container *c = container(rootfs(), "sleep", "4711");

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        expect_same(keep_format("%s namespace of the command", names[i]),
                    kernel_namespace(0, names[i]),
                    kernel_namespace(c->init, names[i]));
}

static const struct trial trials[] = {
    {.name = "root_escapes",
     .claim = "root gets out of a chroot with chroot(2) itself",
     .usual_cause = "this program does more than step 01 asks for",
     .reread = "#break-it",
     .feature = true,
     .only_here = true,
     .depends = "a_command_runs",
     .body = root_escapes},
    {.name = "neighbour_can_be_killed",
     .claim = "a command can kill any process of the host",
     .usual_cause = "this program does more than step 01 asks for",
     .reread = "#break-it",
     .feature = true,
     .only_here = true,
     .depends = "a_command_runs",
     .body = neighbour_can_be_killed},
    {.name = "nothing_else_is_new",
     .claim = "all namespaces of the command are the host's",
     .usual_cause = "this program does more than step 01 asks for",
     .reread = "#missing",
     .feature = true,
     .only_here = true,
     .depends = "a_command_runs",
     .body = nothing_else_is_new},
};

const struct chapter chapter_weakness = {"What chroot is not", TRIALS(trials)};
