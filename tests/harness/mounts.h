/*
 * mounts: /proc/PID/mountinfo, parsed (proc(5), "mountinfo").
 */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct mount_entry {
    int id, parent;
    unsigned major, minor;
    char *root;   /* which part of the file system is mounted */
    char *point;  /* where, as seen from the process's root */
    char *flags;  /* per mount: "ro,nosuid,..." */
    char *shared; /* propagation: "shared:1 master:2", "" when private */
    char *type;   /* "proc" */
    char *source;
    char *options; /* per file system */
};

struct mounts {
    struct mount_entry *entries;
    size_t count;
};

/** mounts_of - the mount table that a process sees (0: the suite); kept */
struct mounts *mounts_of(pid_t pid);

/**
 * mounts_of_namespace - all mounts of a process's mount namespace; kept
 *
 * /proc/PID/mountinfo shows what can be reached from the process's root. After
 * chroot(2) that is not all that there is: this looks from the namespace's own
 * root.
 */
struct mounts *mounts_of_namespace(pid_t pid);

/** mounts_at - the topmost mount at @point, or NULL */
const struct mount_entry *mounts_at(const struct mounts *m, const char *point);

/** mounts_by_id - by mount id, or NULL */
const struct mount_entry *mounts_by_id(const struct mounts *m, int id);

/** mounts_flag - is @word one of the comma-separated words of @list? */
bool mounts_flag(const char *list, const char *word);

/**
 * mounts_told - one line per mount, sorted: "point type root flags"
 *
 * Without ids, device numbers and sources' names, so that two containers
 * made in the same way give the same text.
 */
char *mounts_told(const struct mounts *m);
