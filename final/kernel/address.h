#pragma once
/*
 * address: a number on a bridge for each container, and never the same for two.
 *
 *     NETWORK/                 locked by who takes or drops an address
 *         leases/10.209.0.2    a link to (the name of) the one who has it
 *         last                 the address that was given away last
 */
#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "failure.h"

/* All numbers here are in the order of the host: 10.209.0.1 is 0x0ad10001. */
struct subnet {
    uint32_t network; /* of 10.209.0.0/16: 0x0ad10000 */
    unsigned prefix;  /* 16 */
    uint32_t gateway; /* the bridge's own address */
    uint32_t first;   /* those which are given away: from here ... */
    uint32_t last;    /* ... to here */
};

struct addresses {
    int lock_fd; /* of the directory; locked while somebody changes things */
};

struct address {
    char text[INET_ADDRSTRLEN]; /* "10.209.0.2" */
    uint32_t number;
};

/**
 * address_parse - read an IPv4 address
 * @a:    receives the address, which is nobody's yet
 * @text: "10.209.0.2"
 *
 * Returns: 0, or -1 when it is none.
 */
int address_parse(struct address *a, const char *text);

/**
 * address_set - write an address as text
 * @a:      receives both
 * @number: in the order of the host
 */
void address_set(struct address *a, uint32_t number);

/**
 * subnet_parse - read the value of a --subnet, of which all but the first and
 * the last address can be given away, and the first of those is the gateway's
 * @s:    receives it
 * @text: "10.210.0.0/22"; bits behind the prefix are taken for 0
 *
 * Returns: 0, or -1 when it is none, or has no room for a container.
 */
int subnet_parse(struct subnet *s, const char *text);

/**
 * subnet_has - is an address one of a subnet's?
 * subnets_overlap - is there one that is in both?
 */
bool subnet_has(const struct subnet *s, uint32_t number);
bool subnets_overlap(const struct subnet *a, const struct subnet *b);

/**
 * addresses_lock - keep others from taking and dropping addresses
 * @all:       receives the directory; release it with addresses_unlock()
 * @parent_fd: where it is
 * @name:      its name there; made if missing
 * @why:       filled in when the call fails
 *
 * Returns: 0, or -1 with @why.
 * Source:  flock(2).
 */
int addresses_lock(struct addresses *all, int parent_fd, const char *name,
                   struct failure *why);

/**
 * addresses_unlock - let the others go on
 * @all: from addresses_lock()
 */
void addresses_unlock(struct addresses *all);

/**
 * addresses_are_free - is there nobody left who has an address?
 * @all: locked
 */
bool addresses_are_free(const struct addresses *all);

/**
 * address_find - one that nobody has: not the one just given back, if others
 * are left, so that nobody talks to a newcomer in place of the dead
 * @a:   receives it
 * @all: locked
 * @s:   where from
 *
 * Returns: true, or false when all of them are taken.
 */
bool address_find(struct address *a, const struct addresses *all,
                  const struct subnet *s);

/**
 * address_is_free - has nobody got this one?
 */
bool address_is_free(const struct addresses *all, const char *address);

/**
 * address_take - make an address somebody's, until address_drop()
 * @address: as text
 * @all:     locked
 * @owner:   who has it from here on
 * @why:     filled in when somebody has
 *
 * Returns: 0, or -1 with @why.
 */
int address_take(const char *address, const struct addresses *all,
                 const char *owner, struct failure *why);

/**
 * address_drop - nobody's again, if it was @owner's
 * @address: as text
 * @all:     locked
 * @owner:   as given to address_take()
 */
void address_drop(const char *address, const struct addresses *all,
                  const char *owner);

/**
 * address_owner - who has it?
 * @address: as text
 * @parent_fd, @name: as given to addresses_lock(), which is not needed here
 * @owner:   receives his name
 * @size:    of @owner
 *
 * Returns: true, or false when nobody has.
 */
bool address_owner(const char *address, int parent_fd, const char *name,
                   char *owner, size_t size);
