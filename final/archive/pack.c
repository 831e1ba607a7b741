/*
 * pack: from a tree to a tar, by somebody who can't reach anything else.
 *
 * Whoever wrote the tree chose its names, and may have put a link where the
 * walk leads through, even meanwhile. Let it: all links end in the tree.
 * The same tree makes the same tar: sorted, and nobody's name in it.
 *
 * Kernel object  a root directory, as in step 01; a pipe
 * Side           host; the work: a child, which sees nothing but the tree
 * Look at it     strace -f -e trace=chroot,openat duct export CONTAINER
 */
#include "pack.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>

#include "cleanup.h"
#include "explain.h"
#include "extract.h"
#include "fds.h"
#include "unpack.h"

enum {
    BLOCK = 1 << 16
};

static const char nothing[BLOCK]; /* what is in a hole */

/* Where nobody reads any more it is the reader that has something to tell. */
static int pack_fail(const struct pack *p, struct failure *why)
{
    const char *text = archive_error_string(p->tar);

    if (archive_errno(p->tar) == EPIPE)
        _exit(0);
    return fail(why, archive_errno(p->tar), "pack: %s", text ? text : "?");
}

static int enter_tree(struct pack *p, struct failure *why)
{
    explain(CONTAINER, "exec chroot %s", p->tree);
    if (chdir(p->tree) < 0 || chroot(".") < 0)
        return fail(why, errno, "chroot to %s", p->tree);
    return 0;
}

static int open_tar(struct pack *p, struct failure *why)
{
    const int behavior = ARCHIVE_READDISK_NO_ACL | ARCHIVE_READDISK_NO_FFLAGS |
                         (p->is_sparse ? 0 : ARCHIVE_READDISK_NO_SPARSE);

    p->tar = archive_write_new();
    p->disk = archive_read_disk_new();
    p->links = archive_entry_linkresolver_new();
    if (p->tar == NULL || p->disk == NULL || p->links == NULL)
        return fail(why, ENOMEM, "pack");
    archive_read_disk_set_behavior(p->disk, behavior);
    archive_write_set_format_pax_restricted(p->tar);
    archive_write_set_format_option(p->tar, "pax", "xattrheader", "SCHILY");
    archive_write_set_bytes_per_block(p->tar, BLOCK);
    archive_write_set_bytes_in_last_block(p->tar, 1);
    archive_entry_linkresolver_set_strategy(p->links,
                                            ARCHIVE_FORMAT_TAR_PAX_INTERCHANGE);
    return archive_write_open_fd(p->tar, p->pipe[1]) == ARCHIVE_OK
               ? 0
               : pack_fail(p, why);
}

/* Runs in the child. */
static int pack(void *argument, struct failure *why)
{
    struct pack *p = argument;

    signal(SIGPIPE, SIG_IGN);
    unpack_prepare();
    if ((p->enter != NULL ? p->enter(p, why) : enter_tree(p, why)) < 0)
        return -1;
    explain(CONTAINER, "tar -c --format=pax --numeric-owner --sort=name .");
    fds_keep((const int[]){p->child.report[1], p->pipe[1]}, 2);
    if (open_tar(p, why) < 0 || p->work(p, why) < 0)
        return -1;
    return archive_write_close(p->tar) == ARCHIVE_OK ? 0 : pack_fail(p, why);
}

int pack_start(struct pack *p, struct failure *why)
{
    if (pipe2(p->pipe, O_CLOEXEC) < 0)
        return fail(why, errno, "make a pipe for a tar");
    (void)fcntl(p->pipe[1], F_SETPIPE_SZ, 1 << 20); /* smaller is slower */
    int started = child_start(&p->child, p->namespaces, pack, p, why);
    close_fd(&p->pipe[1]);
    if (started < 0)
        close_fd(&p->pipe[0]);
    return p->pipe[0];
}

static int by_name(const FTSENT **a, const FTSENT **b)
{
    return strcmp((*a)->fts_name, (*b)->fts_name);
}

/* Who runs in there may take things away while we look at them. */
static bool is_gone(const FTSENT *file)
{
    return file->fts_level > FTS_ROOTLEVEL &&
           (file->fts_errno == ENOENT || file->fts_errno == ENOTDIR ||
            file->fts_errno == ELOOP);
}

static int visit(struct pack *p, FTS *walk, FTSENT *file, struct failure *why)
{
    if (file->fts_level == FTS_ROOTLEVEL && file->fts_info == FTS_NS &&
        file->fts_errno == ENOENT)
        return fail_as(why, FAILURE_NOT_FOUND, "%s: no such file",
                       file->fts_path);
    if (file->fts_info == FTS_ERR || file->fts_info == FTS_DNR ||
        file->fts_info == FTS_NS)
        return is_gone(file)
                   ? 0
                   : fail(why, file->fts_errno, "read %.300s", file->fts_path);
    if (file->fts_info == FTS_DP || S_ISSOCK(file->fts_statp->st_mode))
        return 0;
    int status = p->visit(p, file, why);
    if (status > 0)
        fts_set(walk, file, FTS_SKIP);
    return status < 0 ? -1 : 0;
}

int pack_walk(struct pack *p, const char *path, struct failure *why)
{
    char *const roots[] = {(char *)path, NULL};
    FTS *walk = fts_open(roots, FTS_PHYSICAL | FTS_NOCHDIR, by_name);
    FTSENT *file;
    int status = 0;

    if (walk == NULL)
        return fail(why, errno, "read %s", path);
    while (status == 0 && (errno = 0, file = fts_read(walk)) != NULL)
        status = visit(p, walk, file, why);
    if (status == 0 && errno != 0)
        status = fail(why, errno, "read %s", path);
    fts_close(walk);
    return status;
}

/* Takes away what no image may say of a file. */
static void trim(const struct pack *p, struct archive_entry *entry)
{
    struct archive_entry *all = archive_entry_clone(entry);
    time_t time = archive_entry_mtime(entry);
    const char *name;
    const void *value;
    size_t size;

    archive_entry_unset_atime(entry);
    archive_entry_unset_ctime(entry);
    archive_entry_unset_birthtime(entry);
    archive_entry_set_mtime(
        entry, p->latest != 0 && time > p->latest ? p->latest : time, 0);
    if (p->is_roots) {
        archive_entry_set_uid(entry, 0);
        archive_entry_set_gid(entry, 0);
    }
    archive_entry_xattr_clear(entry);
    archive_entry_xattr_reset(all);
    while (archive_entry_xattr_next(all, &name, &value, &size) == ARCHIVE_OK)
        if (extract_is_welcome(name))
            archive_entry_xattr_add_entry(entry, name, value, size);
    archive_entry_free(all);
}

/* Opens what was looked at: in its place may be something that never ends. */
static int open_same(const FTSENT *file)
{
    cleanup_close int fd =
        open(file->fts_accpath,
             O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    struct stat st;

    if (fd < 0 || fstat(fd, &st) < 0)
        return -1;
    if (S_ISREG(st.st_mode))
        return take_fd(&fd);
    errno = ENOENT;
    return -1;
}

/* Where the next data is, at most @end; the file may shrink meanwhile. */
static off_t next_data(int fd, off_t at, off_t end)
{
    off_t data = lseek(fd, at, SEEK_DATA);

    if (data < 0 && errno == ENXIO)
        return end; /* the rest is a hole */
    if (data < 0)
        data = at; /* a file system without holes */
    return data < end ? data : end;
}

static int put_bytes(struct pack *p, const char *bytes, off_t count,
                     struct failure *why)
{
    while (count > 0) {
        size_t part = count < BLOCK ? (size_t)count : BLOCK;

        if (archive_write_data(p->tar, bytes, part) < 0)
            return pack_fail(p, why);
        count -= (off_t)part;
    }
    return 0;
}

/* As much as its header says: it may grow or shrink meanwhile. */
static int put_data(struct pack *p, int fd, off_t size, struct failure *why)
{
    char block[BLOCK];

    for (off_t at = 0; at < size;) {
        off_t data = next_data(fd, at, size);

        if (put_bytes(p, nothing, data - at, why) < 0)
            return -1;
        at = data;
        size_t want = size - at < BLOCK ? (size_t)(size - at) : BLOCK;
        ssize_t length = want == 0 ? 0 : pread(fd, block, want, at);
        if (length < 0)
            return fail(why, errno, "read a file");
        if (length == 0)
            break;
        if (put_bytes(p, block, length, why) < 0)
            return -1;
        at += length;
    }
    return 0;
}

static int put(struct pack *p, struct archive_entry *entry, int fd,
               struct failure *why)
{
    const off_t size = archive_entry_size(entry);
    const bool has_data = fd >= 0 && archive_entry_hardlink(entry) == NULL;

    trim(p, entry);
    int status = archive_write_header(p->tar, entry);
    archive_entry_free(entry);
    if (status < ARCHIVE_WARN)
        return pack_fail(p, why);
    return has_data ? put_data(p, fd, size, why) : 0;
}

int pack_file(struct pack *p, const FTSENT *file, const char *name,
              struct failure *why)
{
    const bool has_data = S_ISREG(file->fts_statp->st_mode);
    cleanup_close int fd = has_data ? open_same(file) : -1;
    struct archive_entry *entry;
    struct archive_entry *later = NULL;

    if (has_data && fd < 0)
        return errno == ENOENT || errno == ENOTDIR || errno == ELOOP
                   ? 0
                   : fail(why, errno, "open %.300s", file->fts_path);
    entry = archive_entry_new();
    archive_entry_copy_pathname(entry, name);
    archive_entry_copy_sourcepath(entry, file->fts_accpath);
    if (archive_read_disk_entry_from_file(p->disk, entry, fd, file->fts_statp) <
        ARCHIVE_WARN) {
        fail(why, archive_errno(p->disk), "read %.300s", file->fts_path);
        archive_entry_free(entry);
        return -1;
    }
    if (file->fts_info != FTS_D)
        archive_entry_linkify(p->links, &entry, &later);
    return put(p, entry, fd, why);
}

int pack_mark(struct pack *p, const char *name, struct failure *why)
{
    struct archive_entry *entry = archive_entry_new();

    archive_entry_copy_pathname(entry, name);
    archive_entry_set_mode(entry, S_IFREG | 0600);
    archive_entry_set_size(entry, 0);
    return put(p, entry, -1, why);
}
