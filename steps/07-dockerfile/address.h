#pragma once
/*
 * address: a number on duct0 for each container, and never the same for two.
 *
 * /run/duct/steps/net-INODE/10.209.0.2   a container's, locked while it lives;
 *                                        holds what nat.h has published for it
 *
 * INODE is that of the network namespace which duct was started in: it has a
 * duct0 of its own, so it has addresses of its own.
 */
#include <netinet/in.h>
#include <stdbool.h>
#include <stdio.h>

#include "failure.h"

#define ADDRESS_BRIDGE  "10.209.0.1"
#define ADDRESS_PREFIX  "/16"
#define ADDRESS_NETWORK "10.209.0.0" ADDRESS_PREFIX

struct addresses {
    char *directory;
    int lock_fd; /* of the directory; locked while somebody changes things */
};

struct address {
    char text[INET_ADDRSTRLEN]; /* "10.209.0.2" */
    unsigned host;              /* 2: its part within the network */
    int lock_fd;                /* of its file, or -1 */
};

/**
 * address_parse - read the value of a --ip
 * @a:    receives the address, which is nobody's yet
 * @text: "10.209.0.2"
 * @why:  names the flag and the value when it is none of our network's
 *
 * Returns: 0, or -1 with @why.
 */
int address_parse(struct address *a, const char *text, struct failure *why);

/**
 * addresses_lock - keep other ducts from starting or ending their network
 * @all: receives the directory; release it with addresses_unlock()
 * @why: filled in when the call fails
 *
 * Returns: 0, or -1 with @why.
 * Errors:  EACCES, EROFS (/run belongs to root).
 * Source:  flock(2).
 */
int addresses_lock(struct addresses *all, struct failure *why);

/**
 * addresses_unlock - let the others go on; the last one clears the directory
 * @all: from addresses_lock()
 */
void addresses_unlock(struct addresses *all);

/**
 * addresses_are_free - is there no container left in our network?
 * @all: locked
 */
bool addresses_are_free(const struct addresses *all);

/**
 * addresses_each - show somebody what the file of each address holds
 * @all:   locked
 * @visit: is called with each file in turn, and with @out
 * @out:   for @visit
 */
void addresses_each(const struct addresses *all,
                    void (*visit)(int record_fd, FILE *out), FILE *out);

/**
 * address_take - make an address ours, until address_drop()
 * @a:      receives it
 * @all:    locked
 * @wanted: the one to take, or NULL for any
 * @why:    filled in when it, or every one, is taken
 *
 * Returns: 0, or -1 with @why.
 */
int address_take(struct address *a, const struct addresses *all,
                 const struct address *wanted, struct failure *why);

/**
 * address_take_dead - take over an address whose duct was killed
 * @a:   receives it
 * @all: locked
 *
 * Returns: true, or false when there is none.
 */
bool address_take_dead(struct address *a, const struct addresses *all);

/**
 * address_drop - nobody's again, and its file is gone
 * @a:   from address_take() or address_take_dead()
 * @all: locked
 */
void address_drop(struct address *a, const struct addresses *all);
