/*
 * copy_up: a new volume begins as what the image had in its place.
 *
 * Kernel object  two directory trees, walked by descriptors side by side
 * Side           container, before its volumes are attached
 * Needs          nobody who changes the source; the volume may be anybody's
 * Look at it     ls -laR VOLUME     strace -f -e trace=linkat,copy_file_range
 *
 * What is not a directory is made under one name in the volume's top, and gets
 * its own by link(2) when it is whole: never in place of what is there.
 */
#include "copy_up.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <search.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/xattr.h>

#include "cleanup.h"
#include "inside.h"

#define MARK      "filling"
#define UNDER_WAY ".duct-filling"

enum {
    MOST_DEPTH = 250, /* three descriptors each, of the usual 1024 */
    AT_A_TIME = 1 << 20,
};

/* The first name of a file that has several. */
struct first_name {
    dev_t device;
    ino_t inode;
    char *path; /* below the volume's top */
};

struct copy {
    int to_top;  /* the volume */
    void *names; /* a tree of struct first_name: tsearch(3) */
    struct failure *why;
};

/* Both sides of a directory. */
struct pair {
    int from, to;
    const char *path; /* below the top, "" for itself */
    int depth;
};

static int by_inode(const void *a, const void *b)
{
    const struct first_name *one = a;
    const struct first_name *other = b;

    if (one->device != other->device)
        return one->device < other->device ? -1 : 1;
    if (one->inode != other->inode)
        return one->inode < other->inode ? -1 : 1;
    return 0;
}

static void free_name(void *name)
{
    free(((struct first_name *)name)->path);
    free(name);
}

/* Returns: where the file was copied to before, or NULL: @path is the first. */
static const char *known_as(struct copy *c, const struct stat *st,
                            const char *path)
{
    struct first_name key = {.device = st->st_dev, .inode = st->st_ino};
    struct first_name **known = tfind(&key, &c->names, by_inode);

    if (known != NULL)
        return (*known)->path;
    struct first_name *fresh = malloc(sizeof(*fresh));
    if (fresh == NULL)
        return NULL; /* then it will be copied twice */
    *fresh = key;
    fresh->path = strdup(path);
    if (fresh->path == NULL || tsearch(fresh, &c->names, by_inode) == NULL)
        free_name(fresh);
    return NULL;
}

/* One piece of data between two holes. */
static int copy_piece(int from, int to, off_t at, off_t end)
{
    off_t out = at;

    while (at < end) {
        size_t want = end - at < AT_A_TIME ? (size_t)(end - at) : AT_A_TIME;
        ssize_t done = copy_file_range(from, &at, to, &out, want, 0);

        if (done < 0 && (errno == EXDEV || errno == EINVAL ||
                         errno == EOPNOTSUPP || errno == ENOSYS)) {
            if (lseek(to, out, SEEK_SET) < 0)
                return -1;
            done = sendfile(to, from, &at, want);
            out = at;
        }
        if (done < 0)
            return -1;
        if (done == 0)
            break;
    }
    return 0;
}

static int copy_data(int from, int to, off_t size)
{
    off_t at = 0;

    while (at < size) {
        off_t data = lseek(from, at, SEEK_DATA);
        off_t hole = data < 0 ? -1 : lseek(from, data, SEEK_HOLE);

        if (data < 0 && errno == ENXIO)
            break; /* the rest is a hole */
        if (data < 0 || hole < 0)
            data = at, hole = size; /* a file system without holes */
        if (copy_piece(from, to, data, hole) < 0)
            return -1;
        at = hole;
    }
    return ftruncate(to, size);
}

/* Some belong to the overlay, and some need more rights than we have. */
static void copy_attributes(int from, int to)
{
    ssize_t length = flistxattr(from, NULL, 0);
    cleanup_free char *names = length > 0 ? malloc((size_t)length) : NULL;

    if (names == NULL)
        return;
    length = flistxattr(from, names, (size_t)length);
    for (ssize_t at = 0; at < length; at += (ssize_t)strlen(names + at) + 1) {
        const char *name = names + at;
        ssize_t size = fgetxattr(from, name, NULL, 0);
        cleanup_free char *value = size < 0 ? NULL : malloc((size_t)size + 1);

        if (value == NULL || strstr(name, ".overlay.") != NULL ||
            str_eq(name, "security.selinux"))
            continue;
        size = fgetxattr(from, name, value, (size_t)size);
        if (size >= 0)
            (void)fsetxattr(to, name, value, (size_t)size, 0);
    }
}

/* The owner first: a new owner takes set-user-ID and capabilities away. */
static int copy_status(int from, int to, const struct stat *st)
{
    const struct timespec times[] = {st->st_atim, st->st_mtim};

    if (fchown(to, st->st_uid, st->st_gid) < 0 ||
        fchmod(to, st->st_mode & 07777) < 0)
        return -1;
    copy_attributes(from, to);
    return futimens(to, times);
}

static int make_file(const struct copy *c, int from_dir, const char *name)
{
    struct stat st;
    cleanup_close int from =
        openat(from_dir, name,
               O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    cleanup_close int to =
        openat(c->to_top, UNDER_WAY,
               O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);

    if (from < 0 || to < 0 || fstat(from, &st) < 0 ||
        copy_data(from, to, st.st_size) < 0)
        return -1;
    return copy_status(from, to, &st);
}

static int make_link(const struct copy *c, int from_dir, const char *name,
                     const struct stat *st)
{
    size_t room = (size_t)st->st_size + 1;
    cleanup_free char *target = malloc(room);
    ssize_t length =
        target == NULL ? -1 : readlinkat(from_dir, name, target, room);

    if (length < 0 || (size_t)length >= room)
        return -1;
    target[length] = '\0';
    return symlinkat(target, c->to_top, UNDER_WAY);
}

/* Links, pipes, sockets, devices: their modes are right from the beginning. */
static int make_other(const struct copy *c, int from_dir, const char *name,
                      const struct stat *st)
{
    const struct timespec times[] = {st->st_atim, st->st_mtim};
    const int made = S_ISLNK(st->st_mode) ? make_link(c, from_dir, name, st)
                                          : mknodat(c->to_top, UNDER_WAY,
                                                    st->st_mode, st->st_rdev);

    if (made < 0)
        return -1;
    cleanup_close int fd =
        openat(c->to_top, UNDER_WAY, O_PATH | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0 || fchownat(fd, "", st->st_uid, st->st_gid, AT_EMPTY_PATH) < 0)
        return -1;
    (void)utimensat(fd, "", times, AT_EMPTY_PATH); /* since Linux 5.8 */
    return 0;
}

/* A second name for what was copied already. */
static int make_name(const struct copy *c, const char *known)
{
    cleanup_free char *copy = strdup(known);
    const char *name = strrchr(known, '/');

    if (copy == NULL || name == NULL)
        return -1;
    cleanup_close int parent = inside_open(c->to_top, dirname(copy),
                                           O_PATH | O_DIRECTORY | O_NOFOLLOW);
    return parent < 0 ? -1 : linkat(parent, name + 1, c->to_top, UNDER_WAY, 0);
}

static int copy_other(struct copy *c, const struct pair *in, const char *name,
                      const char *path, const struct stat *st)
{
    const char *known = st->st_nlink > 1 ? known_as(c, st, path) : NULL;
    int made;

    (void)unlinkat(c->to_top, UNDER_WAY, 0); /* of one that was killed */
    if (known != NULL)
        made = make_name(c, known);
    else if (S_ISREG(st->st_mode))
        made = make_file(c, in->from, name);
    else
        made = make_other(c, in->from, name, st);
    if (made < 0 && errno == EPERM &&
        (S_ISCHR(st->st_mode) || S_ISBLK(st->st_mode)))
        return 0; /* a user namespace makes no devices */
    if (made == 0)
        made = linkat(c->to_top, UNDER_WAY, in->to, name, 0);
    int errnum = errno;
    (void)unlinkat(c->to_top, UNDER_WAY, 0);
    return made == 0 || errnum == EEXIST
               ? 0
               : fail(c->why, errnum, "copy %s to its volume", path);
}

static int copy_directory(struct copy *c, const struct pair *in);

static int copy_below(struct copy *c, const struct pair *in, const char *name,
                      const char *path)
{
    const int flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW;

    if (in->depth >= MOST_DEPTH)
        return fail(c->why, ELOOP, "copy %s to its volume", path);
    if (mkdirat(in->to, name, 0700) < 0 && errno != EEXIST)
        return fail(c->why, errno, "make %s in its volume", path);
    cleanup_close int from = openat(in->from, name, flags | O_CLOEXEC);
    cleanup_close int to = openat(in->to, name, flags | O_CLOEXEC);
    if (from < 0 || to < 0)
        return fail(c->why, errno, "copy %s to its volume", path);
    return copy_directory(
        c, &(struct pair){
               .from = from, .to = to, .path = path, .depth = in->depth + 1});
}

static int copy_entry(struct copy *c, const struct pair *in, const char *name)
{
    cleanup_free char *path = NULL;
    struct stat st;

    if (asprintf(&path, "%s/%s", in->path, name) < 0)
        return fail(c->why, ENOMEM, "copy to a volume");
    if (fstatat(in->from, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
        return fail(c->why, errno, "look at %s", path);
    return S_ISDIR(st.st_mode) ? copy_below(c, in, name, path)
                               : copy_other(c, in, name, path, &st);
}

/* The directory's own times come last: what is put in it changes them. */
static int copy_directory(struct copy *c, const struct pair *in)
{
    int copy = openat(in->from, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *entries = copy < 0 ? NULL : fdopendir(copy);
    const struct dirent *entry;
    struct stat st;
    int status = 0;

    if (entries == NULL) {
        fail(c->why, errno, "read %s/", in->path);
        close_fd(&copy);
        return -1;
    }
    while (status == 0 && (entry = readdir(entries)) != NULL)
        if (!str_eq(entry->d_name, ".") && !str_eq(entry->d_name, ".."))
            status = copy_entry(c, in, entry->d_name);
    closedir(entries);
    if (status == 0 &&
        (fstat(in->from, &st) < 0 || copy_status(in->from, in->to, &st) < 0))
        return fail(c->why, errno, "set the owner and mode of %s/", in->path);
    return status;
}

/* 1: nothing is in there, 0: something is, -1: it can't be read. */
static int is_empty(int fd)
{
    int copy = openat(fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *entries = copy < 0 ? NULL : fdopendir(copy);
    int count = 0;

    if (entries == NULL) {
        close_fd(&copy);
        return -1;
    }
    while (count <= 2 && readdir(entries) != NULL)
        count++;
    closedir(entries);
    return count <= 2;
}

/* Waits for others who fill the same volume.
 * @is_ours: receives whether we made the mark, or somebody who was killed
 * Returns: the mark, locked; or -1 with errno. */
static int lock_mark(int mark_fd, bool *is_ours)
{
    const int flags = O_RDWR | O_CREAT | O_NOFOLLOW;

    for (;;) {
        struct stat st;
        int fd = openat(mark_fd, MARK, flags | O_EXCL | O_CLOEXEC, 0600);

        *is_ours = fd >= 0;
        if (fd < 0 && errno == EEXIST)
            fd = openat(mark_fd, MARK, flags | O_CLOEXEC, 0600);
        if (fd < 0 ||
            (flock(fd, LOCK_EX) == 0 && fstat(fd, &st) == 0 && st.st_nlink > 0))
            return fd;
        close_fd(&fd); /* who held it is done, and took it away */
    }
}

static int fill(int from, int to, struct failure *why)
{
    struct copy c = {.to_top = to, .why = why};
    mode_t mask = umask(0);
    int status =
        copy_directory(&c, &(struct pair){.from = from, .to = to, .path = ""});

    umask(mask);
    tdestroy(c.names, free_name);
    if (status < 0)
        return -1;
    /* Without the mark it is taken for whole, also after a power cut. */
    return syncfs(to) < 0 ? fail(why, errno, "write a volume to the disk") : 0;
}

int copy_up_tree(int from_fd, int to_fd, int mark_fd, struct failure *why)
{
    const int flags = O_RDONLY | O_DIRECTORY;
    cleanup_close int from = openat(from_fd, ".", flags | O_CLOEXEC);
    cleanup_close int to = openat(to_fd, ".", flags | O_CLOEXEC);
    struct stat st;

    if (from < 0 || to < 0)
        return fail(why, errno, "open a volume to fill it");
    if (fstatat(mark_fd, MARK, &st, AT_SYMLINK_NOFOLLOW) < 0 &&
        is_empty(to) != 1)
        return 0;
    /* Nothing to copy but owner and mode, which is done or not done. */
    if (is_empty(from) == 1 && is_empty(to) == 1)
        return fstat(from, &st) < 0 || copy_status(from, to, &st) < 0
                   ? fail(why, errno, "set the owner and mode of a volume")
                   : 0;

    bool is_ours;
    cleanup_close int mark = lock_mark(mark_fd, &is_ours);
    if (mark < 0)
        return fail(why, errno, "note that a volume is being filled");
    if ((!is_ours || is_empty(to) == 1) && fill(from, to, why) < 0)
        return -1;
    (void)unlinkat(mark_fd, MARK, 0);
    return 0;
}
