#pragma once
/*
 * engine: where this engine keeps its objects, and who we are.
 */
#include <stdbool.h>

#include "failure.h"

struct engine {
    char *data;  /* what stays: images, containers, networks, volumes */
    char *run;   /* what ends with the machine: sockets and locks */
    int data_fd; /* the same as O_PATH */
    int run_fd;
    bool rootless; /* are we not root? */
};

/* Closes an engine when it goes out of scope. */
#define cleanup_engine __attribute__((cleanup(engine_close)))

/**
 * engine_open - open the engine's directories, made if they are not there
 * @engine: receives them; release it with engine_close()
 * @data:   the data root, NULL: the usual one
 * @run:    the run root, NULL: the usual one
 * @why:    filled in when the call fails
 *
 * Returns: 0, or -1 with @why.
 */
int engine_open(struct engine *engine, const char *data, const char *run,
                struct failure *why);

/**
 * engine_close - let go of an engine
 * @engine: may be half open
 */
void engine_close(struct engine *engine);

/**
 * engine_part - open one of the data root's directories, made if missing
 * @engine: an engine
 * @name:   "containers", "networks", ...
 * @why:    filled in when the call fails
 *
 * Returns: a descriptor that can be read and locked, or -1 with @why.
 */
int engine_part(const struct engine *engine, const char *name,
                struct failure *why);
