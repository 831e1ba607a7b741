/*
 * spawn: start a program, with the user, streams and terminal that it is to
 * have. What becomes of it: watch.c.
 */
#include "spawn.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <poll.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <termios.h>
#include <unistd.h>

#include "duct.h"
#include "expect.h"
#include "scratch.h"
#include "spawn-private.h"

struct program *spawn_programs;

/* The child's half, between fork and execve. */

struct child {
    int in_fd, out_fd, err_fd, failed_fd, terminal_fd;
};

static void reset_signals(void)
{
    sigset_t none;

    for (int number = 1; number < NSIG; number++)
        (void)signal(number, SIG_DFL); /* refused for KILL, STOP: fine */
    sigemptyset(&none);
    (void)sigprocmask(SIG_SETMASK, &none, NULL);
}

static void take_terminal(const struct child *c, const struct spawn *spawn)
{
    int fd = ioctl(c->terminal_fd, TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC);

    if (fd < 0 || ioctl(fd, TIOCSCTTY, 0) < 0)
        _exit(125);
    if (spawn->uid != 0 && fchown(fd, spawn->uid, spawn->uid) < 0)
        _exit(125);
    for (int i = 0; i < 3; i++)
        if (dup2(fd, i) < 0)
            _exit(125);
}

static void take_pipes(const struct child *c, const struct spawn *spawn)
{
    if (spawn->stdin_is == INPUT_CLOSED)
        (void)close(0);
    else if (dup2(c->in_fd, 0) < 0)
        _exit(125);
    if (dup2(c->out_fd, 1) < 0 || dup2(c->err_fd, 2) < 0)
        _exit(125);
    if (spawn->uid == 0)
        return;
    /* /dev/stdout opens the pipe anew: that is for its owner only. */
    if (fchown(1, spawn->uid, spawn->uid) < 0 ||
        fchown(2, spawn->uid, spawn->uid) < 0)
        _exit(125);
}

static void take_user(uid_t uid)
{
    if (uid == 0)
        return;
    if (setgroups(0, NULL) < 0 || setresgid(uid, uid, uid) < 0 ||
        setresuid(uid, uid, uid) < 0)
        _exit(125);
}

static void become(const struct child *c, const struct spawn *spawn,
                   const char *const *env)
{
    int errnum;

    (void)setsid();
    reset_signals();
    if (spawn->terminal)
        take_terminal(c, spawn);
    else
        take_pipes(c, spawn);
    take_user(spawn->uid);
    if (spawn->cwd != NULL && chdir(spawn->cwd) < 0)
        _exit(125);
    if (spawn->prepare != NULL)
        spawn->prepare(spawn->prepare_arg);
    execvpe(spawn->argv[0], (char *const *)(uintptr_t)spawn->argv,
            (char *const *)(uintptr_t)env);
    errnum = errno;
    (void)!write(c->failed_fd, &errnum, sizeof(errnum));
    _exit(125);
}

/* The suite's half. */

static char *command_of(const char *const *argv)
{
    char *text = keep_format("%s", "");

    for (size_t i = 0; argv[i] != NULL; i++) {
        const char *word = argv[i];

        if (i == 0 && strcmp(word, duct_path()) == 0)
            word = "duct";
        else if (strcmp(word, rootfs()) == 0)
            word = "$ROOTFS";
        else if (word[0] == '\0' || strpbrk(word, " \t\n\"'\\;&|<>*?()$"))
            word = keep_format("'%s'", word);
        text = keep_format("%s%s%s", text, i > 0 ? " " : "", word);
    }
    return text;
}

static const char *const *default_env(const struct spawn *spawn)
{
    static const char *const path =
        "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
    const char **env = keep_zeroed(5 * sizeof(*env));

    env[0] = path;
    env[1] = "TERM=linux";
    env[2] = "LC_ALL=C";
    env[3] = keep_format(
        "HOME=%s", scratch_path(spawn->uid == 0 ? "home" : "home-of-nobody"));
    return env;
}

static void make_pipe(int *read_end, int *write_end)
{
    int ends[2];

    expect_call(pipe2(ends, O_CLOEXEC));
    *read_end = ends[0];
    *write_end = ends[1];
}

static void unblock(int fd)
{
    if (fd >= 0)
        expect_call(fcntl(fd, F_SETFL, O_NONBLOCK));
}

static void open_terminal(struct program *p, struct child *c)
{
    struct winsize size = {.ws_row = 24, .ws_col = 80};

    p->terminal_fd = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
    expect_call(p->terminal_fd);
    expect_call(unlockpt(p->terminal_fd));
    expect_call(ioctl(p->terminal_fd, TIOCSWINSZ, &size));
    c->terminal_fd = p->terminal_fd;
}

static void open_pipes(struct program *p, struct child *c,
                       const struct spawn *spawn)
{
    if (spawn->input != NULL || spawn->stdin_is == INPUT_OPEN)
        make_pipe(&c->in_fd, &p->own->in_fd);
    else
        c->in_fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
    expect_call(c->in_fd);
    make_pipe(&p->own->out_fd, &c->out_fd);
    make_pipe(&p->own->err_fd, &c->err_fd);
    p->own->input = spawn->input;
    p->own->input_size = spawn->input_size;
    p->own->keep_input = spawn->stdin_is == INPUT_OPEN;
}

static struct program *new_program(const struct spawn *spawn)
{
    struct program *p = keep_zeroed(sizeof(*p));

    p->own = keep_zeroed(sizeof(*p->own));
    p->own->name = command_of(spawn->argv);
    p->own->in_fd = p->own->out_fd = p->own->err_fd = -1;
    p->own->failed_fd = p->terminal_fd = p->pidfd = -1;
    p->out = calloc(1, 1);
    p->err = calloc(1, 1);
    p->exit_status = -1;
    p->own->timeout_ms = spawn_patience(
        spawn->timeout_ms > 0 ? spawn->timeout_ms : SPAWN_DEADLINE_MS);
    p->own->deadline = spawn_now_ms() + p->own->timeout_ms;
    p->own->next = spawn_programs;
    spawn_programs = p;
    return p;
}

/* End of file: execve has happened, or the child gave up before. */
static void wait_for_execve(struct program *p)
{
    struct pollfd polled = {.fd = p->own->failed_fd, .events = POLLIN};

    expect_that(poll(&polled, 1, (int)p->own->timeout_ms) > 0,
                keep_format("`%s` starts", p->own->name),
                "it is still held before execve");
}

struct program *spawn_start(const struct spawn *spawn)
{
    struct program *p = new_program(spawn);
    struct child c = {-1, -1, -1, -1, -1};
    const char *const *env = spawn->env;
    int errnum = 0;

    if (env == NULL)
        env = default_env(spawn);
    if (!spawn->aside)
        trial_note("ran: %s%s", p->own->name,
                   spawn->uid == 0 ? "" : "   (as nobody)");
    if (spawn->terminal)
        open_terminal(p, &c);
    else
        open_pipes(p, &c, spawn);
    make_pipe(&p->own->failed_fd, &c.failed_fd);
    fflush(NULL);
    p->pid = fork();
    if (p->pid == 0)
        become(&c, spawn, env);
    expect_call(p->pid);
    p->pidfd = (int)syscall(SYS_pidfd_open, p->pid, 0);
    spawn_close(&c.in_fd);
    spawn_close(&c.out_fd);
    spawn_close(&c.err_fd);
    spawn_close(&c.failed_fd);
    expect_call(p->pidfd);
    wait_for_execve(p);
    if (read(p->own->failed_fd, &errnum, sizeof(errnum)) > 0)
        trial_failed(__FILE__, __LINE__,
                     keep_format("%s can be executed", spawn->argv[0]),
                     strerror(errnum));
    spawn_close(&p->own->failed_fd);
    unblock(p->own->in_fd);
    unblock(p->own->out_fd);
    unblock(p->own->err_fd);
    unblock(p->terminal_fd);
    return p;
}

bool spawn_have(const char *name)
{
    static const char *const places[] = {"/usr/local/sbin", "/usr/local/bin",
                                         "/usr/sbin",       "/usr/bin",
                                         "/sbin",           "/bin"};

    for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++)
        if (access(keep_format("%s/%s", places[i], name), X_OK) == 0)
            return true;
    return false;
}

static size_t argv_size(const char *const *argv)
{
    size_t size = 0;

    while (argv[size] != NULL)
        size++;
    return size;
}

const char *const *argv_of(const char *const *first, ...)
{
    const char **all = NULL;
    size_t count = 0;
    va_list lists;

    va_start(lists, first);
    for (const char *const *list = first; list != NULL;
         list = va_arg(lists, const char *const *)) {
        size_t more = argv_size(list);
        const char **longer = keep_zeroed((count + more + 1) * sizeof(*longer));

        for (size_t i = 0; i < count; i++)
            longer[i] = all[i];
        for (size_t i = 0; i < more; i++)
            longer[count + i] = list[i];
        all = longer;
        count += more;
    }
    va_end(lists);
    return all;
}
