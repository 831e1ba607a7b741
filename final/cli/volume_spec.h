#pragma once
/*
 * volume_spec: what is to be seen in a container, as -v and --mount say it.
 */
#include <jansson.h>

#include "failure.h"

/**
 * volume_spec_bind - read the value of a -v
 * @body: docker's create body; receives Volumes {"/dst": {}} or
 *        HostConfig.Binds ["src:dst:ro"]
 * @text: DST, which asks for a volume of its own; or SRC:DST[:OPTIONS], where
 *        SRC is a volume's name or a path of the host
 * @why:  filled in when a part of it is empty
 *
 * Returns: 0, or -1 with @why.
 * Source:  Docker, "docker container run: -v"; Engine API, HostConfig.Binds.
 */
int volume_spec_bind(json_t *body, const char *text, struct failure *why);

/**
 * volume_spec_mount - read the value of a --mount
 * @text: "type=bind,source=/a,target=/b,readonly", and so on
 * @why:  filled in, in docker's words, when it is nonsense
 *
 * Returns: an item of HostConfig.Mounts, or NULL with @why.
 * Source:  Docker, "docker container run: --mount"; Engine API, Mount.
 */
json_t *volume_spec_mount(const char *text, struct failure *why);
