#pragma once
/*
 * init: the little program that stands between duct and a command.
 */
#include <stdbool.h>

#include "failure.h"

/**
 * init_open - make a file of the program that nobody can change
 * @why: filled in when the call fails
 *
 * It is in memory only, and its seals are for ever.
 *
 * Returns: a descriptor for init_exec(), or -1 with @why.
 * Source:  memfd_create(2); fcntl(2), "File Sealing".
 */
int init_open(struct failure *why);

/**
 * init_exec - become the program, which then becomes the command
 * @init_fd:     from init_open()
 * @report_fd:   where it tells why it could not, or -1
 * @stays:       does it stay as the command's parent, to reap (--init)?
 * @argv:        the command and its arguments, NULL-terminated
 * @environment: the command's whole environment, NULL-terminated
 * @why:         filled in when the call fails
 *
 * No descriptor but 0, 1 and 2 goes along to the command.
 *
 * Returns: only when it failed: -1 with @why.
 * Source:  execveat(2), AT_EMPTY_PATH; close_range(2).
 */
int init_exec(int init_fd, int report_fd, bool stays, char *const argv[],
              char *const environment[], struct failure *why);

/**
 * init_wait - wait until a child has failed or become the command
 * @fds:     as for report_wait(), from report_open()
 * @command: its name, for the message
 * @why:     receives the failure of duct's part or of the program's; its exit
 *           status is docker's: EXIT_NOT_FOUND, EXIT_CANNOT_EXECUTE, or
 *           EXIT_DUCT
 *
 * Returns: 0 when the command runs, or -1 with @why.
 * Source:  Docker, "docker run: Exit status".
 */
int init_wait(int fds[2], const char *command, struct failure *why);
