#pragma once
/*
 * nat: from a container's address to the world's, and from the world's ports
 * to a container's.
 *
 * One table for all. Its rules never change: a network or a container is an
 * element of the sets and maps that they look into.
 */
#include <stdbool.h>

#include "address.h"
#include "failure.h"
#include "ports.h"

struct nat_network {
    const char *bridge;
    struct subnet subnet;
    bool is_internal; /* its members talk to each other and to nobody else */
};

/**
 * nat_exists - is our table there, with all that has been put into it?
 *
 * Somebody else's `nft flush ruleset` takes it away.
 */
bool nat_exists(void);

/**
 * nat_begin - make our table, which is not there, and switch forwarding on
 * @directory_fd: ours alone; where it is noted, for nat_end(), that forwarding
 *                was off
 * @why:          filled in when the call fails
 *
 * Whoever has published something has to do it again.
 *
 * Returns: 0, or -1 with @why.
 * Source:  nft(8), "NAT STATEMENTS", "FIB EXPRESSIONS", "MAP STATEMENT";
 *          Documentation/networking/ip-sysctl.rst, "ip_forward".
 */
int nat_begin(int directory_fd, struct failure *why);

/**
 * nat_add_network - let a network's members out, and keep others away
 * @n:   its bridge
 * @why: filled in when the call fails
 *
 * Returns: 0, or -1 with @why.
 */
int nat_add_network(const struct nat_network *n, struct failure *why);

/**
 * nat_remove_network - undo nat_add_network()
 */
void nat_remove_network(const struct nat_network *n);

/**
 * nat_publish - send what comes to the host's ports on to a container
 * @p:       from ports_hold(): who may have published them before is dead
 * @address: the container's
 * @why:     filled in when the call fails
 *
 * Returns: 0, or -1 with @why.
 */
int nat_publish(const struct ports *p, const struct address *address,
                struct failure *why);

/**
 * nat_withdraw - undo nat_publish(), unless somebody else has the port now
 * @p:       the ports, which nobody need hold
 * @address: the container's
 * @left_open: receives a socket which is to be closed, and which it takes long
 *             to close, or -1
 */
void nat_withdraw(const struct ports *p, const struct address *address,
                  int *left_open);

/**
 * nat_end - remove our table, and undo what nat_begin() did to forwarding
 * @directory_fd: as given to it
 */
void nat_end(int directory_fd);

/**
 * nat_obstacle - does somebody else's firewall stop what we forward?
 *
 * An accept in our table can't overrule a drop in another.
 *
 * Returns: what to do about it, or NULL.
 * Source:  nft(8), "VERDICT STATEMENTS".
 */
const char *nat_obstacle(void);
