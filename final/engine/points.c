/*
 * points: which mounts a container gets, and what they show.
 *
 * At create all that was asked for is planned, volumes are made, and what they
 * are is written down: docker's "Mounts". At start that is told to the kernel.
 *
 * Side           host
 * Look at it     duct inspect CONTAINER | jq '.[0].Mounts'
 */
#include "points.h"

#include <errno.h>
#include <fcntl.h>

#include "cleanup.h"
#include "mounts.h"
#include "volume_dir.h"
#include "volumes.h"

static const json_t *get(const json_t *object, const char *name)
{
    const json_t *value = json_object_get(object, name);

    return json_is_null(value) ? NULL : value;
}

static const char *text_of(const json_t *object, const char *name)
{
    const char *text = json_string_value(json_object_get(object, name));

    return text != NULL ? text : "";
}

const json_t *point_mount(const json_t *host, const json_t *point)
{
    const json_t *mount;
    size_t i;

    json_array_foreach(get(host, "Mounts"), i, mount) {
        cleanup_free char *target = mounts_clean(text_of(mount, "Target"));

        if (target != NULL && str_eq(target, text_of(point, "Destination")))
            return mount;
    }
    return NULL;
}

/* The create request for a point's volume. */
static json_t *request_for(const json_t *host, const json_t *point)
{
    const json_t *options = get(point_mount(host, point), "VolumeOptions");
    const json_t *driver = get(options, "DriverConfig");
    json_t *request = json_pack("{s:s}", "Name", text_of(point, "Name"));

    if (get(options, "Labels") != NULL)
        json_object_set(request, "Labels", (json_t *)get(options, "Labels"));
    if (get(driver, "Options") != NULL)
        json_object_set(request, "DriverOpts",
                        (json_t *)get(driver, "Options"));
    json_object_set_new(request, "Driver",
                        json_string(driver != NULL
                                        ? text_of(driver, "Name")
                                        : text_of(host, "VolumeDriver")));
    return request;
}

/* Makes one volume, if there is none, and makes it the container's. */
static int join(const struct engine *engine, const char *id, const json_t *host,
                json_t *point, struct failure *why)
{
    const bool is_anonymous = *text_of(point, "Name") == '\0';
    json_auto_t *request = request_for(host, point);

    for (;;) {
        json_auto_t *volume = volume_create_for(engine, request, id, why);

        if (volume == NULL)
            return -1;
        const char *name = text_of(volume, "Name");
        cleanup_close int fd = volume_dir_lock(engine, name);
        if (fd < 0 && errno == ENOENT)
            continue; /* it was removed in between */
        if (fd < 0 || volume_dir_join(fd, id, is_anonymous) < 0)
            return fail(why, errno, "use volume %s", name);
        json_object_set(point, "Name", json_object_get(volume, "Name"));
        json_object_set(point, "Source", json_object_get(volume, "Mountpoint"));
        return 0;
    }
}

static int join_all(const struct engine *engine, const char *id,
                    const json_t *host, const json_t *points,
                    struct failure *why)
{
    json_t *point;
    size_t i;

    json_array_foreach(points, i, point)
        if (str_eq(text_of(point, "Type"), "volume") &&
            join(engine, id, host, point, why) < 0)
            return -1;
    return 0;
}

int volumes_prepare(const struct engine *engine, const char *id,
                    const json_t *config, json_t **points, struct failure *why)
{
    const json_t *host = get(config, "HostConfig");
    json_t *plan = points_plan(config, why);

    if (plan == NULL)
        return -1;
    if (join_all(engine, id, host, plan, why) == 0) {
        *points = plan;
        return 0;
    }
    volumes_release(engine, id, plan, true);
    json_decref(plan);
    return -1;
}

void volumes_release(const struct engine *engine, const char *id,
                     const json_t *points, bool remove_anonymous)
{
    const json_t *point;
    size_t i;

    json_array_foreach(points, i, point)
        if (str_eq(text_of(point, "Type"), "volume"))
            volume_dir_leave(engine, text_of(point, "Name"), id,
                             remove_anonymous);
}

void volumes_disown(const struct engine *engine, const char *id)
{
    volume_dir_sweep(engine, id);
}
