/*
 * members: the files of an archive of images, in the store before it is known
 * what they are.
 *
 * The list of images may be the last file of an archive, and an archive may
 * come through a pipe. So each file is taken in as it comes, and layers are
 * unpacked meanwhile. What no image turns out to need goes when the store is
 * closed.
 *
 * Look at it     tar -tvf ARCHIVE
 */
#include "members.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>

#include "bounds.h"
#include "cleanup.h"
#include "image.h"
#include "index.h"
#include "intake.h"
#include "stream.h"

enum {
    BLOCK = 1 << 18
};

static const char archive[] = "the archive";

void members_release(struct members *m)
{
    json_decref(m->by_path);
    json_decref(m->by_digest);
    json_decref(m->links);
    json_decref(m->known);
    memset(m, 0, sizeof(*m));
}

/* "a/b" for "./a//x/../b", as if the archive were the root directory; the
 * caller frees it. */
static char *clean(const char *base, const char *path)
{
    char *result = malloc(strlen(base) + strlen(path) + 2);
    char *end = result;

    if (result == NULL)
        return NULL;
    for (size_t part = 0; part < 2; part++) {
        const char *text = part == 0 ? base : path;

        while (*text != '\0') {
            size_t length = strcspn(text, "/");

            if (length == 2 && strncmp(text, "..", 2) == 0) {
                while (end > result && *--end != '/')
                    ;
            } else if (length > 0 && !(length == 1 && *text == '.')) {
                if (end > result)
                    *end++ = '/';
                memcpy(end, text, length);
                end += length;
            }
            text += length + (text[length] == '/');
        }
    }
    *end = '\0';
    return result;
}

/* Layers that the store has unpacked already need not be again. */
static void find_known(struct members *m, const struct store *store)
{
    struct failure ignored;
    json_auto_t *images = index_read(store, &ignored);
    const json_t *descriptor;
    size_t place;

    json_array_foreach(images, place, descriptor) {
        cleanup_image struct image image = {0};

        if (image_open(&image, store, descriptor, &ignored) < 0)
            continue;
        for (size_t i = 0; i < image.layers; i++)
            if (store_has_tree(store, &image.diff_ids[i]))
                json_object_set_new(m->known, image.blobs[i].hex,
                                    json_string(image.diff_ids[i].hex));
    }
}

/* Docker calls a config HEX.json, or blobs/sha256/HEX as OCI does: then that
 * has to be its digest. */
static bool names_digest(const char *path, struct digest *digest)
{
    const char *slash = strrchr(path, '/');
    const char *name = slash == NULL ? path : slash + 1;
    cleanup_free char *hex = strndup(name, strcspn(name, "."));

    return digest_parse_hex(digest, hex) == 0;
}

/* Notes what a file was. */
static int note(struct members *m, const char *path, const struct intake *in,
                const json_t *known)
{
    json_t *told = json_pack("{s:s, s:I}", "digest", in->digest.hex, "size",
                             (json_int_t)in->writer.size);

    if (in->is_bad)
        json_object_set_new(told, "bad", json_string(in->why_bad.message));
    else if (in->suffix != NULL) {
        json_object_set_new(told, "suffix", json_string(in->suffix));
        json_object_set_new(told, "diff_id",
                            json_string(known != NULL ? json_string_value(known)
                                                      : in->diff_id.hex));
    }
    json_object_set(m->by_digest, in->digest.hex, told);
    return json_object_set_new_nocheck(m->by_path, path, told);
}

static int pass(struct archive *tar, struct intake *in, long long *size,
                struct failure *why)
{
    cleanup_free char *block = malloc(BLOCK);
    ssize_t length = 0;

    if (block == NULL)
        return fail(why, ENOMEM, "read %s", archive);
    while ((length = archive_read_data(tar, block, BLOCK)) > 0) {
        *size += length;
        if (stream_check(tar, *size, archive, why) < 0 ||
            intake_add(in, block, (size_t)length, why) < 0)
            return -1;
    }
    return length < 0 ? stream_fail(tar, archive, why) : 0;
}

static int take_file(struct members *m, const struct store *store,
                     struct archive *tar, const char *path, long long *size,
                     struct failure *why)
{
    struct digest named;
    bool has_digest = names_digest(path, &named);
    const json_t *known =
        has_digest ? json_object_get(m->known, named.hex) : NULL;
    struct intake in;

    if (intake_begin(&in, store, known == NULL, why) < 0)
        return -1;
    if (pass(tar, &in, size, why) < 0) {
        intake_drop(&in);
        return -1;
    }
    if (intake_end(&in, why) < 0)
        return -1;
    if (has_digest && !digest_eq(&named, &in.digest))
        return fail(why, 0,
                    "%s in the archive was changed: it is sha256:%s now", path,
                    in.digest.hex);
    return note(m, path, &in, known) < 0 ? fail(why, ENOMEM, "read %s", archive)
                                         : 0;
}

/* A hard link's target is a path in the archive, a symbolic link's one from
 * where the link is. */
static int take_link(struct members *m, struct archive_entry *entry,
                     const char *path, struct failure *why)
{
    const char *hard = archive_entry_hardlink(entry);
    const char *symbolic = archive_entry_symlink(entry);
    const char *target = hard != NULL ? hard : symbolic;
    const char *slash = strrchr(path, '/');
    cleanup_free char *base =
        strndup(path, slash == NULL ? 0 : (size_t)(slash - path));
    bool is_whole = hard != NULL || (target != NULL && *target == '/');
    cleanup_free char *goal = base == NULL || target == NULL
                                  ? NULL
                                  : clean(is_whole ? "" : base, target);

    if (goal == NULL)
        return fail(why, 0, "read %s: a link without a target", archive);
    json_object_set_new_nocheck(m->links, path, json_string_nocheck(goal));
    return 0;
}

static int take_entry(struct members *m, const struct store *store,
                      struct archive *tar, struct archive_entry *entry,
                      long long *size, struct failure *why)
{
    const char *name = archive_entry_pathname(entry);
    cleanup_free char *path =
        name == NULL || strlen(name) > PATH_MAX ? NULL : clean("", name);

    if (path == NULL)
        return fail(why, 0, "%s has a name that can't be read", archive);
    if (archive_entry_hardlink(entry) != NULL ||
        archive_entry_filetype(entry) == AE_IFLNK)
        return take_link(m, entry, path, why);
    if (archive_entry_filetype(entry) != AE_IFREG)
        return 0;
    json_object_del(m->links, path); /* the later one counts */
    return take_file(m, store, tar, path, size, why);
}

int members_read(struct members *m, const struct store *store, int fd,
                 struct failure *why)
{
    cleanup_archive struct archive *tar = stream_open(fd, true, archive, why);
    struct archive_entry *entry;
    long long size = 0;
    long entries = 0;
    char rest[4096];
    int status;

    *m = (struct members){json_object(), json_object(), json_object(),
                          json_object()};
    if (tar == NULL)
        return -1;
    find_known(m, store);
    while ((status = stream_next(tar, &entry, archive, why)) > 0)
        if (++entries > BOUND_ENTRIES)
            return fail(why, EFBIG, "read %s: too many files", archive);
        else if (take_entry(m, store, tar, entry, &size, why) < 0)
            return -1;
    /* A tar ends before its file does, and somebody may write to the end. */
    while (status == 0 && read(fd, rest, sizeof(rest)) > 0)
        ;
    return status;
}

const json_t *members_find(const struct members *m, const char *path)
{
    cleanup_free char *cleaned = clean("", path);
    const char *now = cleaned;

    for (int i = 0; now != NULL && i < BOUND_LINKS; i++) {
        const json_t *told = json_object_get(m->by_path, now);
        const json_t *link = json_object_get(m->links, now);

        if (link == NULL)
            return told;
        now = json_string_value(link);
    }
    return NULL;
}
