#pragma once
/*
 * pack: from a tree to a tar, by somebody who can't reach anything else.
 */
#include <archive.h>
#include <archive_entry.h>
#include <fts.h>
#include <time.h>

#include "child.h"
#include "failure.h"

struct pack {
    const char *tree; /* a directory */
    /* Packs what of it is wanted; runs where it is the root directory. */
    int (*work)(struct pack *p, struct failure *why);
    /* Packs one file, for pack_walk(); returns 0, 1 if nothing below that
     * directory is wanted, or -1 with @why. */
    int (*visit)(struct pack *p, const FTSENT *file, struct failure *why);
    void *argument; /* for these */
    time_t latest;  /* no file gets a later time */
    /* The rest is pack_start()'s. */
    struct child child;
    int pipe[2];
    struct archive *tar;
    struct archive *disk; /* what libarchive has for asking about files */
};

/**
 * pack_start - let a child pack a tree
 * @p:   what; outlives the child, which is ended by child_wait()
 * @why: filled in when the call fails
 *
 * Returns: a descriptor to read a tar from, to its end, or -1 with @why.
 * Source:  chroot(2); archive_write(3); tar(5), "Pax Interchange Format".
 */
int pack_start(struct pack *p, struct failure *why);

/**
 * pack_walk - in the child: visit a file or directory and all below it, sorted
 * @p:    from pack_start()
 * @path: where to begin
 * @why:  filled in when the call fails
 *
 * Follows no link. Sockets are left out.
 *
 * Returns: 0, or -1 with @why.
 * Source:  fts(3).
 */
int pack_walk(struct pack *p, const char *path, struct failure *why);

/**
 * pack_describe - in the child: all that there is to say of a file
 * @p:    from pack_start()
 * @file: from pack_walk()
 * @name: what the tar shall call it
 * @why:  filled in when the call fails
 *
 * Returns: what pack_put() takes, or NULL with @why.
 */
struct archive_entry *pack_describe(struct pack *p, const FTSENT *file,
                                    const char *name, struct failure *why);

/**
 * pack_put - in the child: write a file
 * @p:     from pack_start()
 * @entry: what it is; is freed
 * @path:  what is in it, NULL: nothing, or what @from has
 * @from:  another archive, or NULL
 * @why:   filled in when the call fails
 *
 * Only those extended attributes are kept that an image may have.
 *
 * Returns: 0, or -1 with @why.
 */
int pack_put(struct pack *p, struct archive_entry *entry, const char *path,
             struct archive *from, struct failure *why);
