/*
 * lines: what others append to files that rotate, line by line.
 *
 * A file is held by its descriptor, so it does not matter what it is called by
 * now. When it has been read to its end, it is looked for among the names: the
 * next newer one is what was written after it.
 *
 * Side           host
 * Look at it     ls -i NAME*     (inotify: grep inotify /proc/PID/fdinfo/N)
 */
#include "lines.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <sys/inotify.h>
#include <sys/stat.h>

#include "cleanup.h"

enum {
    ROOM = 256 << 10, /* bytes of the longest line */
    MOST_FILES = 1000,
};

/* Opens the file that is now number @i, 0 being the newest. */
static int open_number(const struct lines *lines, int i)
{
    cleanup_free char *name = NULL;

    if (asprintf(&name, i > 0 ? "%s.%d" : "%s", lines->name, i) < 0) {
        name = NULL;
        return -1;
    }
    return openat(lines->dir_fd, name,
                  O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
}

/* Is @fd the file that is now number @i? */
static bool is_number(const struct lines *lines, int fd, int i)
{
    cleanup_close int other = open_number(lines, i);
    struct stat a, b;

    return other >= 0 && fstat(fd, &a) == 0 && fstat(other, &b) == 0 &&
           a.st_ino == b.st_ino && a.st_dev == b.st_dev;
}

/* Counts lines from the end of a file. Returns: the offset where the last
 * *@tail of them begin, less what has been found. */
static off_t seek_back(int fd, off_t size, long *tail)
{
    char block[4096];
    bool is_end = true; /* the last newline ends a line and begins none */

    while (size > 0) {
        off_t start = (size - 1) / (off_t)sizeof(block) * (off_t)sizeof(block);
        ssize_t got = pread(fd, block, (size_t)(size - start), start);

        for (ssize_t i = got - 1; i >= 0; i--) {
            if (block[i] != '\n')
                continue;
            if (!is_end && --*tail == 0)
                return start + i + 1;
            is_end = false;
        }
        size = start;
    }
    if (!is_end)
        --*tail;
    return 0;
}

/* May number @i be missing, and older ones be there? Renaming moves one hole
 * through the numbers, and who is killed meanwhile leaves it. */
static bool is_hole(const struct lines *lines, int i)
{
    cleanup_close int older = open_number(lines, i + 1);

    return older >= 0;
}

/* Opens the oldest file that is wanted, going back from the newest: while they
 * are renamed away from us, one may be met twice, but none is left out. */
static int open_oldest(struct lines *lines, long tail, struct failure *why)
{
    for (int i = 0; i <= MOST_FILES; i++) {
        cleanup_close int older = open_number(lines, i);
        struct stat st;

        if (older < 0 && errno != ENOENT && i == 0)
            return fail(why, errno, "open %s", lines->name);
        if (older < 0 && (i == 0 || is_hole(lines, i)))
            continue;
        if (older < 0)
            break;
        if (fstat(older, &st) < 0 || !S_ISREG(st.st_mode))
            return fail(why, 0, "%s is no file", lines->name);
        if (lines->fd >= 0 && is_number(lines, lines->fd, i))
            continue;
        close_fd(&lines->fd);
        lines->fd = take_fd(&older);
        off_t at = tail > 0    ? seek_back(lines->fd, st.st_size, &tail)
                   : tail == 0 ? st.st_size
                               : 0;
        (void)lseek(lines->fd, at, SEEK_SET);
        if (tail == 0)
            break;
    }
    return 0;
}

static int watch_directory(struct lines *lines, struct failure *why)
{
    cleanup_free char *path = NULL;

    lines->inotify_fd = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
    if (lines->inotify_fd < 0 ||
        asprintf(&path, "/proc/self/fd/%d", lines->dir_fd) < 0)
        return fail(why, errno, "watch for changes of %s", lines->name);
    if (inotify_add_watch(lines->inotify_fd, path,
                          IN_MODIFY | IN_CREATE | IN_MOVED_TO) < 0)
        return fail(why, errno, "watch for changes of %s", lines->name);
    return 0;
}

int lines_open(struct lines *lines, int dir_fd, const char *name, long tail,
               bool watch, struct failure *why)
{
    *lines = (struct lines){
        .dir_fd = dir_fd,
        .name = name,
        .fd = -1,
        .inotify_fd = -1,
        .room = malloc(ROOM),
    };
    if (lines->room == NULL)
        fail(why, ENOMEM, "read %s", name);
    /* Watch first: what is written between the two is not missed then. */
    else if ((!watch || watch_directory(lines, why) == 0) &&
             open_oldest(lines, tail, why) == 0)
        return 0;
    lines_close(lines);
    return -1;
}

/* Opens the file after number @i. */
static int open_newer(const struct lines *lines, int i)
{
    int newer = open_number(lines, i - 1);

    if (newer >= 0 || i < 2)
        return newer;
    newer = open_number(lines, i - 2);
    int filled = open_number(lines, i - 1); /* the hole, in this moment */
    if (filled < 0)
        return newer;
    close_fd(&newer);
    return filled;
}

/* Opens the oldest file there is. Returns: its descriptor, or -1. */
static int open_first(const struct lines *lines)
{
    struct lines other = *lines;

    other.fd = -1;
    (void)open_oldest(&other, -1, &(struct failure){0});
    return other.fd;
}

/* Which file comes after ours? Returns: its descriptor, or -1: there is none
 * now. *@gap: is there no telling? */
static int find_newer(const struct lines *lines, bool *gap)
{
    *gap = false;
    if (lines->fd < 0) /* the first may have been renamed already */
        return open_first(lines);
    for (int i = 0; i <= MOST_FILES; i++) {
        if (!is_number(lines, lines->fd, i))
            continue;
        int newer = i > 0 ? open_newer(lines, i) : -1;
        /* Had ours been renamed meanwhile, so might the newer one have been. */
        if (newer >= 0 && !is_number(lines, lines->fd, i))
            close_fd(&newer);
        return newer;
    }
    *gap = true;
    return open_first(lines);
}

/* Returns: how many bytes came, or -1 with errno. */
static ssize_t fill(struct lines *lines)
{
    size_t kept = lines->end - lines->begin;

    memmove(lines->room, lines->room + lines->begin, kept);
    if (kept == ROOM) { /* nothing of ours is that long */
        lines->damaged += !lines->is_passing;
        lines->is_passing = true;
        kept = 0;
    }
    lines->begin = 0;
    lines->end = kept;
    if (lines->fd < 0)
        return 0;
    ssize_t got = read(lines->fd, lines->room + kept, ROOM - kept);
    if (got > 0)
        lines->end += (size_t)got;
    return got;
}

/* To the file after ours, whose end has been reached. Returns: 1, 0: ours is
 * the newest, or -1 with errno. */
static int next_file(struct lines *lines)
{
    bool gap;
    cleanup_close int newer = find_newer(lines, &gap);

    if (newer < 0)
        return 0;
    /* It was written to until it was renamed, perhaps after we had read it. */
    ssize_t got = fill(lines);
    if (got != 0)
        return got > 0 ? 1 : -1;
    lines->damaged += lines->begin < lines->end;
    lines->begin = lines->end = 0;
    lines->is_passing = false;
    lines->gaps += gap;
    close_fd(&lines->fd);
    lines->fd = take_fd(&newer);
    return 1;
}

/* A line in the room that has its end. */
static bool has_line(struct lines *lines, char **line, size_t *n)
{
    while (lines->begin < lines->end) {
        char *start = lines->room + lines->begin;
        char *newline = memchr(start, '\n', lines->end - lines->begin);

        if (newline == NULL)
            return false;
        lines->begin += (size_t)(newline - start) + 1;
        if (!lines->is_passing && newline > start) {
            *line = start;
            *n = (size_t)(newline - start);
            return true;
        }
        lines->is_passing = false;
    }
    return false;
}

int lines_next(struct lines *lines, char **line, size_t *n, struct failure *why)
{
    while (!has_line(lines, line, n)) {
        ssize_t got = fill(lines);

        if (got == 0)
            got = next_file(lines);
        if (got < 0)
            return fail(why, errno, "read %s", lines->name);
        if (got == 0)
            return 0;
    }
    return 1;
}

int lines_wait(struct lines *lines, int writer_fd, int quit_fd, int timeout_ms)
{
    struct pollfd fds[] = {
        {.fd = lines->inotify_fd, .events = POLLIN},
        {.fd = writer_fd, .events = POLLIN},
        {.fd = quit_fd, .events = POLLIN},
    };
    char events[4096];
    int ready = poll(fds, 3, timeout_ms);

    if (ready == 0)
        return LINES_TIMEOUT;
    while (fds[0].revents != 0 &&
           read(lines->inotify_fd, events, sizeof(events)) > 0)
        ; /* what has changed is seen by reading it */
    return (fds[1].revents != 0 ? LINES_ENDED : 0) |
           (fds[2].revents != 0 ? LINES_QUIT : 0);
}

void lines_close(struct lines *lines)
{
    close_fd(&lines->fd);
    close_fd(&lines->inotify_fd);
    free(lines->room);
    lines->room = NULL;
}
