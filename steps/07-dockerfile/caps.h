#pragma once
/*
 * caps: root's power comes in pieces, and a container gets only some of them.
 */
#include "failure.h"

/**
 * caps_drop - keep docker's default capabilities and no others, for good
 * @why: filled in when the call fails
 *
 * Call it when everything that needs more is done. Programs that are executed
 * afterwards can't get more either, set-user-ID ones included.
 *
 * Returns: 0, or -1 with @why.
 * Source:  capabilities(7), "Transformation of capabilities during execve()";
 *          cap_get_proc(3); cap_drop_bound(3); prctl(2), PR_SET_NO_NEW_PRIVS.
 */
int caps_drop(struct failure *why);
