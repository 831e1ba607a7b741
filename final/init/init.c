/*
 * init: the first program in a container, and duct's only one in there.
 *
 * Whatever a process in a container runs, others in there can open, through
 * /proc/PID/exe; and who opens it for writing while it is the engine, owns
 * the host (CVE-2019-5736). So duct becomes this program, whose file is a
 * sealed piece of memory, and this one becomes the command. It loads nothing.
 *
 * With --init it stays, as process 1, and does the two things that make a
 * process 1 different: the kernel gives it every process whose parent has
 * died, and any signal that it has no handler for is lost.
 *
 *     sh -c 'sleep 1 & exec sleep 9'     who waits for the first one?
 *     kill -TERM 1                       does nothing
 *     kill -KILL 1, from outside         ends the whole pid namespace
 *
 * Kernel object  process 1 of a pid namespace
 * Look at it     ps -o pid,stat,comm     ls -l /proc/1/exe
 * Source         pid_namespaces(7), "The namespace init process"; wait(2);
 *                signal(7); execve(2)
 */
#include <asm/ioctls.h>
#include <asm/signal.h>
#include <linux/errno.h>
#include <linux/fcntl.h>
#include <linux/limits.h>
#include <linux/wait.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "calls.h"
#include "protocol.h"

enum {
    EXIT_CANNOT_EXECUTE = 126,
    EXIT_NOT_FOUND = 127,
    SIGNALS = 64,
};

typedef uint64_t signal_set; /* the kernel's: one bit for each signal */

_Noreturn void start(long *stack);

static const char default_path[] = "/usr/local/sbin:/usr/local/bin:"
                                   "/usr/sbin:/usr/bin:/sbin:/bin";

/* Without a library there is nobody else to do what the compiler asks for. */
void *memset(void *where, int byte, size_t count);
void *memset(void *where, int byte, size_t count)
{
    for (volatile char *at = where; count-- > 0; at++)
        *at = (char)byte;
    return where;
}

static _Noreturn void leave(int status)
{
    for (;;)
        call(__NR_exit_group, status, 0, 0, 0);
}

static _Noreturn void give_up(int errnum, enum init_trouble trouble)
{
    struct init_report report = {.errnum = errnum, .trouble = trouble};

    call(__NR_write, INIT_REPORT, (long)&report, sizeof(report), 0);
    leave(trouble == INIT_NOT_IN_PATH || errnum == ENOENT || errnum == ENOTDIR
              ? EXIT_NOT_FOUND
              : EXIT_CANNOT_EXECUTE);
}

/* Our signals are as duct left them, which is nobody's business. */
static void forget_signals(void)
{
    struct {
        void *handler;
        unsigned long flags;
        void *restorer;
        signal_set mask;
    } defaults = {0};
    signal_set none = 0;

    for (int s = 1; s <= SIGNALS; s++)
        call(__NR_rt_sigaction, s, (long)&defaults, 0, sizeof(none));
    call(__NR_rt_sigprocmask, SIG_SETMASK, (long)&none, 0, sizeof(none));
}

/* ---------------------------------------------------------- the command */

static const char *find_variable(char *const *environment, const char *name)
{
    for (; *environment != NULL; environment++) {
        const char *text = *environment;
        size_t i = 0;

        while (name[i] != '\0' && text[i] == name[i])
            i++;
        if (name[i] == '\0' && text[i] == '=')
            return text + i + 1;
    }
    return NULL;
}

static bool has_slash(const char *text)
{
    while (*text != '\0' && *text != '/')
        text++;
    return *text == '/';
}

/* Adds a text to a path. Returns the new length, or 0 when it is too long. */
static size_t append(char *path, size_t length, const char *text, size_t count)
{
    if (length + count >= PATH_MAX)
        return 0;
    for (size_t i = 0; i < count; i++)
        path[length + i] = text[i];
    path[length + count] = '\0';
    return length + count;
}

/* Returns an error, as it returns only then. */
static int execute(const char *path, char **argv, char **environment)
{
    return (int)-call(__NR_execve, (long)path, (long)argv, (long)environment,
                      0);
}

/* Tries each directory of PATH, as a shell would; "" is the one we are in. */
static _Noreturn void search(char **argv, char **environment)
{
    const char *rest = find_variable(environment, "PATH");
    enum init_trouble trouble = INIT_NOT_IN_PATH;
    char path[PATH_MAX];
    int errnum = ENOENT;
    size_t name = 0;

    while (argv[0][name] != '\0')
        name++;
    for (rest = rest != NULL ? rest : default_path; rest != NULL;) {
        size_t count = 0;
        size_t length = 0;

        while (rest[count] != ':' && rest[count] != '\0')
            count++;
        length = count == 0 ? append(path, 0, "./", 2)
                            : append(path, 0, rest, count);
        if (length != 0)
            length = append(path, length, "/", 1);
        if (length != 0 && append(path, length, argv[0], name) != 0) {
            int result = execute(path, argv, environment);

            if (result == ENOENT &&
                call(__NR_faccessat, AT_FDCWD, (long)path, 0, 0) == 0)
                give_up(result, INIT_INTERPRETER_GONE);
            if (result != ENOENT && result != ENOTDIR) {
                errnum = result;
                trouble = INIT_CANT_EXECUTE;
            }
        }
        rest = rest[count] == ':' ? rest + count + 1 : NULL;
    }
    give_up(errnum, trouble);
}

static _Noreturn void become(char **argv, char **environment)
{
    int errnum;

    call(__NR_fcntl, INIT_REPORT, F_SETFD, FD_CLOEXEC, 0);
    if (!has_slash(argv[0]) && argv[0][0] != '\0')
        search(argv, environment);
    errnum = execute(argv[0], argv, environment);
    if (errnum == ENOENT && argv[0][0] != '\0' &&
        call(__NR_faccessat, AT_FDCWD, (long)argv[0], 0, 0) == 0)
        give_up(errnum, INIT_INTERPRETER_GONE);
    give_up(errnum, INIT_CANT_EXECUTE);
}

/* ------------------------------------------------------ as its parent */

/* All signals wait until we ask for them. */
static void init_block_signals(void)
{
    signal_set all = ~(signal_set)0;

    call(__NR_rt_sigprocmask, SIG_SETMASK, (long)&all, 0, sizeof(all));
}

/* The command gets a process group of its own, and the terminal if there is
 * one: or what is typed would reach it twice, from the terminal and from us. */
static long init_spawn(char **argv, char **environment)
{
    int group;
    long child = call(__NR_clone, SIGCHLD, 0, 0, 0);

    if (child < 0)
        give_up((int)-child, INIT_CANT_FORK);
    if (child > 0) {
        call(__NR_close, INIT_REPORT, 0, 0, 0);
        return child;
    }
    call(__NR_setpgid, 0, 0, 0, 0);
    group = (int)call(__NR_getpid, 0, 0, 0, 0);
    call(__NR_ioctl, 0, TIOCSPGRP, (long)&group, 0); /* SIGTTOU is blocked */
    forget_signals();
    become(argv, environment);
}

/* Waits for all that have ended. Ends with the command. */
static void init_reap(long command)
{
    for (;;) {
        int status = 0;
        long pid = call(__NR_wait4, -1, (long)&status, WNOHANG, 0);

        if (pid == -EINTR)
            continue;
        if (pid <= 0)
            return;
        if (pid == command)
            leave(status & 0x7f ? 128 + (status & 0x7f) : status >> 8 & 0xff);
    }
}

static _Noreturn void init_run(long command)
{
    signal_set all = ~(signal_set)0;

    for (;;) {
        long number = call(__NR_rt_sigtimedwait, (long)&all, 0, 0, sizeof(all));

        if (number == SIGCHLD)
            init_reap(command);
        else if (number > 0)
            call(__NR_kill, command, number, 0, 0);
    }
}

_Noreturn void start(long *stack)
{
    long argc = stack[0];
    char **argv = (char **)(stack + 1);
    char **environment = argv + argc + 1;

    if (argc < 3)
        leave(EXIT_CANNOT_EXECUTE);
    forget_signals();
    if (argv[1][0] == 'e')
        become(argv + 2, environment);
    init_block_signals();
    init_run(init_spawn(argv + 2, environment));
}
