#pragma once
/*
 * about: what this engine is, has, and can do here.
 */
#include <jansson.h>

#include "engine.h"
#include "failure.h"

/**
 * engine_version - which engine is this?
 *
 * Returns: docker's SystemVersion, a new reference; NULL without memory.
 * Source:  Docker Engine API, "Get version".
 */
json_t *engine_version(void);

/**
 * engine_info - what it has, and what the machine lets it do
 * @engine: an engine
 * @why:    filled in when the call fails
 *
 * Besides docker's members there is "Protections", of protections.h.
 *
 * Returns: docker's SystemInfo, a new reference, or NULL with @why.
 * Source:  Docker Engine API, "Get system information".
 */
json_t *engine_info(const struct engine *engine, struct failure *why);
