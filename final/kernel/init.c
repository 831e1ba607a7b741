/*
 * init: the little program that stands between duct and a command.
 *
 * Kernel object  a file without a name, sealed (memfd)
 * Side           container, as the last thing that duct does there
 * Look at it     ls -l /proc/PID/exe of a container with --init
 */
#include "init.h"

#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include "../init/protocol.h"
#include "cleanup.h"
#include "report.h"

/* What older headers don't know, and older kernels don't need. */
#ifndef MFD_EXEC
#define MFD_EXEC 0x0010U
#endif
#ifndef F_SEAL_EXEC
#define F_SEAL_EXEC 0x0020
#endif

_Static_assert(sizeof(struct init_report) <= offsetof(struct failure, message),
               "a program's report must not look like one of duct's");

extern const char init_program[];
extern const char init_program_end[];

/* Since 6.3 one says that it is a program; before, any may be one. */
static int make_file(void)
{
    const char name[] = "duct-init";
    int fd = memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING | MFD_EXEC);

    if (fd < 0 && errno == EINVAL)
        fd = memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING);
    return fd;
}

static int seal(int fd)
{
    int seals = F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE;

    if (fcntl(fd, F_ADD_SEALS, seals | F_SEAL_EXEC) == 0)
        return 0;
    return errno == EINVAL ? fcntl(fd, F_ADD_SEALS, seals) : -1;
}

int init_open(struct failure *why)
{
    size_t size = (uintptr_t)init_program_end - (uintptr_t)init_program;
    cleanup_close int fd = make_file();

    if (fd < 0)
        return fail(why, errno, "make a file in memory");
    if (write(fd, init_program, size) != (ssize_t)size)
        return fail(why, errno, "write duct-init to a file in memory");
    if (fchmod(fd, 0555) < 0 || seal(fd) < 0)
        return fail(why, errno, "seal duct-init");
    return take_fd(&fd);
}

/* A new argv: two words for the program, then the command's. */
static char **prepend(const char *verb, char *const argv[])
{
    size_t count = 0;

    while (argv[count] != NULL)
        count++;
    char **longer = calloc(count + 3, sizeof(*longer));
    if (longer == NULL)
        return NULL;
    longer[0] = (char *)"duct-init";
    longer[1] = (char *)verb;
    memcpy(longer + 2, argv, count * sizeof(*longer));
    return longer;
}

/* All descriptors close by themselves but this one, which moves to where the
 * program looks for it. */
static int keep_report(int report_fd)
{
    if (close_range(3, ~0U, CLOSE_RANGE_CLOEXEC) < 0)
        return -1;
    if (report_fd < 0)
        return 0;
    if (report_fd == INIT_REPORT)
        return fcntl(report_fd, F_SETFD, 0);
    return dup3(report_fd, INIT_REPORT, 0); /* lint-c: it outlives exec */
}

int init_exec(int init_fd, int report_fd, bool stays, char *const argv[],
              char *const environment[], struct failure *why)
{
    char **longer = prepend(stays ? "init" : "exec", argv);
    int fd = fcntl(init_fd, F_DUPFD_CLOEXEC, INIT_REPORT + 1);

    if (longer == NULL || fd < 0)
        return fail(why, errno, "prepare duct-init");
    if (keep_report(report_fd) < 0)
        return fail(why, errno, "mark all descriptors close-on-exec");
    syscall(SYS_execveat, fd, "", longer, environment, AT_EMPTY_PATH);
    return fail(why, errno, "exec duct-init");
}

/* ENOENT with the file plainly there is what puzzles beginners most. */
static const char *exec_hint(const struct init_report *report)
{
    if (report->trouble == INIT_INTERPRETER_GONE)
        return "the file is there, but not the interpreter after its #!, or "
               "the loader and\n      libraries that ldd(1) shows for it";
    if (report->errnum == EACCES)
        return "is it an executable file, and not on a file system mounted "
               "noexec?";
    if (report->errnum == ENOEXEC)
        return "is it made for another architecture, or a script whose first "
               "line is not #!?";
    return NULL;
}

static int explain_report(const struct init_report *report, const char *command,
                          struct failure *why)
{
    const char *name = *command == '\0' ? "\"\"" : command;

    if (report->trouble == INIT_CANT_FORK)
        return fail(why, report->errnum, "fork %s", name);
    if (report->trouble == INIT_NOT_IN_PATH)
        fail(why, report->errnum, "exec %s: executable file not found in $PATH",
             name);
    else
        fail(why, report->errnum, "exec %s", name);
    why->kind = FAILURE_BAD_PARAMETER;
    why->exit_status = report->errnum == ENOENT || report->errnum == ENOTDIR
                           ? EXIT_NOT_FOUND
                           : EXIT_CANNOT_EXECUTE;
    return hint(why, exec_hint(report));
}

int init_wait(int fds[2], const char *command, struct failure *why)
{
    struct init_report report;

    memset(why, 0, sizeof(*why));
    if (report_wait(fds, why) == 0)
        return 0;
    /* The program's is shorter, and the rest is as we have left it. */
    if (why->message[0] != '\0')
        return -1;
    memcpy(&report, why, sizeof(report));
    return explain_report(&report, command, why);
}
