/*
 * journal: what happened in this engine, as docker's events.
 *
 * No process keeps the journal: whoever does something appends a line. The
 * kernel keeps lines of several writers apart (O_APPEND), and a shared lock
 * keeps the file in its place meanwhile; only who begins a new file asks for
 * the lock alone.
 *
 * Kernel object  a file, and an flock(2) on it
 * Side           host
 * Look at it     tail -f DATA/events/journal | jq -c .
 */
#include "journal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>

#include "cleanup.h"
#include "journal_filter.h"
#include "lines.h"

#define NAME  "journal"
#define OLDER "journal.1"

enum {
    MOST_SIZE = 1 << 20,    /* bytes of one of the two files */
    MOST_RECORD = 64 << 10, /* bytes of a line */
    STOP = INT32_MIN,       /* what no event() returns: it is late enough */
};

static int64_t now(void)
{
    struct timespec ts;

    clock_gettime(CLOCK_REALTIME, &ts);
    return ts.tv_sec * INT64_C(1000000000) + ts.tv_nsec;
}

static bool is_type(const json_t *record, const char *type)
{
    return str_eq(json_string_value(json_object_get(record, "Type")), type);
}

/* As a JSON text, which has to be UTF-8; commands need not be. */
static json_t *text_of(const char *text)
{
    json_t *json = json_string(text);
    cleanup_free char *copy = json == NULL ? strdup(text) : NULL;

    for (char *at = copy; at != NULL && *at != '\0'; at++) {
        if ((unsigned char)*at >= 0x80)
            *at = '?';
    }
    return json != NULL || copy == NULL ? json : json_string(copy);
}

/* Old clients look for these. */
static int add_legacy(json_t *record, const char *action, const char *id,
                      const json_t *attributes)
{
    bool is_container = is_type(record, "container");
    json_t *image = json_object_get(attributes, "image");

    if (!is_container && !is_type(record, "image"))
        return 0;
    if (json_object_set_new(record, "status", text_of(action)) < 0 ||
        json_object_set_new(record, "id", text_of(id)) < 0)
        return -1;
    return is_container && image != NULL
               ? json_object_set(record, "from", image)
               : 0;
}

/* The line. Caller frees. */
static char *format(const char *type, const char *action, const char *id,
                    const json_t *attributes)
{
    int64_t time = now();
    json_t *record = json_pack(
        "{ss,so,s{so,sO},ss,sI,sI}", "Type", type, "Action", text_of(action),
        "Actor", "ID", text_of(id), "Attributes", attributes, "scope", "local",
        "time", (json_int_t)(time / 1000000000), "timeNano", (json_int_t)time);
    cleanup_free char *text = NULL;
    char *line = NULL;

    if (record != NULL && add_legacy(record, action, id, attributes) == 0)
        text = json_dumps(record, JSON_COMPACT);
    json_decref(record);
    if (text == NULL || asprintf(&line, "%s\n", text) < 0)
        return NULL;
    return line;
}

/* Is @fd still what is called journal? */
static bool is_current(int dir_fd, int fd, struct stat *st)
{
    struct stat named;

    return fstat(fd, st) == 0 && fstatat(dir_fd, NAME, &named, 0) == 0 &&
           st->st_ino == named.st_ino && st->st_dev == named.st_dev;
}

static int open_journal(int dir_fd)
{
    return openat(dir_fd, NAME,
                  O_WRONLY | O_APPEND | O_CREAT | O_NOFOLLOW | O_NONBLOCK |
                      O_NOCTTY | O_CLOEXEC,
                  0600);
}

/* Begins a new file, unless somebody else has. */
static void rotate(int dir_fd, int fd)
{
    struct stat st;

    if (flock(fd, LOCK_EX) == 0 && is_current(dir_fd, fd, &st) &&
        st.st_size >= MOST_SIZE && renameat(dir_fd, NAME, dir_fd, OLDER) < 0)
        (void)unlinkat(dir_fd, NAME, 0); /* stay bounded, whatever OLDER is */
}

/* Returns: 0, 1: the file was replaced meanwhile, or -1 with errno. */
static int append(int dir_fd, const char *line, size_t n)
{
    cleanup_close int fd = open_journal(dir_fd);
    struct stat st;

    if (fd < 0)
        return -1;
    if (flock(fd, n <= PIPE_BUF ? LOCK_SH : LOCK_EX) < 0)
        return -1;
    if (!is_current(dir_fd, fd, &st))
        return 1;
    if (st.st_size >= MOST_SIZE) {
        rotate(dir_fd, fd);
        return 1;
    }
    ssize_t done = write(fd, line, n);
    if (done == (ssize_t)n)
        return 0;
    if (done >= 0)
        errno = ENOSPC;
    return -1;
}

/* Of somebody with thousands of labels, only what he is called. */
static json_t *shorten(const json_t *attributes)
{
    json_t *name = json_object_get(attributes, "name");
    json_t *image = json_object_get(attributes, "image");

    return json_pack("{sO*,sO*}", "image", image, "name", name);
}

int journal_add(const struct engine *engine, const char *type,
                const char *action, const char *id, const json_t *attributes,
                struct failure *why)
{
    cleanup_close int dir_fd = engine_part(engine, "events", why);
    json_t *none = json_object(), *few = NULL;
    int failed = 1;

    if (dir_fd < 0) {
        json_decref(none);
        return -1;
    }
    if (attributes == NULL)
        attributes = none;
    cleanup_free char *line = format(type, action, id, attributes);
    if (line != NULL && strlen(line) > MOST_RECORD) {
        free(line);
        few = shorten(attributes);
        line = format(type, action, id, few);
    }
    json_decref(none);
    json_decref(few);
    if (line == NULL)
        return fail(why, ENOMEM, "record that a %s did %s", type, action);
    for (int i = 0; i < 100 && failed > 0; i++)
        failed = append(dir_fd, line, strlen(line));
    return failed == 0 ? 0
                       : fail(why, failed < 0 ? errno : EBUSY,
                              "write to the journal of events");
}

/* A line as a record, or NULL. Where a writer was killed in the middle of his,
 * the next one's follows on the same line, and is what we take: no text in a
 * record can have this in it, quotes are escaped there. */
static json_t *parse(char *line, size_t n)
{
    static const char begin[] = "{\"Type\":\"";
    const size_t length = sizeof(begin) - 1;
    char *start = line;

    for (char *at = line;
         (at = memmem(at, (size_t)(line + n - at), begin, length)) != NULL;
         at++)
        start = at;
    json_t *record = json_loadb(start, (size_t)(line + n - start),
                                JSON_REJECT_DUPLICATES, NULL);
    if (journal_filter_is_record(record))
        return record;
    json_decref(record);
    return NULL;
}

/* Returns: 0, -1 with @why, STOP or what event() said. */
static int deliver(const struct journal_question *question, struct lines *lines,
                   struct failure *why)
{
    char *line;
    size_t n;
    int got;

    while ((got = lines_next(lines, &line, &n, why)) > 0) {
        json_t *record = parse(line, n);
        int64_t time = json_integer_value(json_object_get(record, "timeNano"));
        int said = 0;

        if (record != NULL && question->until > 0 && time > question->until)
            said = STOP;
        else if (record != NULL && time >= question->since &&
                 journal_filter_matches(question->filters, record))
            said = question->event(question->context, record);
        json_decref(record);
        if (said != 0)
            return said;
    }
    return got;
}

static int time_left(const struct journal_question *question)
{
    if (question->until <= 0)
        return -1;
    int64_t left = (question->until - now()) / 1000000 + 1;
    return left <= 0 ? 0 : left < INT32_MAX ? (int)left : INT32_MAX;
}

int journal_read(const struct engine *engine,
                 const struct journal_question *question, struct failure *why)
{
    bool is_new = question->since == 0 && question->until == 0;
    cleanup_close int dir_fd = -1;
    struct lines lines;
    int came = 0;

    if (journal_filter_check(question->filters, why) < 0)
        return -1;
    dir_fd = engine_part(engine, "events", why);
    if (dir_fd < 0 || lines_open(&lines, dir_fd, NAME, is_new ? 0 : -1,
                                 question->is_following, why) < 0)
        return -1;
    if (question->ready != NULL)
        question->ready(question->context);
    int said = deliver(question, &lines, why);
    while (said == 0 && question->is_following && came == 0) {
        came = lines_wait(&lines, -1, question->quit_fd, time_left(question));
        if (!(came & LINES_QUIT))
            said = deliver(question, &lines, why);
    }
    lines_close(&lines);
    return said == STOP ? 0 : said;
}
