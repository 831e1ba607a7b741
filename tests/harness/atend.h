/*
 * atend: what a program still holds when all its work is done.
 *
 * The kernel would take it back at once, but a program that forgets in one
 * place forgets in others: in a loop, in a library, in an engine that runs
 * for months. So it is held at its exit_group(2) and looked at.
 */
#pragma once
#include "spawn.h"

struct at_end {
    struct program *program; /* has ended */
    char *descriptors;       /* paths of what is open, one a line */
    char *memory;            /* texts on its heap, one a line: malloc()ed and
                                not freed, as freed memory is overwritten */
    char *lines;             /* the same, and those that end in a new line */
};

/** at_end_start - let it run, for a look at its end; @spawn: without .env */
struct program *at_end_start(const struct spawn *spawn);

/** at_end_look - wait until it ends, look, let it end; @p: at_end_start() */
struct at_end at_end_look(struct program *p);

/** at_end_texts - the lines of at_end.memory that have @part in them (kept) */
char *at_end_texts(const struct at_end *end, const char *part);

/** at_end_lines - the same of at_end.lines; what was printed is there, too */
char *at_end_lines(const struct at_end *end, const char *part);

/** at_end_descriptors - what a process has open now, one path a line (kept) */
char *at_end_descriptors(pid_t pid);
