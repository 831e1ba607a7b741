#pragma once
/*
 * create: a container, so far only in words.
 */
#include <jansson.h>

#include "engine.h"
#include "failure.h"
#include "ids.h"

/**
 * container_create - write down what a container is to be
 * @engine:  an engine
 * @name:    what it is called, NULL: any name
 * @request: docker's create body: Config at the top, HostConfig and
 *           NetworkingConfig
 * @id:      receives the new container's id
 * @why:     FAILURE_NOT_FOUND: there is no such image; FAILURE_CONFLICT: the
 *           name is taken; FAILURE_BAD_PARAMETER: what was asked is nonsense
 *
 * It is there from the moment that its name is, and all or nothing before.
 *
 * Returns: 0, or -1 with @why.
 * Source:  Docker Engine API, "Create a container".
 */
int container_create(const struct engine *engine, const char *name,
                     const json_t *request, char id[ID_LENGTH + 1],
                     struct failure *why);
