/*
 * keep: memory that lives until the trial ends.
 *
 * A trial stops at its first failed expectation by a long jump, so it could
 * not free what it holds. Whatever the harness hands out is therefore kept
 * here and freed for the trial, passed or failed. What is kept before the
 * first trial lives until the suite ends.
 */
#pragma once
#include <stdarg.h>
#include <stddef.h>

/** keep - hand @memory (from malloc) over; it is freed when the trial ends */
void *keep(void *memory);

/** keep_fd - the same for a descriptor, which is closed; -1 passes through */
int keep_fd(int fd);

/** keep_zeroed - @size bytes of zeros that live until the trial ends */
void *keep_zeroed(size_t size);

/** keep_copy - a NUL-terminated copy of @size bytes */
char *keep_copy(const void *bytes, size_t size);

/** keep_format - printf into memory that lives until the trial ends */
char *keep_format(const char *format, ...)
    __attribute__((format(printf, 1, 2)));
char *keep_vformat(const char *format, va_list words)
    __attribute__((format(printf, 1, 0)));

/** keep_mark - remember what is kept now, for keep_release() */
const void *keep_mark(void);

/** keep_release - free everything kept since @mark (NULL: everything) */
void keep_release(const void *mark);
