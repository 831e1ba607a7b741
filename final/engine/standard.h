#pragma once
/*
 * standard: the pipes or the terminal between a container and its hub.
 */
#include <stdbool.h>

#include "container.h"
#include "failure.h"
#include "hub.h"

struct standard {
    int theirs[3];   /* the container's ends */
    int ours[3];     /* the hub's */
    int terminal[2]; /* a socket over which a pty's master comes, or -1 */
};

#define STANDARD_CLOSED                                                        \
    {                                                                          \
        .theirs = {-1, -1, -1}, .ours = {-1, -1, -1}, .terminal = { -1, -1 }   \
    }

/* Closes what is left when it goes out of scope. */
#define cleanup_standard __attribute__((cleanup(standard_close)))

/**
 * standard_open - make them, before the first process is there
 * @files:       receives them; release it with standard_close()
 * @is_terminal: a terminal?
 * @has_stdin:   is there to be something to read from?
 * @c:           receives the container's ends
 * @why:         filled in when the call fails
 *
 * Returns: 0, or -1 with @why.
 */
int standard_open(struct standard *files, bool is_terminal, bool has_stdin,
                  struct container *c, struct failure *why);

/**
 * standard_started - the container has its ends: let go of them
 * @files: from standard_open()
 */
void standard_started(struct standard *files);

/**
 * standard_to_hub - give ours to a hub
 * @files: the command runs
 * @hub:   receives them
 * @why:   filled in when the call fails
 *
 * Returns: 0, or -1 with @why.
 */
int standard_to_hub(struct standard *files, struct hub *hub,
                    struct failure *why);

/**
 * standard_close - close what is still open
 * @files: may be half made
 */
void standard_close(struct standard *files);
