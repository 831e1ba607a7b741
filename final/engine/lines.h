#pragma once
/*
 * lines: what others append to files that rotate, line by line.
 *
 * The files are name.K, ..., name.1, name, from the oldest to the newest. Who
 * writes renames them from the oldest on, each to the next number, and begins
 * a new one called name.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "failure.h"

/* What lines_wait() tells. */
enum {
    LINES_ENDED = 1,
    LINES_QUIT = 2,
    LINES_TIMEOUT = 4,
};

struct lines {
    int dir_fd;        /* the caller's */
    const char *name;  /* the caller's */
    int fd;            /* of the file that is read; -1: none is there yet */
    int inotify_fd;    /* -1: not asked for */
    char *room;        /* what was read; NULL: nothing yet */
    size_t begin, end; /* of what is in room and was not delivered */
    bool is_passing;   /* is what comes the rest of a line that is too long? */
    uint64_t damaged;  /* lines that were too long or had no end */
    uint64_t gaps;     /* files that were gone before they were read */
};

/**
 * lines_open - begin with the oldest file
 * @lines:  receives it; release it with lines_close()
 * @dir_fd: a directory
 * @name:   of the newest file; there may be none yet
 * @tail:   how many of the last lines are wanted; < 0: all
 * @watch:  is lines_wait() going to be called?
 * @why:    filled in when the call fails
 *
 * Returns: 0, or -1 with @why.
 */
int lines_open(struct lines *lines, int dir_fd, const char *name, long tail,
               bool watch, struct failure *why);

/**
 * lines_next - the next line
 * @lines: open
 * @line:  receives it without its newline; may be changed, and is there until
 *         the next call
 * @n:     receives how long it is
 * @why:   filled in when a file can't be read
 *
 * Returns: 1, 0 when there is no whole line now, or -1 with @why.
 */
int lines_next(struct lines *lines, char **line, size_t *n,
               struct failure *why);

/**
 * lines_wait - wait until there may be more lines
 * @lines:      open, with watch
 * @writer_fd:  poll(2) tells of it when nobody writes any more; or -1
 * @quit_fd:    the same when the caller wants no more; or -1
 * @timeout_ms: -1: none
 *
 * Returns: 0, or what has come: LINES_ENDED, LINES_QUIT, LINES_TIMEOUT.
 */
int lines_wait(struct lines *lines, int writer_fd, int quit_fd, int timeout_ms);

/**
 * lines_close - let go of it
 * @lines: may be half open
 */
void lines_close(struct lines *lines);
