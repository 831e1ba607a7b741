#pragma once
/*
 * explain: the comment that runs.
 *
 * With --explain every kernel operation is told, before it happens, as the
 * shell command that does the same. A call of explain() stands one line above
 * the system call, so it is the comment as well. All lines together are a
 * script: `sh FILE` makes the same container again.
 *
 *     set +e; ( set -e                                         # host
 *     exec chroot /srv/root /bin/sh -ec "$(cat <<'CONTAINER'   # container
 *     ...                                                      # container
 *     CONTAINER
 *     )"                                                       # host
 *     ); status=$?; set -e                                     # host
 *
 * What stands between the two CONTAINER lines is run by a shell inside.
 */
#include "failure.h"

enum side {
    HOST,
    CONTAINER
};

/**
 * explain_open - from now on, explain
 * @file: where to, made or emptied; NULL means standard error
 * @why:  filled in when the call fails
 *
 * Returns: 0, or -1 with @why.
 */
int explain_open(const char *file, struct failure *why);

/**
 * explain - tell one operation; does nothing unless explain_open() was called
 * @side:   who does it
 * @format: a shell command; knows %s, which is quoted for the shell, and %d
 */
void explain(enum side side, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/**
 * explain_look - tell where to look from another terminal, as a comment
 * @format: as for explain()
 */
void explain_look(const char *format, ...)
    __attribute__((format(printf, 1, 2)));

/**
 * explain_fork - tell that the lines which follow are the child's
 *
 * Until explain_started() they wait in memory.
 */
void explain_fork(void);

/**
 * explain_beside - from here on, what this process tells is not the child's
 * @path: where the script may make a fifo, but for ".fifo"; stays the caller's
 *
 * Called by the parent, once there is a child that waits for it. In the script
 * these lines can say $child.
 */
void explain_beside(const char *path);

/**
 * explain_await - tell that the child waits for its parent, if it has to
 */
void explain_await(void);

/**
 * explain_exec - tell that the child becomes the command: its last line
 * @env:  the command's whole environment, NULL-terminated
 * @argv: the command and its arguments, NULL-terminated
 */
void explain_exec(char *const env[], char *const argv[]);

/**
 * explain_started - tell that the lines which follow are the host's again
 */
void explain_started(void);

/**
 * explain_end - tell how the script ends: with the command's exit status
 *
 * Nothing is told after that.
 */
void explain_end(void);

/**
 * explain_number - where lines go, for who closes all other descriptors
 *
 * Returns: a descriptor, or -1.
 */
int explain_number(void);

/**
 * explain_close - tell nothing any more
 */
void explain_close(void);
