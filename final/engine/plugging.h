#pragma once
/*
 * plugging: other networks for a container that there is already.
 *
 * endpoints.h lays the cables; here is what else has to know of them: the
 * container's config, and its files in /etc.
 */
#include <jansson.h>

#include "engine.h"
#include "failure.h"
#include "record.h"

/**
 * plugging_connect - `network connect`
 * @record:   from record_find(); locked meanwhile
 * @network:  a network's name or id
 * @endpoint: docker's EndpointConfig, or NULL
 * @why:      as of endpoints_connect()
 *
 * One that does not run is plugged in when it is started.
 *
 * Returns: 0, or -1 with @why and nothing changed.
 */
int plugging_connect(struct record *record, const char *network,
                     const json_t *endpoint, struct failure *why);

/**
 * plugging_disconnect - `network disconnect`
 * @record:  from record_find(); locked meanwhile
 * @network: a network's name or id
 * @why:     as of endpoints_disconnect()
 *
 * Returns: 0, or -1 with @why.
 */
int plugging_disconnect(struct record *record, const char *network,
                        struct failure *why);

/**
 * plugging_in_use - the networks that containers name, those too that do not
 * run
 * @engine: an engine
 * @why:    filled in when the call fails
 *
 * Returns: {"NAME": true}, for networks_prune(), which the caller gives back;
 *          or NULL with @why.
 */
json_t *plugging_in_use(const struct engine *engine, struct failure *why);
