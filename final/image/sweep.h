#pragma once
/*
 * sweep: what no name and no container leads to any more.
 */
#include "failure.h"
#include "store.h"

/**
 * sweep_store - remove all that neither the index nor a container leads to
 * @store:     locked for us alone; its lock is gone afterwards
 * @reclaimed: receives the bytes of the trees that went; may be NULL
 * @why:       filled in when the call fails
 *
 * Also what is left of those who were killed before they were done. Nothing
 * goes as long as there is an image that can't be read: nobody knows what is
 * its.
 *
 * Returns: 0, or -1 with @why.
 */
int sweep_store(const struct store *store, long long *reclaimed,
                struct failure *why);
