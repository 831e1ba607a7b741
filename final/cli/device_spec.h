#pragma once
/*
 * device_spec: the host's devices that a container may have.
 */
#include <jansson.h>

#include "failure.h"

/**
 * device_spec - read the value of a --device
 * @array: receives {"PathOnHost", "PathInContainer", "CgroupPermissions"}
 * @text:  "/dev/sda[:/dev/xvda][:rwm]"
 * @why:   filled in, in docker's words, when it is nonsense
 *
 * Returns: 0, or -1 with @why.
 * Source:  Docker, "docker container run: --device".
 */
int device_spec(json_t *array, const char *text, struct failure *why);

/**
 * device_spec_rule - read the value of a --device-cgroup-rule
 * @array: receives it
 * @text:  "c 1:3 rwm", "a *:* r"
 * @why:   filled in when it is nonsense
 *
 * Returns: 0, or -1 with @why.
 * Source:  Documentation/admin-guide/cgroup-v1/devices.rst, "Description".
 */
int device_spec_rule(json_t *array, const char *text, struct failure *why);
