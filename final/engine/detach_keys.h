#pragma once
/*
 * detach_keys: what one types to leave a container without ending it.
 */
#include <stddef.h>

#include "failure.h"

#define DETACH_KEYS_USUAL "ctrl-p,ctrl-q"

struct detach_keys {
    unsigned char keys[32]; /* what the terminal sends for each */
    size_t n;               /* 0: there are none */
    size_t matched;         /* how many of them were typed last */
};

/**
 * detach_keys_parse - read "ctrl-x,a"
 * @keys: receives them
 * @text: letters and other single bytes, ctrl- with a letter or one of @[\]^_,
 *        DEL; NULL: the usual ones; "": none
 * @why:  docker's words (FAILURE_BAD_PARAMETER)
 *
 * Returns: 0, or -1 with @why.
 */
int detach_keys_parse(struct detach_keys *keys, const char *text,
                      struct failure *why);

/**
 * detach_keys_feed - look for the keys in what is typed
 * @keys:  from detach_keys_parse(); remembers what may be the beginning
 * @typed: what was read
 * @n:     how many bytes
 * @out:   room for @n + sizeof(keys->keys) bytes: receives what goes on to the
 *         container, which may be later than it was typed
 * @used:  receives how many those are
 *
 * Returns: 1 when the keys were typed (what follows them is thrown away), or
 * 0.
 */
int detach_keys_feed(struct detach_keys *keys, const unsigned char *typed,
                     size_t n, unsigned char *out, size_t *used);
