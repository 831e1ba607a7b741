#pragma once
/*
 * run_flags: all that one can say to run and create.
 */
#include "verb.h"

enum {
    RUN_ONLY = 3, /* so many at the beginning are not for create */
};

/* Both end with a name of NULL. */
extern const struct flag run_flags[];
#define create_flags (run_flags + RUN_ONLY)
