#pragma once
/*
 * seccomp: which system calls there are, for a container.
 */
#include <linux/filter.h>
#include <stdbool.h>
#include <stddef.h>

#include "caps.h"
#include "failure.h"

/* A program for the kernel's filter machine. */
struct seccomp {
    struct sock_filter *program;
    size_t count; /* instructions */
};

/* Frees a program when it goes out of scope. */
#define cleanup_seccomp __attribute__((cleanup(seccomp_filter_free)))

/**
 * seccomp_filter_default - the filter of which nobody said anything
 * @caps:     some capabilities open system calls that need them
 * @compat32: are 32-bit programs let in as well?
 * @seccomp:  receives the program; release it with seccomp_filter_free()
 * @why:      filled in when the call fails
 *
 * Returns: 0, or -1 with @why.
 */
int seccomp_filter_default(const struct caps *caps, bool compat32,
                           struct seccomp *seccomp, struct failure *why);

/**
 * seccomp_filter_read - take a program from the file that duct-archive made of
 * somebody's own profile
 * @dir_fd:  the directory that it is in
 * @name:    its name there
 * @seccomp: receives the program; release it with seccomp_filter_free()
 * @why:     filled in when it can't be read
 *
 * Returns: 0, or -1 with @why.
 */
int seccomp_filter_read(int dir_fd, const char *name, struct seccomp *seccomp,
                        struct failure *why);

/**
 * seccomp_filter_load - from here on, and for all that we will ever execute
 * @program: instructions
 * @count:   how many
 * @why:     filled in when the call fails
 *
 * Returns: 0, or -1 with @why.
 * Errors:  EACCES (needs CAP_SYS_ADMIN or PR_SET_NO_NEW_PRIVS), EINVAL (no
 *          such instruction, or this kernel has no filters).
 * Source:  seccomp(2), SECCOMP_SET_MODE_FILTER.
 */
int seccomp_filter_load(const struct sock_filter *program, size_t count,
                        struct failure *why);

/**
 * seccomp_filter_free - free a program
 * @seccomp: may be empty
 */
void seccomp_filter_free(struct seccomp *seccomp);
