#pragma once
/*
 * pools: which addresses a network gets.
 */
#include <jansson.h>

#include "failure.h"

/**
 * pools_choose - check what is asked for, or choose what nobody uses
 * @ipam:   docker's IPAM of a create body, or NULL
 * @others: all networks there are
 * @why:    filled in when it can't be had
 *
 * A subnet that overlaps with another network's, or that this host has a route
 * to, is none of ours.
 *
 * Returns: an IPAM as `network inspect` shows it, which the caller gives back,
 *          or NULL with @why.
 * Errors:  FAILURE_BAD_PARAMETER; FAILURE_FORBIDDEN "Pool overlaps with other
 *          one on this address space".
 */
json_t *pools_choose(const json_t *ipam, const json_t *others,
                     struct failure *why);
