#pragma once
/*
 * image_verbs: import, load, save, images, history, tag and rmi.
 */
#include "failure.h"

/**
 * image_verbs - do one of them
 * @argc: as main()'s; argv[0] is the verb
 * @argv: as main()'s
 * @why:  filled in when the call fails
 *
 * Returns: 0, or -1 with @why.
 */
int image_verbs(int argc, char **argv, struct failure *why);
