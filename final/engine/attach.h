#pragma once
/*
 * attach: our terminal, or what stands for it, tied to a container's.
 *
 * The other end of a hub. It knows no terminal of its own: the caller says
 * which descriptors they are.
 */
#include <stdbool.h>

#include "detach_keys.h"
#include "failure.h"

enum {
    ATTACH_FAILED = -1,
    ATTACH_DETACHED = -2, /* the keys were typed; the container goes on */
    ATTACH_LOST = -3,     /* the monitor went away, or cut us off */
};

struct attach {
    int fd;           /* connected to a hub; stays the caller's */
    int in, out, err; /* ours; -1: not wanted */
    bool is_terminal; /* has the container a terminal? Then ours is set raw,
                          * if @in is one, and its size goes along */
    bool is_lossless; /* see HUB_LOSSLESS */
    struct detach_keys keys; /* looked for when is_terminal */
    /* What to do with a signal that came to us; NULL: what it does anyway. */
    void (*signal)(void *context, int number);
    void *context;
    const char *held; /* bytes to send as stdin first, e.g. read past an
                          * HTTP header */
    size_t held_size;
};

/**
 * attach_run - copy until the container ends
 * @a:   what to tie together
 * @why: filled in when the call fails
 *
 * Says hello with what @a wants. While it runs, the signals that docker passes
 * on are blocked and read; the terminal's modes and the mask are as before when
 * it returns. A signal that ends us does so with the terminal mended, and
 * SIGPIPE is one. A @why that came from the monitor is in its words.
 *
 * Returns: the exit status, 0 to 255; or one of ATTACH_..., ATTACH_FAILED with
 * @why.
 */
int attach_run(const struct attach *a, struct failure *why);
