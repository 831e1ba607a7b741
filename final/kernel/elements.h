#pragma once
/*
 * elements: what is in the sets and maps of an nftables table.
 *
 * What nft(8) does with "add element", without libnftables: loading that and
 * having it read a line takes longer than all else that a container's network
 * takes. Changes are collected, and then made all at once or not at all.
 */
#include <netlink/msg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "failure.h"

struct element {
    const char *set; /* the set or map that it is in */
    uint8_t key[32]; /* parts begin at multiples of 4, big-endian */
    size_t key_length;
    uint8_t value[8];    /* what the map sends it to */
    size_t value_length; /* 0: of a set, or not needed to delete it */
    bool is_end;         /* of an interval: the first that is out again */
};

struct changes {
    struct nl_msg **list;
    size_t count;
    bool has_failed; /* there was no memory */
};

/**
 * elements_table_exists - is there our table?
 */
bool elements_table_exists(void);

/**
 * elements_add, elements_delete - one change more
 * @changes:  all zero at first
 * @elements: of one set
 * @count:    how many of them
 */
void elements_add(struct changes *changes, const struct element *elements,
                  size_t count);
void elements_delete(struct changes *changes, const struct element *elements,
                     size_t count);

/**
 * elements_commit - make the changes
 * @changes:    freed here
 * @generation: from elements_generation(): only if nobody has changed any of
 *              nftables since; or 0
 * @left_open:  receives the socket, or -1; NULL: it is closed here
 *
 * All is as it will be when this returns, but after a deletion it takes the
 * kernel until 20 ms later to close the socket: it waits for whoever may be
 * reading what was deleted. Somebody else can do that.
 *
 * Returns: 0, or a negative errno: -ENOENT (no such table, set, or element to
 *          delete), -EEXIST (an element is there with another value),
 *          -ERESTART (another generation).
 * Source:  nft(8); linux/netfilter/nf_tables.h; linux/netfilter/nfnetlink.h.
 */
int elements_commit(struct changes *changes, uint32_t generation,
                    int *left_open);

/**
 * elements_generation - a number that every change increases
 *
 * Returns: it, or 0 when nobody can tell.
 */
uint32_t elements_generation(void);

/**
 * elements_has - is there this element, with this value?
 */
bool elements_has(const struct element *element);
