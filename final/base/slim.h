#pragma once
/*
 * slim: what a process has needed to begin, it need not keep while it waits.
 */

enum {
    /* A program that is done sooner than this never pays for it, in ms. */
    SLIM_AFTER_MS = 200
};

/**
 * slim - give memory back that is not in use
 *
 * For a process that will wait for long: free pages of the heap, and those of
 * the stack below its caller. Costs some page faults when it goes on.
 *
 * Source:  madvise(2), MADV_DONTNEED; malloc_trim(3).
 */
void slim(void);
