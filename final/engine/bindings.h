#pragma once
/*
 * bindings: which ports a container's HostConfig asks for.
 */
#include <jansson.h>

#include "failure.h"
#include "ports.h"

/**
 * bindings_read - all ports to be published
 * @ports:  receives them, not held; release it with ports_release()
 * @config: HostConfig.PortBindings, .PublishAllPorts; Config.ExposedPorts
 * @why:    filled in when one is nonsense
 *
 * Returns: 0, or -1 with @why.
 * Errors:  FAILURE_BAD_PARAMETER.
 */
int bindings_read(struct ports *ports, const json_t *config,
                  struct failure *why);
