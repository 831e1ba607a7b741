#pragma once
/*
 * network_events: what happened to networks, for the journal.
 *
 * In docker's words: create, connect, disconnect, destroy.
 */
#include <jansson.h>

#include "engine.h"

/**
 * network_tell - note that something happened to a network
 * @engine:    whose journal it is
 * @action:    "create", "connect", "disconnect" or "destroy"
 * @id:        the network's
 * @name:      what it is called
 * @driver:    "bridge", "host" or "null"
 * @container: the id of who was plugged in or out, or NULL
 *
 * Nothing can be done about an event that can't be written.
 */
void network_tell(const struct engine *engine, const char *action,
                  const char *id, const char *name, const char *driver,
                  const char *container);

/**
 * network_tell_of - the same of one as networks_find() returns it
 */
void network_tell_of(const struct engine *engine, const char *action,
                     const json_t *network, const char *container);
