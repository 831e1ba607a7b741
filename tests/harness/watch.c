/*
 * watch: follow the programs that were started, and never hang on one.
 *
 * One loop (spawn_poll) serves all that run: it reads their pipes, feeds
 * their stdin, notices by pidfd that they ended and kills them at their
 * deadline.
 */
#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "expect.h"
#include "kernel.h"
#include "spawn-private.h"

enum {
    GRACE_MS = 2000, /* for stdout to end after the program itself has */
    POLL_MS = 5,     /* between two looks at a condition */
    TIDY_MS = 500,   /* for a duct to end after its container */
};

void spawn_close(int *fd)
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
            spawn_close(&own->in_fd);
            return;
        }
        own->input += put;
        own->input_size -= (size_t)put;
    }
    if (!own->keep_input)
        spawn_close(&own->in_fd);
}

static void collect(struct program *p)
{
    struct program_private *own = p->own;

    feed(p);
    if (own->out_fd >= 0 &&
        !drain(own->out_fd, &p->out, &p->out_size, &own->out_room))
        spawn_close(&own->out_fd);
    if (own->err_fd >= 0 &&
        !drain(own->err_fd, &p->err, &p->err_size, &own->err_room))
        spawn_close(&own->err_fd);
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
    for (struct program *p = spawn_programs; p != NULL; p = p->own->next)
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

static void add_poll(struct pollfd *polled, nfds_t *count, int fd, short events)
{
    if (fd >= 0)
        polled[(*count)++] = (struct pollfd){.fd = fd, .events = events};
}

static nfds_t list_polled(struct pollfd **polled)
{
    size_t most = 0;
    nfds_t count = 0;

    for (struct program *p = spawn_programs; p != NULL; p = p->own->next)
        most += 5;
    *polled = calloc(most + 1, sizeof(**polled));
    expect_that(*polled != NULL, "memory to poll", "none");
    for (struct program *p = spawn_programs; p != NULL; p = p->own->next) {
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
    for (struct program *p = spawn_programs; p != NULL; p = p->own->next) {
        collect(p);
        notice_end(p);
    }
    for (struct program *p = spawn_programs; p != NULL; p = p->own->next)
        enforce_deadline(p);
}

/* Emulated machines and valgrind: everything takes so many times as long. */
int spawn_stride(void)
{
    const char *slow = getenv("DUCT_TEST_SLOW");
    long times = slow == NULL ? 1 : strtol(slow, NULL, 10);

    return times > 1 && times < 1000 ? (int)times : 1;
}

int spawn_patience(int ms)
{
    return ms * spawn_stride();
}

static bool wait_until(bool (*holds)(void *arg), void *arg, int ms)
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

bool spawn_wait_until(bool (*holds)(void *arg), void *arg, int ms)
{
    return wait_until(holds, arg, spawn_patience(ms));
}

static bool never(void *arg)
{
    (void)arg;
    return false;
}

void spawn_sleep_ms(int ms)
{
    (void)wait_until(never, NULL, ms);
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
    until = spawn_now_ms() + spawn_patience(GRACE_MS);
    while (p->own->out_fd >= 0 || p->own->err_fd >= 0) {
        if (spawn_now_ms() >= until)
            trial_failed(__FILE__, __LINE__,
                         "stdout and stderr end when duct has ended",
                         "a process that it left behind still holds them");
        spawn_poll(100);
    }
    spawn_close(&p->terminal_fd);
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
    spawn_close(&p->own->in_fd);
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

static bool all_ended(void *unused)
{
    (void)unused;
    for (struct program *p = spawn_programs; p != NULL; p = p->own->next)
        if (!p->ended && p->pidfd >= 0)
            return false;
    return true;
}

/* A duct whose container ends can tidy up; one that is killed can't. */
static void end_containers(void)
{
    for (struct program *p = spawn_programs; p != NULL; p = p->own->next) {
        pid_t *child = kernel_children(p->pid);

        p->own->deadline = LLONG_MAX; /* it was not asked to end by then */
        if (p->ended || p->pidfd < 0)
            continue;
        if (*child == 0)
            (void)kill(p->pid, SIGKILL);
        for (; *child != 0; child++)
            kill_tree(*child);
    }
    (void)spawn_wait_until(all_ended, NULL, TIDY_MS);
}

void spawn_release(void)
{
    end_containers();
    while (spawn_programs != NULL) {
        struct program *p = spawn_programs;

        spawn_programs = p->own->next;
        if (!p->ended && p->pidfd >= 0) {
            kill_tree(p->pid);
            (void)waitid(P_PIDFD, (id_t)p->pidfd, &(siginfo_t){0}, WEXITED);
        }
        spawn_close(&p->pidfd);
        spawn_close(&p->terminal_fd);
        spawn_close(&p->own->in_fd);
        spawn_close(&p->own->out_fd);
        spawn_close(&p->own->err_fd);
        spawn_close(&p->own->failed_fd);
        free(p->out);
        free(p->err);
    }
    reap_orphans();
}
