#pragma once
/*
 * attached: verbs that stay with a container: run, start -a, attach.
 */
#include "verb.h"

extern const struct flag start_flags[];
extern const struct flag attach_flags[];

int verb_run(const struct call *call, struct failure *why);
int verb_start(const struct call *call, struct failure *why);
int verb_attach(const struct call *call, struct failure *why);

/**
 * write_cidfile - write an id to the file of --cidfile, if there is one
 * @call: may have the flag
 * @id:   a container's
 * @why:  filled in when it can't be written, or is there already
 *
 * Returns: 0, or -1 with @why.
 */
int write_cidfile(const struct call *call, const char *id, struct failure *why);
