#pragma once
/*
 * bounds: how much an image may be, whoever made it.
 *
 * A few kilobytes can claim to be terabytes: each count and size that comes
 * from an archive is held against one of these, and refused above it.
 */
enum {
    BOUND_LAYERS = 127,        /* of an image, as docker has it */
    BOUND_HEADERS = 512 << 20, /* bytes in the headers of a tar, 512 or more
                                  for each file */
    BOUND_JSON = 4 << 20,      /* bytes in an index, a manifest, a config */
};

#define BOUND_TAR (8LL << 30) /* bytes in a tar, unpacked */
