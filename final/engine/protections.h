#pragma once
/*
 * protections: what keeps a container from the host, on this machine.
 */
#include <jansson.h>

#include "engine.h"

/**
 * protections_list - which of them does a container get of which nobody said
 * anything?
 * @engine: an engine
 *
 * Asks the kernel that runs, and changes nothing.
 *
 * Returns: [{"Name": "seccomp", "State": "on", "Reason": "..."}], a new
 *          reference. State is "on", "off" (there, but not used unless asked
 *          for) or "unavailable" (this kernel, or this user, has none).
 */
json_t *protections_list(const struct engine *engine);

/**
 * protections_controller_trouble - why can't we make a cgroup with this
 * controller?
 * @controller: "memory"
 *
 * Returns: a reason, or NULL: we can.
 */
const char *protections_controller_trouble(const char *controller);
