#pragma once
/*
 * log: what a container says, in files of a bounded size.
 *
 * Written by the container's monitor alone; read by log_reader.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "failure.h"
#include "log_entry.h"

struct log_options {
    uint64_t max_size; /* bytes of one file; 0: 10 MiB */
    unsigned max_file; /* files, with the one that is written to; 0: 3 */
};

/* A line that has not ended yet. */
struct log_line {
    char *bytes; /* LOG_PART of them, NULL: nothing waits */
    size_t n;
};

struct log {
    int dir_fd; /* the caller's */
    int fd;     /* of the newest file, -1: it could not be opened */
    char *name;
    struct log_options options;
    uint64_t size;            /* of the newest file */
    char *batch;              /* lines that go out with one write(2); or NULL */
    size_t used;              /* bytes in it */
    bool is_torn;             /* does the file end in the middle of a line? */
    struct log_line lines[2]; /* of stdout, of stderr */
    uint64_t failed;          /* writes that failed */
    uint64_t lost;            /* bytes of the file that were lost by that */
};

/**
 * log_option_set - take one of --log-opt
 * @options: changed; begin with {0}
 * @key:     "max-size" or "max-file"; docker's other keys are accepted and do
 *           nothing
 * @value:   "10m" (10 000 000), "3"
 * @why:     docker's words (FAILURE_BAD_PARAMETER)
 *
 * Returns: 0, or -1 with @why.
 */
int log_option_set(struct log_options *options, const char *key,
                   const char *value, struct failure *why);

/**
 * log_open - go on with a log, or begin one
 * @log:     receives it; release it with log_close()
 * @dir_fd:  the container's directory; stays the caller's, and open
 * @name:    "ID-json.log"; rotated files are "ID-json.log.1", ...
 * @options: NULL: the usual ones
 * @why:     filled in when the file can't be opened
 *
 * Returns: 0, or -1 with @why; log_write() may be called even so, and counts
 * what it loses.
 */
int log_open(struct log *log, int dir_fd, const char *name,
             const struct log_options *options, struct failure *why);

/**
 * log_write - record what a container has written
 * @log:    an open log
 * @stream: where it came from
 * @bytes:  as they came
 * @n:      how many
 *
 * Whole lines are in the file when it returns; one that goes on waits for its
 * end, or for LOG_PART bytes. It can't fail: what the disk does not take is
 * counted (log->failed, log->lost), and the container goes on.
 */
void log_write(struct log *log, enum log_stream stream, const char *bytes,
               size_t n);

/**
 * log_flush - write down also the lines that have not ended
 * @log: an open log
 *
 * When the container has.
 */
void log_flush(struct log *log);

/**
 * log_rest - give back memory that an idle log does not need
 * @log: an open log; lines that go on are kept
 */
void log_rest(struct log *log);

/**
 * log_close - flush it and let go of it
 * @log: may be one that log_open() failed for
 */
void log_close(struct log *log);
