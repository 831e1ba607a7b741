/*
 * filter_profile: somebody's own profile of system calls, made a program.
 *
 * That takes libseccomp, which takes longer to load than most containers take
 * to start: so it is done once, at create, by the program that has it.
 *
 * Side           host
 * Look at it     ls -l /var/lib/duct/containers/ID/seccomp.bpf
 */
#include "filter_profile.h"

#include <errno.h>
#include <sys/wait.h>
#include <unistd.h>

#include "archive_program.h"
#include "cleanup.h"
#include "report.h"

enum {
    REPORT = 3 /* the descriptor that duct-archive reports on */
};

/* Runs in the child. */
_Noreturn static void become_compiler(const struct engine *engine,
                                      const char *id, int report)
{
    char *words[] = {(char *)"duct-archive",
                     (char *)"--data-root",
                     engine->data,
                     (char *)"--run-root",
                     engine->run,
                     (char *)"compile-filter",
                     (char *)id,
                     NULL};
    struct failure why = {.exit_status = EXIT_DUCT};

    if (dup2(report, REPORT) < 0) /* lint-c: it outlives exec */
        fail(&why, errno, "give duct-archive its report");
    else
        archive_program_exec(words, &why);
    report_failure(REPORT, &why);
}

int filter_profile_compile(const struct engine *engine, const char *id,
                           struct failure *why)
{
    int report[2];

    if (report_open(report, why) < 0)
        return -1;
    pid_t pid = fork();
    if (pid == 0)
        become_compiler(engine, id, report[1]);
    close_fd(&report[1]);
    int status = pid < 0 ? fail(why, errno, "fork for duct-archive")
                         : report_read(report[0], "duct-archive", why);
    close_fd(&report[0]);
    if (pid > 0)
        (void)waitpid(pid, NULL, 0);
    return status;
}
