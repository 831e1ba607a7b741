#pragma once
/*
 * mounts: what else of the host is shown in a container, and what of its own.
 */
#include <stdbool.h>
#include <stddef.h>

#include "failure.h"

enum mount_type {
    MOUNT_BIND,  /* a file or directory of the host; volumes are these too */
    MOUNT_TMPFS, /* in memory, as long as the container runs */
};

/* Begin one with MOUNT_REQUEST. What it points to is freed, and what is open
 * closed, by mounts_release(). */
struct mount_request {
    enum mount_type type;
    char *target; /* absolute path in the container */

    /* Of binds. A descriptor must be of the mount namespace that mounts_open()
     * is called in: one from before clone(2) is not. */
    char *source;    /* absolute path on the host; with source_fd for words */
    int source_fd;   /* O_PATH, instead of the path; or -1 */
    char *subpath;   /* below the source, and never out of it; or NULL */
    bool is_shallow; /* without what is mounted below the source */
    /* MS_PRIVATE, MS_SLAVE or MS_SHARED, perhaps with MS_REC; 0: all private */
    unsigned long propagation;
    /* A directory of the host, not shown to the container, to note in that the
     * source is being filled. -1: nothing is copied. See mounts_attach(). */
    int mark_fd;

    /* Of a tmpfs, for the file system: "size=64m,mode=755"; or NULL. */
    char *options;

    bool read_only;         /* also what is mounted below */
    bool read_only_shallow; /* with read_only: no, not that */
    unsigned attributes;    /* MOUNT_ATTR_NODEV, _NOSUID, _NOEXEC */

    int tree_fd; /* mounts_open()'s: a mount that is not attached; or -1 */
};

#define MOUNT_REQUEST                                                          \
    {                                                                          \
        .source_fd = -1, .mark_fd = -1, .tree_fd = -1                          \
    }

struct mounts {
    struct mount_request *list;
    size_t count;
    bool read_only_root;
};

/**
 * mounts_add - note a mount
 * @m:       receives it; release it with mounts_release()
 * @request: is @m's from now on, with all it points to, also on failure
 * @why:     filled in when there is no memory
 *
 * Returns: 0, or -1 with @why.
 */
int mounts_add(struct mounts *m, const struct mount_request *request,
               struct failure *why);

/**
 * mounts_volume - read the value of a -v
 * @m:    receives the mount; release it with mounts_release()
 * @text: "SOURCE:TARGET" or "SOURCE:TARGET:OPTION,...", where SOURCE is an
 *        absolute path, or a volume's name; or "TARGET" alone, which leaves
 *        the source NULL: the caller has to find directories for these two
 * @why:  docker's words, when it is nonsense
 *
 * OPTION is ro, rw, [r]private, [r]slave, [r]shared, nocopy, z or Z; the whole
 * third part becomes the request's options.
 *
 * Returns: 0, or -1 with @why.
 * Source:  Docker, "docker container run: -v".
 */
int mounts_volume(struct mounts *m, const char *text, struct failure *why);

/**
 * mounts_tmpfs - read the value of a --tmpfs
 * @m:    receives the mount; release it with mounts_release()
 * @text: "/TARGET" or "/TARGET:OPTION,...", each one of mount(8)'s
 * @why:  docker's words, when it is nonsense
 *
 * Returns: 0, or -1 with @why.
 * Source:  Docker, "docker container run: --tmpfs"; tmpfs(5).
 */
int mounts_tmpfs(struct mounts *m, const char *text, struct failure *why);

/**
 * mounts_tmpfs_at - the same in two parts, so that a target may have a colon
 * @m:       receives the mount
 * @target:  an absolute path in the container
 * @options: "OPTION,...", perhaps empty
 * @why:     docker's words, when it is nonsense
 *
 * Returns: 0, or -1 with @why.
 */
int mounts_tmpfs_at(struct mounts *m, const char *target, const char *options,
                    struct failure *why);

/**
 * mounts_propagation - read a word for how mounts spread
 * @word: "rprivate", "shared", ...
 *
 * Returns: the flags of mount(2), or 0 when there is no such word.
 */
unsigned long mounts_propagation(const char *word);

/**
 * mounts_clean - the shortest text that says the same path
 * @path: absolute or not; "/a//b/../c/." is "/a/c"
 *
 * Asks nobody whether there are links: two ways to say one target look the
 * same afterwards, that is all.
 *
 * Returns: a text that the caller frees, or NULL without memory.
 */
char *mounts_clean(const char *path);

/**
 * mounts_open - take hold of all sources
 * @m:   receives the trees; each source is looked up here, once and for all
 * @why: filled in when the call fails
 *
 * Call it first of all in the container's mount namespace, before
 * rootfs_isolate() cuts what rslave and rshared need. What it is not called
 * for, mounts_attach() opens itself: good enough where all is private.
 *
 * Returns: 0, or -1 with @why.
 * Source:  open_tree(2), OPEN_TREE_CLONE; mount_namespaces(7), "Shared
 *          subtrees".
 */
int mounts_open(struct mounts *m, struct failure *why);

/**
 * mounts_attach - mount everything that was asked for
 * @m:   in the order in which it was asked for
 * @why: filled in when the call fails
 *
 * The working directory is the container's root, and the old root is still
 * there. Targets are looked up inside of the new one, and made if missing.
 *
 * Before that, each empty directory with a mark_fd is filled with what the
 * image has at the target: see copy_up_tree().
 *
 * Returns: 0, or -1 with @why. What is mounted stays so: end the process.
 * Errors:  none by number: the target is the root, is in /proc, or is moved
 *          by somebody while we mount there.
 * Source:  open_tree(2), mount_setattr(2), fsopen(2), move_mount(2): a mount
 *          is made, then changed, and only then attached.
 */
int mounts_attach(const struct mounts *m, struct failure *why);

/**
 * mounts_can_spread - does the mount that a path is in take part in that?
 * @path:        an absolute path on the host
 * @propagation: as of a request
 * @why:         docker's words when it does not
 *
 * A bind can be shared with the host only if the host shares the mount.
 *
 * Returns: 0, or -1 with @why.
 * Source:  proc(5), mountinfo, "optional fields".
 */
int mounts_can_spread(const char *path, unsigned long propagation,
                      struct failure *why);

/**
 * mounts_release - free the list, and close what it holds
 * @m: may be empty
 */
void mounts_release(struct mounts *m);
