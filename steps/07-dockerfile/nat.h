#pragma once
/*
 * nat: from a container's address to the world's, and from the world's ports
 * to a container's.
 */
#include <stdbool.h>

#include "address.h"
#include "failure.h"
#include "ports.h"

/**
 * nat_begin - make our table, or what it lacks, and switch forwarding on
 * @all: locked; where others have noted what they published, and where it is
 *       noted, for nat_end(), that forwarding was off
 * @why: filled in when the call fails
 *
 * Returns: 0, or -1 with @why.
 * Source:  nft(8), "NAT STATEMENTS", "FIB EXPRESSIONS", "MAP STATEMENT";
 *          Documentation/networking/ip-sysctl.rst, "ip_forward".
 */
int nat_begin(const struct addresses *all, struct failure *why);

/**
 * nat_publish - send what comes to the host's ports on to a container
 * @p:         from ports_hold()
 * @address:   the container's, as text
 * @record_fd: a file to note it in, for nat_withdraw() and nat_begin()
 * @why:       filled in when the call fails
 *
 * Returns: 0, or -1 with @why.
 */
int nat_publish(const struct ports *p, const char *address, int record_fd,
                struct failure *why);

/**
 * nat_withdraw - undo nat_publish()
 * @record_fd: as given to it, perhaps by a duct that is no more
 * @tell:      is it to be explained?
 */
void nat_withdraw(int record_fd, bool tell);

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
