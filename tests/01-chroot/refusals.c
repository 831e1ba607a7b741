/*
 * Chapter: the kernel says no. Then duct does not run the command.
 */
#include <errno.h>
#include <sys/syscall.h>

#include "suite.h"

#define FACTS DUCT("run", "-w", "/tmp", rootfs(), "/inside/probe", "facts")

static void chroot_refused(void)
{
    const struct deny denied = {
        .number = SYS_chroot, .errnum = EPERM, .name = "chroot"};

    expect_closed(&denied, FACTS, NULL);
}

static void others_refused(void)
{
    static const struct deny denied[] = {
        {.number = SYS_chdir, .errnum = EACCES, .name = "chdir"},
        {.number = SYS_close_range, .errnum = ENOSYS, .name = "close_range"},
        {.number = SYS_pipe2, .errnum = EMFILE, .name = "pipe2"},
        {.number = SYS_clone, .errnum = EAGAIN, .name = "fork"},
        {.number = SYS_clone3, .errnum = EAGAIN, .name = "clone3"},
    };

    for (size_t i = 0; i < sizeof(denied) / sizeof(denied[0]); i++)
        expect_closed(&denied[i], FACTS, leave_files_open);
}

static const struct trial trials[] = {
    {.name = "chroot_refused",
     .claim = "where chroot(2) fails, the command does not run",
     .usual_cause = "the result of chroot() is not checked: the command runs "
                    "as root with all files of the host",
     .reread = "#root",
     .feature = true,
     .depends = "root_is_rootfs",
     .only_here = true, /* step 04 makes a new root each time */
     .body = chroot_refused},
    {.name = "other_calls_refused",
     .claim = "where fork, pipe, chdir or close_range fails, the command "
              "does not run, or as always",
     .usual_cause = "a call's result is not checked",
     .reread = "#errors",
     .feature = true,
     .depends = "a_command_runs",
     .body = others_refused},
};

const struct chapter chapter_refusals = {"The kernel says no", TRIALS(trials)};
