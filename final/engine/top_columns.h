#pragma once
/*
 * top_columns: what ps writes about a process, column by column.
 */
#include <stdio.h>
#include <time.h>

#include "proc.h"

enum column {
    ARGS,
    BSD_TIME,
    C,
    COMM,
    CPU_PERCENT,
    CPU_TIME,
    EGID,
    EGROUP,
    ELAPSED,
    ELAPSED_SECONDS,
    EUID,
    EUSER,
    GID,
    GROUP,
    MEMORY_PERCENT,
    NICE,
    PGRP,
    PID,
    PPID,
    PRIORITY,
    PROCESSOR,
    RESIDENT,
    SESSION,
    SIZE,
    START,
    STATE,
    STATE_LETTER,
    THREADS,
    TTY,
    UID,
    USER
};

struct top_column {
    const char *names; /* what ps knows it by: "a b c" */
    const char *title; /* what ps writes above it */
    enum column column;
};

/* What figures of a process are compared with. */
struct top_clock {
    time_t now;
    double up; /* seconds since the machine was started */
    long ticks;
    double memory; /* bytes that the machine has */
};

/**
 * top_columns_clock - read the machine's clocks
 */
struct top_clock top_columns_clock(void);

/**
 * top_columns_find - find a column
 * @name: "pid", "%cpu", ...
 *
 * Returns: it, or NULL when there is none of that name.
 * Source:  ps(1), "STANDARD FORMAT SPECIFIERS".
 */
const struct top_column *top_columns_find(const char *name);

/**
 * top_columns_put - write one column of a process
 * @out:    where to
 * @column: which
 * @p:      from proc_read()
 * @c:      from top_columns_clock()
 */
void top_columns_put(FILE *out, enum column column, const struct proc *p,
                     const struct top_clock *c);
