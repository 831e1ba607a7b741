#pragma once
/*
 * exec_verb: duct exec.
 */
#include "verb.h"

extern const struct verb exec_verbs[];
