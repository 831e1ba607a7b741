#pragma once
/*
 * create_request: what was typed after run or create, as docker's API has it.
 */
#include "verb.h"

/**
 * create_request - turn flags and words into a request for a container
 * @call: flags of run_flags.h; IMAGE [COMMAND] [ARG...]
 * @why:  filled in, in docker's words, when a value is nonsense
 *
 * Has only what was said, and what docker always says: who leaves a member
 * out leaves it to the engine. --name, --platform and --pull are no part of
 * it, nor is what only concerns whoever waits for the container.
 *
 * Returns: the body of ContainerCreate, or NULL with @why.
 * Source:  Engine API, ContainerCreate.
 */
json_t *create_request(const struct call *call, struct failure *why);
