#pragma once
/*
 * network: verbs of networks.
 */
#include "verb.h"

extern const struct verb network_verbs[];

extern const struct flag network_create_flags[];
int verb_network_create(const struct call *call, struct failure *why);
