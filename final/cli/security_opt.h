#pragma once
/*
 * security_opt: how much of the sandbox is wanted.
 */
#include <jansson.h>

#include "failure.h"

/**
 * security_opt - read the value of a --security-opt
 * @host: the HostConfig; receives an item of SecurityOpt, with the text of
 *        seccomp's file in place of its name; or, for systempaths=unconfined,
 *        empty lists of MaskedPaths and ReadonlyPaths
 * @text: "no-new-privileges", "seccomp=FILE", "label=disable", ...
 * @why:  filled in, in docker's words, when it is nonsense
 *
 * Returns: 0, or -1 with @why.
 * Source:  Docker, "docker container run: --security-opt".
 */
int security_opt(json_t *host, const char *text, struct failure *why);
