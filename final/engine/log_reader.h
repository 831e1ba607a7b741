#pragma once
/*
 * log_reader: a container's log, from where one wants it and while it grows.
 */
#include "failure.h"
#include "log_entry.h"

struct log_reader {
    int dir_fd;        /* the container's directory */
    const char *name;  /* "ID-json.log" */
    long tail;         /* how many of the last entries; < 0: all */
    int64_t since;     /* nanoseconds since 1970; 0: any */
    int64_t until;     /* the same; 0: any */
    bool is_following; /* does it go on with what will be written? */
    int writer_fd;     /* poll(2) tells that the writer has ended: a pidfd,
                          * a pipe; -1: there is no writer (follows nothing) */
    int quit_fd;       /* when it can be read or hangs up, stop; or -1 */
    /* What to do with each entry; not 0 stops it. */
    int (*entry)(void *context, const struct log_entry *entry);
    void *context;
    uint64_t damaged; /* receives how many lines could not be read */
    uint64_t gaps;    /* receives how often files were rotated away before
                          * they were read */
};

/**
 * log_reader_run - deliver the entries, oldest first
 * @reader: what is wanted
 * @why:    filled in when the call fails
 *
 * A follower ends when the writer has ended and all is read, when @until has
 * come, at @quit_fd or when entry() says so. A log that is not there is empty.
 *
 * Returns: 0, what entry() returned if that was not 0, or -1 with @why.
 */
int log_reader_run(struct log_reader *reader, struct failure *why);
