/*
 * kernel: what the kernel says about a process, read from the suite's own
 * procfs.
 *
 * The suite's procfs is held open from the start: whatever a judged program
 * mounts over /proc, these readers still see the truth. pids are those of the
 * suite's pid namespace ("as the host sees it"); pid 0 means the suite.
 */
#pragma once
#include <stdbool.h>
#include <stdint.h>
#include <sys/stat.h>
#include <sys/types.h>

/** kernel_open - take hold of /proc; called once by the fence */
void kernel_open(void);

/**
 * kernel_read - the whole of a file below /proc: kernel_read("%d/maps", pid)
 *
 * Returns: its text (kept), or NULL with errno.
 */
char *kernel_read(const char *path, ...) __attribute__((format(printf, 1, 2)));

/** kernel_read_bytes - the same for files with NUL bytes (environ, cmdline) */
char *kernel_read_bytes(size_t *size, const char *path, ...)
    __attribute__((format(printf, 2, 3)));

/** kernel_read_fd - an open file from its beginning; @size may be NULL */
char *kernel_read_fd(int fd, size_t *size);

/** kernel_link - where a link below /proc points; NULL with errno */
char *kernel_link(const char *path, ...) __attribute__((format(printf, 1, 2)));

/** kernel_stat - stat(2) of a path below /proc, e.g. "%d/root"; 0 or -1 */
int kernel_stat(struct stat *st, const char *path, ...)
    __attribute__((format(printf, 2, 3)));

/** kernel_open_at - open a path below /proc with @flags; -1 with errno */
int kernel_open_at(int flags, const char *path, ...)
    __attribute__((format(printf, 2, 3)));

/**
 * kernel_namespace - inode number of /proc/PID/ns/NAME
 * @name: pid mnt uts ipc net cgroup time user
 *
 * Returns: the number, or 0 when the process is gone.
 */
uint64_t kernel_namespace(pid_t pid, const char *name);

/** kernel_children - the children of a process, ending with 0 (kept) */
pid_t *kernel_children(pid_t pid);

/** kernel_all_pids - every process that the suite can see, ending with 0 */
pid_t *kernel_all_pids(void);

/** kernel_status - a field of /proc/PID/status ("CapEff"), NULL if absent */
char *kernel_status(pid_t pid, const char *field);

/** kernel_status_hex - a hexadecimal field: CapBnd, SigBlk, SigIgn, ... */
uint64_t kernel_status_hex(pid_t pid, const char *field);

/** kernel_alive - the process exists and is no zombie */
bool kernel_alive(pid_t pid);

/** kernel_pid_inside - the pid in its innermost namespace; 0 when gone */
pid_t kernel_pid_inside(pid_t pid);

/** kernel_command - the arguments with spaces between; NULL when gone */
char *kernel_command(pid_t pid);

/**
 * kernel_find - a process whose argument list is exactly @command
 *
 * Waits up to SPAWN_SOON_MS for it, then the trial fails.
 * @below: only among this process and its descendants; 0: all
 */
pid_t kernel_find(pid_t below, const char *command);

/** kernel_count - how many processes have exactly this argument list */
int kernel_count(const char *command);
