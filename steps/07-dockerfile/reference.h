#pragma once
/*
 * reference: what people call an image.
 *
 *     busybox           docker.io/library/busybox:latest
 *     me/web:1.0        docker.io/me/web:1.0
 *     localhost/web     localhost/web:latest
 */
#include <stdbool.h>

#include "failure.h"

/**
 * reference_parse - read a name, and write it out in full
 * @text: [HOST[:PORT]/]PATH[:TAG]
 * @why:  filled in when it is none
 *
 * Returns: HOST/PATH:TAG, which the caller frees, or NULL with @why.
 * Source:  OCI Distribution Specification, "Pulling manifests"; Docker,
 *          "docker image tag".
 */
char *reference_parse(const char *text, struct failure *why);

/**
 * reference_familiar - a name without what was added to it
 * @name: from reference_parse()
 *
 * Returns: a part of @name; its last colon stands before the tag.
 */
const char *reference_familiar(const char *name);
