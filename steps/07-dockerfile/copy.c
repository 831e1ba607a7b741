/*
 * copy: files of the context, put into an image.
 *
 * It takes no container, only an overlay over the image's trees: what is
 * written there is the layer. The child that does it makes that its root, so
 * whichever links the image has, they lead to files of the image. The context
 * is another child's root, and comes as a tar.
 *
 * Kernel object  an overlay mount, and a root directory; a pipe
 * Side           child, in a mount namespace of its own
 * Look at it     strace -f -e trace=mount,chroot,openat duct build .
 */
#include "copy.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <locale.h>
#include <sched.h>
#include <sys/stat.h>

#include "child.h"
#include "cleanup.h"
#include "explain.h"
#include "inside.h"
#include "overlay.h"
#include "rootfs.h"
#include "stream.h"
#include "user.h"

/* The last two are for hard links; what their targets may be, and no more. */
static const int restored = ARCHIVE_EXTRACT_OWNER | ARCHIVE_EXTRACT_PERM |
                            ARCHIVE_EXTRACT_TIME | ARCHIVE_EXTRACT_XATTR |
                            ARCHIVE_EXTRACT_SECURE_NODOTDOT |
                            ARCHIVE_EXTRACT_SECURE_NOABSOLUTEPATHS;

/* What the child knows. */
struct copying {
    const struct copy *copy;
    const struct layer *layer;
    char **lowerdirs;
    int tar_fd;
    bool user; /* are we in a user namespace? */
    uid_t uid;
    gid_t gid;
    bool merge;               /* was the directory there already? */
    const char *name;         /* what the only file is to be called, or NULL */
    struct timespec times[2]; /* of the directory that all goes to: libarchive
                                 sets those that it has made itself */
};

/* All paths are those of the image from here on. */
static int enter_image(struct copying *c, struct failure *why)
{
    const struct overlay overlay = {
        .lowerdirs = c->lowerdirs,
        .links = c->layer->links,
        .upperdir = c->layer->upper,
        .workdir = c->layer->work,
        .merged = c->layer->merged,
        .user = c->user,
    };

    if (rootfs_isolate(why) < 0 || overlay_mount(&overlay, why) < 0)
        return -1;
    explain(CONTAINER, "cd %s", overlay.merged);
    if (chdir(overlay.merged) < 0 || chroot(".") < 0)
        return fail(why, errno, "chroot to %s", overlay.merged);
    return 0;
}

/* Enters a directory, made if it is not there. */
static int enter_directory(const char *path, struct failure *why)
{
    cleanup_close int root_fd = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);

    explain(CONTAINER, "mkdir -p .%s", path);
    cleanup_close int fd = inside_make(root_fd, path, S_IFDIR, why);
    if (fd < 0)
        return -1;
    return fchdir(fd) < 0 ? fail(why, errno, "enter %s", path) : 0;
}

/* Where does it all go? What a link of the image's leads to is meant. */
static int find_target(struct copying *c, bool is_directory,
                       struct failure *why)
{
    cleanup_free char *real = realpath(c->copy->to, NULL);
    cleanup_free char *path = strdup(real != NULL ? real : c->copy->to);
    struct stat status;

    if (path == NULL)
        return fail(why, ENOMEM, "copy to %s", c->copy->to);
    c->merge = stat(path, &status) == 0 && S_ISDIR(status.st_mode);
    if (c->merge || c->copy->into || is_directory)
        return enter_directory(path, why);
    c->name = strdup(basename(path));
    return c->name == NULL ? fail(why, ENOMEM, "copy to %s", c->copy->to)
                           : enter_directory(dirname(path), why);
}

/* The image's directories stay directories, its files may be replaced. */
static int check_room(const char *path, bool is_directory, struct failure *why)
{
    struct stat status;
    int flags = is_directory ? 0 : AT_SYMLINK_NOFOLLOW;

    /* "sub/" where sub is a file: ENOTDIR */
    if (fstatat(AT_FDCWD, path, &status, flags) < 0
            ? errno != ENOTDIR
            : S_ISDIR(status.st_mode) == is_directory)
        return 0;
    return fail(why, is_directory ? ENOTDIR : EISDIR, "replace %s of the image",
                path);
}

static bool is_of_context(struct archive_entry *entry)
{
    const char *owner = archive_entry_uname(entry);

    return owner != NULL && str_eq(owner, CONTEXT_OWNER);
}

static int put(struct copying *c, struct archive *tar,
               struct archive_entry *entry, struct archive *disk,
               struct failure *why)
{
    const char *path =
        c->name != NULL ? c->name : archive_entry_pathname(entry);
    mode_t type = archive_entry_filetype(entry);

    if (path == NULL)
        return fail(why, EILSEQ, "read a name");
    if (c->merge && str_eq(path, "./"))
        return 0; /* the image's stays as it was */
    if (str_eq(path, "./")) {
        c->times[1].tv_sec = archive_entry_mtime(entry);
        c->times[1].tv_nsec = archive_entry_mtime_nsec(entry);
    }
    if (c->user && (type == AE_IFCHR || type == AE_IFBLK))
        return 0; /* only root can make devices */
    if (c->user || is_of_context(entry)) {
        archive_entry_set_uid(entry, c->uid);
        archive_entry_set_gid(entry, c->gid);
    }
    if (c->name != NULL)
        archive_entry_copy_pathname(entry, c->name);
    if (check_room(path, type == AE_IFDIR, why) < 0)
        return -1;
    if (archive_read_extract2(tar, entry, disk) == ARCHIVE_OK)
        return 0;
    stream_fail(tar, path, why);
    return hint(why, c->user ? "without root there is nobody but user 0 and "
                               "group 0"
                             : NULL);
}

static int put_all(struct copying *c, struct failure *why)
{
    cleanup_archive struct archive *tar =
        stream_open(c->tar_fd, true, "the context", why);
    cleanup_archive struct archive *disk = archive_write_disk_new();
    struct archive_entry *entry;
    int status =
        tar == NULL ? -1 : stream_next(tar, &entry, "the context", why);

    if (status <= 0)
        return status; /* who packs it tells why there is nothing */
    archive_write_disk_set_options(disk, restored);
    explain(CONTAINER, "tar -xp");
    /* What a directory or an archive has, or else a file. */
    bool is_directory =
        !is_of_context(entry) || archive_entry_filetype(entry) == AE_IFDIR;
    if (find_target(c, is_directory, why) < 0)
        return -1;
    for (; status > 0; status = stream_next(tar, &entry, "the context", why))
        if (put(c, tar, entry, disk, why) < 0)
            return -1;
    if (archive_write_close(disk) != ARCHIVE_OK)
        return stream_fail(disk, c->copy->to, why);
    if (utimensat(AT_FDCWD, ".", c->times, 0) < 0)
        return fail(why, errno, "set the time of %s", c->copy->to);
    return status;
}

/* Runs in the child. */
static int copy_all(void *argument, struct failure *why)
{
    struct copying *c = argument;
    const char *chown = c->copy->chown;

    umask(022);
    setlocale(LC_CTYPE, "C.UTF-8"); /* as names in a tar are */
    if (enter_image(c, why) < 0 ||
        (*chown != '\0' && user_find(chown, &c->uid, &c->gid, why) < 0))
        return -1;
    return c->tar_fd < 0 ? enter_directory(c->copy->to, why) : put_all(c, why);
}

int copy_files(void *argument, const struct layer *layer, char **lowerdirs,
               struct failure *why)
{
    const struct copy *copy = argument;
    struct copying copying = {
        .copy = copy,
        .layer = layer,
        .lowerdirs = lowerdirs,
        .tar_fd = -1,
        .user = geteuid() != 0,
        .times = {{.tv_nsec = UTIME_OMIT}, {.tv_nsec = UTIME_OMIT}},
    };
    struct pack pack;
    struct child child;

    if (copy->part != NULL) {
        copying.tar_fd = context_pack(copy->part, &pack, copy->latest, why);
        if (copying.tar_fd < 0)
            return -1;
    }
    int status = child_start(&child, CLONE_NEWNS, copy_all, &copying, why);
    close_fd(&copying.tar_fd); /* it is the child's now */
    if (status == 0)
        status = child_wait(&child, why);
    /* What it has failed for is why there was only a part of a tar. */
    if (copy->part != NULL && child_wait(&pack.child, why) < 0)
        status = -1;
    return status;
}
