#pragma once
/*
 * lookup: who answers to a name in a container's networks?
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "engine.h"

struct lookup {
    uint32_t addresses[16]; /* in the order of the host */
    size_t count;
};

/**
 * lookup_name - find the members that have a name
 * @engine: an engine
 * @id:     of the container who asks
 * @name:   in lower case; "web", or "web.NETWORK"
 * @found:  receives their addresses
 *
 * Takes no more time where there are more containers.
 *
 * Returns: is it the name of somebody?
 */
bool lookup_name(const struct engine *engine, const char *id, const char *name,
                 struct lookup *found);

/**
 * lookup_address - what is the one called who has an address?
 * @engine: an engine
 * @id:     of the container who asks
 * @number: the address, in the order of the host
 *
 * Returns: "web.NETWORK", which the caller frees, or NULL: nobody's that we
 *          know.
 */
char *lookup_address(const struct engine *engine, const char *id,
                     uint32_t number);

/**
 * lookup_leads_out - may the container talk to others than its neighbours?
 *
 * Who may not, shall not do so by asking for names, either.
 */
bool lookup_leads_out(const struct engine *engine, const char *id);
