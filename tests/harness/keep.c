/*
 * keep: memory that lives until the trial ends.
 *
 * A stack of what was handed over; the end of a trial takes it down to the
 * mark that was set at the trial's beginning.
 */
#include "keep.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct kept {
    struct kept *below;
    void *memory;
    int fd; /* or -1 */
};

/* The one list of the process: a trial can't pass it through cmocka. */
static struct kept *top;

/* Out of memory, a suite can't tell anything any more. */
static void *must(void *memory)
{
    if (memory == NULL) {
        fputs("suite: out of memory\n", stderr);
        exit(2);
    }
    return memory;
}

static void put_on_top(void *memory, int fd)
{
    struct kept *kept = must(malloc(sizeof(*kept)));

    kept->memory = memory;
    kept->fd = fd;
    kept->below = top;
    top = kept;
}

void *keep(void *memory)
{
    put_on_top(must(memory), -1);
    return memory;
}

int keep_fd(int fd)
{
    if (fd >= 0)
        put_on_top(NULL, fd);
    return fd;
}

void *keep_zeroed(size_t size)
{
    return keep(calloc(1, size > 0 ? size : 1));
}

char *keep_copy(const void *bytes, size_t size)
{
    char *copy = keep_zeroed(size + 1);

    if (size > 0)
        memcpy(copy, bytes, size);
    return copy;
}

char *keep_vformat(const char *format, va_list words)
{
    char *text = NULL;

    if (vasprintf(&text, format, words) < 0)
        text = NULL;
    return keep(text);
}

char *keep_format(const char *format, ...)
{
    va_list words;
    char *text;

    va_start(words, format);
    text = keep_vformat(format, words);
    va_end(words);
    return text;
}

const void *keep_mark(void)
{
    return top;
}

void keep_release(const void *mark)
{
    while (top != NULL && top != mark) {
        struct kept *kept = top;

        top = kept->below;
        free(kept->memory);
        if (kept->fd >= 0)
            (void)close(kept->fd); /* nothing waits to be written */
        free(kept);
    }
}
