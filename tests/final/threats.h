/*
 * threats: what the trials named after the rows of known failures share.
 */
#pragma once
#include "suite.h"

/** canary - a directory of the host's that nothing may change (kept path) */
const char *canary(void);

/** expect_canary - it is as it was, and so are the host's mounts */
void expect_canary(void);

/**
 * evil_image - import an image
 * @name:   its name
 * @script: what sh does in the root directory of a busybox before; $CANARY is
 *          the canary's path
 */
void evil_image(const char *name, const char *script);
void evil_image_gone(const char *name);

/** expect_no - a run has failed, or has printed nothing but @allowed */
void expect_no(const char *what, const struct program *p);
