#pragma once
/*
 * nft: what nft(8) does, by its library, for what is rare.
 */
#include "failure.h"

/**
 * nft_run - run commands of nft(8), all or none of them
 * @commands: one a line
 * @text:     receives what it prints, which the caller frees; or NULL
 * @why:      filled in when the call fails
 *
 * The library is loaded at the first call: that takes as long as all else that
 * a container's network takes. See elements.h for what is frequent.
 *
 * Returns: 0, or -1 with @why.
 * Source:  libnftables(3).
 */
int nft_run(const char *commands, char **text, struct failure *why);
