#pragma once
/*
 * sight: a container's files, as it sees them itself.
 */
#include <stdbool.h>

#include "failure.h"
#include "record.h"
#include "spec.h"

enum sight_use {
    SIGHT_READ,  /* nothing is changed */
    SIGHT_WRITE, /* one that does not run is locked meanwhile */
    SIGHT_BARE,  /* to read, without what is mounted in it */
};

struct sight {
    struct record *record;
    enum sight_use use;
    int root_fd; /* of one that runs; or -1 */
    int pin_fd;  /* keeps its mounts, should it end; or -1 */
    bool is_locked;
    struct spec spec; /* of one that does not */
};

#define SIGHT_CLOSED                                                           \
    {                                                                          \
        .root_fd = -1, .pin_fd = -1                                            \
    }

/* Closes a sight when it goes out of scope. */
#define cleanup_sight __attribute__((cleanup(sight_close)))

/**
 * sight_open - find out where a container's files are
 * @sight:  receives it; release it with sight_close()
 * @record: from record_find(), outlives it; is read again
 * @use:    for what
 * @why:    FAILURE_CONFLICT: it is just being restarted
 *
 * One that runs is seen with its volumes and whatever it has mounted itself.
 * So is one that does not, but for what is only in memory while it runs. To
 * write to that it stays locked, as nobody may start it meanwhile.
 *
 * Returns: 0, or -1 with @why.
 */
int sight_open(struct sight *sight, struct record *record, enum sight_use use,
               struct failure *why);

/**
 * sight_flags - which namespaces a child needs, to go there
 * @sight: open
 *
 * Returns: CLONE_NEWNS, or nothing.
 */
int sight_flags(const struct sight *sight);

/**
 * sight_enter - in a child: have a container's root as root and as directory
 * @sight: opened by the parent, which keeps it open
 * @why:   filled in when the call fails
 *
 * Returns: 0, or -1 with @why.
 * Source:  proc_pid_root(5); chroot(2); overlayfs.rst.
 */
int sight_enter(struct sight *sight, struct failure *why);

/**
 * sight_close - let go of it
 * @sight: SIGHT_CLOSED, or half open
 */
void sight_close(struct sight *sight);
