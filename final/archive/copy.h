#pragma once
/*
 * copy: files of a container, on their way in or out as a tar.
 */
#include <jansson.h>
#include <stdbool.h>

#include "failure.h"
#include "pack.h"
#include "place.h"
#include "record.h"
#include "sight.h"

/**
 * copy_stat - look at a path in a container, running or not
 * @record: from record_find()
 * @path:   as of path_stat()
 * @why:    FAILURE_NOT_FOUND: there is no such file
 *
 * Returns: docker's X-Docker-Container-Path-Stat, a new reference, or NULL
 *          with @why.
 * Source:  Docker Engine API, "ContainerArchiveInfo".
 */
json_t *copy_stat(struct record *record, const char *path, struct failure *why);

struct copy_out {
    const char *path; /* in the container */
    const char *name; /* of the first entry; NULL: as in @path */
    bool is_sparse;   /* may holes be left out? Not everybody reads that */
    int fd;           /* where the tar goes */
    long long bytes;  /* receives how many it has */
};

/**
 * copy_out - read a file or directory of a container
 * @record: from record_find()
 * @out:    which, and where to
 * @why:    FAILURE_NOT_FOUND: there is no such file
 *
 * Notes the event archive-path. SIGPIPE has to be ignored.
 *
 * Returns: 0, or -1 with @why; half a tar may be there then.
 * Source:  Docker Engine API, "ContainerArchive".
 */
int copy_out(struct record *record, struct copy_out *out, struct failure *why);

struct copy_in {
    const char *path;       /* a directory in the container */
    int fd;                 /* a tar, perhaps compressed; not 0, 1 or 2 */
    bool keeps_kind;        /* docker's noOverwriteDirNonDir */
    enum place_owner owner; /* PLACE_THEIRS: as the tar says */
    /* The rest is copy_in_begin()'s. */
    struct record *record;
    struct sight sight;
    struct place place;
};

/**
 * copy_in_begin, copy_in_end - put the files of a tar into a container
 * @in:     where; stays in place until copy_in_end()
 * @record: from record_find()
 * @why:    FAILURE_NOT_FOUND: there is no such directory; FAILURE_FORBIDDEN:
 *          it is read-only; FAILURE_BAD_PARAMETER: the tar is nonsense
 *
 * In between somebody may write the tar to a pipe. Notes the event
 * extract-to-dir.
 *
 * Returns: 0, or -1 with @why. After copy_in_begin() has failed there is
 *          nothing to end.
 * Source:  Docker Engine API, "PutContainerArchive".
 */
int copy_in_begin(struct copy_in *in, struct record *record,
                  struct failure *why);
int copy_in_end(struct copy_in *in, struct failure *why);

/**
 * copy_relay - hand bytes on
 * @from, @to: descriptors
 * @bytes:     receives how many
 * @why:       filled in when the call fails
 *
 * Returns: 0, or -1 with @why and errno.
 * Source:  splice(2).
 */
int copy_relay(int from, int to, long long *bytes, struct failure *why);

/**
 * copy_export - all files of a container, without those of its volumes
 * @record: from record_find()
 * @fd:     where the tar goes
 * @why:    filled in when the call fails
 *
 * Notes the event export. SIGPIPE has to be ignored.
 *
 * Returns: 0, or -1 with @why; half a tar may be there then.
 * Source:  Docker Engine API, "ContainerExport".
 */
int copy_export(struct record *record, int fd, struct failure *why);

/**
 * copy_host_start - pack a file or directory of the host
 * @p:      zeroes; its is_roots and is_sparse are the caller's
 * @dir_fd: the directory it is in
 * @base:   what it is called there, "." for the directory itself
 * @name:   what the tar shall call it
 * @why:    filled in when the call fails
 *
 * Returns: a descriptor to read the tar from, or -1 with @why; then
 *          child_wait(&p->child).
 */
int copy_host_start(struct pack *p, int dir_fd, const char *base,
                    const char *name, struct failure *why);
