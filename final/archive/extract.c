/*
 * extract: the files of a tar, in a tree that is the root directory already.
 *
 * Whoever wrote the tar chose its names, and may have put a link where the
 * next name leads through. Let it: all links end in the tree, as we do. What
 * says "not this one" in a tar, a name, becomes what says it to overlay:
 *
 *     .wh.NAME         NAME, a character device 0,0
 *     .wh..wh..opq     an attribute of the directory it is in
 *
 * Kernel object  inodes; extended attributes
 * Side           the child that unpacks
 * Look at it     tar -tvf LAYER; ls -laR DATA/layers/HEX
 *                getfattr -dR -m - DATA/layers/HEX
 */
#include "extract.h"

#include <archive_entry.h>
#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <jansson.h>
#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "bounds.h"
#include "cleanup.h"
#include "explain.h"
#include "id_map.h"
#include "inside.h"
#include "stream.h"
#include "tree.h"

static const char whiteout[] = "/.wh.";       /* and what is hidden */
static const char reserved[] = "/.wh..wh.";   /* no file is called so */
static const char opaque[] = "/.wh..wh..opq"; /* all that is below */

/* The last two are for hard links; what their targets may be, and no more. */
static const int restored =
    ARCHIVE_EXTRACT_OWNER | ARCHIVE_EXTRACT_PERM | ARCHIVE_EXTRACT_TIME |
    ARCHIVE_EXTRACT_SECURE_NODOTDOT | ARCHIVE_EXTRACT_SECURE_NOABSOLUTEPATHS;

enum {
    USUAL = 0755 /* what our umask lets through */
};

/* In a user namespace: the last who exists. */
static unsigned last_id;

void extract_prepare(void)
{
    last_id = id_map_last();
}

struct extraction {
    struct archive *tar;
    struct archive *disk; /* libarchive's other half, which makes files */
    const char *what;
    json_t *hidden;    /* an array of paths */
    long long bytes;   /* how many more */
    long long headers; /* the same */
    long entries;      /* the same */
    bool user;
};

bool extract_is_welcome(const char *name)
{
    return str_eq(name, "security.capability") ||
           (fnmatch("user.*", name, 0) == 0 &&
            fnmatch("user.overlay.*", name, 0) != 0);
}

static int set_attributes(const struct extraction *x,
                          struct archive_entry *entry, const char *path,
                          struct failure *why)
{
    const char *name;
    const void *value;
    size_t size;
    size_t all = 0;

    archive_entry_xattr_reset(entry);
    while (archive_entry_xattr_next(entry, &name, &value, &size) == ARCHIVE_OK)
        if ((all += strlen(name) + size) > BOUND_ATTRIBUTES)
            return fail(why, E2BIG, "set %.300s of %s", name, path);
        else if (extract_is_welcome(name) &&
                 lsetxattr(path, name, value, size, 0) < 0 && !x->user)
            return fail(why, errno, "set %s of %s", name, path);
    return 0;
}

/* "./NAME", which the caller frees. */
static char *read_path(const struct extraction *x, const char *name,
                       struct failure *why)
{
    char *path = NULL;

    if (name == NULL || asprintf(&path, "./%s/", name) < 0) {
        fail(why, 0, "%s has a name that can't be read", x->what);
        return NULL;
    }
    if (strlen(path) > PATH_MAX || strstr(path, "/../") != NULL) {
        fail(why, 0, "%s has \"%.300s\", which is no name", x->what, name);
        free(path);
        return NULL;
    }
    for (size_t end = strlen(path); path[end - 1] == '/';)
        path[--end] = '\0';
    return path;
}

static int check_bounds(struct extraction *x, struct archive_entry *entry,
                        const char *path, struct failure *why)
{
    const long long nobody = (uid_t)-1; /* "leave it as it is", to chown(2) */

    x->bytes -= archive_entry_size(entry);
    x->headers -= 512 + (long long)strlen(path);
    if (x->bytes < 0 || x->headers < 0 || --x->entries < 0)
        return fail(why, EFBIG, "unpack %s", x->what);
    if (archive_entry_uid(entry) < 0 || archive_entry_uid(entry) >= nobody ||
        archive_entry_gid(entry) < 0 || archive_entry_gid(entry) >= nobody)
        return fail(why, ERANGE, "chown %s", path);
    if (archive_entry_filetype(entry) == AE_IFCHR &&
        archive_entry_rdev(entry) == 0)
        return fail(why, 0, "%s would be a whiteout for overlay", path);
    return 0;
}

/* A later entry replaces an earlier one, but for what is in a directory. */
static int make_room(const char *path, mode_t type, struct failure *why)
{
    struct stat status;

    if (lstat(path, &status) < 0 || (S_ISDIR(status.st_mode) && S_ISDIR(type)))
        return 0;
    if (tree_remove(AT_FDCWD, path) < 0)
        return fail(why, errno, "replace %s", path);
    return 0;
}

/* All that there is to say of a new file: chown(2) first, it takes rights. */
static int settle_file(int fd, struct archive_entry *entry)
{
    const struct timespec times[] = {
        {.tv_nsec = UTIME_OMIT},
        {archive_entry_mtime(entry), archive_entry_mtime_nsec(entry)}};
    uid_t uid = (uid_t)archive_entry_uid(entry);
    gid_t gid = (gid_t)archive_entry_gid(entry);
    mode_t mode = archive_entry_perm(entry);
    bool is_theirs = uid != 0 || gid != 0;

    if (is_theirs && fchown(fd, uid, gid) < 0)
        return -1;
    if ((is_theirs || (mode & ~USUAL) != 0) && fchmod(fd, mode) < 0)
        return -1;
    return archive_entry_mtime_is_set(entry) ? futimens(fd, times) : 0;
}

/* Most of a tar is files that are new where they are. libarchive can do that
 * too, with twice as many system calls.
 * Returns: 1, 0 if it is not as easy as that, or -1 with @why. */
static int make_new(const struct extraction *x, struct archive_entry *entry,
                    const char *path, struct failure *why)
{
    if (archive_entry_filetype(entry) != AE_IFREG ||
        archive_entry_hardlink(entry) != NULL ||
        archive_entry_sparse_count(entry) > 0)
        return 0;
    cleanup_close int fd =
        open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
             archive_entry_perm(entry) & USUAL);
    if (fd < 0)
        return 0; /* it is there already, or its directory is not */
    if (archive_entry_size(entry) > 0 &&
        archive_read_data_into_fd(x->tar, fd) != ARCHIVE_OK)
        return stream_fail(x->tar, path, why);
    return settle_file(fd, entry) < 0 ? fail(why, errno, "make %s", path) : 1;
}

/* Where nobody else exists, all is root's. Where many do, who is none of them
 * had better be told than made root. */
static int settle_owner(struct archive_entry *entry, const char *path,
                        struct failure *why)
{
    long long uid = archive_entry_uid(entry);
    long long gid = archive_entry_gid(entry);

    if (last_id == 0) {
        archive_entry_set_uid(entry, 0);
        archive_entry_set_gid(entry, 0);
    } else if (uid > last_id || gid > last_id) {
        fail(why, EINVAL, "chown %.300s to %lld:%lld", path, uid, gid);
        return hint(why, "without root there are as many users as "
                         "/etc/subuid and /etc/subgid say");
    }
    return 0;
}

static int make_file(const struct extraction *x, struct archive_entry *entry,
                     const char *path, struct failure *why)
{
    bool is_link = archive_entry_hardlink(entry) != NULL;
    mode_t type = archive_entry_filetype(entry);

    if (x->user && settle_owner(entry, path, why) < 0)
        return -1;
    int done = make_new(x, entry, path, why);
    if (done != 0)
        return done < 0 ? -1 : set_attributes(x, entry, path, why);
    if (make_room(path, is_link ? AE_IFREG : type, why) < 0)
        return -1;
    if (x->user && (type == AE_IFCHR || type == AE_IFBLK))
        return 0; /* only root can make devices */
    archive_entry_copy_pathname(entry, path);
    if (archive_read_extract2(x->tar, entry, x->disk) != ARCHIVE_OK)
        return stream_fail(x->tar, path, why);
    return set_attributes(x, entry, path, why);
}

/* @mark is where the last part of @path begins, which is no file's name. */
static int note_hidden(const struct extraction *x, const char *path, char *mark,
                       struct failure *why)
{
    char *name = mark + strlen(whiteout);

    if (str_eq(mark, opaque))
        mark[strlen("/.")] = '\0';
    else if (strncmp(mark, reserved, strlen(reserved)) == 0)
        return 0;
    else if (*name == '\0' || str_eq(name, ".") || str_eq(name, "..") ||
             strchr(name, '/') != NULL)
        return fail(why, 0, "%s hides \"%s\", which is no name", x->what, path);
    else
        memmove(mark + 1, name, strlen(name) + 1);
    return json_array_append_new(x->hidden, json_string_nocheck(path));
}

/* Hides what lower trees have of this name. "." is the directory it is in. */
static int hide(const struct extraction *x, const char *path,
                struct failure *why)
{
    const char *attribute =
        x->user ? "user.overlay.opaque" : "trusted.overlay.opaque";
    cleanup_free char *copy = strdup(path);
    struct stat status;

    if (copy == NULL)
        return fail(why, ENOMEM, "hide %s", path);
    cleanup_close int fd = inside_make(AT_FDCWD, dirname(copy), S_IFDIR, why);
    if (fd < 0)
        return -1;
    if (lstat(path, &status) < 0) {
        explain(CONTAINER, "mknod %s c 0 0", path);
        if (mknod(path, S_IFCHR, makedev(0, 0)) < 0)
            return fail(why, errno, "make whiteout %s", path);
    } else if (S_ISDIR(status.st_mode)) {
        explain(CONTAINER, "setfattr -n %s -v y %s", attribute, path);
        if (setxattr(path, attribute, "y", 1, 0) < 0)
            return fail(why, errno, "make %s opaque", path);
    }
    return 0;
}

static int make_all(struct extraction *x, struct failure *why)
{
    struct archive_entry *entry;
    const json_t *path;
    size_t i;
    int status;

    while ((status = stream_next(x->tar, &entry, x->what, why)) > 0) {
        cleanup_free char *name =
            read_path(x, archive_entry_pathname(entry), why);
        char *mark = name == NULL ? NULL : strstr(name, whiteout);

        if (name == NULL || check_bounds(x, entry, name, why) < 0 ||
            (mark == NULL ? make_file(x, entry, name, why)
                          : note_hidden(x, name, mark, why)) < 0)
            return -1;
    }
    if (status < 0)
        return -1;
    /* All that a tar has is above what it hides, so that comes last. */
    json_array_foreach(x->hidden, i, path)
        if (hide(x, json_string_value(path), why) < 0)
            return -1;
    /* Modes and times of directories, which would have changed meanwhile. */
    if (archive_write_close(x->disk) != ARCHIVE_OK)
        return stream_fail(x->disk, x->what, why);
    return 0;
}

int extract_tar(struct archive *tar, const char *what, bool user,
                long long *size, struct failure *why)
{
    cleanup_archive struct archive *disk = archive_write_disk_new();
    json_auto_t *hidden = json_array();
    struct extraction x = {
        .tar = tar,
        .disk = disk,
        .what = what,
        .hidden = hidden,
        .bytes = BOUND_TAR,
        .headers = BOUND_HEADERS,
        .entries = BOUND_ENTRIES,
        .user = user,
    };

    if (disk == NULL ||
        archive_write_disk_set_options(disk, restored) != ARCHIVE_OK)
        return fail(why, ENOMEM, "unpack %s", what);
    int status = make_all(&x, why);
    *size = BOUND_TAR - x.bytes;
    return status;
}
