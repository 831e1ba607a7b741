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

/** denied_run - the same with another errno: files that can't be opened */
struct program *denied_run(const struct spawn *spawn, const char *const *ends,
                           int errnum);
