/*
 * spawn: start a program, feed it, collect all it prints, never hang on it.
 *
 * One loop (spawn_poll) serves all programs that run: it reads their pipes,
 * feeds their stdin, notices by pidfd that they ended and kills them at their
 * deadline.
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
#include <sys/wait.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#include "duct.h"
#include "expect.h"
#include "kernel.h"
#include "scratch.h"

enum {
    GRACE_MS = 2000, /* for stdout to end after the program itself has */
    POLL_MS = 5,     /* between two looks at a condition */
};

struct program_private {
    struct program *next; /* of all that were started in this trial */
    char *name;           /* the command, for the verdict */
    int in_fd, out_fd, err_fd, failed_fd;
    const char *input;    /* what is still to be written to in_fd */
    size_t input_size;
    bool keep_input;      /* spawn_type() will bring more */
    size_t out_room, err_room;
    long long deadline, timeout_ms;
};

/* What runs now. One list for the process: see keep.c. */
static struct program *programs;

static void close_fd(int *fd)
{
    if (*fd >= 0)
        (void)close(*fd); /* nothing was written that could be lost */
    *fd = -1;
}

long long spawn_now_ms(void)
{
    struct timespec now;

    (void)clock_gettime(CLOCK_MONOTONIC, &now); /* can't fail */
    return now.tv_sec * 1000LL + now.tv_nsec / 1000000;
}

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
    env[3] = keep_format("HOME=%s", scratch_path(spawn->uid == 0
                                                     ? "home"
                                                     : "home-of-nobody"));
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
    p->own->timeout_ms = spawn->timeout_ms > 0 ? spawn->timeout_ms
                                               : SPAWN_DEADLINE_MS;
    p->own->deadline = spawn_now_ms() + p->own->timeout_ms;
    p->own->next = programs;
    programs = p;
    return p;
}

struct program *spawn_start(const struct spawn *spawn)
{
    struct program *p = new_program(spawn);
    struct child c = {-1, -1, -1, -1, -1};
    const char *const *env = spawn->env;
    int errnum = 0;

    if (env == NULL)
        env = default_env(spawn);
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
    close_fd(&c.in_fd);
    close_fd(&c.out_fd);
    close_fd(&c.err_fd);
    close_fd(&c.failed_fd);
    expect_call(p->pidfd);
    /* End of file: execve has happened, or the child gave up before. */
    if (read(p->own->failed_fd, &errnum, sizeof(errnum)) > 0)
        trial_failed(__FILE__, __LINE__,
                     keep_format("%s can be executed", spawn->argv[0]),
                     strerror(errnum));
    close_fd(&p->own->failed_fd);
    unblock(p->own->in_fd);
    unblock(p->own->out_fd);
    unblock(p->own->err_fd);
    unblock(p->terminal_fd);
    return p;
}

/* Collecting. */

static void append(char **all, size_t *size, size_t *room, const char *bytes,
                   size_t more)
{
    if (*size + more + 1 > *room) {
        size_t wanted = 2 * (*size + more + 1);
        char *bigger = realloc(*all, wanted);

        expect_that(bigger != NULL, "memory for what is printed", "none");
        *all = bigger;
        *room = wanted;
    }
    memcpy(*all + *size, bytes, more);
    *size += more;
    (*all)[*size] = '\0';
}

/* Returns false when there is no more to come. */
static bool drain(int fd, char **all, size_t *size, size_t *room)
{
    char bytes[65536];

    for (;;) {
        ssize_t got = read(fd, bytes, sizeof(bytes));

        if (got > 0)
            append(all, size, room, bytes, (size_t)got);
        else if (got < 0 && errno == EINTR)
            continue;
        else
            return got < 0 && errno == EAGAIN;
    }
}

static void feed(struct program *p)
{
    struct program_private *own = p->own;

    if (own->in_fd < 0)
        return;
    while (own->input_size > 0) {
        ssize_t put = write(own->in_fd, own->input, own->input_size);

        if (put < 0 && errno == EINTR)
            continue;
        if (put < 0 && errno == EAGAIN)
            return;
        if (put < 0) { /* EPIPE: it does not read any more */
            close_fd(&own->in_fd);
            return;
        }
        own->input += put;
        own->input_size -= (size_t)put;
    }
    if (!own->keep_input)
        close_fd(&own->in_fd);
}

static void collect(struct program *p)
{
    struct program_private *own = p->own;

    feed(p);
    if (own->out_fd >= 0 &&
        !drain(own->out_fd, &p->out, &p->out_size, &own->out_room))
        close_fd(&own->out_fd);
    if (own->err_fd >= 0 &&
        !drain(own->err_fd, &p->err, &p->err_size, &own->err_room))
        close_fd(&own->err_fd);
    /* The master reads EIO while nobody holds the other side; somebody may
     * open it again, so it stays open. */
    if (p->terminal_fd >= 0)
        (void)drain(p->terminal_fd, &p->out, &p->out_size, &own->out_room);
}

static void notice_end(struct program *p)
{
    siginfo_t info = {0};

    if (p->ended || p->pidfd < 0 ||
        waitid(P_PIDFD, (id_t)p->pidfd, &info, WEXITED | WNOHANG) < 0 ||
        info.si_pid == 0)
        return;
    p->ended = true;
    if (info.si_code == CLD_EXITED)
        p->exit_status = info.si_status;
    else
        p->signal = info.si_status;
    collect(p); /* what came between the last look and the end */
}

static bool is_ours(pid_t pid)
{
    for (struct program *p = programs; p != NULL; p = p->own->next)
        if (p->pid == pid && !p->ended)
            return true;
    return false;
}

/* The suite is pid 1 behind its fence: orphans come to it. */
static void reap_orphans(void)
{
    for (pid_t *child = kernel_children(0); *child != 0; child++)
        if (!is_ours(*child))
            (void)waitpid(*child, NULL, WNOHANG);
}

static void enforce_deadline(struct program *p)
{
    if (p->ended || p->pidfd < 0 || spawn_now_ms() < p->own->deadline)
        return;
    trial_failed(__FILE__, __LINE__,
                 keep_format("`%s` ends within %lld s", p->own->name,
                             p->own->timeout_ms / 1000),
                 keep_format("it still runs; so far it said %s and %s",
                             expect_quoted(p->out, p->out_size),
                             expect_quoted(p->err, p->err_size)));
}

static void add_poll(struct pollfd *polled, nfds_t *count, int fd,
                     short events)
{
    if (fd >= 0)
        polled[(*count)++] = (struct pollfd){.fd = fd, .events = events};
}

static nfds_t list_polled(struct pollfd **polled)
{
    size_t most = 0;
    nfds_t count = 0;

    for (struct program *p = programs; p != NULL; p = p->own->next)
        most += 5;
    *polled = calloc(most + 1, sizeof(**polled));
    expect_that(*polled != NULL, "memory to poll", "none");
    for (struct program *p = programs; p != NULL; p = p->own->next) {
        add_poll(*polled, &count, p->own->out_fd, POLLIN);
        add_poll(*polled, &count, p->own->err_fd, POLLIN);
        if (p->own->input_size > 0)
            add_poll(*polled, &count, p->own->in_fd, POLLOUT);
        if (!p->ended) {
            add_poll(*polled, &count, p->pidfd, POLLIN);
            /* after the end it would say POLLHUP for ever */
            add_poll(*polled, &count, p->terminal_fd, POLLIN);
        }
    }
    return count;
}

void spawn_poll(int ms)
{
    struct pollfd *polled;
    nfds_t count = list_polled(&polled);

    (void)poll(polled, count, ms); /* what is ready is found by trying */
    free(polled);
    for (struct program *p = programs; p != NULL; p = p->own->next) {
        collect(p);
        notice_end(p);
    }
    for (struct program *p = programs; p != NULL; p = p->own->next)
        enforce_deadline(p);
}

bool spawn_wait_until(bool (*holds)(void *arg), void *arg, int ms)
{
    long long until = spawn_now_ms() + ms;

    for (;;) {
        spawn_poll(0);
        reap_orphans();
        if (holds(arg))
            return true;
        if (spawn_now_ms() >= until)
            return false;
        spawn_poll(POLL_MS);
    }
}

static bool never(void *arg)
{
    (void)arg;
    return false;
}

void spawn_sleep_ms(int ms)
{
    (void)spawn_wait_until(never, NULL, ms);
}

struct printed {
    struct program *p;
    const char *text;
};

static bool is_printed(void *arg)
{
    struct printed *printed = arg;

    return memmem(printed->p->out, printed->p->out_size, printed->text,
                  strlen(printed->text)) != NULL;
}

bool spawn_printed(struct program *p, const char *text, int ms)
{
    return spawn_wait_until(is_printed, &(struct printed){p, text}, ms);
}

static bool has_ended(void *arg)
{
    return ((struct program *)arg)->ended;
}

bool spawn_ended(struct program *p, int ms)
{
    return spawn_wait_until(has_ended, p, ms);
}

void spawn_finish(struct program *p)
{
    long long until;

    while (!p->ended)
        spawn_poll(100);
    until = spawn_now_ms() + GRACE_MS;
    while (p->own->out_fd >= 0 || p->own->err_fd >= 0) {
        if (spawn_now_ms() >= until)
            trial_failed(__FILE__, __LINE__,
                         "stdout and stderr end when duct has ended",
                         "a process that it left behind still holds them");
        spawn_poll(100);
    }
    close_fd(&p->terminal_fd);
}

struct program *spawn_run(const struct spawn *spawn)
{
    struct program *p = spawn_start(spawn);

    spawn_finish(p);
    return p;
}

void spawn_type(struct program *p, const char *text)
{
    int fd = p->terminal_fd >= 0 ? p->terminal_fd : p->own->in_fd;

    while (*text != '\0') {
        ssize_t put = write(fd, text, strlen(text));

        if (put > 0)
            text += put;
        else if (put < 0 && errno == EAGAIN)
            spawn_poll(POLL_MS);
        else if (!(put < 0 && errno == EINTR))
            trial_failed(__FILE__, __LINE__,
                         keep_format("`%s` reads what is typed", p->own->name),
                         strerror(errno));
    }
}

void spawn_end_input(struct program *p)
{
    close_fd(&p->own->in_fd);
}

int spawn_signal(struct program *p, int signal)
{
    return (int)syscall(SYS_pidfd_send_signal, p->pidfd, signal, NULL, 0);
}

/* In step 01 nothing ties the command's life to duct's: end all of them. */
static void kill_tree(pid_t top)
{
    pid_t *children = kernel_children(top);

    (void)kill(top, SIGKILL);
    for (; *children != 0; children++)
        kill_tree(*children);
}

void spawn_release(void)
{
    while (programs != NULL) {
        struct program *p = programs;

        programs = p->own->next;
        if (!p->ended && p->pidfd >= 0) {
            kill_tree(p->pid);
            (void)waitid(P_PIDFD, (id_t)p->pidfd, &(siginfo_t){0}, WEXITED);
        }
        close_fd(&p->pidfd);
        close_fd(&p->terminal_fd);
        close_fd(&p->own->in_fd);
        close_fd(&p->own->out_fd);
        close_fd(&p->own->err_fd);
        close_fd(&p->own->failed_fd);
        free(p->out);
        free(p->err);
    }
    reap_orphans();
}

bool spawn_have(const char *name)
{
    static const char *const places[] = {"/usr/local/sbin", "/usr/local/bin",
                                         "/usr/sbin", "/usr/bin", "/sbin",
                                         "/bin"};

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
        const char **longer = keep_zeroed((count + more + 1) *
                                          sizeof(*longer));

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
