/*
 * slim: what a process has needed to begin, it need not keep while it waits.
 *
 * Kernel object  the pages of a process: those that were given back hold zeros
 *                when they are next looked at
 * Look at it     cat /proc/PID/smaps_rollup
 */
#include "slim.h"

#include <malloc.h>
#include <stdint.h>
#include <sys/mman.h>
#include <unistd.h>

enum {
    DEEPEST = 1 << 20 /* bytes; nothing else is mapped so near to a stack */
};

/* What stands below the caller's frame is of calls that have returned. */
static void drop_stack(void)
{
    uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
    uintptr_t here = (uintptr_t)__builtin_frame_address(0);
    uintptr_t end = (here / page - 1) * page; /* we stand on the one above */

    /* Much of it was never there: ENOMEM, but what was there is gone. */
    (void)madvise((void *)(end - DEEPEST), DEEPEST, MADV_DONTNEED);
}

void slim(void)
{
    (void)malloc_trim(0);
    drop_stack();
}
