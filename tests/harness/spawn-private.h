/*
 * spawn-private: what spawn.c (starting) and watch.c (watching) share.
 */
#pragma once
#include "spawn.h"

struct program_private {
    struct program *next; /* of all that were started in this trial */
    char *name;           /* the command, for the verdict */
    int in_fd, out_fd, err_fd, failed_fd;
    const char *input; /* what is still to be written to in_fd */
    size_t input_size;
    bool keep_input; /* spawn_type() will bring more */
    size_t out_room, err_room;
    long long deadline, timeout_ms;
};

/* All that were started in this trial, the latest first. */
extern struct program *spawn_programs;

/** spawn_close - close *@fd unless it is -1, and forget it */
void spawn_close(int *fd);
