#pragma once
/*
 * pack: from a tree to a tar, by somebody who can't reach anything else.
 */
#include <archive.h>
#include <archive_entry.h>
#include <fts.h>
#include <stdbool.h>
#include <time.h>

#include "child.h"
#include "failure.h"

struct pack {
    const char *tree; /* a directory; NULL: enter() goes there */
    int (*enter)(struct pack *p, struct failure *why);
    int namespaces; /* CLONE_NEW* that it needs for that */
    /* Packs what of it is wanted; runs where it is the root directory. */
    int (*work)(struct pack *p, struct failure *why);
    /* Packs one file, for pack_walk(); returns 0, 1 if nothing below that
     * directory is wanted, or -1 with @why. */
    int (*visit)(struct pack *p, const FTSENT *file, struct failure *why);
    void *argument; /* for these */
    time_t latest;  /* no file gets a later time; 0: whatever they have */
    bool is_roots;  /* does all of it belong to root? */
    bool is_sparse; /* may it leave out holes? Not everybody reads that */
    /* The rest is pack_start()'s. */
    struct child child;
    int pipe[2];
    struct archive *tar;
    struct archive *disk; /* what libarchive has for asking about files */
    struct archive_entry_linkresolver *links;
};

/**
 * pack_start - let a child pack a tree
 * @p:   what; outlives the child, which is ended by pack_wait()
 * @why: filled in when the call fails
 *
 * Returns: a descriptor to read a tar from, to its end, or -1 with @why.
 * Source:  chroot(2); archive_write(3); tar(5), "Pax Interchange Format".
 */
int pack_start(struct pack *p, struct failure *why);

/**
 * pack_walk - in the child: visit a file or directory and all below it, sorted
 * @p:    from pack_start()
 * @path: where to begin; a link at its end is followed if it ends in a slash
 * @why:  filled in when the call fails
 *
 * Follows no other link. Sockets are left out, and what is gone by the time
 * that it is looked at.
 *
 * Returns: 0, or -1 with @why. FAILURE_NOT_FOUND: there is no such file.
 * Source:  fts(3).
 */
int pack_walk(struct pack *p, const char *path, struct failure *why);

/**
 * pack_file - in the child: write a file as it is
 * @p:    from pack_start()
 * @file: from pack_walk()
 * @name: what the tar shall call it
 * @why:  filled in when the call fails
 *
 * The second name of a file becomes a hard link to the first. Only those
 * extended attributes are kept that an image may have.
 *
 * Returns: 0, or -1 with @why.
 */
int pack_file(struct pack *p, const FTSENT *file, const char *name,
              struct failure *why);

/**
 * pack_mark - in the child: write an empty file
 * @p:    from pack_start()
 * @name: what the tar shall call it
 * @why:  filled in when the call fails
 *
 * Returns: 0, or -1 with @why.
 */
int pack_mark(struct pack *p, const char *name, struct failure *why);
