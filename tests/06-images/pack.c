/*
 * pack: tars and images as the suite wants them; see pack.h.
 */
#include "pack.h"

#include <archive.h>
#include <archive_entry.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "keep.h"
#include "scratch.h"
#include "trees.h"

enum {
    BLOCK = 512,
    MOST_LAYERS = 200,
};

/* A buffer that grows. */
struct growing {
    FILE *to;
    char *at;
    size_t size;
};

static void grow(struct growing *g)
{
    g->to = open_memstream(&g->at, &g->size);
    expect_that(g->to != NULL, "memory for a tar", "none");
}

static struct bytes grown(struct growing *g)
{
    (void)fclose(g->to);
    keep(g->at);
    return (struct bytes){g->at, g->size};
}

static void pad(struct growing *g, size_t size)
{
    static const char zeros[BLOCK];

    if (size % BLOCK != 0)
        (void)fwrite(zeros, BLOCK - size % BLOCK, 1, g->to);
}

/* Numbers that are too large for a header are in a pax record as well. */
static void put_octal(char *field, size_t size, unsigned long long value)
{
    char digits[32];

    (void)snprintf(digits, sizeof(digits), "%0*llo", (int)size - 1, value);
    memcpy(field, digits + strlen(digits) - (size - 1), size - 1);
}

static void put_text(char *field, size_t size, const char *text)
{
    memcpy(field, text, strnlen(text, size));
}

static void put_entry(struct growing *g, const struct file *f, char type,
                      size_t size)
{
    char block[BLOCK] = "";
    unsigned sum = 0;

    put_text(block, 100, f->path);
    put_octal(block + 100, 8,
              f->mode != 0  ? f->mode & 07777
              : type == '5' ? 0755
                            : 0644);
    put_octal(block + 108, 8, f->uid);
    put_octal(block + 116, 8, f->gid);
    put_octal(block + 124, 12, size);
    put_octal(block + 136, 12,
              (unsigned long long)(f->mtime != 0 ? f->mtime : PACK_TIME));
    memset(block + 148, ' ', 8);
    block[156] = type;
    put_text(block + 157, 100, f->link == NULL ? "" : f->link);
    put_text(block + 257, 6, "ustar");
    put_text(block + 263, 2, "00");
    put_octal(block + 329, 8, f->major);
    put_octal(block + 337, 8, f->minor);
    for (size_t i = 0; i < sizeof(block); i++)
        sum += (unsigned char)block[i];
    (void)snprintf(block + 148, 8, "%06o", sum);
    (void)fwrite(block, sizeof(block), 1, g->to);
}

/* "13 key=value\n": the length counts its own digits. */
static void put_record(struct growing *g, const char *record)
{
    size_t rest = strlen(record) + 2, size = rest + 1;

    while (size != rest + (size_t)snprintf(NULL, 0, "%zu", size))
        size++;
    (void)fprintf(g->to, "%zu %s\n", size, record);
}

static bool is_plain(const char *text)
{
    for (size_t i = 0; text[i] != '\0'; i++)
        if (i >= 99 || (unsigned char)text[i] >= 0x7f)
            return false;
    return true;
}

static void put_pax(struct growing *g, const struct file *f)
{
    struct growing records;
    struct bytes all;

    grow(&records);
    if (!f->raw && !is_plain(f->path))
        put_record(&records, keep_format("path=%s", f->path));
    if (f->link != NULL && !is_plain(f->link))
        put_record(&records, keep_format("linkpath=%s", f->link));
    for (size_t i = 0; f->pax != NULL && f->pax[i] != NULL; i++)
        put_record(&records, f->pax[i]);
    all = grown(&records);
    if (all.size == 0)
        return;
    put_entry(g, &(struct file){.path = "pax"}, 'x', all.size);
    (void)fwrite(all.at, all.size, 1, g->to);
    pad(g, all.size);
}

static size_t size_of(const struct file *f)
{
    if (f->text == NULL)
        return 0;
    return f->size != 0 ? f->size : strlen(f->text);
}

struct bytes pack_tar(const struct file *files)
{
    static const char end[2 * BLOCK];
    struct growing g;

    grow(&g);
    for (; files->path != NULL; files++) {
        size_t size = size_of(files);

        put_pax(&g, files);
        put_entry(&g, files, files->type == '\0' ? '0' : files->type, size);
        if (size > 0)
            (void)fwrite(files->text, size, 1, g.to);
        pad(&g, size);
    }
    (void)fwrite(end, sizeof(end), 1, g.to);
    return grown(&g);
}

struct bytes pack_compress(struct bytes plain, enum compression how)
{
    size_t room = plain.size + (1 << 20), size = 0;
    void *to = keep_zeroed(room);
    struct archive *a = archive_write_new();
    struct archive_entry *entry = archive_entry_new();

    (void)(how == GZIP ? archive_write_add_filter_gzip(a)
                       : archive_write_add_filter_zstd(a));
    (void)archive_write_set_options(a, "compression-level=1");
    (void)archive_write_set_format_raw(a);
    (void)archive_write_set_bytes_in_last_block(a, 1);
    archive_entry_set_filetype(entry, AE_IFREG);
    expect_int("archive_write_open_memory", ARCHIVE_OK,
               archive_write_open_memory(a, to, room, &size));
    expect_int("archive_write_header", ARCHIVE_OK,
               archive_write_header(a, entry));
    expect_int("archive_write_data", (long long)plain.size,
               archive_write_data(a, plain.at, plain.size));
    archive_entry_free(entry);
    expect_int("archive_write_free", ARCHIVE_OK, archive_write_free(a));
    return (struct bytes){to, size};
}

char *pack_sha256(struct bytes bytes)
{
    unsigned char sum[EVP_MAX_MD_SIZE];
    char *hex = keep_format("%064d", 0);

    expect_int("EVP_Digest", 1,
               EVP_Digest(bytes.at, bytes.size, sum, NULL, EVP_sha256(), NULL));
    for (size_t i = 0; i < 32; i++)
        (void)snprintf(hex + 2 * i, 3, "%02x", sum[i]);
    return hex;
}

struct bytes pack_text(const char *text)
{
    return (struct bytes){text, strlen(text)};
}

char *pack_write(struct bytes bytes)
{
    char *path = keep_format("%s/file", tree_fresh_dir(0));

    file_write_bytes(path, bytes.at, bytes.size);
    return path;
}

char *pack_replaced(const char *text, const char *part, const char *other)
{
    const char *at = strstr(text, part);

    expect_that(at != NULL, keep_format("%s in the suite's own text", part),
                text);
    return keep_format("%.*s%s%s", (int)(at - text), text, other,
                       at + strlen(part));
}

static struct bytes make_base(void)
{
    static const char passwd[] = "root:x:0:0::/root:/bin/sh\n"
                                 "app:x:1234:1235::/home/app:/bin/sh\n"
                                 "lost:x:55:66::nowhere:/bin/sh\n"
                                 "1000:x:0:0::/root:/bin/sh\n";
    static const char group[] = "root:x:0:\n"
                                "own:x:1235:app\n"
                                "extra:x:777:root,app\n"
                                "more:x:778:app\n"
                                "1000:x:0:\n";
    size_t size = 0;
    const char *busybox =
        file_read_bytes(keep_format("%s/bin/busybox", rootfs()), &size);

    expect_that(busybox != NULL, "ROOTFS/bin/busybox", "no such file");
    return TAR(D("bin"), F("bin/busybox", busybox, .size = size, .mode = 0755),
               S("bin/sh", "busybox"), S("bin/cat", "busybox"),
               S("bin/echo", "busybox"), S("bin/env", "busybox"),
               S("bin/id", "busybox"), S("bin/ls", "busybox"),
               S("bin/pwd", "busybox"), S("bin/sleep", "busybox"),
               S("bin/true", "busybox"), S("bin/rm", "busybox"),
               S("bin/mkdir", "busybox"), S("bin/umount", "busybox"), D("d"),
               F("d/low", "low\n"), F("d/gone", "gone\n"), D("o"),
               F("o/old", "old\n"), D("o/sub"), F("o/sub/old", "old\n"),
               D("etc"), F("etc/passwd", passwd), F("etc/group", group),
               D("tmp", .mode = 01777), D("dev"), D("proc"), D("sys"));
}

struct bytes pack_base(void)
{
    static struct bytes base;

    if (base.at == NULL) {
        struct bytes made = make_base();
        void *copy = malloc(made.size);

        expect_that(copy != NULL, "memory for a layer", "none");
        base = (struct bytes){memcpy(copy, made.at, made.size), made.size};
    }
    return base;
}

static char *list_diff_ids(const struct recipe *r)
{
    char *list = keep_format("%s", "");

    for (size_t i = 0; r->layers[i].at != NULL; i++)
        list = keep_format("%s%s\"sha256:%s\"", list, i == 0 ? "" : ",",
                           pack_sha256(r->layers[i]));
    return keep_format("[%s]", list);
}

static const char *created_of(const struct recipe *r)
{
    return r->created == NULL ? "2020-01-01T00:00:00.5Z" : r->created;
}

static char *list_history(const struct recipe *r)
{
    char *list = keep_format("%s", "");

    for (size_t i = 0; r->layers[i].at != NULL; i++)
        list = keep_format(
            "%s%s{\"created\":\"%s\",\"created_by\":\"make layer %zu\"}", list,
            i == 0 ? "" : ",", created_of(r), i);
    return keep_format("[%s]", list);
}

struct bytes pack_config(const struct recipe *r)
{
    return pack_text(keep_format(
        "{\"architecture\":\"amd64\",\"os\":\"linux\",\"created\":\"%s\","
        "\"config\":%s,\"rootfs\":{\"type\":\"layers\",\"diff_ids\":%s},"
        "\"history\":%s}",
        created_of(r),
        r->config == NULL ? "{\"Cmd\":[\"/bin/echo\",\"hello\"]}" : r->config,
        r->diff_ids == NULL ? list_diff_ids(r) : r->diff_ids,
        r->history == NULL ? list_history(r) : r->history));
}

char *pack_id(const struct recipe *r)
{
    return pack_sha256(pack_config(r));
}

static void add_file(struct file **end, const char *path, struct bytes bytes)
{
    **end = (struct file){.path = path, .text = bytes.at, .size = bytes.size};
    (*end)++;
}

/* Room for all of them, and a bit. */
static struct file *no_files(void)
{
    return keep_zeroed((MOST_LAYERS + 8) * sizeof(struct file));
}

struct file *pack_docker(const struct recipe *r)
{
    const struct bytes *packed = r->packed == NULL ? r->layers : r->packed;
    char *config = keep_format("%s.json", pack_id(r));
    struct file *files = no_files(), *end = files;
    char *paths = keep_format("%s", "");

    for (size_t i = 0; packed[i].at != NULL; i++) {
        char *path = keep_format("%zu/layer.tar", i);

        add_file(&end, path, packed[i]);
        paths = keep_format("%s%s\"%s\"", paths, i == 0 ? "" : ",", path);
    }
    add_file(&end, config, pack_config(r));
    add_file(
        &end, "manifest.json",
        pack_text(r->manifest != NULL
                      ? r->manifest
                      : keep_format("[{\"Config\":\"%s\",\"RepoTags\":%s,"
                                    "\"Layers\":[%s]}]",
                                    config,
                                    r->tags == NULL ? "[\"t:1\"]" : r->tags,
                                    paths)));
    return files;
}

static char *describe(const char *type, struct bytes bytes)
{
    return keep_format("{\"mediaType\":\"application/vnd.oci.image.%s\","
                       "\"digest\":\"sha256:%s\",\"size\":%zu}",
                       type, pack_sha256(bytes), bytes.size);
}

static char *add_blob(struct file **end, const char *type, struct bytes bytes)
{
    add_file(end, keep_format("blobs/sha256/%s", pack_sha256(bytes)), bytes);
    return describe(type, bytes);
}

struct file *pack_oci(const struct recipe *r)
{
    const struct bytes *packed = r->packed == NULL ? r->layers : r->packed;
    struct file *files = no_files(), *end = files;
    char *layers = keep_format("%s", ""), *config, *manifest;

    for (size_t i = 0; packed[i].at != NULL; i++)
        layers = keep_format("%s%s%s", layers, i == 0 ? "" : ",",
                             add_blob(&end, "layer.v1.tar", packed[i]));
    config = add_blob(&end, "config.v1+json", pack_config(r));
    manifest = add_blob(
        &end, "manifest.v1+json",
        pack_text(r->manifest != NULL
                      ? r->manifest
                      : keep_format("{\"schemaVersion\":2,\"config\":%s,"
                                    "\"layers\":[%s]}",
                                    config, layers)));
    manifest[strlen(manifest) - 1] = '\0';
    add_file(&end, "index.json",
             pack_text(keep_format(
                 "{\"schemaVersion\":2,\"manifests\":[%s,\"annotations\":%s}]}",
                 manifest,
                 r->annotations != NULL
                     ? r->annotations
                     : "{\"org.opencontainers.image.ref.name\":\"t:1\"}")));
    add_file(&end, "oci-layout",
             pack_text("{\"imageLayoutVersion\":\"1.0.0\"}"));
    return files;
}

struct file *pack_file(struct file *files, const char *path)
{
    while (files->path != NULL && strcmp(files->path, path) != 0)
        files++;
    expect_that(files->path != NULL,
                keep_format("%s in the suite's own archive", path), "none");
    return files;
}
