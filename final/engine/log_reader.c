/*
 * log_reader: a container's log, from where one wants it and while it grows.
 *
 * Side           host, whoever asks
 * Look at it     strace duct logs -f NAME
 */
#include "log_reader.h"

#include <poll.h>
#include <time.h>

#include "lines.h"

enum {
    STOP = INT32_MIN /* what no entry() returns: enough has been read */
};

static int64_t now(void)
{
    struct timespec ts;

    clock_gettime(CLOCK_REALTIME, &ts);
    return ts.tv_sec * INT64_C(1000000000) + ts.tv_nsec;
}

/* All that is there now. Returns: 0, -1 with @why, STOP, or what entry()
 * said. */
static int deliver(struct log_reader *reader, struct lines *lines,
                   struct failure *why)
{
    struct log_entry entry;
    char *line;
    size_t n;
    int got;

    while ((got = lines_next(lines, &line, &n, why)) > 0) {
        if (log_entry_parse(line, n, &entry) < 0) {
            reader->damaged++;
            continue;
        }
        if (entry.time < reader->since)
            continue;
        if (reader->until > 0 && entry.time > reader->until)
            return STOP;
        int said = reader->entry(reader->context, &entry);
        if (said != 0)
            return said;
    }
    return got;
}

/* How long until @until comes, for poll(2). */
static int time_left(const struct log_reader *reader)
{
    if (reader->until <= 0)
        return -1;
    int64_t left = (reader->until - now()) / 1000000 + 1;
    return left <= 0 ? 0 : left < INT32_MAX ? (int)left : INT32_MAX;
}

int log_reader_run(struct log_reader *reader, struct failure *why)
{
    bool follows = reader->is_following && reader->writer_fd >= 0;
    struct lines lines;
    int came = 0;

    reader->damaged = reader->gaps = 0;
    if (lines_open(&lines, reader->dir_fd, reader->name, reader->tail, follows,
                   why) < 0)
        return -1;
    /* Once more after the writer has ended: it may have written before. */
    int said = deliver(reader, &lines, why);
    while (said == 0 && follows && came == 0) {
        came = lines_wait(&lines, reader->writer_fd, reader->quit_fd,
                          time_left(reader));
        if (!(came & LINES_QUIT))
            said = deliver(reader, &lines, why);
    }
    reader->damaged += lines.damaged;
    reader->gaps = lines.gaps;
    lines_close(&lines);
    return said == STOP ? 0 : said;
}
