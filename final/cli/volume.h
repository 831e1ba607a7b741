#pragma once
/*
 * volume: verbs of volumes.
 */
#include "verb.h"

extern const struct verb volume_verbs[];
