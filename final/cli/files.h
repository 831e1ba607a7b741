#pragma once
/*
 * files: verbs that are about the files of containers.
 */
#include "verb.h"

extern const struct verb file_verbs[];

/* These are in archive/file_verbs.c and archive/copy_verb.c. */
int copy_verb(const struct call *call, struct failure *why);
int commit_verb(const struct call *call, struct failure *why);
int export_verb(const struct call *call, struct failure *why);
