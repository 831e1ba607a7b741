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

struct kept {
    struct kept *below;
    void *memory;
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

void *keep(void *memory)
{
    struct kept *kept = must(malloc(sizeof(*kept)));

    kept->memory = must(memory);
    kept->below = top;
    top = kept;
    return memory;
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
        free(kept);
    }
}
