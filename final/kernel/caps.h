#pragma once
/*
 * caps: root's power comes in pieces, and a container gets only some of them.
 */
#include <stdbool.h>
#include <stdint.h>

#include "failure.h"

/* Bit N stands for the capability with the number N. */
struct caps {
    uint64_t held;  /* what root has in the container */
    uint64_t asked; /* those that somebody asked for by name */
};

/**
 * caps_default - those of a container of which nobody said anything
 * @caps: receives them
 *
 * Docker's without MKNOD, NET_RAW and AUDIT_WRITE: podman's.
 */
void caps_default(struct caps *caps);

/**
 * caps_all - every capability that this kernel knows: --privileged
 * @caps: receives them
 */
void caps_all(struct caps *caps);

/**
 * caps_add - let a container have one more
 * @caps: the choice so far
 * @name: "NET_ADMIN", "CAP_NET_ADMIN", in small letters as well, or "ALL"
 * @why:  filled in when this kernel knows none of that name
 *
 * Returns: 0, or -1 with @why.
 */
int caps_add(struct caps *caps, const char *name, struct failure *why);

/**
 * caps_drop_name - don't let a container have it
 * @caps: the choice so far
 * @name: as for caps_add()
 * @why:  filled in when this kernel knows none of that name
 *
 * Returns: 0, or -1 with @why.
 */
int caps_drop_name(struct caps *caps, const char *name, struct failure *why);

/**
 * caps_has - is it among them?
 * @caps:       the choice
 * @capability: CAP_SYS_ADMIN, ...
 */
bool caps_has(const struct caps *caps, int capability);

/**
 * caps_regain - make use of all that we may, after a change of user
 * @why: filled in when the call fails
 *
 * Who stops being root while PR_SET_KEEPCAPS is set may still do everything,
 * but has to say so.
 *
 * Returns: 0, or -1 with @why.
 */
int caps_regain(struct failure *why);

/**
 * caps_drop - keep the chosen capabilities and no others, for good
 * @caps: which ones
 * @why:  filled in when the call fails
 *
 * Call it as the user that the command runs as, when everything that needs
 * more is done. Root has what was chosen; anybody else has what was asked for
 * by name, and a set-user-ID program gets no more than what was chosen. What
 * we don't have ourselves is left out, unless it was asked for by name.
 *
 * Returns: 0, or -1 with @why.
 * Source:  capabilities(7), "Transformation of capabilities during execve()"
 *          and "Ambient"; cap_get_proc(3); cap_drop_bound(3).
 */
int caps_drop(const struct caps *caps, struct failure *why);
