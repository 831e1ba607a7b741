#pragma once
/*
 * command: the program that a container is made for.
 */
#include <stdbool.h>

#include "failure.h"

struct command {
    char **argv;         /* the program and its arguments, NULL-terminated */
    char **settings;     /* "NAME=VALUE", or "NAME" to take over duct's own */
    const char *workdir; /* where it starts, as seen from inside; NULL: here */
    bool make_workdir;   /* if it is not there, as docker does for images */
    const char *user;    /* "NAME[:GROUP]" or numbers; NULL: root */
    const int *parent;   /* a pipe that ends with duct, and the command with
                            it; NULL: the command may outlive duct */
};

/**
 * command_exec - become the command; nothing of duct is left afterwards
 * @command: what to run
 * @why:     filled in when it can't be run; its exit status is docker's:
 *           EXIT_NOT_FOUND, EXIT_CANNOT_EXECUTE, or EXIT_DUCT when the
 *           working directory is at fault
 *
 * The environment is built from nothing: PATH, HOME, TERM and HOSTNAME, then
 * the settings. No descriptor but 0, 1 and 2 goes along.
 *
 * Returns: only when it failed: -1 with @why.
 * Source:  execve(2); environ(7); close_range(2); Docker, "docker run: Exit
 *          status".
 */
int command_exec(const struct command *command, struct failure *why);
