/*
 * log: what is written to a container's log is what is read from it.
 */
#include "log.h"

#include <fcntl.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "lines.h"
#include "log_reader.h"
#include "tree.h"

extern const struct CMUnitTest log_tests[];
extern const size_t log_count;

static const char name[] = "c-json.log";

struct scratch {
    char path[32];
    int fd;
    struct log log;
    struct failure why;
};

static int set_up(void **state)
{
    struct scratch *s = calloc(1, sizeof(*s));

    snprintf(s->path, sizeof(s->path), "/tmp/duct-log-XXXXXX");
    assert_non_null(mkdtemp(s->path));
    s->fd = open(s->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    *state = s;
    return 0;
}

static int tear_down(void **state)
{
    struct scratch *s = *state;

    close(s->fd);
    tree_remove(AT_FDCWD, s->path);
    free(s);
    return 0;
}

/* All text of a stream, as it was delivered. */
struct heard {
    char *text[3];
    size_t n[3];
    unsigned entries;
    int64_t last;
    unsigned stop_after;
    size_t longest;
};

static int hear(void *context, const struct log_entry *entry)
{
    struct heard *heard = context;
    enum log_stream i = entry->stream;

    heard->text[i] = realloc(heard->text[i], heard->n[i] + entry->n + 1);
    memcpy(heard->text[i] + heard->n[i], entry->bytes, entry->n);
    heard->n[i] += entry->n;
    heard->text[i][heard->n[i]] = '\0';
    assert_true(entry->time >= heard->last);
    heard->last = entry->time;
    if (entry->n > heard->longest)
        heard->longest = entry->n;
    return ++heard->entries == heard->stop_after ? 7 : 0;
}

static void forget(struct heard *heard)
{
    for (int i = 0; i < 3; i++)
        free(heard->text[i]);
    *heard = (struct heard){0};
}

static struct log_reader reader_of(struct scratch *s, struct heard *heard)
{
    return (struct log_reader){.dir_fd = s->fd,
                               .name = name,
                               .tail = -1,
                               .writer_fd = -1,
                               .quit_fd = -1,
                               .entry = hear,
                               .context = heard};
}

static void open_log(struct scratch *s, uint64_t max_size, unsigned max_file)
{
    const struct log_options options = {max_size, max_file};

    assert_int_equal(log_open(&s->log, s->fd, name, &options, &s->why), 0);
}

static void put(struct scratch *s, const char *text)
{
    log_write(&s->log, LOG_STDOUT, text, strlen(text));
}

static char *contents(struct scratch *s, const char *file)
{
    static char text[8192];
    int fd = openat(s->fd, file, O_RDONLY | O_CLOEXEC);
    ssize_t n = read(fd, text, sizeof(text) - 1);

    text[n > 0 ? n : 0] = '\0';
    close(fd);
    return text;
}

static void a_line_is_an_entry_as_docker_writes_it(void **state)
{
    struct scratch *s = *state;
    char before[8192];

    open_log(s, 0, 0);
    put(s, "say \"hi\"\\\t\x01\n");
    log_close(&s->log);
    snprintf(before, sizeof(before), "%s", contents(s, name));
    static const char expected[] =
        "{\"log\":\"say \\\"hi\\\"\\\\\\t\\u0001\\n\",\"stream\":\"stdout\","
        "\"time\":\"20";
    assert_memory_equal(before, expected, sizeof(expected) - 1);
    assert_string_equal(before + strlen(before) - 3, "\"}\n");
    assert_null(strchr(before, '\n')[1] ? before : NULL);
}

static void an_unfinished_line_waits_for_its_end(void **state)
{
    struct scratch *s = *state;
    struct heard heard = {0};
    struct log_reader r = reader_of(s, &heard);

    open_log(s, 0, 0);
    put(s, "a");
    log_write(&s->log, LOG_STDERR, "e\n", 2);
    assert_string_equal(strstr(contents(s, name), "stream") + 9,
                        strstr(contents(s, name), "stderr"));
    put(s, "b");
    put(s, "\nc\nd");
    assert_int_equal(log_reader_run(&r, &s->why), 0);
    assert_int_equal(heard.entries, 3);
    assert_string_equal(heard.text[1], "ab\nc\n");
    forget(&heard);
    log_close(&s->log);
    assert_int_equal(log_reader_run(&r, &s->why), 0);
    assert_string_equal(heard.text[1], "ab\nc\nd");
    assert_string_equal(heard.text[2], "e\n");
    forget(&heard);
}

/* Writes in pieces of all kinds of lengths, reads it back and compares. */
static void write_and_compare(struct scratch *s, const char *text, size_t n)
{
    struct heard heard = {0};
    struct log_reader r = reader_of(s, &heard);
    size_t piece = 1;

    open_log(s, 1 << 30, 2);
    for (size_t at = 0; at < n;) {
        size_t now = n - at < piece ? n - at : piece;

        log_write(&s->log, LOG_STDOUT, text + at, now);
        at += now;
        piece = piece * 5 % 65521 + 1;
    }
    log_close(&s->log);
    assert_int_equal(log_reader_run(&r, &s->why), 0);
    assert_int_equal(r.damaged, 0);
    assert_int_equal(heard.n[1], n);
    assert_memory_equal(heard.text[1], text, n);
    assert_true(heard.longest <= LOG_PART);
    forget(&heard);
}

static void long_lines_and_characters_come_back_whole(void **state)
{
    static const char *const words[] = {"\xc3\xa9", "\xe2\x82\xac", "x",
                                        "\xf0\x9f\x98\x80"};
    enum {
        SIZE = 300000
    };
    char *text = malloc(SIZE + 8), *at = text;

    for (unsigned i = 0; at < text + SIZE; i++)
        at = stpcpy(at, i % 50021 == 50020 ? "\n" : words[i * i % 4]);
    write_and_compare(*state, text, (size_t)(at - text));
    free(text);
}

static void bytes_that_are_no_text_are_replaced(void **state)
{
    struct scratch *s = *state;
    struct heard heard = {0};
    struct log_reader r = reader_of(s, &heard);

    open_log(s, 0, 0);
    log_write(&s->log, LOG_STDOUT, "\0\xff\xc3(\xed\xa0\x80\xf0\x9f\n", 10);
    log_close(&s->log);
    assert_int_equal(log_reader_run(&r, &s->why), 0);
    const char expected[] = "\0\xef\xbf\xbd\xef\xbf\xbd(\xef\xbf\xbd\xef\xbf"
                            "\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\n";
    assert_int_equal(heard.n[1], sizeof(expected) - 1);
    assert_memory_equal(heard.text[1], expected, heard.n[1]);
    forget(&heard);
}

static void files_stay_small_and_few(void **state)
{
    struct scratch *s = *state;
    struct heard heard = {0};
    struct log_reader r = reader_of(s, &heard);
    struct stat st;
    char line[32];

    open_log(s, 4000, 3);
    for (int i = 0; i < 1000; i++) {
        snprintf(line, sizeof(line), "line %d\n", i);
        put(s, line);
    }
    log_close(&s->log);
    assert_int_equal(fstatat(s->fd, "c-json.log.2", &st, 0), 0);
    assert_in_range(st.st_size, 3000, 4000);
    assert_int_equal(fstatat(s->fd, "c-json.log.3", &st, 0), -1);
    assert_int_equal(log_reader_run(&r, &s->why), 0);
    assert_in_range(heard.entries, 100, 150);
    assert_non_null(strstr(heard.text[1], "\nline 999\n"));
    forget(&heard);
}

static void the_tail_goes_back_over_files(void **state)
{
    struct scratch *s = *state;
    struct heard heard = {0};
    struct log_reader r = reader_of(s, &heard);
    char line[32];

    open_log(s, 2000, 3);
    for (int i = 0; i < 100; i++) {
        snprintf(line, sizeof(line), "%d\n", i);
        put(s, line);
    }
    for (r.tail = 0; r.tail < 60; r.tail++) {
        if (r.tail > 48)
            break;
        assert_int_equal(log_reader_run(&r, &s->why), 0);
        assert_int_equal(heard.entries, r.tail);
        if (r.tail > 0) {
            assert_int_equal(strtol(heard.text[1], NULL, 10), 100 - r.tail);
            assert_int_equal(r.damaged, 0);
        }
        forget(&heard);
    }
    log_close(&s->log);
}

static void since_and_until_are_bounds(void **state)
{
    struct scratch *s = *state;
    struct heard heard = {0};
    struct log_reader r = reader_of(s, &heard);

    open_log(s, 0, 0);
    put(s, "1\n");
    usleep(1000);
    put(s, "2\n");
    usleep(1000);
    put(s, "3\n");
    log_close(&s->log);
    heard.stop_after = 2;
    assert_int_equal(log_reader_run(&r, &s->why), 7);
    r.since = r.until = heard.last;
    forget(&heard);
    assert_int_equal(log_reader_run(&r, &s->why), 0);
    assert_string_equal(heard.text[1], "2\n");
    forget(&heard);
}

static void a_torn_line_harms_no_other(void **state)
{
    struct scratch *s = *state;
    struct heard heard = {0};
    struct log_reader r = reader_of(s, &heard);
    struct stat st;

    open_log(s, 0, 0);
    put(s, "1\n2\n");
    log_close(&s->log);
    assert_int_equal(fstatat(s->fd, name, &st, 0), 0);
    int fd = openat(s->fd, name, O_WRONLY | O_CLOEXEC);
    assert_int_equal(ftruncate(fd, st.st_size - 9), 0);
    close(fd);
    assert_int_equal(log_reader_run(&r, &s->why), 0);
    assert_string_equal(heard.text[1], "1\n");
    forget(&heard);
    open_log(s, 0, 0);
    put(s, "3\n");
    log_close(&s->log);
    assert_int_equal(log_reader_run(&r, &s->why), 0);
    assert_string_equal(heard.text[1], "1\n3\n");
    assert_int_equal(r.damaged, 1);
    forget(&heard);
}

/* A limit on the size of files stands for a full disk. */
static void a_full_disk_is_counted_and_outlived(void **state)
{
    struct scratch *s = *state;
    struct heard heard = {0};
    struct log_reader r = reader_of(s, &heard);
    struct rlimit before, small = {.rlim_cur = 140};

    signal(SIGXFSZ, SIG_IGN);
    getrlimit(RLIMIT_FSIZE, &before);
    small.rlim_max = before.rlim_max;
    open_log(s, 0, 0);
    put(s, "1\n");
    setrlimit(RLIMIT_FSIZE, &small);
    put(s, "2\n");
    put(s, "3\n");
    setrlimit(RLIMIT_FSIZE, &before);
    signal(SIGXFSZ, SIG_DFL);
    assert_int_equal(s->log.failed, 2);
    assert_true(s->log.lost > 100);
    put(s, "4\n");
    log_close(&s->log);
    assert_int_equal(log_reader_run(&r, &s->why), 0);
    assert_string_equal(heard.text[1], "1\n4\n");
    assert_int_equal(r.damaged, 0);
    forget(&heard);
}

static void a_follower_sees_every_line_over_rotations(void **state)
{
    struct scratch *s = *state;
    struct heard heard = {0};
    struct log_reader r = reader_of(s, &heard);
    int alive[2];
    char line[32];

    assert_int_equal(pipe2(alive, O_CLOEXEC), 0);
    pid_t child = fork();
    if (child == 0) {
        close(alive[0]);
        open_log(s, 20000, 50);
        for (int i = 0; i < 5000; i++) {
            snprintf(line, sizeof(line), "%d\n", i);
            put(s, line);
        }
        log_close(&s->log);
        _exit(0);
    }
    close(alive[1]);
    r.is_following = true;
    r.writer_fd = alive[0];
    assert_int_equal(log_reader_run(&r, &s->why), 0);
    assert_int_equal(waitpid(child, NULL, 0), child);
    assert_int_equal(r.gaps, 0);
    assert_int_equal(r.damaged, 0);
    assert_int_equal(heard.entries, 5000);
    char *at = heard.text[1];
    for (int i = 0; i < 5000; i++)
        assert_int_equal(strtol(at, &at, 10), i);
    close(alive[0]);
    forget(&heard);
}

static void a_follower_of_nothing_sees_the_first_file(void **state)
{
    struct scratch *s = *state;
    struct failure why;
    struct lines lines;
    char *line;
    size_t n;

    assert_int_equal(lines_open(&lines, s->fd, name, -1, true, &why), 0);
    open_log(s, 100, 3);
    put(s, "first\n");
    put(s, "second\n");
    assert_int_equal(lines_next(&lines, &line, &n, &why), 1);
    assert_memory_equal(line, "{\"log\":\"first", 13);
    assert_int_equal(lines_next(&lines, &line, &n, &why), 1);
    assert_memory_equal(line, "{\"log\":\"second", 14);
    assert_int_equal(lines_next(&lines, &line, &n, &why), 0);
    lines_close(&lines);
    log_close(&s->log);
}

static void a_follower_quits_when_told(void **state)
{
    struct scratch *s = *state;
    struct heard heard = {0};
    struct log_reader r = reader_of(s, &heard);
    int alive[2], quit[2];

    assert_int_equal(pipe2(alive, O_CLOEXEC), 0);
    assert_int_equal(pipe2(quit, O_CLOEXEC), 0);
    close(quit[1]);
    r.is_following = true;
    r.writer_fd = alive[0];
    r.quit_fd = quit[0];
    assert_int_equal(log_reader_run(&r, &s->why), 0);
    close(alive[0]);
    close(alive[1]);
    close(quit[0]);
}

static void options_are_judged_as_docker_does(void **state)
{
    struct scratch *s = *state;
    struct log_options o = {0};

    assert_int_equal(log_option_set(&o, "max-size", "10m", &s->why), 0);
    assert_int_equal(o.max_size, 10000000);
    assert_int_equal(log_option_set(&o, "max-size", "1.5kB", &s->why), 0);
    assert_int_equal(o.max_size, 1500);
    assert_int_equal(log_option_set(&o, "max-file", "5", &s->why), 0);
    assert_int_equal(o.max_file, 5);
    assert_int_equal(log_option_set(&o, "tag", "x", &s->why), 0);
    assert_int_equal(log_option_set(&o, "max-file", "0", &s->why), -1);
    assert_string_equal(s->why.message, "max-file cannot be less than 1");
    assert_int_equal(log_option_set(&o, "max-size", "-1", &s->why), -1);
    assert_int_equal(log_option_set(&o, "max-size", "1e9", &s->why), -1);
    assert_int_equal(log_option_set(&o, "max-size", "0", &s->why), -1);
    assert_int_equal(log_option_set(&o, "size", "0", &s->why), -1);
    assert_string_equal(s->why.message,
                        "unknown log opt 'size' for json-file log driver");
}

static void moments_are_read_and_written(void **state)
{
    char text[LOG_TIME_SIZE];
    int64_t time;

    (void)state;
    log_time_format(INT64_C(1700000000123456789), text);
    assert_string_equal(text, "2023-11-14T22:13:20.123456789Z");
    assert_int_equal(log_time_parse(text, strlen(text), &time), 0);
    assert_int_equal(time, INT64_C(1700000000123456789));
    assert_int_equal(log_time_parse("1970-01-01T01:00:01.5+01:00", 27, &time),
                     0);
    assert_int_equal(time, 1500000000);
    assert_int_equal(log_time_parse("1970-01-01T01:00:01", 19, &time), -1);
    assert_int_equal(log_time_parse("1970-01-01T01:00:01.Z", 21, &time), -1);
    assert_int_equal(log_time_parse("9999-01-01T01:00:01Z", 20, &time), -1);
}

#define SCRATCHED(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

const struct CMUnitTest log_tests[] = {
    SCRATCHED(a_line_is_an_entry_as_docker_writes_it),
    SCRATCHED(an_unfinished_line_waits_for_its_end),
    SCRATCHED(long_lines_and_characters_come_back_whole),
    SCRATCHED(bytes_that_are_no_text_are_replaced),
    SCRATCHED(files_stay_small_and_few),
    SCRATCHED(the_tail_goes_back_over_files),
    SCRATCHED(since_and_until_are_bounds),
    SCRATCHED(a_torn_line_harms_no_other),
    SCRATCHED(a_full_disk_is_counted_and_outlived),
    SCRATCHED(a_follower_sees_every_line_over_rotations),
    SCRATCHED(a_follower_of_nothing_sees_the_first_file),
    SCRATCHED(a_follower_quits_when_told),
    SCRATCHED(options_are_judged_as_docker_does),
    cmocka_unit_test(moments_are_read_and_written),
};
const size_t log_count = sizeof(log_tests) / sizeof(log_tests[0]);
