/*
 * overlay: every container writes to its own copy of a shared, read-only tree.
 *
 * Kernel object  an overlay mount: lowerdirs seen through an upperdir
 * Side           container, before it enters its root
 * Needs          upperdir and workdir on one real file system
 * Look at it     findmnt -t overlay -N PID     ls -la UPPERDIR (whiteouts are
 *                character devices 0,0)
 */
#include "overlay.h"

#include <errno.h>
#include <stdio.h>
#include <sys/mount.h>

#include "cleanup.h"
#include "explain.h"

/* The kernel says EINVAL for a dozen reasons; beginners meet these. */
static const char *overlay_hint(int errnum)
{
    switch (errnum) {
    case EINVAL:
        return "is the state directory on overlay itself, or on a shared "
               "folder?\n      Choose another place with --state";
    case ENODEV:
        return "this kernel has no overlay: try `modprobe overlay`";
    case EPERM:
        return "without root this needs Linux 5.11 or later";
    default:
        return NULL;
    }
}

/* Colons part lowerdirs and commas part options, unless behind a backslash. */
static void put_path(FILE *options, const char *path)
{
    for (; *path != '\0'; path++) {
        if (strchr("\\:,", *path) != NULL)
            fputc('\\', options);
        fputc(*path, options);
    }
}

/* One of many: by its link, if it has one where we are. */
static void put_short_path(FILE *options, const char *path, int number)
{
    char link[sizeof("2147483647")];

    snprintf(link, sizeof(link), "%d", number);
    bool has_link = access(link, F_OK) == 0;
    if (has_link) /* from layer.c, which does not tell it */
        explain(CONTAINER, "ln -sfn %s %s", path, link);
    put_path(options, has_link ? link : path);
}

/* "lowerdir=TOP:...:BOTTOM,upperdir=...,workdir=..."; the caller frees it. */
static char *overlay_options(const struct overlay *o, bool is_short)
{
    char *text = NULL;
    size_t length;
    FILE *options = open_memstream(&text, &length);

    if (options == NULL)
        return NULL;
    for (char *const *lower = o->lowerdirs; *lower != NULL; lower++) {
        fputs(lower == o->lowerdirs ? "lowerdir=" : ":", options);
        if (is_short)
            put_short_path(options, *lower, (int)(lower - o->lowerdirs));
        else
            put_path(options, *lower);
    }
    fputs(",upperdir=", options);
    put_path(options, o->upperdir);
    fputs(",workdir=", options);
    put_path(options, o->workdir);
    /* Without root, marks go to attributes that users may write. */
    if (o->user)
        fputs(",userxattr", options);
    /* Else its end would have all of the disk's files written to the disk. */
    if (o->is_volatile)
        fputs(",volatile", options);
    fclose(options);
    return text;
}

/* The kernel takes one page, and would ignore the rest. */
static bool is_too_long(const char *options)
{
    return strlen(options) >= (size_t)sysconf(_SC_PAGESIZE);
}

int overlay_mount(const struct overlay *o, struct failure *why)
{
    cleanup_free char *options = overlay_options(o, false);

    if (o->links != NULL && options != NULL && is_too_long(options)) {
        explain(CONTAINER, "cd %s", o->links);
        if (chdir(o->links) < 0)
            return fail(why, errno, "chdir to %s", o->links);
        free_pointer(&options);
        options = overlay_options(o, true);
    }
    if (options == NULL)
        return fail(why, ENOMEM, "mount overlay on %s", o->merged);
    if (is_too_long(options)) {
        fail(why, ENAMETOOLONG, "mount overlay on %s", o->merged);
        return hint(why, "fewer --lower, or shorter paths");
    }

    explain(CONTAINER, "mount -t overlay -o nodev,%s overlay %s", options,
            o->merged);
    if (mount("overlay", o->merged, "overlay", MS_NODEV, options) < 0) {
        fail(why, errno, "mount overlay on %s", o->merged);
        return hint(why, overlay_hint(errno));
    }
    return 0;
}
