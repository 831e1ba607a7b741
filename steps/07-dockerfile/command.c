/*
 * command: the program that a container is made for.
 *
 * Kernel object  a process image, replaced by execve(2)
 * Side           container, as the last thing that duct does there
 * Look at it     tr '\0' '\n' </proc/PID/environ     ls -l /proc/PID/cwd
 */
#include "command.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <sys/stat.h>

#include "cleanup.h"
#include "explain.h"
#include "inside.h"
#include "user.h"

static const char default_path[] = "/usr/local/sbin:/usr/local/bin:"
                                   "/usr/sbin:/usr/bin:/sbin:/bin";

/* One -e: "NAME=VALUE" as it is, "NAME" with the value that duct was given. */
static int set_variable(const char *setting, char *const inherited[])
{
    size_t length = strlen(setting);

    if (strchr(setting, '=') != NULL)
        return putenv((char *)setting);
    for (; *inherited != NULL; inherited++)
        if (strncmp(*inherited, setting, length) == 0 &&
            (*inherited)[length] == '=')
            return putenv(*inherited);
    return 0;
}

/* Replaces our environment by the command's. */
static int clean_environment(char *const settings[], const char *home,
                             struct failure *why)
{
    char hostname[HOST_NAME_MAX + 1] = "";
    const char *term = getenv("TERM");
    char **inherited = environ;
    int failed = 0;

    gethostname(hostname, sizeof(hostname) - 1);
    environ = NULL; /* clearenv(3) would free what we still read from */
    failed |= setenv("PATH", default_path, 1);
    failed |= setenv("HOSTNAME", hostname, 1);
    failed |= setenv("TERM", term != NULL ? term : "xterm", 1);
    failed |= setenv("HOME", home != NULL ? home : "/root", 1);
    for (; *settings != NULL; settings++)
        failed |= set_variable(*settings, inherited);
    return failed ? fail(why, errno, "build the environment") : 0;
}

/* As root: the user may not be able to. */
static int make_workdir(const char *workdir, struct failure *why)
{
    cleanup_close int root_fd = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);

    explain(CONTAINER, "mkdir -p %s", workdir);
    cleanup_close int fd = inside_make(root_fd, workdir, S_IFDIR, why);
    return fd < 0 ? -1 : 0;
}

static int enter_workdir(const char *workdir, struct failure *why)
{
    if (workdir == NULL)
        return 0;
    explain(CONTAINER, "cd %s", workdir);
    if (chdir(workdir) < 0)
        return fail(why, errno, "chdir to %s in the container", workdir);

    /* /proc/self/fd/N may lead to where the root directory doesn't. */
    cleanup_free char *seen = getcwd(NULL, 0);
    if (seen == NULL)
        return fail(why, errno, "%s is outside of the container", workdir);
    return 0;
}

/* ENOENT with the file plainly there is what puzzles beginners most. */
static const char *exec_hint(const char *path, int errnum)
{
    if (errnum == EACCES)
        return "is it an executable file, and not on a file system mounted "
               "noexec?";
    if (errnum == ENOEXEC)
        return "is it made for another architecture, or a script whose first "
               "line is not #!?";
    if (errnum == ENOENT && access(path, F_OK) == 0)
        return "the file is there, but not the interpreter after its #!, or "
               "the loader and\n      libraries that ldd(1) shows for it";
    return NULL;
}

/* Tries each directory of PATH, as a shell would. */
static int exec_from_path(char *const argv[])
{
    const char *search = getenv("PATH");
    cleanup_free char *directories = strdup(search ? search : default_path);
    char *rest = directories;
    const char *directory;
    int errnum = ENOENT;

    while ((directory = strsep(&rest, ":")) != NULL) {
        cleanup_free char *path = NULL;

        if (asprintf(&path, "%s/%s", directory, argv[0]) < 0)
            return -1;
        execve(path, argv, environ);
        if (errno != ENOENT && errno != ENOTDIR)
            errnum = errno;
    }
    errno = errnum;
    return -1;
}

int command_exec(const struct command *command, struct failure *why)
{
    char *const *argv = command->argv;
    cleanup_free char *home = NULL;

    if (command->make_workdir && command->workdir != NULL &&
        make_workdir(command->workdir, why) < 0)
        return -1;
    if (command->user != NULL &&
        user_become(command->user, command->parent, &home, why) < 0)
        return -1;
    if (clean_environment(command->settings, home, why) < 0 ||
        enter_workdir(command->workdir, why) < 0)
        return -1;
    umask(022);

    /* Whatever our caller left open stays on the host's side. */
    if (close_range(3, ~0U, CLOSE_RANGE_CLOEXEC) < 0)
        return fail(why, errno, "mark all descriptors close-on-exec");

    explain_exec(environ, argv);
    if (strchr(argv[0], '/') != NULL || *argv[0] == '\0')
        execve(argv[0], argv, environ);
    else
        exec_from_path(argv);

    int errnum = errno;
    fail(why, errnum, "exec %s", *argv[0] == '\0' ? "\"\"" : argv[0]);
    why->exit_status = errnum == ENOENT || errnum == ENOTDIR
                           ? EXIT_NOT_FOUND
                           : EXIT_CANNOT_EXECUTE;
    return hint(why, exec_hint(argv[0], errnum));
}
