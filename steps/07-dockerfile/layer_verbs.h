#pragma once
/*
 * layer_verbs: diff and rm, for a container that was run with a name.
 */
#include "failure.h"

/**
 * layer_verbs_diff, layer_verbs_rm - do the verb
 * @argc: as main()'s; argv[0] is the verb
 * @argv: as main()'s
 * @why:  filled in when the call fails
 *
 * Returns: 0, or -1 with @why.
 */
int layer_verbs_diff(int argc, char **argv, struct failure *why);
int layer_verbs_rm(int argc, char **argv, struct failure *why);
