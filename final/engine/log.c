/*
 * log: what a container says, in files of a bounded size.
 *
 *     ID-json.log      the newest, which is written to
 *     ID-json.log.1    the one before it
 *     ID-json.log.2    and so on; what is older is gone
 *
 * A container that says much must not be slowed down, so what was read at once
 * goes out with one write(2), and nothing is synced. A container must not stop
 * either when the disk is full: what can't be written is counted.
 *
 * Side           host, the container's monitor
 * Look at it     ls -l CONTAINER/ID-json.log*
 */
#include "log.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>

#include "cleanup.h"

enum {
    USUAL_SIZE = 10 << 20,
    USUAL_FILES = 3,
    MOST_FILES = 1000,
    BATCH = 256 << 10, /* bytes that go out at once, about */
    BATCH_ROOM = BATCH + LOG_ENTRY_MOST,
};

/* "10m": as docker reads sizes here, with 1000 to the k. */
static int parse_size(const char *text, uint64_t *size)
{
    static const char units[] = "kmgtp";
    char *end;
    double number = strtod(text, &end);

    if (end == text || strspn(text, "0123456789.") != (size_t)(end - text))
        return -1;
    while (*end == ' ')
        end++;
    const char *unit = *end != '\0' ? strchr(units, *end | 0x20) : NULL;
    for (long i = unit != NULL ? unit - units : -1; i >= 0; i--)
        number *= 1000;
    if (unit != NULL)
        end++;
    if (*end == 'b' || *end == 'B')
        end++;
    if (*end != '\0' || number > 1e18)
        return -1;
    *size = (uint64_t)number;
    return 0;
}

int log_option_set(struct log_options *options, const char *key,
                   const char *value, struct failure *why)
{
    static const char *const others[] = {
        "compress", "labels", "labels-regex", "env", "env-regex", "tag"};

    if (str_eq(key, "max-size")) {
        if (parse_size(value, &options->max_size) < 0)
            return fail_as(why, FAILURE_BAD_PARAMETER, "invalid size: '%s'",
                           value);
        if (options->max_size == 0)
            return fail_as(why, FAILURE_BAD_PARAMETER,
                           "max-size must be a positive number");
        return 0;
    }
    if (str_eq(key, "max-file")) {
        char *end;
        long files = strtol(value, &end, 10);

        if (end == value || *end != '\0')
            return fail_as(why, FAILURE_BAD_PARAMETER,
                           "strconv.Atoi: parsing \"%s\": invalid syntax",
                           value);
        if (files < 1)
            return fail_as(why, FAILURE_BAD_PARAMETER,
                           "max-file cannot be less than 1");
        options->max_file = files < MOST_FILES ? (unsigned)files : MOST_FILES;
        return 0;
    }
    for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
        if (str_eq(key, others[i]))
            return 0;
    }
    return fail_as(why, FAILURE_BAD_PARAMETER,
                   "unknown log opt '%s' for json-file log driver", key);
}

/* Our last writer may have been killed in the middle of a line. */
static bool is_torn_file(int fd, uint64_t size)
{
    char last;

    return size > 0 &&
           (pread(fd, &last, 1, (off_t)size - 1) != 1 || last != '\n');
}

static int open_file(struct log *log)
{
    struct stat st;

    log->fd = openat(log->dir_fd, log->name,
                     O_RDWR | O_APPEND | O_CREAT | O_NOFOLLOW | O_NONBLOCK |
                         O_NOCTTY | O_CLOEXEC,
                     0600);
    if (log->fd < 0)
        return -1;
    if (fstat(log->fd, &st) < 0 || !S_ISREG(st.st_mode)) {
        close_fd(&log->fd);
        errno = EINVAL;
        return -1;
    }
    log->size = (uint64_t)st.st_size;
    log->is_torn = is_torn_file(log->fd, log->size);
    return 0;
}

int log_open(struct log *log, int dir_fd, const char *name,
             const struct log_options *options, struct failure *why)
{
    *log = (struct log){.dir_fd = dir_fd, .fd = -1, .name = strdup(name)};
    if (options != NULL)
        log->options = *options;
    if (log->options.max_size == 0)
        log->options.max_size = USUAL_SIZE;
    if (log->options.max_file == 0)
        log->options.max_file = USUAL_FILES;
    if (log->name == NULL)
        return fail(why, ENOMEM, "open the log %s", name);
    return open_file(log) < 0 ? fail(why, errno, "open the log %s", name) : 0;
}

/* name.1 -> name.2, then name -> name.1: from the oldest on, so that a reader
 * that holds one of them open always finds it under one of the names. */
static void rotate(struct log *log)
{
    bool is_moved = false;

    close_fd(&log->fd);
    for (unsigned i = log->options.max_file - 1; i >= 1; i--) {
        cleanup_free char *from = NULL, *to = NULL;

        if (asprintf(&to, "%s.%u", log->name, i) < 0)
            to = NULL;
        if (asprintf(&from, "%s.%u", log->name, i - 1) < 0)
            from = NULL;
        if (to != NULL && from != NULL)
            is_moved = renameat(log->dir_fd, i > 1 ? from : log->name,
                                log->dir_fd, to) == 0;
    }
    if (!is_moved) /* the only one; or a name is in the way: stay bounded */
        (void)unlinkat(log->dir_fd, log->name, 0);
    (void)open_file(log); /* write_batch() counts what can't be written */
}

static void count_loss(struct log *log)
{
    log->failed++;
    log->lost += log->used;
    log->used = 0;
}

/* A full disk takes a part of what it is given: readers want whole lines, so
 * that part is taken back. */
static void take_back(struct log *log, ssize_t done)
{
    if (done > 0 && ftruncate(log->fd, (off_t)log->size) < 0) {
        log->size += (uint64_t)done;
        log->is_torn = true;
    }
    count_loss(log);
}

static void write_batch(struct log *log)
{
    if (log->used == 0)
        return;
    if (log->fd < 0)
        (void)open_file(log);
    if (log->fd >= 0 && log->size > 0 &&
        log->size + log->used > log->options.max_size)
        rotate(log);
    if (log->fd < 0) {
        count_loss(log);
        return;
    }
    if (log->is_torn && write(log->fd, "\n", 1) == 1) {
        log->is_torn = false;
        log->size++;
    }
    ssize_t done = write(log->fd, log->batch, log->used);
    if (done != (ssize_t)log->used) {
        take_back(log, done);
        return;
    }
    log->size += (uint64_t)done;
    log->used = 0;
}

/* From the kernel and not from malloc(3), which would keep it: a monitor is
 * idle nearly always. */
static bool has_batch(struct log *log)
{
    if (log->batch != NULL)
        return true;
    void *room = mmap(NULL, BATCH_ROOM, PROT_READ | PROT_WRITE,
                      MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (room == MAP_FAILED)
        return false;
    log->batch = room;
    return true;
}

/* Small files rotate at every entry, or they would not stay small. */
static void add_entry(struct log *log, const struct log_entry *entry,
                      bool is_whole, const char *time)
{
    if (!has_batch(log)) {
        log->failed++;
        log->lost += entry->n;
        return;
    }
    log->used +=
        log_entry_format(log->batch + log->used, entry, is_whole, time);
    if (log->used >= BATCH || log->used >= log->options.max_size / 8)
        write_batch(log);
}

static void now(char time[LOG_TIME_SIZE])
{
    struct timespec ts;

    clock_gettime(CLOCK_REALTIME, &ts);
    log_time_format(ts.tv_sec * INT64_C(1000000000) + ts.tv_nsec, time);
}

/* Keeps what did not end, at most LOG_PART bytes of it. */
static void keep(struct log *log, struct log_line *line, const char *bytes,
                 size_t n)
{
    if (n == 0)
        return;
    if (line->bytes == NULL)
        line->bytes = malloc(LOG_PART);
    if (line->bytes == NULL) {
        log->failed++;
        log->lost += n;
        return;
    }
    memcpy(line->bytes + line->n, bytes, n);
    line->n += n;
}

static void let_go(struct log_line *line)
{
    free(line->bytes);
    *line = (struct log_line){0};
}

/* Ends a line that waited with up to @n bytes of what came now. Returns: how
 * many of them it took. */
static size_t finish_line(struct log *log, struct log_entry *entry,
                          struct log_line *line, const char *bytes, size_t n,
                          const char *time)
{
    size_t room = LOG_PART - line->n;
    const char *end = memchr(bytes, '\n', n < room ? n : room);
    size_t taken = end != NULL ? (size_t)(end - bytes) : n < room ? n : room;

    keep(log, line, bytes, taken);
    if (end == NULL && line->n < LOG_PART)
        return taken;
    entry->bytes = line->bytes;
    entry->n = end != NULL ? line->n : log_entry_cut(line->bytes, line->n);
    add_entry(log, entry, end != NULL, time);
    line->n -= entry->n;
    memmove(line->bytes, line->bytes + entry->n, line->n);
    if (line->n == 0)
        let_go(line);
    return end != NULL ? taken + 1 : taken;
}

void log_write(struct log *log, enum log_stream stream, const char *bytes,
               size_t n)
{
    struct log_line *line = &log->lines[stream == LOG_STDERR];
    struct log_entry entry = {.stream = stream};
    const char *end = bytes + n;
    char time[LOG_TIME_SIZE];

    now(time);
    while (line->n > 0 && bytes < end)
        bytes +=
            finish_line(log, &entry, line, bytes, (size_t)(end - bytes), time);
    while (bytes < end) {
        size_t left = (size_t)(end - bytes);
        size_t most = left < LOG_PART ? left : LOG_PART;
        const char *newline = memchr(bytes, '\n', most);

        if (newline == NULL && left < LOG_PART)
            break;
        entry.bytes = bytes;
        entry.n = newline != NULL ? (size_t)(newline - bytes)
                                  : log_entry_cut(bytes, LOG_PART);
        add_entry(log, &entry, newline != NULL, time);
        bytes += entry.n + (newline != NULL);
    }
    keep(log, line, bytes, (size_t)(end - bytes));
    write_batch(log);
}

void log_flush(struct log *log)
{
    char time[LOG_TIME_SIZE];

    now(time);
    for (int i = 0; i < 2; i++) {
        struct log_line *line = &log->lines[i];
        const struct log_entry entry = {
            .stream = i == 0 ? LOG_STDOUT : LOG_STDERR,
            .bytes = line->bytes,
            .n = line->n,
        };

        if (line->n > 0)
            add_entry(log, &entry, false, time);
        let_go(line);
    }
    write_batch(log);
}

void log_rest(struct log *log)
{
    if (log->batch != NULL)
        munmap(log->batch, BATCH_ROOM);
    log->batch = NULL;
}

void log_close(struct log *log)
{
    if (log->name != NULL)
        log_flush(log);
    log_rest(log);
    close_fd(&log->fd);
    free(log->name);
    log->name = NULL;
}
