/*
 * attach: our terminal, or what stands for it, tied to a container's.
 *
 * Two directions that do not wait for each other: keys and signals must get
 * through while our output is stopped. So nothing is written before poll(2)
 * says that there is room; and no descriptor of ours is made non-blocking,
 * since others, our shell for one, share them.
 *
 * Side           host, whoever is attached
 * Look at it     stty -a -F /dev/pts/N     strace -p PID
 */
#include "attach.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <termios.h>

#include "cleanup.h"
#include "frames.h"

enum {
    ROOM = 64 << 10,
    TYPED = 16 << 10, /* bytes of stdin in a frame */
    GOES_ON = -100,   /* what attach_run() never returns */
};

/* What one attachment has beside its caller's wishes. */
struct tie {
    const struct attach *a;
    int signal_fd;
    sigset_t mask;        /* as it was */
    bool is_raw;          /* is our terminal changed? */
    struct termios modes; /* as they were */
    struct detach_keys keys;
    bool is_in_over; /* does nothing more come from us? */
    int fatal;       /* a signal that we shall die of, or 0 */

    unsigned char *up; /* frames for the monitor */
    size_t up_begin, up_end;
    unsigned char *down; /* bytes from the monitor */
    size_t down_begin, down_end;
    struct frame_decoder decoder;
    struct frame piece; /* what is being written to our stdout, stderr */
};

static void send_later(struct tie *t, const void *bytes, size_t n)
{
    memcpy(t->up + t->up_end, bytes, n);
    t->up_end += n;
}

static void send_frame(struct tie *t, enum frame_type type, const void *bytes,
                       size_t n)
{
    unsigned char header[FRAME_HEADER];

    frame_header(header, type, n);
    send_later(t, header, sizeof(header));
    send_later(t, bytes, n);
}

static void send_size(struct tie *t)
{
    unsigned char frame[FRAME_SMALL];
    struct winsize size;
    int fd = t->a->out >= 0 ? t->a->out : t->a->in;

    if (!t->a->is_terminal || t->up_end + sizeof(frame) > ROOM)
        return;
    if (ioctl(fd, TIOCGWINSZ, &size) < 0 &&
        ioctl(t->a->in, TIOCGWINSZ, &size) < 0)
        return;
    frame_resize(frame, size.ws_row, size.ws_col);
    send_later(t, frame, sizeof(frame));
}

static const char *word(bool is)
{
    return is ? "true" : "false";
}

static void send_hello(struct tie *t)
{
    const struct attach *a = t->a;
    char wishes[128];
    int n = snprintf(wishes, sizeof(wishes),
                     "{\"stdin\":%s,\"stdout\":%s,\"stderr\":%s,"
                     "\"lossless\":%s}",
                     word(a->in >= 0), word(a->out >= 0), word(a->err >= 0),
                     word(a->is_lossless));

    send_frame(t, FRAME_HELLO, wishes, (size_t)n);
}

/* What docker's client passes on, as far as it does not stop or mend us. */
static sigset_t wanted_signals(const struct attach *a)
{
    static const int ends[] = {SIGHUP,  SIGINT,  SIGQUIT,
                               SIGTERM, SIGUSR1, SIGUSR2};
    sigset_t set;

    sigemptyset(&set);
    sigaddset(&set, SIGWINCH);
    for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++)
        sigaddset(&set, ends[i]);
    if (a->signal != NULL) {
        sigaddset(&set, SIGALRM);
        for (int number = SIGRTMIN; number <= SIGRTMAX; number++)
            sigaddset(&set, number);
    }
    return set;
}

static int set_raw(struct tie *t, struct failure *why)
{
    struct termios raw;

    if (!t->a->is_terminal || t->a->in < 0 ||
        tcgetattr(t->a->in, &t->modes) < 0)
        return 0; /* it is none */
    raw = t->modes;
    cfmakeraw(&raw);
    if (tcsetattr(t->a->in, TCSANOW, &raw) < 0)
        return fail(why, errno, "set the terminal raw");
    t->is_raw = true;
    return 0;
}

static int tie_open(struct tie *t, const struct attach *a, struct failure *why)
{
    sigset_t signals = wanted_signals(a);

    *t = (struct tie){
        .a = a,
        .keys = a->keys,
        .is_in_over = a->in < 0,
        .up = malloc(ROOM),
        .down = malloc(ROOM),
        .signal_fd = signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK),
        .piece = {.type = FRAME_NONE},
    };
    sigaddset(&signals, SIGPIPE); /* dies of it with its terminal mended */
    sigprocmask(SIG_BLOCK, &signals, &t->mask);
    if (t->up == NULL || t->down == NULL || t->signal_fd < 0)
        return fail(why, errno, "attach");
    return set_raw(t, why);
}

/* The terminal first: who dies of a signal leaves it usable. */
static void tie_close(struct tie *t)
{
    sigset_t stop;

    sigemptyset(&stop);
    sigaddset(&stop, SIGTTOU); /* we may be in the background by now */
    sigprocmask(SIG_BLOCK, &stop, NULL);
    if (t->is_raw)
        (void)tcsetattr(t->a->in, TCSADRAIN, &t->modes);
    close_fd(&t->signal_fd);
    free(t->up);
    free(t->down);
    if (t->fatal != 0)
        raise(t->fatal); /* it is blocked still */
    sigprocmask(SIG_SETMASK, &t->mask, NULL);
}

/* Returns: GOES_ON, or ATTACH_LOST: it ends us. */
static int take_signals(struct tie *t)
{
    struct signalfd_siginfo info;

    while (read(t->signal_fd, &info, sizeof(info)) == sizeof(info)) {
        int number = (int)info.ssi_signo;

        if (number == SIGWINCH) {
            send_size(t);
        } else if (t->a->signal != NULL) {
            t->a->signal(t->a->context, number);
        } else {
            t->fatal = number;
            return ATTACH_LOST;
        }
    }
    return GOES_ON;
}

/* A monitor that does not listen may still have something to say. */
static void send_up(struct tie *t)
{
    ssize_t done = send(t->a->fd, t->up + t->up_begin, t->up_end - t->up_begin,
                        MSG_DONTWAIT | MSG_NOSIGNAL);

    if (done < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    if (done < 0) {
        t->is_in_over = true;
        t->up_begin = t->up_end;
    } else {
        t->up_begin += (size_t)done;
    }
    if (t->up_begin == t->up_end)
        t->up_begin = t->up_end = 0;
}

/* Returns: GOES_ON or ATTACH_DETACHED. */
static int take_typed(struct tie *t)
{
    unsigned char typed[TYPED], rest[TYPED + sizeof(t->keys.keys)];
    ssize_t n = read(t->a->in, typed, sizeof(typed));
    const unsigned char *bytes = typed;
    size_t used;
    int is_left = 0;

    if (n < 0 && (errno == EINTR || errno == EAGAIN))
        return GOES_ON;
    if (n <= 0) { /* EIO: our terminal has hung up */
        t->is_in_over = true;
        send_frame(t, FRAME_STDIN_END, "", 0);
        return GOES_ON;
    }
    used = (size_t)n;
    if (t->a->is_terminal) {
        is_left = detach_keys_feed(&t->keys, typed, used, rest, &used);
        bytes = rest;
    }
    if (used > 0)
        send_frame(t, FRAME_STDIN, bytes, used);
    if (!is_left)
        return GOES_ON;
    send_up(t); /* what was typed before the keys */
    return ATTACH_DETACHED;
}

/* Takes frames until one has something to write. Returns: GOES_ON, or how it
 * ended. */
static int take_frames(struct tie *t, struct failure *why)
{
    while (t->piece.type == FRAME_NONE && t->down_begin < t->down_end) {
        ssize_t taken =
            frame_decode(&t->decoder, t->down + t->down_begin,
                         t->down_end - t->down_begin, &t->piece, why);

        if (taken < 0)
            return ATTACH_FAILED;
        t->down_begin += (size_t)taken;
        switch (t->piece.type) {
        case FRAME_STDOUT:
        case FRAME_STDERR:
            return GOES_ON;
        case FRAME_EXIT:
            return frame_number(&t->piece) & 0xff;
        case FRAME_ERROR:
            return fail(why, 0, "%.*s", (int)t->piece.n,
                        (const char *)t->piece.bytes);
        default:
            t->piece.type = FRAME_NONE;
        }
    }
    return GOES_ON;
}

static int receive(struct tie *t)
{
    ssize_t got = recv(t->a->fd, t->down, ROOM, MSG_DONTWAIT);

    if (got < 0 && (errno == EAGAIN || errno == EINTR))
        return GOES_ON;
    if (got <= 0)
        return ATTACH_LOST;
    t->down_begin = 0;
    t->down_end = (size_t)got;
    return GOES_ON;
}

static int piece_fd(const struct tie *t)
{
    return t->piece.type == FRAME_STDOUT   ? t->a->out
           : t->piece.type == FRAME_STDERR ? t->a->err
                                           : -1;
}

/* As much as is certain not to block: a pipe that poll(2) calls writable has
 * room for PIPE_BUF bytes; a file has room always. */
static int write_piece(struct tie *t, struct failure *why)
{
    int fd = piece_fd(t);
    size_t n = t->piece.n;
    struct stat st;

    if (n > PIPE_BUF && (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode)))
        n = PIPE_BUF;
    ssize_t done = fd >= 0 ? write(fd, t->piece.bytes, n) : (ssize_t)n;
    if (done < 0 && (errno == EAGAIN || errno == EINTR))
        return GOES_ON;
    if (done < 0 && errno == EPIPE)
        t->fatal = SIGPIPE;
    if (done < 0)
        return fail(why, errno, "write the container's output");
    t->piece.bytes += done;
    t->piece.n -= (size_t)done;
    if (t->piece.n == 0)
        t->piece.type = FRAME_NONE;
    return GOES_ON;
}

/* Waits, and does one thing in each direction. */
static int tie_step(struct tie *t, struct failure *why)
{
    bool has_up = t->up_begin < t->up_end;
    bool has_piece = t->piece.type != FRAME_NONE;
    struct pollfd fds[] = {
        {.fd = t->signal_fd, .events = POLLIN},
        {.fd = t->is_in_over || has_up ? -1 : t->a->in, .events = POLLIN},
        {.fd = has_up || !has_piece ? t->a->fd : -1,
         .events = (short)((has_up ? POLLOUT : 0) | (has_piece ? 0 : POLLIN))},
        {.fd = piece_fd(t), .events = POLLOUT},
    };
    int ended = GOES_ON;

    if (has_piece && piece_fd(t) < 0)
        return write_piece(t, why); /* nobody wants it */
    if (poll(fds, 4, -1) < 0)
        return errno == EINTR ? GOES_ON : fail(why, errno, "attach");
    if (fds[0].revents != 0)
        ended = take_signals(t);
    if (ended == GOES_ON && fds[1].revents != 0)
        ended = take_typed(t);
    if (has_up && fds[2].revents != 0)
        send_up(t);
    if (ended == GOES_ON && has_piece && fds[3].revents != 0)
        ended = write_piece(t, why);
    if (ended == GOES_ON && !has_piece && fds[2].revents & ~POLLOUT)
        ended = receive(t);
    return ended;
}

int attach_run(const struct attach *a, struct failure *why)
{
    struct tie t;
    int ended = tie_open(&t, a, why) < 0 ? ATTACH_FAILED : GOES_ON;

    if (ended == GOES_ON) {
        send_hello(&t);
        send_size(&t);
        if (a->held_size > 0 && a->held_size < ROOM / 2)
            send_frame(&t, FRAME_STDIN, a->held, a->held_size);
    }
    while (ended == GOES_ON) {
        ended = take_frames(&t, why);
        if (ended == GOES_ON)
            ended = tie_step(&t, why);
    }
    tie_close(&t);
    return ended;
}
