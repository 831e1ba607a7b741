/*
 * Chapter: the kernel says no. Then duct does not run the command.
 */
#include <errno.h>
#include <signal.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "atend.h"
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

    needs_no_sanitizer();
    for (size_t i = 0; i < sizeof(denied) / sizeof(denied[0]); i++)
        expect_closed(&denied[i], FACTS, leave_files_open);
}

/* Without a status from the kernel, nobody knows how the command ended. */
static void unknown_status_is_no_success(void)
{
    static const struct deny denied[] = {
        {.number = SYS_wait4, .errnum = ECHILD, .name = "wait4"},
        {.number = SYS_waitid, .errnum = ECHILD, .name = "waitid"},
    };

    needs_no_sanitizer();
    for (size_t i = 0; i < sizeof(denied) / sizeof(denied[0]); i++) {
        const struct program *p = spawn_run(&(struct spawn){
            .argv = DUCT("run", rootfs(), "sh", "-c", "exit 7"),
            .prepare = deny_call,
            .prepare_arg = (void *)(uintptr_t)&denied[i],
        });

        trial_note("now %s failed with ECHILD", denied[i].name);
        if (p->exit_status != 7) /* it has another way */
            expect_refused(p, "(ECHILD)");
    }
}

/* Something is read from the child, most likely: what if that fails? */
static void unread_report_is_no_success(void)
{
    struct deny reading = {.number = SYS_read};
    struct program *p;
    struct held held;

    needs_no_sanitizer();
    p = spawn_start(&(struct spawn){
        .argv = DUCT("run", rootfs(), "sh", "-c", "exit 7"),
        .prepare = hold_call,
        .prepare_arg = &reading,
    });

    trial_note("now read fails with EIO in duct, once it has a child");
    while (hold_wait(p, false, &held)) {
        bool after_fork = held.pid == p->pid && kernel_children(p->pid)[0] != 0;

        hold_answer(&held, after_fork ? EIO : 0);
    }
    spawn_finish(p);
    if (p->exit_status != 7) /* nothing had to be read */
        expect_refused(p, "(EIO)");
}

/* malloc(3) asks for more by brk(2), and if that fails, for a megabyte. */
static void leave_no_memory(void *unused)
{
    struct deny heap = {.number = SYS_brk, .errnum = ENOMEM};
    struct deny megabyte = {.number = SYS_mmap,
                            .argument = 1,
                            .value = 1024 * 1024,
                            .only_with = true,
                            .errnum = ENOMEM};

    (void)unused;
    deny_call(&heap);
    deny_call(&megabyte);
}

static void no_memory_is_told(void)
{
    const struct program *p;

    needs_no_sanitizer();
    p = spawn_run(&(struct spawn){
        .argv = DUCT("run", rootfs(), "/inside/probe", "args"),
        .prepare = leave_no_memory,
    });
    expect_that(p->signal == 0, "duct ends by itself",
                keep_format("signal %d", p->signal));
    if (p->exit_status != 0) /* it can do without */
        expect_refused(p, "(ENOMEM)");
}

static void expect_no_texts(const struct at_end *end, const char *part)
{
    expect_str("texts in memory that duct has not freed", "",
               at_end_texts(end, part));
}

static void all_is_let_go(void)
{
    const char *file = scratch_path("this-is-a-file");
    struct container *c = container_wait(at_end_start(
        &(struct spawn){.argv = DUCT("run", "--explain", "-w", "/tmp", rootfs(),
                                     "sleep", "4711")}));
    struct at_end end;

    expect_call(kill(c->init, SIGKILL));
    end = at_end_look(c->duct);
    expect_no_texts(&end, "rootfs");

    file_write(file, "");
    end = at_end_look(
        at_end_start(&(struct spawn){.argv = DUCT("run", file, "true")}));
    expect_call(unlink(file));
    expect_exit(end.program, 125);
    expect_no_texts(&end, "this-is-a-file");
}

static const struct trial trials[] = {
    {.name = "chroot_refused",
     .claim = "where chroot(2) fails, the command does not run",
     .usual_cause = "the result of chroot() is not checked: the command runs "
                    "as root with all files of the host",
     .reread = "#root",
     .feature = true,
     .depends = "root_is_rootfs",
     .body = chroot_refused},
    {.name = "other_calls_refused",
     .claim = "where fork, pipe, chdir or close_range fails, the command "
              "does not run, or as always",
     .usual_cause = "a call's result is not checked",
     .reread = "#errors",
     .feature = true,
     .depends = "a_command_runs",
     .body = others_refused},
    {.name = "unknown_status_is_no_success",
     .claim = "where waiting for the command fails, duct says so",
     .usual_cause = "waitpid() returned -1, and the status that it did not "
                    "fill in is taken for the command's",
     .reread = "#errors",
     .feature = true,
     .depends = "status_is_the_commands",
     .body = unknown_status_is_no_success},
    {.name = "unread_report_is_no_success",
     .claim = "where reading from the child fails, duct says so",
     .usual_cause = "read() returned -1, which was taken for end of file",
     .reread = "#errors",
     .feature = true,
     .depends = "status_is_the_commands",
     .body = unread_report_is_no_success},
    {.name = "no_memory_is_told",
     .claim = "where there is no memory left, duct says ENOMEM",
     .usual_cause = "the result of malloc() or calloc() is not checked",
     .reread = "#errors",
     .feature = true,
     .depends = "a_command_runs",
     .body = no_memory_is_told},
    {.name = "memory_is_given_back",
     .claim = "at its end duct has freed what it took",
     .usual_cause = "a strdup() or realpath() without its free()",
     .reread = "#errors",
     .depends = "a_command_runs",
     .body = all_is_let_go},
};

const struct chapter chapter_refusals = {"The kernel says no", TRIALS(trials)};
