#pragma once
/*
 * keyring: the keys that a session has, which need not be the host's.
 */
#include "failure.h"

/**
 * keyring_new - leave the caller's keys behind
 * @why: filled in when the call fails
 *
 * Returns: 0, or -1 with @why; a kernel without keys is fine.
 * Errors:  EDQUOT (this user has no room for another keyring).
 * Source:  keyctl(2), KEYCTL_JOIN_SESSION_KEYRING; session-keyring(7).
 */
int keyring_new(struct failure *why);
