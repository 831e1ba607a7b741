/*
 * context: the directory that a build may copy from.
 *
 * It may hold what a stranger has packed, and change while it is read. Who
 * reads it has it for a root: whatever is called there, and wherever a link
 * leads, it is in the context, or it is not there.
 *
 * Kernel object  a root directory
 * Side           host; the child that packs
 * Look at it     ln -s /etc/shadow here     COPY here /     (there is none)
 */
#include "context.h"

#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <libgen.h>
#include <stdio.h>
#include <sys/stat.h>

#include "cleanup.h"
#include "config.h"
#include "inside.h"
#include "stream.h"

int context_open(struct context *c, const char *path, struct failure *why)
{
    c->path = realpath(path, NULL);
    int fd = c->path == NULL
                 ? -1
                 : open(c->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return fail(why, errno, "open the context \"%s\"", path);
    int ignored = inside_open(fd, ".dockerignore", O_RDONLY | O_NONBLOCK);
    int status = ignored >= 0      ? ignore_read(&c->ignore, ignored, why)
                 : errno == ENOENT ? 0
                                   : fail(why, errno, "open .dockerignore");
    if (status < 0)
        close_fd(&fd);
    return fd;
}

void context_close(struct context *c)
{
    free(c->path);
    ignore_release(&c->ignore);
}

/* Those that libarchive undoes itself; for others it would run programs. */
static struct archive *open_archive(const char *path)
{
    struct archive *archive = archive_read_new();

    if (archive_read_support_format_tar(archive) == ARCHIVE_OK &&
        archive_read_support_filter_gzip(archive) == ARCHIVE_OK &&
        archive_read_support_filter_bzip2(archive) == ARCHIVE_OK &&
        archive_read_support_filter_xz(archive) == ARCHIVE_OK &&
        archive_read_support_filter_zstd(archive) == ARCHIVE_OK)
        archive_read_open_filename(archive, path, 1 << 16);
    return archive;
}

static int put_archived(struct pack *p, struct archive *from,
                        struct archive_entry *entry, struct failure *why)
{
    struct archive_entry *copy = archive_entry_clone(entry);
    const char *name = archive_entry_pathname(entry);
    const char *link = archive_entry_hardlink(entry);

    if (name == NULL)
        return fail(why, EILSEQ, "read a name in an archive");
    archive_entry_copy_pathname(copy, name + strspn(name, "/"));
    if (link != NULL)
        archive_entry_copy_hardlink(copy, link + strspn(link, "/"));
    archive_entry_set_uname(copy, NULL);
    archive_entry_set_gname(copy, NULL);
    return pack_put(p, copy, name, from, why);
}

/* ADD: returns 1 when it was a tar, and 0 for anything else. */
static int put_archive(struct pack *p, const char *path, struct failure *why)
{
    cleanup_archive struct archive *from = open_archive(path);
    struct archive_entry *entry;
    int status = archive_read_next_header(from, &entry);

    if (status != ARCHIVE_OK && status != ARCHIVE_WARN)
        return 0;
    do
        status = put_archived(p, from, entry, why) < 0
                     ? -1
                     : stream_next(from, &entry, path, why);
    while (status > 0);
    return status < 0 ? -1 : 1;
}

static int visit(struct pack *p, const FTSENT *file, struct failure *why)
{
    const struct context_part *part = p->argument;
    const char *below = file->fts_path + part->length;
    bool is_source = file->fts_level == FTS_ROOTLEVEL;

    if (!is_source && ignore_has(&part->context->ignore, file->fts_path + 1))
        return part->context->ignore.keeps_some ? 0 : 1;
    if (is_source && file->fts_info == FTS_F && part->unpack) {
        int was_tar = put_archive(p, file->fts_accpath, why);

        if (was_tar != 0)
            return was_tar < 0 ? -1 : 0;
    }
    const char *name = !is_source                ? below + (*below == '/')
                       : file->fts_info == FTS_D ? "./"
                                                 : part->name;
    struct archive_entry *entry = pack_describe(p, file, name, why);
    if (entry == NULL)
        return -1;
    archive_entry_set_uid(entry, 0);
    archive_entry_set_gid(entry, 0);
    archive_entry_set_uname(entry, CONTEXT_OWNER);
    archive_entry_xattr_clear(entry);
    return pack_put(p, entry, file->fts_accpath, NULL, why);
}

/* What of the context a word means. Returns 1, or 0 for what is left out. */
static int put_source(struct pack *p, struct context_part *part,
                      const char *path, struct failure *why)
{
    const struct ignore *ignore = &part->context->ignore;
    cleanup_free char *copy = strdup(path);
    cleanup_free char *real = realpath(path, NULL); /* a link is followed */
    struct stat status;

    if (copy == NULL || real == NULL || stat(real, &status) < 0)
        return fail(why, copy == NULL ? ENOMEM : errno,
                    "find \"%s\" in the context", path + 1);
    if ((ignore_has(ignore, path + 1) || ignore_has(ignore, real + 1)) &&
        !(S_ISDIR(status.st_mode) && ignore->keeps_some))
        return 0;
    part->name = basename(copy);
    part->length = strlen(real);
    return pack_walk(p, real, why) < 0 ? -1 : 1;
}

static bool leads_out(const char *path)
{
    int depth = 0;

    while (depth >= 0 && *(path += strspn(path, "/")) != '\0') {
        size_t length = strcspn(path, "/");

        if (strncmp(path, "..", length) == 0)
            depth += length == 2 ? -1 : 0; /* ".." or "." */
        else
            depth++;
        path += length;
    }
    return depth < 0;
}

/* A pattern for what begins with a dot has these, too. */
static bool is_dots(const char *path)
{
    const char *name = strrchr(path, '/') + 1;

    return str_eq(name, ".") || str_eq(name, "..");
}

static int put_word(struct pack *p, struct context_part *part, const char *word,
                    size_t *count, struct failure *why)
{
    cleanup_free char *path = config_path(NULL, word);
    size_t before = *count;
    glob_t found = {0};
    int status = 0;

    if (leads_out(word))
        return fail(why, 0, "forbidden path outside the build context: \"%s\"",
                    word);
    glob(path, GLOB_PERIOD, NULL, &found);
    for (size_t i = 0; i < found.gl_pathc && status >= 0; i++) {
        if (is_dots(found.gl_pathv[i]))
            continue;
        status = put_source(p, part, found.gl_pathv[i], why);
        *count += status > 0;
    }
    globfree(&found);
    if (status == 0 && *count == before) {
        fail(why, ENOENT, "find \"%s\" in the context", word);
        return hint(why,
                    found.gl_pathc > 0 ? ".dockerignore leaves it out" : NULL);
    }
    if (status < 0 || *count <= 1 || part->many)
        return status < 0 ? -1 : 0;
    fail(why, 0, "several sources, but the destination is no directory");
    return hint(why, "a directory ends with a slash here");
}

/* Runs in the child. */
static int put_part(struct pack *p, struct failure *why)
{
    struct context_part *part = p->argument;
    const json_t *word;
    size_t count = 0;
    size_t i;

    json_array_foreach(part->words, i, word)
        if (put_word(p, part, json_string_value(word), &count, why) < 0)
            return -1;
    return 0;
}

int context_pack(struct context_part *part, struct pack *pack, time_t latest,
                 struct failure *why)
{
    *pack = (struct pack){
        .tree = part->context->path,
        .work = put_part,
        .visit = visit,
        .argument = part,
        .latest = latest,
    };
    return pack_start(pack, why);
}

int context_hash(struct context_part *part, struct digest *digest,
                 struct failure *why)
{
    struct pack pack;
    cleanup_close int fd = context_pack(part, &pack, 0, why);

    if (fd < 0)
        return -1;
    int status = stream_hash(fd, "the context", digest, why);
    close_fd(&fd); /* a child that still writes ends */
    /* What it has failed for is why there is nothing to hash. */
    return child_wait(&pack.child, why) < 0 ? -1 : status;
}
