/*
 * attach: a process that is tied to a container's terminal, or to its pipes.
 * We are its terminal and its monitor.
 */
#include "attach.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include <cmocka.h>

#include "frames.h"

extern const struct CMUnitTest attach_tests[];
extern const size_t attach_count;

enum {
    SAYS_DETACHED = 201, /* what the child exits with */
    SAYS_LOST = 202,
    SAYS_FAILED = 203,
};

struct child {
    pid_t pid;
    int fd;      /* the monitor's end */
    int in, out; /* what it reads and writes; of a pty the same */
    struct frame_decoder decoder;
};

static void pass_on(void *context, int number)
{
    dprintf(*(int *)context, "signal %d\n", number);
}

/* In the child. Never returns. */
static void be_attached(struct attach *a)
{
    struct failure why = {0};

    alarm(20);
    detach_keys_parse(&a->keys, NULL, &why);
    int ended = attach_run(a, &why);
    if (ended == ATTACH_FAILED)
        dprintf(a->err, "%s", why.message);
    _exit(ended >= 0                 ? ended
          : ended == ATTACH_DETACHED ? SAYS_DETACHED
          : ended == ATTACH_LOST     ? SAYS_LOST
                                     : SAYS_FAILED);
}

static struct child with_pipes(bool passes)
{
    int ends[2], in[2], out[2];
    struct child c = {0};

    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends),
                     0);
    assert_int_equal(pipe2(in, O_CLOEXEC), 0);
    assert_int_equal(pipe2(out, O_CLOEXEC), 0);
    c.pid = fork();
    if (c.pid == 0) {
        struct attach a = {.fd = ends[1],
                           .in = in[0],
                           .out = out[1],
                           .err = out[1],
                           .is_lossless = true,
                           .signal = passes ? pass_on : NULL,
                           .context = &out[1]};

        close(ends[0]);
        close(in[1]);
        close(out[0]);
        be_attached(&a);
    }
    close(ends[1]);
    close(in[0]);
    close(out[1]);
    c.fd = ends[0];
    c.in = in[1];
    c.out = out[0];
    return c;
}

static struct child with_terminal(void)
{
    int ends[2], master, slave;
    struct child c = {0};
    const struct winsize size = {.ws_row = 11, .ws_col = 22};

    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends),
                     0);
    assert_int_equal(openpty(&master, &slave, NULL, NULL, &size), 0);
    c.pid = fork();
    if (c.pid == 0) {
        struct attach a = {.fd = ends[1],
                           .in = slave,
                           .out = slave,
                           .err = slave,
                           .is_terminal = true};

        close(ends[0]);
        close(master);
        setsid();
        ioctl(slave, TIOCSCTTY, 0);
        be_attached(&a);
    }
    close(ends[1]);
    c.fd = ends[0];
    c.in = c.out = master;
    return c;
}

/* The next frame that the monitor gets, as text: "4", "0typed". */
static const char *next(struct child *c)
{
    static char text[5000];
    struct failure why;
    struct frame frame = {.type = FRAME_NONE};
    unsigned rows, columns;

    while (frame.type == FRAME_NONE) {
        struct pollfd ready = {.fd = c->fd, .events = POLLIN};
        char byte;

        if (poll(&ready, 1, 5000) != 1 || read(c->fd, &byte, 1) != 1)
            return "nothing";
        assert_int_equal(frame_decode(&c->decoder, &byte, 1, &frame, &why), 1);
    }
    snprintf(text, sizeof(text), "%d%.*s", frame.type, (int)frame.n,
             (const char *)frame.bytes);
    if (frame.type == FRAME_RESIZE) {
        frame_size(&frame, &rows, &columns);
        snprintf(text, sizeof(text), "3 %u %u", rows, columns);
    }
    return text;
}

static void tell(struct child *c, enum frame_type type, const void *bytes,
                 size_t n)
{
    unsigned char header[FRAME_HEADER];

    frame_header(header, type, n);
    assert_int_equal(write(c->fd, header, sizeof(header)), sizeof(header));
    assert_int_equal(write(c->fd, bytes, n), n);
}

static const char *shown(struct child *c, size_t most)
{
    static char text[200];
    ssize_t n = read(c->out, text, most);

    text[n > 0 ? n : 0] = '\0';
    return text;
}

static int ended(struct child *c)
{
    int status = -1;

    assert_int_equal(waitpid(c->pid, &status, 0), c->pid);
    close(c->fd);
    close(c->in);
    if (c->out != c->in)
        close(c->out);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 1000 + WTERMSIG(status);
}

static void exits(struct child *c, unsigned char status)
{
    const unsigned char number[] = {0, 0, 0, status};

    tell(c, FRAME_EXIT, number, 4);
}

#define HELLO "7{\"stdin\":true,\"stdout\":true,\"stderr\":true,\"lossless\":"

static void bytes_go_both_ways(void **state)
{
    struct child c = with_pipes(false);

    (void)state;
    assert_string_equal(next(&c), HELLO "true}");
    assert_int_equal(write(c.in, "in", 2), 2);
    assert_string_equal(next(&c), "0i");
    assert_string_equal(next(&c), "0n");
    close(c.in);
    c.in = -1;
    assert_string_equal(next(&c), "4");
    tell(&c, FRAME_STDOUT, "\0\xff", 2);
    assert_memory_equal(shown(&c, 9), "\0\xff", 3);
    tell(&c, FRAME_STDERR, "err", 3);
    assert_string_equal(shown(&c, 9), "err");
    exits(&c, 42);
    assert_int_equal(ended(&c), 42);
}

static void the_output_is_whole_before_the_end(void **state)
{
    struct child c = with_pipes(false);
    static char block[30000], text[30000];
    size_t total = 0;
    ssize_t n;

    (void)state;
    memset(block, 'x', sizeof(block));
    for (int i = 0; i < 3; i++)
        tell(&c, FRAME_STDOUT, block, sizeof(block));
    exits(&c, 1);
    close(c.fd);
    c.fd = -1;
    while ((n = read(c.out, text, sizeof(text))) > 0)
        total += (size_t)n;
    assert_int_equal(total, 90000);
    assert_int_equal(ended(&c), 1);
}

static void a_monitor_that_is_gone_is_no_exit_status(void **state)
{
    struct child c = with_pipes(false);

    (void)state;
    close(c.fd);
    c.fd = -1;
    assert_int_equal(ended(&c), SAYS_LOST);
}

static void an_error_is_in_the_monitors_words(void **state)
{
    struct child c = with_pipes(false);

    (void)state;
    tell(&c, FRAME_ERROR, "no such command", 15);
    assert_string_equal(shown(&c, 100), "no such command");
    assert_int_equal(ended(&c), SAYS_FAILED);
}

static void signals_are_passed_on_while_output_is_stopped(void **state)
{
    struct child c = with_pipes(true);
    static char block[60000];
    char said[16];
    int i;

    (void)state;
    next(&c);
    fcntl(c.fd, F_SETFL, O_NONBLOCK);
    for (i = 0; i < 100; i++) {
        struct pollfd room = {.fd = c.fd, .events = POLLOUT};
        unsigned char header[FRAME_HEADER];

        frame_header(header, FRAME_STDOUT, sizeof(block));
        if (poll(&room, 1, 100) == 0 ||
            send(c.fd, header, sizeof(header), 0) < 0 ||
            send(c.fd, block, sizeof(block), 0) < (ssize_t)sizeof(block))
            break;
    }
    assert_in_range(i, 1, 99); /* it is stopped */
    assert_int_equal(write(c.in, "k", 1), 1);
    assert_string_equal(next(&c), "0k");
    close(c.fd);
    c.fd = -1;
    kill(c.pid, SIGUSR1);
    usleep(50000);
    static char text[2000000];
    size_t total = 0;
    ssize_t n;
    while ((n = read(c.out, text + total, sizeof(text) - total)) > 0)
        total += (size_t)n;
    snprintf(said, sizeof(said), "signal %d\n", SIGUSR1);
    assert_non_null(memmem(text, total, said, strlen(said)));
    assert_int_equal(ended(&c), SAYS_LOST);
}

static void a_terminal_is_raw_and_is_mended(void **state)
{
    struct child c = with_terminal();
    struct termios modes;
    struct winsize size = {.ws_row = 33, .ws_col = 44};

    (void)state;
    assert_string_equal(next(&c), HELLO "false}");
    assert_string_equal(next(&c), "3 11 22");
    tcgetattr(c.in, &modes);
    assert_int_equal(modes.c_lflag & (ICANON | ECHO | ISIG), 0);
    ioctl(c.in, TIOCSWINSZ, &size);
    assert_string_equal(next(&c), "3 33 44");
    assert_int_equal(write(c.in, "\x03", 1), 1); /* ctrl-c is a key there */
    assert_string_equal(next(&c), "0\x03");
    int held = open(ptsname(c.in), O_RDWR | O_NOCTTY | O_CLOEXEC);
    exits(&c, 0);
    int status;
    assert_int_equal(waitpid(c.pid, &status, 0), c.pid);
    assert_int_equal(status, 0);
    tcgetattr(held, &modes);
    assert_int_equal(modes.c_lflag & (ICANON | ECHO | ISIG),
                     ICANON | ECHO | ISIG);
    close(held);
    close(c.in);
    close(c.fd);
}

static void a_signal_ends_it_with_the_terminal_mended(void **state)
{
    struct child c = with_terminal();
    struct termios modes;
    int status;

    (void)state;
    next(&c);
    int held = open(ptsname(c.in), O_RDWR | O_NOCTTY | O_CLOEXEC);
    kill(c.pid, SIGTERM);
    assert_int_equal(waitpid(c.pid, &status, 0), c.pid);
    assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGTERM);
    tcgetattr(held, &modes);
    assert_int_not_equal(modes.c_lflag & ICANON, 0);
    close(held);
    close(c.in);
    close(c.fd);
}

static void the_keys_leave_it(void **state)
{
    struct child c = with_terminal();

    (void)state;
    next(&c);
    next(&c);
    assert_int_equal(write(c.in, "ab\x10", 3), 3);
    assert_string_equal(next(&c), "0a");
    assert_string_equal(next(&c), "0b");
    assert_int_equal(write(c.in, "c\x10\x11z", 4), 4);
    assert_string_equal(next(&c), "0\x10");
    assert_string_equal(next(&c), "0c");
    assert_string_equal(next(&c), "nothing");
    assert_int_equal(ended(&c), SAYS_DETACHED);
}

static void keys_are_read_as_docker_does(void **state)
{
    struct detach_keys keys;
    struct failure why;

    (void)state;
    assert_int_equal(detach_keys_parse(&keys, NULL, &why), 0);
    assert_int_equal(keys.n, 2);
    assert_memory_equal(keys.keys, "\x10\x11", 2);
    assert_int_equal(detach_keys_parse(&keys,
                                       "ctrl-x,a,ctrl-@,ctrl-[,ctrl-_"
                                       ",DEL,ctrl-\\",
                                       &why),
                     0);
    assert_int_equal(keys.n, 7);
    assert_memory_equal(keys.keys,
                        "\x18"
                        "a\0\x1b\x1f\x7f\x1c",
                        7);
    assert_int_equal(detach_keys_parse(&keys, "", &why), 0);
    assert_int_equal(keys.n, 0);
    assert_int_equal(detach_keys_parse(&keys, "ctrl-A,a", &why), -1);
    assert_string_equal(
        why.message,
        "invalid detach keys (ctrl-A,a): Unknown character: 'ctrl-A'");
    assert_int_equal(why.kind, FAILURE_BAD_PARAMETER);
    assert_int_equal(detach_keys_parse(&keys, "a,", &why), -1);
    assert_int_equal(detach_keys_parse(&keys, "ctrl-", &why), -1);
}

/* Compares with looking for the keys in the whole text, for all texts of two
 * letters, fed in every two pieces. */
static void keys_are_found_wherever_they_are(void **state)
{
    static const char *const wanted[] = {"a", "a,a,b", "a,b,a", "a,b,a,b,b"};

    (void)state;
    for (unsigned w = 0; w < 4; w++) {
        for (unsigned bits = 0; bits < 1024; bits++) {
            unsigned char typed[11] = {0}, out[100], key[11] = {0};
            struct detach_keys keys;
            struct failure why;
            size_t used, more = 0, cut = bits % 11;

            detach_keys_parse(&keys, wanted[w], &why);
            memcpy(key, keys.keys, keys.n);
            for (int i = 0; i < 10; i++)
                typed[i] = bits >> i & 1 ? 'a' : 'b';
            const char *found = strstr((char *)typed, (char *)key);
            int is_left = detach_keys_feed(&keys, typed, cut, out, &used);
            if (!is_left)
                is_left = detach_keys_feed(&keys, typed + cut, 10 - cut,
                                           out + used, &more);
            assert_int_equal(is_left, found != NULL);
            size_t sent =
                is_left ? (size_t)(found - (char *)typed) : 10 - keys.matched;
            assert_int_equal(used + more, sent);
            assert_memory_equal(out, typed, sent);
        }
    }
}

const struct CMUnitTest attach_tests[] = {
    cmocka_unit_test(bytes_go_both_ways),
    cmocka_unit_test(the_output_is_whole_before_the_end),
    cmocka_unit_test(a_monitor_that_is_gone_is_no_exit_status),
    cmocka_unit_test(an_error_is_in_the_monitors_words),
    cmocka_unit_test(signals_are_passed_on_while_output_is_stopped),
    cmocka_unit_test(a_terminal_is_raw_and_is_mended),
    cmocka_unit_test(a_signal_ends_it_with_the_terminal_mended),
    cmocka_unit_test(the_keys_leave_it),
    cmocka_unit_test(keys_are_read_as_docker_does),
    cmocka_unit_test(keys_are_found_wherever_they_are),
};
const size_t attach_count = sizeof(attach_tests) / sizeof(attach_tests[0]);
