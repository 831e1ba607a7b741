#pragma once
/*
 * pruning: verbs that remove what nobody needs any more.
 */
#include "verb.h"

extern const struct verb prune_verbs[];
