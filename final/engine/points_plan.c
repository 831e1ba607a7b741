/*
 * points_plan: what -v, --mount, --tmpfs and an image ask to be mounted.
 *
 * They may contradict each other, or what can be done; then they are refused,
 * as docker does it, and nothing is made.
 *
 * Side           host
 */
#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>

#include "cleanup.h"
#include "mounts.h"
#include "points.h"

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

/* What create found so far. */
struct plan {
    json_t *points;
    const json_t *tmpfs; /* HostConfig.Tmpfs: no points, but targets too */
    struct failure *why;
};

static bool is_taken(const struct plan *p, const char *target)
{
    const json_t *point;
    const char *path;
    json_t *options;
    size_t i;

    json_array_foreach(p->points, i, point)
        if (str_eq(text_of(point, "Destination"), target))
            return true;
    json_object_foreach((json_t *)p->tmpfs, path, options) {
        cleanup_free char *clean = mounts_clean(path);

        if (clean != NULL && str_eq(clean, target))
            return true;
    }
    return false;
}

/* The kernel's own words live there: what we write to it must reach it. */
static bool is_in_proc(const char *target)
{
    return strncmp(target, "/proc", 5) == 0 &&
           (target[5] == '/' || target[5] == '\0');
}

/* Takes over @point. */
static int add_point(struct plan *p, json_t *point)
{
    const char *target = text_of(point, "Destination");
    int status = 0;

    if (point == NULL)
        return fail(p->why, ENOMEM, "note a mount");
    if (is_taken(p, target))
        status = fail_as(p->why, FAILURE_BAD_PARAMETER,
                         "Duplicate mount point: %s", target);
    else if (is_in_proc(target))
        status =
            fail_as(p->why, FAILURE_BAD_PARAMETER,
                    "invalid mount point \"%s\": it is inside /proc", target);
    else
        json_array_append(p->points, point);
    json_decref(point);
    return status;
}

/* A volume is known by its name so far; anything else by what it shows. */
static json_t *make_point(const char *type, const char *what,
                          const char *target, const char *mode, bool read_only,
                          const char *propagation)
{
    const bool is_volume = str_eq(type, "volume");
    json_t *point =
        json_pack("{s:s, s:s, s:s, s:s, s:b, s:s}", "Type", type, "Source",
                  is_volume ? "" : what, "Destination", target, "Mode", mode,
                  "RW", !read_only, "Propagation", propagation);

    if (is_volume) {
        json_object_set_new(point, "Name", json_string(what));
        json_object_set_new(point, "Driver", json_string("local"));
    }
    return point;
}

/* The last word of "ro,rslave" that says how it spreads. */
static const char *spread_of(const char *mode, char word[16])
{
    memcpy(word, "rprivate", sizeof("rprivate"));
    for (; *mode != '\0'; mode += strspn(mode, ",")) {
        char part[16] = "";
        size_t length = strcspn(mode, ",");

        if (length < sizeof(part))
            memcpy(part, mode, length);
        if (mounts_propagation(part) != 0)
            memcpy(word, part, sizeof(part));
        mode += length;
    }
    return word;
}

bool point_mode_has(const char *mode, const char *word)
{
    const char *found = strstr(mode, word);
    size_t length = strlen(word);

    return found != NULL && (found == mode || found[-1] == ',') &&
           (found[length] == ',' || found[length] == '\0');
}

static int plan_request(struct plan *p, const char *text,
                        const struct mount_request *r)
{
    const char *mode = r->options != NULL ? r->options : "";
    char spread[16];

    if (r->source != NULL && *r->source == '/') {
        if (point_mode_has(mode, "nocopy"))
            return fail_as(p->why, FAILURE_BAD_PARAMETER,
                           "invalid volume specification: '%s': invalid mount "
                           "config for type \"bind\": field VolumeOptions must "
                           "not be specified",
                           text);
        return add_point(p, make_point("bind", r->source, r->target, mode,
                                       r->read_only, spread_of(mode, spread)));
    }
    if (r->propagation != 0)
        return fail_as(p->why, FAILURE_BAD_PARAMETER,
                       "invalid volume specification: '%s': invalid mount "
                       "config for type \"volume\": field BindOptions must not "
                       "be specified",
                       text);
    return add_point(p,
                     make_point("volume", r->source ? r->source : "", r->target,
                                *mode != '\0' ? mode : "z", r->read_only, ""));
}

static int plan_binds(struct plan *p, const json_t *binds)
{
    const json_t *bind;
    size_t i;

    json_array_foreach(binds, i, bind) {
        const char *text = json_string_value(bind);
        struct mounts one = {0};

        if (text == NULL)
            return fail_as(p->why, FAILURE_BAD_PARAMETER,
                           "Binds: must be a list of texts");
        int status = mounts_volume(&one, text, p->why);
        if (status == 0)
            status = plan_request(p, text, &one.list[0]);
        mounts_release(&one);
        if (status < 0)
            return -1;
    }
    return 0;
}

static int wrong_mount(struct failure *why, const char *type, const char *what,
                       const char *object, const char *rest)
{
    return fail_as(why, FAILURE_BAD_PARAMETER,
                   "invalid mount config for type \"%s\": %s%s%s", type, what,
                   object, rest);
}

/* Fields that this type has not, and those that it must have. */
static int check_fields(const json_t *mount, const char *type,
                        struct failure *why)
{
    static const char *const options[][2] = {{"bind", "BindOptions"},
                                             {"volume", "VolumeOptions"},
                                             {"tmpfs", "TmpfsOptions"}};
    const char *target = text_of(mount, "Target");
    cleanup_free char *clean = mounts_clean(target);

    if (!str_eq(type, "bind") && !str_eq(type, "volume") &&
        !str_eq(type, "tmpfs"))
        return wrong_mount(why, type, "mount type unknown", "", "");
    if (*target == '\0')
        return wrong_mount(why, type, "field Target must not be empty", "", "");
    if (clean != NULL && str_eq(clean, "/"))
        return wrong_mount(why, type, "invalid specification: destination ",
                           "can't be '/'", "");
    if (*target != '/')
        return wrong_mount(why, type, "invalid mount path: '", target,
                           "' mount path must be absolute");
    for (size_t i = 0; i < 3; i++)
        if (!str_eq(options[i][0], type) && get(mount, options[i][1]) != NULL)
            return wrong_mount(why, type, "field ", options[i][1],
                               " must not be specified");
    return 0;
}

static int plan_bind(struct plan *p, const json_t *mount, const char *target)
{
    const json_t *options = get(mount, "BindOptions");
    const char *spread = text_of(options, "Propagation");
    const char *source = text_of(mount, "Source");
    cleanup_free char *clean = mounts_clean(source);
    struct stat st;

    if (*source == '\0')
        return wrong_mount(p->why, "bind", "field Source must not be empty", "",
                           "");
    if (*source != '/')
        return wrong_mount(p->why, "bind", "invalid mount path: '", source,
                           "' mount path must be absolute");
    if (*spread != '\0' && mounts_propagation(spread) == 0)
        return wrong_mount(p->why, "bind", "invalid propagation mode: ", spread,
                           "");
    if (stat(source, &st) < 0 &&
        !json_is_true(get(options, "CreateMountpoint")))
        return wrong_mount(p->why, "bind",
                           "bind source path does not exist: ", source, "");
    return add_point(p, make_point("bind", clean, target, "",
                                   json_is_true(get(mount, "ReadOnly")),
                                   *spread != '\0' ? spread : "rprivate"));
}

static int plan_volume(struct plan *p, const json_t *mount, const char *target)
{
    const char *name = text_of(mount, "Source");
    const bool read_only = json_is_true(get(mount, "ReadOnly"));
    const char *subpath = text_of(get(mount, "VolumeOptions"), "Subpath");

    if (*name == '\0' && read_only)
        return wrong_mount(p->why, "volume", "must not set ReadOnly mode when ",
                           "using anonymous volumes", "");
    if (*name == '\0' && *subpath != '\0')
        return wrong_mount(p->why, "volume", "must not set Subpath when ",
                           "using anonymous volumes", "");
    return add_point(p, make_point("volume", name, target, "z", read_only, ""));
}

static int plan_mounts(struct plan *p, const json_t *mounts)
{
    const json_t *mount;
    size_t i;

    json_array_foreach(mounts, i, mount) {
        const char *type = text_of(mount, "Type");
        cleanup_free char *target = mounts_clean(text_of(mount, "Target"));
        int status = check_fields(mount, type, p->why);

        if (status == 0 && target == NULL)
            status = fail(p->why, ENOMEM, "note a mount");
        else if (status == 0 && str_eq(type, "bind"))
            status = plan_bind(p, mount, target);
        else if (status == 0 && str_eq(type, "volume"))
            status = plan_volume(p, mount, target);
        else if (status == 0 && *text_of(mount, "Source") != '\0')
            status = wrong_mount(p->why, "tmpfs", "field Source must not be ",
                                 "specified", "");
        else if (status == 0)
            status = add_point(
                p, make_point("tmpfs", "", target, "",
                              json_is_true(get(mount, "ReadOnly")), ""));
        if (status < 0)
            return -1;
    }
    return 0;
}

/* HostConfig.Tmpfs: {"/run": "size=64m"}. */
static int check_tmpfs(const json_t *tmpfs, struct failure *why)
{
    struct mounts unused = {0};
    const char *target;
    json_t *options;
    int status = 0;

    json_object_foreach((json_t *)tmpfs, target, options) {
        const char *words = json_string_value(options);

        if (status == 0)
            status = mounts_tmpfs_at(&unused, target,
                                     words != NULL ? words : "", why);
    }
    for (size_t i = 0; status == 0 && i < unused.count; i++)
        if (is_in_proc(unused.list[i].target))
            status = fail_as(why, FAILURE_BAD_PARAMETER,
                             "invalid mount point \"%s\": it is inside /proc",
                             unused.list[i].target);
    mounts_release(&unused);
    return status;
}

/* Config.Volumes: what the image, or -v without a source, wants kept. */
static int plan_anonymous(struct plan *p, const json_t *volumes)
{
    const char *path;
    json_t *nothing;

    json_object_foreach((json_t *)volumes, path, nothing) {
        cleanup_free char *absolute = NULL;

        if (asprintf(&absolute, "/%s", path) < 0) {
            absolute = NULL;
            return fail(p->why, ENOMEM, "note a volume");
        }
        cleanup_free char *target = mounts_clean(absolute);
        if (target == NULL)
            return fail(p->why, ENOMEM, "note a volume");
        if (str_eq(target, "/"))
            return fail_as(p->why, FAILURE_BAD_PARAMETER,
                           "invalid volume specification: '%s': invalid mount "
                           "config for type \"volume\": invalid specification: "
                           "destination can't be '/'",
                           path);
        if (!is_taken(p, target) &&
            add_point(p, make_point("volume", "", target, "", false, "")) < 0)
            return -1;
    }
    return 0;
}

json_t *points_plan(const json_t *config, struct failure *why)
{
    const json_t *host = get(config, "HostConfig");
    struct plan plan = {
        .points = json_array(), .tmpfs = get(host, "Tmpfs"), .why = why};

    if (json_array_size(get(host, "VolumesFrom")) > 0)
        fail_as(why, FAILURE_BAD_PARAMETER, "VolumesFrom is not supported");
    else if (check_tmpfs(plan.tmpfs, why) == 0 &&
             plan_binds(&plan, get(host, "Binds")) == 0 &&
             plan_mounts(&plan, get(host, "Mounts")) == 0 &&
             plan_anonymous(&plan, get(get(config, "Config"), "Volumes")) == 0)
        return plan.points;
    json_decref(plan.points);
    return NULL;
}
