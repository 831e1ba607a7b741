/*
 * pack: tars and images as the suite wants them, to the last bit.
 *
 * Byte by byte, and not by the library that the judged program reads them
 * with: so a tar may say what no tool would ever write.
 *
 * Source: pax(1), "ustar Interchange Format", "pax Header Block"; OCI Image
 * Specification; Docker Image Specification v1.2.
 */
#pragma once
#include <stdbool.h>
#include <stddef.h>

#include "expect.h"

/* One entry of a tar; what is 0 is the usual. */
struct file {
    const char *path; /* as it is to be read: long, or anything, goes into a
                         pax record */
    const char *text; /* what is in a file; of .size bytes unless that is 0 */
    size_t size;
    const char *link;       /* where a link leads */
    long long mtime;        /* PACK_TIME */
    const char *const *pax; /* "key=value" ..., NULL */
    unsigned mode;          /* 0644, or 0755 */
    unsigned uid, gid, major, minor;
    char type; /* '0' a file, '1' a hard link, '2' a symbolic one, '3' and '4'
                  devices, '5' a directory, '6' a FIFO */
    bool raw;  /* path as it is: no pax record for it */
};

#define PACK_TIME 1000000000

#define F(p, t, ...)                                                           \
    {                                                                          \
        .path = (p), .text = (t), __VA_ARGS__                                  \
    }
#define D(p, ...)                                                              \
    {                                                                          \
        .path = (p), .type = '5', __VA_ARGS__                                  \
    }
#define S(p, to)                                                               \
    {                                                                          \
        .path = (p), .type = '2', .link = (to)                                 \
    }
#define H(p, to)                                                               \
    {                                                                          \
        .path = (p), .type = '1', .link = (to)                                 \
    }
#define C(p, a, b)                                                             \
    {                                                                          \
        .path = (p), .type = '3', .major = (a), .minor = (b)                   \
    }

/** pack_tar - a tar of files; the list ends with one without a path (kept) */
struct bytes pack_tar(const struct file *files);

/** TAR - the same, written in place: TAR(D("d"), F("d/x", "x\n")) */
#define TAR(...) pack_tar((const struct file[]){__VA_ARGS__, {0}})

enum compression {
    GZIP,
    ZSTD
};

/** pack_compress - the same bytes in fewer (kept) */
struct bytes pack_compress(struct bytes plain, enum compression how);

/** pack_sha256 - 64 digits (kept) */
char *pack_sha256(struct bytes bytes);

/** pack_text - a text as bytes */
struct bytes pack_text(const char *text);

/** pack_write - in a file of its own: its path (kept) */
char *pack_write(struct bytes bytes);

/** pack_base - a layer with busybox, a few files and users; made once */
struct bytes pack_base(void);

/* An image; what is NULL is true, or the usual. */
struct recipe {
    const struct bytes *layers; /* as tars; ends with one without bytes */
    const struct bytes *packed; /* as they are stored */
    const char *config;         /* JSON: Env, Cmd, ... */
    const char *created;        /* of the image and in its history */
    const char *history;        /* JSON */
    const char *diff_ids;       /* JSON */
    const char *tags;           /* JSON: docker's names; ["t:1"] */
    const char *annotations;    /* JSON: OCI's names; ref.name: "t:1" */
    const char *manifest;       /* JSON, the whole of it */
};

#define LAYERS(...) ((const struct bytes[]){__VA_ARGS__, {0}})

/** RECIPE - RECIPE(.layers = LAYERS(pack_base()), .config = "{}") */
#define RECIPE(...) (&(const struct recipe){__VA_ARGS__})

/** pack_config - the image's config, whose digest is its id */
struct bytes pack_config(const struct recipe *r);
char *pack_id(const struct recipe *r);

/**
 * pack_docker, pack_oci - the files of an archive, for pack_tar() (kept)
 *
 * Layers come first, what speaks of them last.
 */
struct file *pack_docker(const struct recipe *r);
struct file *pack_oci(const struct recipe *r);

/** pack_file - the one of these files that has this name, for changes */
struct file *pack_file(struct file *files, const char *path);

/** pack_replaced - a text in which a part is another (kept) */
char *pack_replaced(const char *text, const char *part, const char *other);
