/*
 * place: the files of a tar, among those that are there already.
 *
 * Others may change the tree while we do: containers that run, above all. So
 * each file is made by a descriptor of the directory it is in, that is reached
 * over no link that came with the tar or meanwhile; and nothing is said of a
 * file but by its descriptor.
 *
 * Kernel object  inodes; extended attributes
 * Side           a child, which sees nothing but the tree
 * Look at it     strace -f -e trace=openat2,mkdirat,fchown duct cp A B:/
 */
#include "place.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <sched.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>

#include "bounds.h"
#include "cleanup.h"
#include "explain.h"
#include "extract.h"
#include "fds.h"
#include "inside.h"
#include "paths.h"
#include "stream.h"
#include "tree.h"
#include "unpack.h"

/* A directory of the tar's: what is put in it changes its times. */
struct placed {
    char *path; /* below the top */
    dev_t device;
    ino_t inode;
    struct archive_entry *entry;
};

/* Where one entry goes. */
struct spot {
    const char *path; /* below the top: "a/b" */
    int parent_fd;
    const char *name;
};

static const char what[] = "the archive";

/* "/a/./b/" is "a/b", "." is "". Returns NULL when it would lead out. */
static char *read_name(const struct place *p, const char *name,
                       struct failure *why)
{
    cleanup_free char *clean = name == NULL ? NULL : paths_clean(name);

    if (clean == NULL) {
        fail_as(why, FAILURE_BAD_PARAMETER,
                "the archive has a name that can't be read");
        return NULL;
    }
    if (str_eq(clean, "..") || strncmp(clean, "../", 3) == 0) {
        fail_as(why, FAILURE_BAD_PARAMETER,
                "\"%.1000s\" is outside of \"%.1000s\"", name, p->directory);
        return NULL;
    }
    const char *rest = clean + strspn(clean, "/");
    return strdup(str_eq(rest, ".") ? "" : rest);
}

/* Is one of these directories, or links, of the tar? */
static bool leads_over_ours(const struct place *p, const char *path)
{
    cleanup_free char *part = strdup(path);

    for (char *slash = part; slash != NULL;) {
        if (json_object_get(p->known, part) != NULL)
            return true;
        slash = strrchr(part, '/');
        if (slash != NULL)
            *slash = '\0';
    }
    return part == NULL;
}

/* Links on the way are followed only if they were there before the tar. */
static int open_directory(const struct place *p, const char *path,
                          struct failure *why)
{
    cleanup_free char *whole = NULL;
    int fd = inside_open(p->top_fd, *path != '\0' ? path : ".",
                         O_PATH | O_DIRECTORY | O_NOFOLLOW);

    if (fd >= 0)
        return fd;
    const bool is_link = errno == ELOOP || errno == ENOTDIR;
    if (json_object_get(p->known, path) != NULL ||
        (is_link && leads_over_ours(p, path)))
        return fail_as(why, FAILURE_BAD_PARAMETER,
                       "\"%.1000s\" is outside of \"%.1000s\": there is a "
                       "link on the way",
                       path, p->directory);
    whole = paths_join(p->directory, path);
    if (whole == NULL)
        return fail(why, ENOMEM, "open %s", path);
    fd = inside_make(p->root_fd, whole, S_IFDIR, why);
    cleanup_close int found = fd;
    if (found < 0)
        return -1;
    fd = openat(found, ".", O_PATH | O_DIRECTORY | O_CLOEXEC);
    return fd >= 0 ? fd : fail(why, errno, "open %s", whole);
}

/* As docker has it. Returns 1 when there is a directory that shall stay. */
static int make_room(const struct place *p, const struct spot *s, bool is_dir,
                     struct failure *why)
{
    const char *top = str_eq(p->directory, "/") ? "" : p->directory;
    struct stat st;

    if (fstatat(s->parent_fd, s->name, &st, AT_SYMLINK_NOFOLLOW) < 0)
        return errno == ENOENT ? 0 : fail(why, errno, "look at %s", s->path);
    if (S_ISDIR(st.st_mode) && is_dir)
        return 1;
    if (p->keeps_kind && S_ISDIR(st.st_mode))
        return fail_as(why, FAILURE_BAD_PARAMETER,
                       "cannot overwrite directory \"%s%s/%s\" with "
                       "non-directory \"%s%s\"",
                       p->where, top, s->path, p->where, p->directory);
    if (p->keeps_kind && is_dir)
        return fail_as(why, FAILURE_BAD_PARAMETER,
                       "cannot overwrite non-directory \"%s%s/%s\" with "
                       "directory \"%s%s\"",
                       p->where, top, s->path, p->where, p->directory);
    return tree_remove(s->parent_fd, s->name) < 0
               ? fail(why, errno, "replace %s", s->path)
               : 0;
}

static bool is_owned(const struct place *p)
{
    return p->owner == PLACE_THEIRS &&
           !(p->child.namespaces.flags & CLONE_NEWUSER);
}

static int set_attributes(const struct place *p, int fd,
                          struct archive_entry *entry)
{
    const char *name;
    const void *value;
    size_t size;

    archive_entry_xattr_reset(entry);
    while (archive_entry_xattr_next(entry, &name, &value, &size) == ARCHIVE_OK)
        if (extract_is_welcome(name) &&
            fsetxattr(fd, name, value, size, 0) < 0 && is_owned(p) &&
            errno != EOPNOTSUPP && errno != EPERM)
            return -1;
    return 0;
}

/* The owner first: a new owner takes set-user-ID and capabilities away. */
static int settle(const struct place *p, int fd, struct archive_entry *entry)
{
    const struct timespec times[] = {
        {.tv_nsec = UTIME_OMIT},
        {archive_entry_mtime(entry), archive_entry_mtime_nsec(entry)}};

    if (is_owned(p) && fchown(fd, (uid_t)archive_entry_uid(entry),
                              (gid_t)archive_entry_gid(entry)) < 0)
        return -1;
    if (fchmod(fd, archive_entry_perm(entry)) < 0 ||
        set_attributes(p, fd, entry) < 0)
        return -1;
    return archive_entry_mtime_is_set(entry) ? futimens(fd, times) : 0;
}

static int write_at(int fd, const char *data, size_t length, off_t at)
{
    while (length > 0) {
        ssize_t part = pwrite(fd, data, length, at);

        if (part < 0)
            return -1;
        data += part;
        at += part;
        length -= (size_t)part;
    }
    return 0;
}

/* Where the tar has a hole, the file gets one. */
static int write_data(struct archive *tar, int fd, long long size,
                      const char *path, struct failure *why)
{
    const void *data;
    size_t length;
    la_int64_t at;
    int status;

    while ((status = archive_read_data_block(tar, &data, &length, &at)) ==
           ARCHIVE_OK)
        if (write_at(fd, data, length, at) < 0)
            return fail(why, errno, "write %s", path);
    if (status != ARCHIVE_EOF)
        return stream_fail(tar, path, why);
    return ftruncate(fd, size) < 0 ? fail(why, errno, "write %s", path) : 0;
}

static int make_file(const struct place *p, const struct spot *s,
                     struct archive *tar, struct archive_entry *entry,
                     struct failure *why)
{
    cleanup_close int fd =
        openat(s->parent_fd, s->name,
               O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);

    if (fd < 0)
        return fail(why, errno, "make %s", s->path);
    if (write_data(tar, fd, archive_entry_size(entry), s->path, why) < 0)
        return -1;
    return settle(p, fd, entry) < 0
               ? fail(why, errno, "set the owner and mode of %s", s->path)
               : 0;
}

static int note(struct place *p, const struct spot *s, struct failure *why)
{
    return json_object_set_new_nocheck(p->known, s->path, json_true()) < 0
               ? fail(why, ENOMEM, "make %s", s->path)
               : 0;
}

static int note_directory(struct place *p, const struct spot *s,
                          struct archive_entry *entry, struct failure *why)
{
    cleanup_close int fd = openat(
        s->parent_fd, s->name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    struct stat st;

    if (fd < 0 || fstat(fd, &st) < 0)
        return fail(why, errno, "open %s", s->path);
    struct placed *longer =
        realloc(p->placed, (p->count + 1) * sizeof(*longer));
    if (longer == NULL)
        return fail(why, ENOMEM, "make %s", s->path);
    p->placed = longer;
    longer[p->count] = (struct placed){strdup(s->path), st.st_dev, st.st_ino,
                                       archive_entry_clone(entry)};
    if (longer[p->count].path == NULL)
        return fail(why, ENOMEM, "make %s", s->path);
    p->count++;
    return note(p, s, why);
}

static int make_directory(struct place *p, const struct spot *s,
                          struct archive_entry *entry, bool is_there,
                          struct failure *why)
{
    if (!is_there && mkdirat(s->parent_fd, s->name, 0700) < 0)
        return fail(why, errno, "make %s", s->path);
    return note_directory(p, s, entry, why);
}

/* A second name for what came before. */
static int make_name(const struct place *p, const struct spot *s,
                     const char *target, struct failure *why)
{
    cleanup_free char *first = read_name(p, target, why);
    char *slash = first == NULL ? NULL : strrchr(first, '/');

    if (first == NULL)
        return -1;
    if (slash != NULL)
        *slash = '\0';
    cleanup_close int fd = inside_open(p->top_fd, slash != NULL ? first : ".",
                                       O_PATH | O_DIRECTORY);
    if (fd < 0 || linkat(fd, slash != NULL ? slash + 1 : first, s->parent_fd,
                         s->name, 0) < 0)
        return fail(why, errno, "link %s to %s", s->path, target);
    return 0;
}

/* Links, pipes, devices. */
static int make_other(struct place *p, const struct spot *s,
                      struct archive_entry *entry, struct failure *why)
{
    const mode_t type = archive_entry_filetype(entry);
    const struct timespec times[] = {{.tv_nsec = UTIME_OMIT},
                                     {archive_entry_mtime(entry), 0}};
    const char *target = archive_entry_symlink(entry);

    if (p->child.namespaces.flags & CLONE_NEWUSER &&
        (type == AE_IFCHR || type == AE_IFBLK))
        return 0; /* only root can make devices */
    if (type == AE_IFLNK && target == NULL)
        return fail_as(why, FAILURE_BAD_PARAMETER,
                       "%s is a link to nothing that can be read", s->path);
    int made = type == AE_IFLNK ? symlinkat(target, s->parent_fd, s->name)
                                : mknodat(s->parent_fd, s->name,
                                          type | archive_entry_perm(entry),
                                          archive_entry_rdev(entry));
    if (made < 0)
        return fail(why, errno, "make %s", s->path);
    if (is_owned(p) &&
        fchownat(s->parent_fd, s->name, (uid_t)archive_entry_uid(entry),
                 (gid_t)archive_entry_gid(entry), AT_SYMLINK_NOFOLLOW) < 0)
        return fail(why, errno, "set the owner of %s", s->path);
    (void)utimensat(s->parent_fd, s->name, times, AT_SYMLINK_NOFOLLOW);
    return type == AE_IFLNK ? note(p, s, why) : 0;
}

static int make_entry(struct place *p, const struct spot *s,
                      struct archive *tar, struct archive_entry *entry,
                      struct failure *why)
{
    const mode_t type = archive_entry_filetype(entry);
    const char *first = archive_entry_hardlink(entry);
    int there = make_room(p, s, first == NULL && type == AE_IFDIR, why);

    if (there < 0)
        return -1;
    if (first != NULL)
        return make_name(p, s, first, why);
    if (type == AE_IFDIR)
        return make_directory(p, s, entry, there > 0, why);
    if (type == AE_IFREG)
        return make_file(p, s, tar, entry, why);
    return type == AE_IFLNK || type == AE_IFIFO || type == AE_IFCHR ||
                   type == AE_IFBLK
               ? make_other(p, s, entry, why)
               : 0;
}

static int check_entry(struct archive_entry *entry, const char *path,
                       struct failure *why)
{
    const long long nobody = (uid_t)-1; /* "leave it as it is", to chown(2) */
    const char *name;
    const void *value;
    size_t size;
    size_t all = 0;

    if (archive_entry_uid(entry) < 0 || archive_entry_uid(entry) >= nobody ||
        archive_entry_gid(entry) < 0 || archive_entry_gid(entry) >= nobody)
        return fail(why, ERANGE, "chown %s", path);
    archive_entry_xattr_reset(entry);
    while (archive_entry_xattr_next(entry, &name, &value, &size) == ARCHIVE_OK)
        if ((all += strlen(name) + size) > BOUND_ATTRIBUTES)
            return fail(why, E2BIG, "set attributes of %s", path);
    return 0;
}

static int place_entry(struct place *p, struct archive *tar,
                       struct archive_entry *entry, struct failure *why)
{
    cleanup_free char *path = read_name(p, archive_entry_pathname(entry), why);
    cleanup_free char *parent = path == NULL ? NULL : strdup(path);
    char *slash = parent == NULL ? NULL : strrchr(parent, '/');

    if (path == NULL)
        return -1;
    if (*path == '\0')
        return 0; /* the directory itself is as it is */
    if (parent == NULL)
        return fail(why, ENOMEM, "make %s", path);
    if (check_entry(entry, path, why) < 0)
        return -1;
    *(slash != NULL ? slash : parent) = '\0';
    cleanup_close int parent_fd = open_directory(p, parent, why);
    if (parent_fd < 0)
        return -1;
    return make_entry(
        p,
        &(struct spot){path, parent_fd,
                       slash != NULL ? path + (slash + 1 - parent) : path},
        tar, entry, why);
}

/* Last ones first: what is in a directory before the directory itself. */
static int finish_directories(const struct place *p, struct failure *why)
{
    for (size_t i = p->count; i-- > 0;) {
        const struct placed *d = &p->placed[i];
        cleanup_close int fd =
            inside_open(p->top_fd, d->path, O_RDONLY | O_DIRECTORY);
        struct stat st;

        if (fd < 0 || fstat(fd, &st) < 0 || st.st_dev != d->device ||
            st.st_ino != d->inode)
            continue; /* somebody has moved it away */
        if (settle(p, fd, d->entry) < 0)
            return fail(why, errno, "set the owner and mode of %s", d->path);
    }
    return 0;
}

static unsigned long long mount_id(int fd)
{
    struct statx stx;

    return statx(fd, "", AT_EMPTY_PATH, STATX_MNT_ID, &stx) == 0
               ? stx.stx_mnt_id
               : 0;
}

static int open_top(struct place *p, struct failure *why)
{
    struct statvfs fs;
    struct stat st;

    p->root_fd = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
    p->top_fd =
        p->root_fd < 0 ? -1 : inside_open(p->root_fd, p->directory, O_PATH);
    if (p->top_fd < 0)
        return errno == ENOENT || errno == ENOTDIR
                   ? fail_as(why, FAILURE_NOT_FOUND, "%s", p->directory)
                   : fail(why, errno, "open %s", p->directory);
    if (fstat(p->top_fd, &st) < 0 || fstatvfs(p->top_fd, &fs) < 0)
        return fail(why, errno, "look at %s", p->directory);
    if (!S_ISDIR(st.st_mode))
        return fail_as(why, FAILURE_BAD_PARAMETER,
                       "extraction point is not a directory");
    if (fs.f_flag & ST_RDONLY)
        return fail_as(why, FAILURE_FORBIDDEN,
                       mount_id(p->top_fd) == mount_id(p->root_fd)
                           ? "container rootfs is marked read-only"
                           : "mounted volume is marked read-only");
    return 0;
}

static int place_all(struct place *p, struct failure *why)
{
    cleanup_archive struct archive *tar =
        stream_open(p->in_fd, true, what, why);
    struct archive_entry *entry;
    char rest[4096];
    int status;

    if (tar == NULL)
        return -1;
    while ((status = stream_next(tar, &entry, what, why)) > 0)
        if (place_entry(p, tar, entry, why) < 0)
            return -1;
    if (status < 0 || finish_directories(p, why) < 0)
        return -1;
    /* A tar ends before its file does, and somebody may write to the end. */
    while (read(p->in_fd, rest, sizeof(rest)) > 0)
        ;
    return 0;
}

/* Runs in the child, which ends with it. */
static int place(void *argument, struct failure *why)
{
    struct place *p = argument;

    unpack_prepare();
    if (p->enter(p, why) < 0)
        return -1;
    explain(CONTAINER, "tar -xp --xattrs --numeric-owner -C %s", p->directory);
    fds_keep((const int[]){p->child.report[1], p->in_fd}, 2);
    p->known = json_object();
    if (p->known == NULL || child_limit() < 0)
        return fail(why, errno, "confine a child of duct");
    return open_top(p, why) < 0 ? -1 : place_all(p, why);
}

int place_start(struct place *p, struct failure *why)
{
    return child_start(&p->child, p->namespaces, place, p, why);
}
