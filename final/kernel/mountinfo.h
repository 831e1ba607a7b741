#pragma once
/*
 * mountinfo: one line of the kernel's list of mounts.
 */
#include <stdbool.h>
#include <stdio.h>

struct mountinfo {
    char *mount_point; /* as the kernel writes it: "\040" for a space */
    bool is_shared;    /* do others see what is mounted in it? */
    bool is_slave;     /* does it see what others mount in theirs? */
};

/**
 * mountinfo_find - find a mount by its number
 * @list: /proc/self/mountinfo, read up to the line and no further
 * @id:   from statx(2)
 * @info: receives it; the caller frees mount_point
 *
 * Returns: 0, or -1 when there is no such line.
 * Source:  proc_pid_mountinfo(5).
 */
int mountinfo_find(FILE *list, unsigned long long id, struct mountinfo *info);
