/*
 * scarce: too little memory, at one place of the judged program.
 *
 * A check for NULL that nobody ever walks may as well not be there. What the
 * program asks for (asprintf(3), libnl's objects, ...) is counted, and one of
 * it refused, by preload/scarce.c; a program that is linked statically, or
 * with sanitizers, can't be judged in this way.
 *
 * Source: ld.so(8), LD_PRELOAD.
 */
#pragma once
#include "spawn.h"

/**
 * scarce_run - run a program to its end
 * @argv:   what to run
 * @number: which of what it asks for is refused; from 1
 * @p:      receives the program
 *
 * Returns: true, or false when it has not asked for as much.
 */
bool scarce_run(const char *const *argv, int number, struct program **p);

/**
 * scarce_run_of - the same, where only calls of one function count
 * @function: one of those in preload/scarce.c; here all texts count
 */
bool scarce_run_of(const char *function, const char *const *argv, int number,
                   struct program **p);
