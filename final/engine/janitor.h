#pragma once
/*
 * janitor: cleans up after a container's network, while nobody waits for it.
 */
#include <jansson.h>
#include <stdbool.h>

#include "engine.h"

/**
 * janitor_start - let go of bridges that nobody uses any more
 * @engine: an engine
 * @wiring: what the container had; the addresses are free by now
 * @socket: from wiring_withdraw(), or -1; closed here
 *
 * All of that takes the kernel up to 50 ms. So a process of its own does it,
 * which ends after a second or so. The next container on the same bridge often
 * comes before, and finds it there.
 */
void janitor_start(const struct engine *engine, const json_t *wiring,
                   int socket);

/**
 * janitor_resume - do so for all networks, in place of who was killed
 * @engine: an engine
 */
void janitor_resume(const struct engine *engine);

/**
 * janitor_resume_for - the same for one, unless there is a janitor
 * @engine: an engine
 * @id:     perhaps a network's
 *
 * Returns: is it the id of a network that somebody was plugged into?
 */
bool janitor_resume_for(const struct engine *engine, const char *id);
