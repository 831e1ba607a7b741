/*
 * afterwards: what was killed must not leave anything for ever.
 */
#pragma once
#include "trial.h"

/** chapter_afterwards - the last chapter of a suite whose trials kill ducts */
extern const struct chapter chapter_afterwards;
