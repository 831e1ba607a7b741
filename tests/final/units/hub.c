/*
 * hub: what a container says reaches the log and all who want it; what they
 * type reaches the container; and nobody has to wait for anybody.
 */
#include "hub.h"

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
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "hub_ends.h"
#include "log_reader.h"
#include "tree.h"

extern const struct CMUnitTest hub_tests[];
extern const size_t hub_count;

struct fixture {
    char path[32];
    int dir_fd;
    struct log log;
    struct hub hub;
    struct failure why;
};

static int set_up(void **state)
{
    struct fixture *f = calloc(1, sizeof(*f));

    signal(SIGPIPE, SIG_IGN);
    snprintf(f->path, sizeof(f->path), "/tmp/duct-hub-XXXXXX");
    assert_non_null(mkdtemp(f->path));
    f->dir_fd = open(f->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    assert_int_equal(log_open(&f->log, f->dir_fd, "log", NULL, &f->why), 0);
    const struct hub_options options = {&f->log, true};
    assert_int_equal(hub_init(&f->hub, &options, &f->why), 0);
    *state = f;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;

    hub_close(&f->hub);
    log_close(&f->log);
    close(f->dir_fd);
    tree_remove(AT_FDCWD, f->path);
    free(f);
    signal(SIGPIPE, SIG_DFL);
    return 0;
}

/* A pipe whose other end is the hub's. Returns: the end for writing. */
static int source(struct fixture *f, enum log_stream stream)
{
    int fds[2];

    assert_int_equal(pipe2(fds, O_CLOEXEC), 0);
    assert_int_equal(hub_add_source(&f->hub, fds[0], stream, &f->why), 0);
    return fds[1];
}

static int sink(struct fixture *f)
{
    int fds[2];

    assert_int_equal(pipe2(fds, O_CLOEXEC | O_NONBLOCK), 0);
    assert_int_equal(hub_set_sink(&f->hub, fds[1], &f->why), 0);
    return fds[0];
}

static int client(struct fixture *f, unsigned flags)
{
    int fds[2];

    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds),
                     0);
    assert_int_equal(hub_add_client(&f->hub, fds[0], flags, &f->why), 0);
    return fds[1];
}

/* Steps until nothing happens. */
static void settle(struct fixture *f)
{
    struct pollfd ready = {.fd = hub_fd(&f->hub), .events = POLLIN};

    for (int i = 0; i < 1000 && poll(&ready, 1, 5) > 0; i++)
        assert_true(hub_step(&f->hub, 0, &f->why) >= 0);
}

static void say(int fd, enum frame_type type, const char *text)
{
    unsigned char header[FRAME_HEADER];

    frame_header(header, type, strlen(text));
    assert_int_equal(send(fd, header, FRAME_HEADER, 0), FRAME_HEADER);
    assert_int_equal(send(fd, text, strlen(text), 0), strlen(text));
}

/* What a client has got: "1text" for stdout, ... and "5:status". */
static const char *heard(int fd)
{
    static char out[4096];
    static unsigned char bytes[4096];
    struct frame_decoder decoder = {0};
    struct failure why;
    struct frame frame;
    char *at = out;
    ssize_t n = recv(fd, bytes, sizeof(bytes), MSG_DONTWAIT);

    for (ssize_t i = 0; i < n;) {
        ssize_t taken =
            frame_decode(&decoder, bytes + i, (size_t)(n - i), &frame, &why);

        assert_true(taken > 0);
        i += taken;
        if (frame.type == FRAME_EXIT)
            at += snprintf(at, (size_t)(out + sizeof(out) - at), "5:%d",
                           frame_number(&frame));
        else if (frame.type != FRAME_NONE)
            at += snprintf(at, (size_t)(out + sizeof(out) - at), "%d%.*s",
                           frame.type, (int)frame.n, (const char *)frame.bytes);
    }
    *at = '\0';
    return n == 0 ? "gone" : n < 0 ? strerrorname_np(errno) : out;
}

static void put(int fd, const char *text)
{
    assert_int_equal(write(fd, text, strlen(text)), strlen(text));
}

static const char *got(int fd)
{
    static char out[4096];
    ssize_t n = read(fd, out, sizeof(out) - 1);

    out[n > 0 ? n : 0] = '\0';
    return n == 0 ? "(end)" : n < 0 ? strerrorname_np(errno) : out;
}

static int append(void *context, const struct log_entry *entry)
{
    snprintf((char *)context + strlen(context), 200, "%d%.*s", entry->stream,
             (int)entry->n, entry->bytes);
    return 0;
}

static const char *logged(struct fixture *f)
{
    static char text[4096];
    struct log_reader reader = {.dir_fd = f->dir_fd,
                                .name = "log",
                                .tail = -1,
                                .writer_fd = -1,
                                .quit_fd = -1,
                                .entry = append,
                                .context = text};

    *text = '\0';
    assert_int_equal(log_reader_run(&reader, &f->why), 0);
    return text;
}

static void everybody_gets_what_he_wants(void **state)
{
    struct fixture *f = *state;
    int all = client(f, HUB_STDOUT | HUB_STDERR);
    int errors = client(f, HUB_STDERR);
    int silent = client(f, 0);
    int out = source(f, LOG_STDOUT), err = source(f, LOG_STDERR);

    put(out, "a\n");
    settle(f);
    put(err, "b\n");
    settle(f);
    assert_string_equal(heard(all), "1a\n2b\n");
    assert_string_equal(heard(errors), "2b\n");
    assert_string_equal(heard(silent), "EAGAIN");
    assert_string_equal(logged(f), "1a\n2b\n");
    put(out, "last");
    close(out);
    assert_int_equal(hub_step(&f->hub, 0, &f->why), 1);
    close(err);
    hub_finish(&f->hub, 137, 1000);
    assert_string_equal(heard(all), "1last5:137");
    assert_string_equal(heard(errors), "5:137");
    assert_string_equal(heard(silent), "5:137");
    assert_string_equal(heard(all), "gone");
    assert_string_equal(logged(f), "1a\n2b\n1last");
    close(all);
    close(errors);
    close(silent);
}

static void hello_says_what_is_wanted(void **state)
{
    struct fixture *f = *state;
    int c = client(f, 0), out = source(f, LOG_STDOUT);

    put(out, "early\n");
    settle(f);
    say(c, FRAME_HELLO, "{\"stdout\":true}");
    settle(f);
    put(out, "late\n");
    settle(f);
    assert_string_equal(heard(c), "71late\n");
    say(c, FRAME_HELLO, "{\"stdout\":7}");
    settle(f);
    assert_string_equal(heard(c), "gone");
    close(c);
    close(out);
}

static void stdin_comes_from_those_who_may(void **state)
{
    struct fixture *f = *state;
    int in = sink(f), c = client(f, HUB_STDIN), other = client(f, HUB_STDOUT);

    say(other, FRAME_STDIN, "no");
    say(other, FRAME_STDIN_END, "");
    settle(f);
    say(c, FRAME_STDIN, "yes");
    settle(f);
    assert_string_equal(got(in), "yes");
    say(c, FRAME_STDIN_END, "");
    settle(f);
    assert_string_equal(got(in), "(end)");
    say(c, FRAME_STDIN, "more"); /* to nobody */
    settle(f);
    assert_string_equal(heard(c), "EAGAIN");
    close(in);
    close(c);
    close(other);
}

static void a_client_that_goes_away_ends_stdin_and_nothing_else(void **state)
{
    struct fixture *f = *state;
    int in = sink(f), c = client(f, HUB_STDIN | HUB_STDOUT);
    int half = client(f, HUB_STDOUT), out = source(f, LOG_STDOUT);

    shutdown(half, SHUT_WR);
    say(c, FRAME_STDIN, "bye");
    close(c);
    settle(f);
    assert_string_equal(got(in), "bye");
    assert_string_equal(got(in), "(end)");
    put(out, "still\n");
    settle(f);
    assert_string_equal(heard(half), "1still\n");
    assert_int_equal(f->hub.open_clients, 1);
    close(half);
    settle(f);
    assert_int_equal(f->hub.open_clients, 0);
    close(in);
    close(out);
}

static void a_client_waits_while_stdin_is_full(void **state)
{
    struct fixture *f = *state;
    int in = sink(f), c = client(f, HUB_STDIN);
    static char block[32769], back[65536];
    size_t sent = 0, received = 0;
    unsigned seed = 1, seed_back = 1;

    fcntl(c, F_SETFL, O_NONBLOCK);
    for (int i = 0; i < 200; i++) {
        unsigned char header[FRAME_HEADER];

        for (size_t j = 0; j < sizeof(block) - 1; j++)
            block[j] = (char)((seed = seed * 1103515245 + 12345) >> 16);
        frame_header(header, FRAME_STDIN, sizeof(block) - 1);
        struct {
            const void *at;
            size_t n;
        } parts[] = {{header, FRAME_HEADER}, {block, sizeof(block) - 1}};
        for (int p = 0; p < 2; p++) {
            for (size_t at = 0; at < parts[p].n;) {
                ssize_t n = send(c, (const char *)parts[p].at + at,
                                 parts[p].n - at, MSG_NOSIGNAL);

                if (n > 0)
                    at += (size_t)n;
                settle(f);
                assert_in_range(queue_count(&f->hub.sink->queue), 0, HUB_READ);
                if (n > 0)
                    continue;
                ssize_t m = read(in, back, sizeof(back));
                for (ssize_t k = 0; k < m; k++, received++)
                    assert_int_equal(
                        (unsigned char)back[k],
                        (seed_back = seed_back * 1103515245 + 12345) >> 16 &
                            0xff);
            }
        }
        sent += sizeof(block) - 1;
    }
    close(c);
    for (int i = 0; i < 100 && received < sent; i++) {
        settle(f);
        ssize_t m = read(in, back, sizeof(back));
        for (ssize_t k = 0; k < m; k++, received++)
            assert_int_equal(
                (unsigned char)back[k],
                (seed_back = seed_back * 1103515245 + 12345) >> 16 & 0xff);
    }
    assert_int_equal(received, sent);
    close(in);
}

static void a_terminal_has_both_ways_and_a_size(void **state)
{
    struct fixture *f = *state;
    int c = client(f, HUB_STDIN | HUB_STDOUT), master, slave;
    unsigned char frame[FRAME_SMALL];
    struct winsize size;

    frame_resize(frame, 33, 101);
    assert_int_equal(send(c, frame, sizeof(frame), 0), sizeof(frame));
    settle(f);
    assert_int_equal(openpty(&master, &slave, NULL, NULL, NULL), 0);
    assert_int_equal(hub_add_terminal(&f->hub, master, &f->why), 0);
    ioctl(slave, TIOCGWINSZ, &size);
    assert_int_equal(size.ws_row, 33);
    frame_resize(frame, 44, 102);
    assert_int_equal(send(c, frame, sizeof(frame), 0), sizeof(frame));
    say(c, FRAME_STDIN, "typed\n");
    say(c, FRAME_STDIN_END, "");
    settle(f);
    ioctl(slave, TIOCGWINSZ, &size);
    assert_int_equal(size.ws_row, 44);
    assert_int_equal(size.ws_col, 102);
    assert_string_equal(got(slave), "typed\n");
    put(slave, "shown");
    settle(f);
    assert_string_equal(heard(c), "1typed\r\n1shown");
    close(slave);
    settle(f);
    assert_int_equal(hub_step(&f->hub, 0, &f->why), 0);
    hub_finish(&f->hub, 0, 100);
    assert_string_equal(heard(c), "5:0");
    close(c);
}

/* In a child: the pipes' other ends are not ours. hub_close() would be wrong
 * here: our parent has the same epoll descriptor. */
static int keep_only(int fd)
{
    assert_int_equal(dup2(fd, 3), 3);
    close_range(4, ~0u, 0);
    return 3;
}

/* A child writes @size bytes that can be told from each other. */
static pid_t flood(int fd, size_t size)
{
    pid_t child = fork();

    if (child != 0) {
        close(fd);
        return child;
    }
    fd = keep_only(fd);
    static char block[80000];
    for (size_t i = 0; i < sizeof(block); i++)
        block[i] = (char)(i % 79 == 78 ? '\n' : 'a' + i % 26);
    for (size_t at = 0; at < size;) {
        ssize_t n = write(fd, block + at % sizeof(block),
                          sizeof(block) - at % sizeof(block));
        if (n < 0)
            _exit(1);
        at += (size_t)n;
    }
    _exit(0);
}

static double seconds(void)
{
    struct timespec ts;

    clock_gettime(CLOCK_MONOTONIC, &ts);
    return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

static void a_slow_client_is_cut_off_and_stops_nobody(void **state)
{
    struct fixture *f = *state;
    int slow = client(f, HUB_STDOUT), out = source(f, LOG_STDOUT);
    double start = seconds();
    pid_t child = flood(out, 100000000);
    int status;

    while (hub_step(&f->hub, -1, &f->why) > 0)
        assert_true(f->hub.clients == NULL || f->hub.open_clients == 1);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    assert_int_equal(f->hub.taken, 100000000);
    assert_int_equal(f->hub.cut_off, 1);
    assert_int_equal(f->log.failed, 0);
    if (getenv("SHOW_SPEED"))
        print_message("%.0f MB/s\n", 100 / (seconds() - start));
    close(slow);
}

/* Reads frames slowly in a child, and says how many bytes of stdout and which
 * status there were. */
static pid_t reader(int fd, int result)
{
    pid_t child = fork();

    if (child != 0) {
        close(fd);
        return child;
    }
    for (int other = 3; other < 64; other++) {
        if (other != fd && other != result)
            close(other);
    }
    struct frame_decoder decoder = {0};
    static char bytes[100000];
    unsigned long sum[2] = {0, 999};
    ssize_t n;
    while ((n = read(fd, bytes, sizeof(bytes))) > 0) {
        usleep(2000);
        for (ssize_t at = 0; at < n;) {
            struct frame frame;
            struct failure why;
            ssize_t taken = frame_decode(&decoder, bytes + at, (size_t)(n - at),
                                         &frame, &why);

            at += taken > 0 ? taken : n;
            if (frame.type == FRAME_STDOUT)
                sum[0] += frame.n;
            if (frame.type == FRAME_EXIT)
                sum[1] = (unsigned long)frame_number(&frame);
        }
    }
    _exit(write(result, sum, sizeof(sum)) == sizeof(sum) ? 0 : 1);
}

static void a_lossless_client_loses_nothing(void **state)
{
    struct fixture *f = *state;
    int c = client(f, HUB_STDOUT | HUB_LOSSLESS), result[2];
    int out = source(f, LOG_STDOUT);
    unsigned long sum[2];

    assert_int_equal(pipe2(result, O_CLOEXEC), 0);
    pid_t writer = fork();
    if (writer == 0) {
        pid_t inner = flood(out, 20000000);
        waitpid(inner, NULL, 0);
        _exit(0);
    }
    close(out);
    pid_t child = reader(c, result[1]);
    assert_int_equal(waitpid(writer, NULL, WNOHANG), 0);
    while (hub_step(&f->hub, -1, &f->why) > 0)
        ;
    hub_finish(&f->hub, 3, 5000);
    assert_int_equal(read(result[0], sum, sizeof(sum)), sizeof(sum));
    assert_int_equal(sum[0], 20000000);
    assert_int_equal(sum[1], 3);
    assert_int_equal(f->hub.cut_off, 0);
    waitpid(writer, NULL, 0);
    waitpid(child, NULL, 0);
    close(result[0]);
    close(result[1]);
}

static void what_is_held_open_by_others_does_not_hold_the_end(void **state)
{
    struct fixture *f = *state;
    int c = client(f, HUB_STDOUT), out = source(f, LOG_STDOUT);
    double start = seconds();

    put(out, "said");
    hub_finish(&f->hub, 0, 3000);
    assert_true(seconds() - start < 1);
    assert_string_equal(heard(c), "1said5:0");
    assert_string_equal(logged(f), "1said");
    close(c);
    close(out);
}

static void a_client_that_never_reads_does_not_hold_the_end(void **state)
{
    struct fixture *f = *state;
    int c = client(f, HUB_STDOUT), out = source(f, LOG_STDOUT);
    static char block[60000];
    double start;

    for (int i = 0; i < 10; i++) {
        assert_int_equal(write(out, block, sizeof(block)), sizeof(block));
        settle(f);
    }
    close(out);
    start = seconds();
    hub_finish(&f->hub, 0, 200);
    assert_in_range((int)((seconds() - start) * 1000), 150, 1000);
    assert_int_equal(f->hub.open_clients, 0);
    close(c);
}

static void an_idle_hub_holds_no_memory_and_sleeps(void **state)
{
    struct fixture *f = *state;
    int c = client(f, HUB_STDOUT), out = source(f, LOG_STDOUT);
    struct pollfd ready = {.fd = hub_fd(&f->hub), .events = POLLIN};

    put(out, "x\n");
    settle(f);
    assert_non_null(f->hub.room);
    assert_non_null(f->log.batch);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(poll(&ready, 1, 1500), 1);
        assert_int_equal(hub_step(&f->hub, 0, &f->why), 1);
    }
    assert_null(f->hub.room);
    assert_null(f->log.batch);
    assert_int_equal(poll(&ready, 1, 1500), 0);
    close(c);
    close(out);
}

static void a_hub_is_used_again(void **state)
{
    struct fixture *f = *state;

    for (int i = 0; i < 3; i++) {
        int in = sink(f), c = client(f, HUB_STDIN | HUB_STDOUT);
        int out = source(f, LOG_STDOUT);

        say(c, FRAME_STDIN, "in");
        put(out, "out\n");
        settle(f);
        assert_string_equal(got(in), "in");
        close(out);
        hub_finish(&f->hub, i, 100);
        char expected[20];
        snprintf(expected, sizeof(expected), "1out\n5:%d", i);
        assert_string_equal(heard(c), expected);
        close(c);
        close(in);
    }
}

static void a_container_that_never_was_is_explained(void **state)
{
    struct fixture *f = *state;
    int c = client(f, HUB_STDOUT);

    hub_error(&f->hub, "no such command");
    assert_string_equal(heard(c), "6no such command");
    close(c);
}

#define FIXED(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

const struct CMUnitTest hub_tests[] = {
    FIXED(everybody_gets_what_he_wants),
    FIXED(hello_says_what_is_wanted),
    FIXED(stdin_comes_from_those_who_may),
    FIXED(a_client_that_goes_away_ends_stdin_and_nothing_else),
    FIXED(a_client_waits_while_stdin_is_full),
    FIXED(a_terminal_has_both_ways_and_a_size),
    FIXED(a_slow_client_is_cut_off_and_stops_nobody),
    FIXED(a_lossless_client_loses_nothing),
    FIXED(what_is_held_open_by_others_does_not_hold_the_end),
    FIXED(a_client_that_never_reads_does_not_hold_the_end),
    FIXED(an_idle_hub_holds_no_memory_and_sleeps),
    FIXED(a_hub_is_used_again),
    FIXED(a_container_that_never_was_is_explained),
};
const size_t hub_count = sizeof(hub_tests) / sizeof(hub_tests[0]);
