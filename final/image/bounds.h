#pragma once
/*
 * bounds: how much an image may be, whoever made it.
 *
 * A few kilobytes can claim to be terabytes: each count and size that comes
 * from an archive is held against one of these, and refused above it.
 */
enum {
    BOUND_LAYERS = 127,           /* of an image, as docker has it */
    BOUND_ENTRIES = 1 << 20,      /* files in a tar */
    BOUND_HEADERS = 512 << 20,    /* bytes in the headers of a tar, 512 or more
                                  for each file */
    BOUND_ATTRIBUTES = 64 << 10,  /* bytes in the attributes of a file */
    BOUND_JSON = 4 << 20,         /* bytes in an index, a manifest, a config */
    BOUND_DEPTH = 64,             /* brackets around a value in those */
    BOUND_RATIO = 256,            /* unpacked bytes for one that came ... */
    BOUND_RATIO_FROM = 256 << 20, /* ... where there are more than these */
    BOUND_LINKS = 16, /* from one name in an archive to the file it means */
};

#define BOUND_TAR (8LL << 30) /* bytes in a tar, unpacked */
