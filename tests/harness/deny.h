/*
 * deny: a kernel that says no.
 *
 * Most error paths of a container are never walked on a developer's machine.
 * A seccomp filter makes one system call fail as it would elsewhere: without
 * root, on another kernel, inside another container. A program that goes on
 * regardless runs its command with less around it than promised.
 */
#pragma once
#include <stdbool.h>

struct deny {
    int number;         /* SYS_mount, ... */
    int argument;       /* which argument must have... */
    unsigned value;     /* ... this value in its low 32 bits; */
    bool only_with;     /* ... if this is set */
    int errnum;         /* what the call fails with */
    const char *name;   /* for the verdict */
};

/** deny_call - a spawn's .prepare; .prepare_arg is the struct deny */
void deny_call(void *deny);
