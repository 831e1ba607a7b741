/*
 * command: the program that a container is made for.
 *
 * Kernel object  a process image, replaced by execve(2)
 * Side           container, as the last thing that duct does there
 * Look at it     tr '\0' '\n' </proc/PID/environ     ls -l /proc/PID/cwd
 *                cat /proc/PID/status /proc/PID/limits
 */
#include "command.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include "cleanup.h"
#include "explain.h"
#include "init.h"
#include "inside.h"
#include "user.h"

/* The path may be anybody's work, such as /proc/self/fd/7: what is opened has
 * to lie in the container, and the kernel has to say so. */
static int enter_workdir(const struct command *command, struct failure *why)
{
    const char *workdir = command->workdir;
    char seen[PATH_MAX];

    if (workdir == NULL)
        return 0;
    if (command->make_workdir)
        explain(CONTAINER, "mkdir -p %s", workdir);
    explain(CONTAINER, "cd %s", workdir);
    cleanup_close int root_fd = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
    cleanup_close int fd =
        command->make_workdir
            ? inside_make(root_fd, workdir, S_IFDIR, why)
            : inside_open(root_fd, workdir, O_PATH | O_DIRECTORY);
    if (fd < 0 && command->make_workdir)
        return -1;
    if (fd < 0 || fchdir(fd) < 0)
        return fail(why, errno, "chdir to %s in the container", workdir);
    /* The C library would ask other ways when the kernel has no answer. */
    if (syscall(SYS_getcwd, seen, sizeof(seen)) < 0 || *seen != '/')
        return fail(why, 0, "%s is outside of the container", workdir);
    return 0;
}

/* The environment with a HOME in it, if there was none. Only the vector is
 * new. */
static char **complete_environment(char **environment, const char *home)
{
    bool has_home = false;
    size_t count = 0;

    for (; environment[count] != NULL; count++)
        has_home |= strncmp(environment[count], "HOME=", 5) == 0;
    char **complete = calloc(count + 2, sizeof(*complete));
    if (complete == NULL)
        return NULL;
    memcpy(complete, environment, count * sizeof(*complete));
    if (!has_home &&
        asprintf(&complete[count], "HOME=%s", home ? home : "/") < 0)
        return NULL;
    return complete;
}

/* A filter needs either root's power, which is about to go, or the promise
 * never to gain any. */
static int give_up_power(const struct command *c, struct failure *why)
{
    if (caps_regain(why) < 0)
        return -1;
    if (c->seccomp != NULL && !c->no_new_privs &&
        seccomp_filter_load(c->seccomp->program, c->seccomp->count, why) < 0)
        return -1;
    if (caps_drop(c->caps, why) < 0)
        return -1;
    if (!c->no_new_privs)
        return 0;
    explain_look("setpriv --no-new-privs");
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
        return fail(why, errno, "prctl PR_SET_NO_NEW_PRIVS");
    return c->seccomp == NULL ? 0
                              : seccomp_filter_load(c->seccomp->program,
                                                    c->seccomp->count, why);
}

int command_exec(const struct command *command, struct failure *why)
{
    const char *user = command->user != NULL ? command->user : "0";
    cleanup_free char *home = NULL;

    umask(022); /* the command's, and for what is made for it */
    cleanup_close int init_fd = init_open(why);
    if (init_fd < 0 || enter_workdir(command, why) < 0)
        return -1;
    if (ulimits_apply(command->ulimits, why) < 0 ||
        user_become(user, command->groups, command->parent, &home, why) < 0)
        return -1;
    char **environment = complete_environment(command->environment, home);
    if (environment == NULL)
        return fail(why, ENOMEM, "build the environment");
    if (give_up_power(command, why) < 0)
        return -1;

    explain_exec(environment, command->argv);
    return init_exec(init_fd, command->report_fd, command->init, command->argv,
                     environment, why);
}
