#pragma once
/*
 * cleanup: memory and descriptors that let go of themselves.
 *
 *     cleanup_close int fd = open(...);   closed when fd goes out of scope
 *     cleanup_free char *text = ...;      freed when text goes out of scope
 *
 * They run on every return from the block, also on those of error paths, but
 * not across execve(2) or _exit(2).
 *
 * Source  GCC manual, "Common Variable Attributes": cleanup
 */
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define cleanup_free  __attribute__((cleanup(free_pointer)))
#define cleanup_close __attribute__((cleanup(close_fd)))

/**
 * free_pointer - free what @pointer points to, if anything
 * @pointer: address of a pointer from malloc(3)
 */
static inline void free_pointer(void *pointer)
{
    free(*(void **)pointer);
}

/**
 * close_fd - close @fd unless it is -1, and forget it
 * @fd: address of a descriptor
 *
 * Keeps errno, so that it may stand before a message about it. Never repeats
 * a close(2) that was interrupted: Linux has closed the descriptor by then.
 */
static inline void close_fd(int *fd)
{
    int saved = errno;

    if (*fd >= 0)
        close(*fd);
    *fd = -1;
    errno = saved;
}

/**
 * take_fd - hand a descriptor on, past the end of its scope
 * @fd: address of a descriptor; -1 afterwards, so that close_fd() leaves it
 *
 * Returns: the descriptor, which is the caller's.
 */
static inline int take_fd(int *fd)
{
    int taken = *fd;

    *fd = -1;
    return taken;
}

/**
 * str_eq - are two strings the same?
 * @a: a string
 * @b: another
 */
static inline bool str_eq(const char *a, const char *b)
{
    return strcmp(a, b) == 0;
}
