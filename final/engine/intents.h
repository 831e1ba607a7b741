#pragma once
/*
 * intents: what somebody is about to do, for who comes after him if he is
 * killed.
 *
 * DATA/intents/ID says that the container, or the network, of this id is in
 * between two states. It is written before the first step and removed after
 * the last, so mostly there is none, and to find that out costs one look into
 * an empty directory. A JSON object:
 *
 *     Image     the image that is pinned for it
 *     Volumes   may its anonymous volumes go?
 *     Cgroup    where its cgroup will be, as cgroup_foresee() tells it
 *     Names     that lead to it, or did
 *
 * Who holds the container's lock may believe that whoever wrote an intent is
 * gone: all write it under that lock. Only who makes the container can't, and
 * locks the intent itself instead.
 */
#include <jansson.h>
#include <stdbool.h>

#include "engine.h"
#include "failure.h"

/**
 * intent_note - write down what is about to be done
 * @engine: an engine
 * @id:     a container's, which is locked; or a network's
 * @intent: an object, stolen; NULL is an empty one
 * @why:    filled in when the call fails
 *
 * Not synced: who loses his machine to a power cut loses the order of names
 * and files of a file system without a journal as well.
 *
 * Returns: 0, or -1 with @why.
 */
int intent_note(const struct engine *engine, const char *id, json_t *intent,
                struct failure *why);

/**
 * intent_hold - the same for one that there is not yet
 *
 * Returns: a descriptor, which keeps others away until it is closed; or -1 with
 *          @why.
 */
int intent_hold(const struct engine *engine, const char *id, json_t *intent,
                struct failure *why);

/**
 * intent_take - keep others away from what somebody has left
 * @engine: an engine
 * @id:     of what
 * @intent: receives an object, which the caller lets go of
 *
 * Returns: a descriptor as of intent_hold(), or -1: somebody is at work, or
 *          there is none.
 */
int intent_take(const struct engine *engine, const char *id, json_t **intent);

/**
 * intent_read - what was to be done?
 * @engine: an engine
 * @id:     of what
 *
 * Returns: an object, a new reference; NULL: nothing.
 */
json_t *intent_read(const struct engine *engine, const char *id);

/**
 * intent_drop - it is done
 * @engine: an engine
 * @id:     of what; need not be there
 */
void intent_drop(const struct engine *engine, const char *id);

/**
 * intents_each - visit all
 * @engine: an engine
 * @visit:  is called with each id; may drop it
 */
void intents_each(const struct engine *engine,
                  void (*visit)(const struct engine *engine, const char *id));
