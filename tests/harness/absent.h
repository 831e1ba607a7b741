/*
 * absent: a host that lacks a file which this one has.
 *
 * Each openat(2) of the program is looked at by the suite, which answers
 * ENOENT in the kernel's place when the path ends as given. So a program can
 * be judged for kernels that were built with less.
 *
 * Source: seccomp_unotify(2).
 */
#pragma once
#include "spawn.h"

/**
 * absent_run - run a program to its end on a host without some files
 * @spawn: without .prepare
 * @ends:  how the paths end: "memory.swap.max"; ends with NULL
 */
struct program *absent_run(const struct spawn *spawn, const char *const *ends);

/** descriptors - what a process has open, one path a line (kept) */
char *descriptors(pid_t pid);

/**
 * descriptors_at_end - what a program has open when it has done all its work
 * @p: started with .prepare = hold_at_end
 *
 * Ends the program as well.
 */
char *descriptors_at_end(struct program *p);
void hold_at_end(void *unused);
