#pragma once
/*
 * volumes: directories that outlive the containers which use them.
 *
 * Requests and answers are JSON in the shape of Docker's API.
 */
#include <jansson.h>
#include <stdbool.h>

#include "engine.h"
#include "failure.h"

struct mounts; /* mounts.h: only who starts containers sees it */

/**
 * volume_create - make a volume, unless there is one of that name
 * @engine:  an engine
 * @request: {"Name", "Driver", "DriverOpts", "Labels"}, all may be missing;
 *           without a name it gets a random one
 * @why:     docker's words
 *
 * Driver is "local". DriverOpts may say {"type": "none", "o": "bind",
 * "device": "/path"}, so that the volume is a directory elsewhere.
 *
 * Returns: a new reference, as from volume_inspect(), or NULL with @why.
 */
json_t *volume_create(const struct engine *engine, const json_t *request,
                      struct failure *why);

/**
 * volume_create_for - the same for a container
 * @user: its id: one that gets no name is its own from the beginning
 */
json_t *volume_create_for(const struct engine *engine, const json_t *request,
                          const char *user, struct failure *why);

/**
 * volume_inspect - describe one
 * @engine: an engine
 * @name:   its whole name
 * @why:    FAILURE_NOT_FOUND: "get NAME: no such volume"
 *
 * Returns: {"CreatedAt", "Driver", "Labels", "Mountpoint", "Name", "Options",
 *          "Scope"}, a new reference, or NULL with @why.
 */
json_t *volume_inspect(const struct engine *engine, const char *name,
                       struct failure *why);

/**
 * volume_list - describe all that pass a filter
 * @engine:  an engine
 * @filters: {"name": ["x"], "driver", "label", "dangling"}, or with objects
 *           {"x": true} in place of the arrays; NULL: all
 * @why:     FAILURE_BAD_PARAMETER: there is no such filter
 *
 * Returns: {"Volumes": [...], "Warnings": null} by name, or NULL with @why.
 */
json_t *volume_list(const struct engine *engine, const json_t *filters,
                    struct failure *why);

/**
 * volume_users - which containers have a volume, running or not?
 * @engine: an engine
 * @name:   a volume's
 *
 * Returns: an array of ids, a new reference; empty when there is no such
 *          volume; NULL without memory.
 */
json_t *volume_users(const struct engine *engine, const char *name);

/**
 * volume_size - how much is in a volume
 * @engine: an engine
 * @name:   a volume's
 *
 * Returns: bytes, or -1 when that can't be said.
 */
long long volume_size(const struct engine *engine, const char *name);

/**
 * volume_remove - remove a volume and what is in it
 * @engine: an engine
 * @name:   its whole name
 * @force:  is it all right when there is none?
 * @why:    FAILURE_CONFLICT: a container has it; FAILURE_NOT_FOUND
 *
 * Returns: 0, or -1 with @why.
 */
int volume_remove(const struct engine *engine, const char *name, bool force,
                  struct failure *why);

/**
 * volume_prune - remove those that no container has
 * @engine:  an engine
 * @filters: as of volume_list(): "label", "label!", and "all": ["true"] for
 *           those with a name as well; NULL: those without
 * @why:     filled in when the call fails
 *
 * Also clears away what killed commands left.
 *
 * Returns: {"VolumesDeleted": [names], "SpaceReclaimed": bytes}, or NULL with
 *          @why.
 */
json_t *volume_prune(const struct engine *engine, const json_t *filters,
                     struct failure *why);

/**
 * volumes_prepare - at create: check all mounts, and make the volumes
 * @engine: an engine
 * @id:     the container's whole id. It becomes a user of the volumes, for as
 *          long as there is a directory containers/ID: make that before
 * @config: what will be config.json: "Config" with "Volumes", "HostConfig"
 *          with "Binds", "Mounts", "Tmpfs", "VolumeDriver"
 * @points: receives docker's "Mounts", a new reference, to be stored: [{"Type",
 *          "Name", "Source", "Destination", "Driver", "Mode", "RW",
 *          "Propagation"}]
 * @why:    docker's words, FAILURE_BAD_PARAMETER mostly
 *
 * When it fails, the container uses no volume; those without a name are gone.
 *
 * Returns: 0, or -1 with @why.
 * Source:  Docker, "docker container run: --mount".
 */
int volumes_prepare(const struct engine *engine, const char *id,
                    const json_t *config, json_t **points, struct failure *why);

/**
 * volumes_mounts - at start: say what the kernel has to mount
 * @engine:      an engine
 * @points:      from volumes_prepare()
 * @host_config: config.json's "HostConfig"
 * @m:           zeroes; receives the mounts, parents before what is below
 *XX
 * @why:         docker's words
 *
 * Sources of -v that are not there are made; volumes that are gone are made
 * again, empty.
 *
 * Returns: 0, or -1 with @why.
 */
int volumes_mounts(const struct engine *engine, const json_t *points,
                   const json_t *host_config, struct mounts *m,
                   struct failure *why);

/**
 * volumes_release - at rm: the container uses its volumes no more
 * @engine:           an engine
 * @id:               the container's whole id
 * @points:           from volumes_prepare(); may be NULL
 * @remove_anonymous: remove those that were made for it without a name?
 *
 * May be called again. Nothing can be done about what goes wrong.
 */
void volumes_release(const struct engine *engine, const char *id,
                     const json_t *points, bool remove_anonymous);

/**
 * volumes_disown - the same for a container that was never finished
 * @engine: an engine
 * @id:     the container's whole id; its volumes are looked for among all
 *
 * What was begun of other volumes by who was killed goes as well.
 */
void volumes_disown(const struct engine *engine, const char *id);
