#pragma once
/*
 * report: how a child tells its parent why it failed, or that it did not.
 *
 * A pipe that closes itself on exec. The parent reads: a whole `struct
 * failure` means that the child failed; end-of-file that execve(2) took place
 * (or that the child was killed, which waitpid(2) will tell).
 */
#include "failure.h"

/**
 * report_open - make the pipe, before the child is started
 * @fds: receives the end for reading and the end for writing
 * @why: filled in when the call fails
 *
 * Returns: 0, or -1 with @why.  Source: pipe(2), O_CLOEXEC.
 */
int report_open(int fds[2], struct failure *why);

/**
 * report_failure - in the child: send @why and end
 * @fd:  the end for writing
 * @why: what went wrong
 */
_Noreturn void report_failure(int fd, const struct failure *why);

/**
 * report_wait - in the parent: wait until the child has failed or become the
 * command
 * @fds: both ends; the one for writing is closed here, or the end of file
 *       would never come
 * @why: receives the child's failure
 *
 * Returns: 0 when the command runs, or -1 with the child's @why.
 */
int report_wait(int fds[2], struct failure *why);

/**
 * report_success - in a child that does not execute anything: all is well
 * @fd: the end for writing; closed
 *
 * The report is a failure without a status and a message.
 */
void report_success(int *fd);

/**
 * report_read - in the parent: wait until such a child has told how it went
 * @fd:  the end for reading
 * @who: whom to blame when it ends without a word: it was killed
 * @why: receives the child's failure
 *
 * Returns: 0 when all is well, or -1 with @why.
 */
int report_read(int fd, const char *who, struct failure *why);
