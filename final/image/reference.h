#pragma once
/*
 * reference: what people call an image.
 *
 *     busybox           docker.io/library/busybox:latest
 *     me/web:1.0        docker.io/me/web:1.0
 *     localhost/web     localhost/web:latest
 *     me/web@sha256:X   docker.io/me/web@sha256:X
 */
#include <stdbool.h>
#include <stddef.h>

#include "failure.h"

/**
 * reference_parse - read a name, and write it out in full
 * @text: [HOST[:PORT]/]PATH[:TAG][@sha256:HEX]; the digest decides, if any
 * @why:  filled in when it is none (400)
 *
 * Returns: HOST/PATH:TAG or HOST/PATH@sha256:HEX, which the caller frees, or
 *          NULL with @why.
 * Source:  OCI Distribution Specification, "Pulling manifests"; Docker,
 *          "docker image tag".
 */
char *reference_parse(const char *text, struct failure *why);

/**
 * reference_familiar - a name without what was added to it
 * @name: from reference_parse()
 *
 * Returns: a part of @name.
 */
const char *reference_familiar(const char *name);

/**
 * reference_repository - how much of a name is before its tag or digest
 * @name: from reference_parse(), also what reference_familiar() made of it
 *
 * Returns: a length.
 */
size_t reference_repository(const char *name);

/**
 * reference_has_digest - does a name end in a digest, and not in a tag?
 * @name: from reference_parse()
 */
bool reference_has_digest(const char *name);
