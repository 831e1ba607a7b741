#pragma once
/*
 * place: the files of a tar, among those that are there already.
 */
#include <jansson.h>
#include <stdbool.h>
#include <sys/types.h>

#include "child.h"
#include "failure.h"

enum place_owner {
    PLACE_THEIRS, /* as the tar says */
    PLACE_OURS,   /* whoever runs this */
};

struct place {
    int (*enter)(struct place *p, struct failure *why); /* goes to a root */
    void *argument;                                     /* for that */
    int namespaces; /* CLONE_NEW* that it needs */
    /* In that root, perhaps by links; messages name it too. */
    const char *directory;
    const char *where; /* how to call the root in messages: "", or a path */
    enum place_owner owner;
    bool keeps_kind; /* no directory becomes a file, and no file one */
    int in_fd;       /* the tar, perhaps compressed */
    /* The rest is place_start()'s. */
    struct child child;
    int root_fd;
    int top_fd;
    json_t *known;         /* directories and links of the tar, by path */
    struct placed *placed; /* directories, to be finished last */
    size_t count;
};

/**
 * place_start - let a child put the files of a tar into a directory
 * @p:   what, and where; outlives the child, which is ended by child_wait()
 * @why: filled in when the call fails
 *
 * What is there is replaced, but directories are not: more is put into them.
 * No name and no link in the tar leads out of the directory. A link that was
 * in the directory before may lead elsewhere below the root, but never out of
 * that, and somebody who makes such links meanwhile only hinders us.
 *
 * Returns: 0, or -1 with @why; the same of child_wait(). FAILURE_NOT_FOUND:
 *          there is no such directory; FAILURE_BAD_PARAMETER: it is none, or
 *          the tar is nonsense; FAILURE_FORBIDDEN: it is read-only.
 * Source:  openat2(2); Docker Engine API, "PutContainerArchive".
 */
int place_start(struct place *p, struct failure *why);
