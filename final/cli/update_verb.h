#pragma once
/*
 * update_verb: other limits for containers that are there already.
 */
#include "verb.h"

extern const struct verb update_verbs[];
