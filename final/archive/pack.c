/*
 * pack: from a tree to a tar, by somebody who can't reach anything else.
 *
 * Whoever wrote the tree chose its names, and may have put a link where the
 * walk leads through, even meanwhile. Let it: all links end in the tree.
 * The same tree makes the same tar: sorted, and nobody's name in it.
 *
 * Kernel object  a root directory, as in step 01; a pipe
 * Side           host; the work: a child, which sees nothing but the tree
 * Look at it     strace -f -e trace=chroot,openat duct build .
 */
#include "pack.h"

#include <errno.h>
#include <fcntl.h>
#include <locale.h>
#include <sys/stat.h>

#include "cleanup.h"
#include "explain.h"
#include "extract.h"

static int pack_fail(const struct pack *p, struct failure *why)
{
    const char *text = archive_error_string(p->tar);

    return fail(why, archive_errno(p->tar), "pack: %s", text ? text : "?");
}

/* Runs in the child. */
static int pack(void *argument, struct failure *why)
{
    struct pack *p = argument;

    close_fd(&p->pipe[0]);
    setlocale(LC_CTYPE, "C.UTF-8"); /* as names in a tar are */
    explain(CONTAINER, "cd %s", p->tree);
    explain(CONTAINER, "tar -c --format=pax --numeric-owner --sort=name .");
    if (chdir(p->tree) < 0 || chroot(".") < 0)
        return fail(why, errno, "chroot to %s", p->tree);
    p->tar = archive_write_new();
    p->disk = archive_read_disk_new();
    archive_read_disk_set_behavior(p->disk, ARCHIVE_READDISK_NO_ACL |
                                                ARCHIVE_READDISK_NO_FFLAGS |
                                                ARCHIVE_READDISK_NO_SPARSE);
    archive_write_set_format_pax(p->tar);
    archive_write_set_format_option(p->tar, "pax", "xattrheader", "SCHILY");
    archive_write_set_bytes_in_last_block(p->tar, 1);
    if (archive_write_open_fd(p->tar, p->pipe[1]) != ARCHIVE_OK)
        return pack_fail(p, why);
    if (p->work(p, why) < 0)
        return -1;
    return archive_write_close(p->tar) == ARCHIVE_OK ? 0 : pack_fail(p, why);
}

int pack_start(struct pack *p, struct failure *why)
{
    if (pipe2(p->pipe, O_CLOEXEC) < 0)
        return fail(why, errno, "make a pipe for a tar");
    int started = child_start(&p->child, 0, pack, p, why);
    close_fd(&p->pipe[1]);
    if (started < 0)
        close_fd(&p->pipe[0]);
    return p->pipe[0];
}

static int by_name(const FTSENT **a, const FTSENT **b)
{
    return strcmp((*a)->fts_name, (*b)->fts_name);
}

static int visit(struct pack *p, FTS *walk, FTSENT *file, struct failure *why)
{
    if (file->fts_info == FTS_ERR || file->fts_info == FTS_DNR ||
        file->fts_info == FTS_NS)
        return fail(why, file->fts_errno, "read %.300s", file->fts_path);
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
    int status = walk == NULL ? fail(why, errno, "read %s", path) : 0;

    while (status == 0 && (errno = 0, file = fts_read(walk)) != NULL)
        status = visit(p, walk, file, why);
    if (status == 0 && errno != 0)
        status = fail(why, errno, "read %s", path);
    if (walk != NULL)
        fts_close(walk);
    return status;
}

struct archive_entry *pack_describe(struct pack *p, const FTSENT *file,
                                    const char *name, struct failure *why)
{
    struct archive_entry *entry = archive_entry_new();

    archive_entry_copy_pathname(entry, name);
    archive_entry_copy_sourcepath(entry, file->fts_accpath);
    if (archive_read_disk_entry_from_file(p->disk, entry, -1,
                                          file->fts_statp) >= ARCHIVE_WARN)
        return entry;
    fail(why, archive_errno(p->disk), "read %.300s", file->fts_path);
    archive_entry_free(entry);
    return NULL;
}

/* Takes away what no image may say of a file. */
static void trim(const struct pack *p, struct archive_entry *entry)
{
    struct archive_entry *all = archive_entry_clone(entry);
    const char *name;
    const void *value;
    size_t size;

    archive_entry_unset_atime(entry);
    archive_entry_unset_ctime(entry);
    archive_entry_unset_birthtime(entry);
    if (archive_entry_mtime(entry) > p->latest)
        archive_entry_set_mtime(entry, p->latest, 0);
    archive_entry_xattr_clear(entry);
    archive_entry_xattr_reset(all);
    while (archive_entry_xattr_next(all, &name, &value, &size) == ARCHIVE_OK)
        if (extract_is_welcome(name))
            archive_entry_xattr_add_entry(entry, name, value, size);
    archive_entry_free(all);
}

/* As much as its header says: it may grow or shrink meanwhile. */
static int put_data(struct pack *p, const char *path, struct archive *from,
                    struct failure *why)
{
    cleanup_close int fd =
        from != NULL
            ? -1
            : open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    char block[1 << 16];
    ssize_t length;

    if (from == NULL && fd < 0)
        return fail(why, errno, "open %s", path);
    while ((length = from != NULL
                         ? archive_read_data(from, block, sizeof(block))
                         : read(fd, block, sizeof(block))) > 0)
        if (archive_write_data(p->tar, block, (size_t)length) < 0)
            return pack_fail(p, why);
    return length == 0 ? 0 : fail(why, errno, "read %s", path);
}

int pack_put(struct pack *p, struct archive_entry *entry, const char *path,
             struct archive *from, struct failure *why)
{
    bool has_data = archive_entry_filetype(entry) == AE_IFREG &&
                    archive_entry_size(entry) > 0 &&
                    archive_entry_hardlink(entry) == NULL;

    trim(p, entry);
    int status = archive_write_header(p->tar, entry);
    archive_entry_free(entry);
    if (status < ARCHIVE_WARN)
        return pack_fail(p, why);
    return has_data ? put_data(p, path, from, why) : 0;
}
