#pragma once
/*
 * build: from a Dockerfile to an image, one step at a time.
 */
#include "failure.h"

/**
 * build_verb - do `duct build`
 * @argc: as main()'s; argv[0] is the verb
 * @argv: as main()'s
 * @why:  names the line that failed; its exit status is that of a RUN
 *
 * What was made before a step that fails is kept, as an image without a name.
 *
 * Returns: 0, or -1 with @why.
 */
int build_verb(int argc, char **argv, struct failure *why);
