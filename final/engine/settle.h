#pragma once
/*
 * settle: what was begun by somebody who was killed is undone, or finished.
 */
#include <jansson.h>

#include "record.h"

/**
 * settle_all - clear away what killed commands, monitors and janitors left
 * @engine: an engine
 *
 * Called first by what makes, starts or removes a container. What somebody is
 * at work with is left to him. Without intents it costs three system calls.
 */
void settle_all(const struct engine *engine);

/**
 * settle_locked - the same for one container
 * @record: locked, read after that, and not lost
 *
 * If it is one that goes when it ends, it may be gone afterwards.
 */
void settle_locked(struct record *record);

/**
 * settle_undo - take away what was made of a container that has no name yet
 * @engine: an engine
 * @id:     its id
 * @image:  of the intent
 */
void settle_undo(const struct engine *engine, const char *id,
                 const char *image);

/**
 * settle_remove - take away all that there is of a container
 * @engine: an engine
 * @id:     its id; it does not run, and is locked
 * @intent: what has been noted: "Image", "Volumes"
 * @why:    filled in when the call fails
 *
 * May be called again, whenever who did so before was killed.
 *
 * Returns: 0, or -1 with @why and nothing removed.
 */
int settle_remove(const struct engine *engine, const char *id,
                  const json_t *intent, struct failure *why);
