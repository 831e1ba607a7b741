#pragma once
/*
 * living: verbs that change a container's life.
 */
#include "verb.h"

extern const struct verb living_verbs[];
