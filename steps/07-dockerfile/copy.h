#pragma once
/*
 * copy: files of the context, put into an image.
 */
#include <stdbool.h>
#include <time.h>

#include "context.h"
#include "failure.h"
#include "layer.h"

struct copy {
    struct context_part *part;    /* NULL: nothing, only a directory is made */
    const char *to;               /* absolute, without "." and ".." */
    bool into;                    /* is it to be a directory? */
    const char *chown;            /* "USER[:GROUP]", "": root */
    time_t latest;                /* no file gets a later time */
    const struct digest *content; /* of the part, before it is copied */
};

/**
 * copy_files - copy into a layer, over the trees of an image
 * @argument:  a struct copy: what, and where to
 * @layer:     from layer_open()
 * @lowerdirs: the trees, as in its request
 * @why:       filled in when the call fails
 *
 * Returns: 0, or -1 with @why.
 * Source:  Docker, "Dockerfile reference: COPY", "ADD";
 *          archive_write_disk(3).
 */
int copy_files(void *argument, const struct layer *layer, char **lowerdirs,
               struct failure *why);
