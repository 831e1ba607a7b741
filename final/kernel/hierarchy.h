#pragma once
/*
 * hierarchy: where cgroups are, on version 1, on version 2, and in between.
 *
 * A controller's name stands for the hierarchy of version 1 that holds it;
 * NULL stands for the unified hierarchy of version 2.
 */
#include <stdbool.h>
#include <sys/types.h>

/**
 * hierarchy_mount - find where the hierarchy that a process sees is mounted
 * @pid:        the process, as seen by us
 * @controller: "memory", ..., or NULL for version 2
 *
 * Returns: a path that the caller frees, or NULL when it isn't mounted.
 * Source:  cgroups(7), "Mounting v1 controllers"; proc(5), mountinfo.
 */
char *hierarchy_mount(pid_t pid, const char *controller);

/**
 * hierarchy_find - find a process's cgroup in a hierarchy
 * @pid:        the process, as seen by us
 * @controller: "memory", ..., or NULL for version 2
 *
 * Returns: the directory, which the caller frees, or NULL.
 * Source:  cgroups(7), "/proc/pid/cgroup".
 */
char *hierarchy_find(pid_t pid, const char *controller);

/**
 * hierarchy_find_all - find a process's cgroups in several hierarchies at once
 * @pid:         the process, as seen by us
 * @controllers: "memory", ..., or NULL for version 2
 * @count:       how many there are
 * @directories: receives as many directories, NULL where there is none; the
 *               caller frees them
 * @mounts:      receives where the hierarchies are mounted, likewise; or NULL
 *
 * What hierarchy_find() and hierarchy_mount() find, but each file in /proc is
 * read only once.
 */
void hierarchy_find_all(pid_t pid, const char *const controllers[],
                        size_t count, char *directories[], char *mounts[]);

/**
 * hierarchy_lists - is a word in a list of words?
 * @list:       such as "cpuset cpu memory"
 * @separators: what stands between its words, such as " "
 * @word:       what to look for
 */
bool hierarchy_lists(const char *list, const char *separators,
                     const char *word);

/**
 * hierarchy_read - read a control file
 * @directory: of a cgroup, or NULL where there is none
 * @name:      the file's
 *
 * Returns: its text, or "" when there is none; the caller frees it.
 */
char *hierarchy_read(const char *directory, const char *name);

/**
 * hierarchy_write - write to a control file, and explain it
 * @directory: of a cgroup
 * @name:      the file's
 * @value:     goes out in one write(2)
 *
 * Returns: 0, or -1 with errno.
 */
int hierarchy_write(const char *directory, const char *name, const char *value);
