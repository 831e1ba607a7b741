#pragma once
/*
 * fds: which descriptors a process goes on with.
 */
#include <stddef.h>

/**
 * fds_keep - let go of all descriptors but some
 * @kept:  those that stay; numbers below 0 are none
 * @count: how many
 *
 * For a child that does not execute anything: what its parent holds open would
 * stay open as long as it lives, and nobody would see the end of a pipe.
 * Standard files become /dev/null.
 *
 * Source:  close_range(2).
 */
void fds_keep(const int *kept, size_t count);
