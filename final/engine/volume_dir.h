#pragma once
/*
 * volume_dir: the files of one volume.
 *
 * DATA/volumes/NAME/         locked by who changes who uses it
 *     volume.json            as it was created
 *     _data                  what containers see
 *     users/ID               a link to "named" or "anonymous": how container ID
 *                            came to it. It counts while containers/ID is there
 *     filling                while, for the first time, something is copied in
 * DATA/volumes/.new-RANDOM   being made, locked by who makes it
 * DATA/volumes/.gone-RANDOM  being removed
 */
#include <jansson.h>
#include <stdbool.h>

#include "engine.h"
#include "failure.h"

/**
 * volume_dir_make - make a volume's directory, whole or not at all
 * @engine:    an engine
 * @name:      a valid name
 * @record:    what goes to volume.json
 * @user:      a container that it is made for without a name, or NULL
 * @is_synced: must it be there after a power cut?
 * @why:       filled in when the call fails
 *
 * Returns: 0, also when there is one, or -1 with @why.
 */
int volume_dir_make(const struct engine *engine, const char *name,
                    const json_t *record, const char *user, bool is_synced,
                    struct failure *why);

/**
 * volume_dir_open - open a volume's directory
 * @engine: an engine
 * @name:   any text
 *
 * Returns: a descriptor that can be read and locked, or -1 with errno: ENOENT
 *          when there is none.
 */
int volume_dir_open(const struct engine *engine, const char *name);

/**
 * volume_dir_lock - the same, and nobody else changes who uses it
 * @engine: an engine
 * @name:   any text
 *
 * Returns: as volume_dir_open(); closing it unlocks.
 */
int volume_dir_lock(const struct engine *engine, const char *name);

/**
 * volume_dir_join - note that a container uses it
 * @fd:           from volume_dir_lock()
 * @id:           the container's
 * @is_anonymous: was the volume made for it, without a name?
 *
 * Returns: 0, or -1 with errno.
 */
int volume_dir_join(int fd, const char *id, bool is_anonymous);

/**
 * volume_dir_leave - a container uses it no more
 * @engine: an engine
 * @name:   of any volume
 * @id:     the container's
 * @remove: does it go, if it was made for that container, without a name, and
 *          nobody else uses it? Who is killed meanwhile can ask again
 */
void volume_dir_leave(const struct engine *engine, const char *name,
                      const char *id, bool remove);

/**
 * volume_dir_users - which containers use it?
 * @engine: an engine
 * @fd:     from volume_dir_open()
 *
 * Returns: an array of ids, a new reference.
 */
json_t *volume_dir_users(const struct engine *engine, int fd);

/**
 * volume_dir_remove - remove it with what is in it
 * @engine: an engine
 * @name:   its name; the caller has locked it, and seen that nobody uses it
 * @why:    filled in when the call fails
 *
 * It is gone at once, its content a while later.
 *
 * Returns: 0, or -1 with @why.
 */
int volume_dir_remove(const struct engine *engine, const char *name,
                      struct failure *why);

/**
 * volume_dir_sweep - clear away what killed commands left
 * @engine: an engine
 * @id:     a container that there never was: it leaves all; or NULL
 */
void volume_dir_sweep(const struct engine *engine, const char *id);
