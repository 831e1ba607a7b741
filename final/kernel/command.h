#pragma once
/*
 * command: the program that a container is made for.
 */
#include <stdbool.h>

#include "caps.h"
#include "failure.h"
#include "seccomp.h"
#include "ulimits.h"

struct command {
    char **argv;         /* the program and its arguments, NULL-terminated */
    char **environment;  /* all of it, "NAME=VALUE", NULL-terminated; HOME is
                            added when it isn't there */
    const char *workdir; /* where it starts, as seen from inside; NULL: here */
    bool make_workdir;   /* if it is not there, as docker does for images */
    const char *user;    /* "NAME[:GROUP]" or numbers; NULL: root */
    char *const *groups; /* more groups, NULL-terminated; NULL: none */
    const int *parent;   /* a pipe that ends with duct, and the command with
                            it; NULL: the command may outlive duct */

    const struct ulimits *ulimits;
    const struct caps *caps;
    const struct seccomp *seccomp; /* NULL: every system call */
    bool no_new_privs;             /* not even by set-user-ID programs */

    bool init;     /* does duct-init stay as process 1? */
    int report_fd; /* the end for writing of report_open(); -1: none */
};

/**
 * command_exec - become the command; nothing of duct is left afterwards
 * @command: what to run
 * @why:     filled in when it can't be run
 *
 * Call it in the container's root, with all the capabilities that there are:
 * they, and everything else that the command must not have, are given up
 * here. The order is part of it.
 *
 * Whether the program itself could be executed is told through the report,
 * to init_wait(). No descriptor but 0, 1 and 2 goes along.
 *
 * Returns: only when it failed: -1 with @why.
 * Source:  execve(2); environ(7); prctl(2), PR_SET_NO_NEW_PRIVS; seccomp(2).
 */
int command_exec(const struct command *command, struct failure *why);
