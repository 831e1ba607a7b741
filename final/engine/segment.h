#pragma once
/*
 * segment: a network while somebody is plugged in: its bridge, its addresses,
 * its part of our table.
 *
 *     RUN/networks/ID/          locked by who plugs in or out
 *     RUN/networks/ID/janitor   locked by who waits to remove the bridge
 *     RUN/networks/nat/         locked by who makes or removes our table
 *         users/ID              a link to itself for each network in the table
 *
 * Order of locks: that of one network, then that of the table.
 */
#include <jansson.h>
#include <stdbool.h>

#include "address.h"
#include "engine.h"
#include "failure.h"
#include "network.h"

struct segment {
    char *id;
    char *name;
    char *bridge;
    struct subnet subnet;
    bool is_internal;
    bool is_usual; /* "bridge", whose members know no names */
};

/**
 * segment_read - see what a network is
 * @s:       receives it; release it with segment_free()
 * @network: as networks_find() has it, of driver "bridge"
 * @why:     filled in when it is damaged
 *
 * Returns: 0, or -1 with @why.
 */
int segment_read(struct segment *s, const json_t *network, struct failure *why);

/**
 * segment_free - free what is in it
 * @s: may be all zero
 */
void segment_free(struct segment *s);

/**
 * segments_open - the directory RUN/networks, made if missing
 *
 * Returns: a descriptor, or -1 with @why.
 */
int segments_open(const struct engine *engine, struct failure *why);

/**
 * segment_lock - keep others from plugging in or out
 * @engine: an engine
 * @id:     the network's
 * @all:    receives its addresses; release them with addresses_unlock()
 * @why:    FAILURE_NOT_FOUND: it was removed while we waited
 *
 * Returns: 0, or -1 with @why.
 */
int segment_lock(const struct engine *engine, const char *id,
                 struct addresses *all, struct failure *why);

/**
 * segment_up - make the bridge and our table, or what is missing of them
 * @engine: an engine
 * @s:      locked
 * @why:    filled in when the call fails
 *
 * Returns: 0, or -1 with @why.
 */
int segment_up(const struct engine *engine, const struct segment *s,
               struct failure *why);

/**
 * segment_down - remove the bridge, if nobody is plugged in
 * @engine: an engine
 * @s:      locked
 * @all:    its addresses
 */
void segment_down(const struct engine *engine, const struct segment *s,
                  const struct addresses *all);

/**
 * segment_members - visit those who are plugged in
 * @engine: an engine
 * @id:     the network's
 * @visit:  gets the address and the container's id
 * @arg:    for @visit
 */
void segment_members(const struct engine *engine, const char *id,
                     void (*visit)(const struct engine *engine,
                                   const char *address, const char *container,
                                   void *arg),
                     void *arg);
