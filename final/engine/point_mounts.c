/*
 * point_mounts: at start, what the kernel has to mount for a container.
 *
 * Side           host, just before there is a container
 * Look at it     findmnt -N PID
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/mount.h>
#include <sys/stat.h>

#include "cleanup.h"
#include "mounts.h"
#include "points.h"
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

/* One directory of a path on the host, whose links are the host's own.
 * Returns: O_PATH, or -1 with errno. */
static int enter_directory(int parent_fd, const char *name)
{
    int fd = openat(parent_fd, name, O_PATH | O_DIRECTORY | O_CLOEXEC);

    if (fd >= 0 || errno != ENOENT)
        return fd;
    if (mkdirat(parent_fd, name, 0700) < 0)
        return errno == EEXIST
                   ? openat(parent_fd, name, O_PATH | O_DIRECTORY | O_CLOEXEC)
                   : -1;
    fd = openat(parent_fd, name,
                O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (fd >= 0)
        (void)fchmod(fd, 0755); /* whatever our umask is */
    return fd;
}

/* mkdir -p of what -v named and nobody made. */
static int make_source(const char *path, struct failure *why)
{
    cleanup_free char *copy = strdup(path);
    char *rest = copy;
    const char *name;
    int fd = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);

    if (copy == NULL)
        close_fd(&fd);
    while (fd >= 0 && (name = strsep(&rest, "/")) != NULL) {
        if (*name == '\0')
            continue;
        int next = enter_directory(fd, name);
        close_fd(&fd);
        fd = next;
    }
    if (fd < 0)
        return fail(why, errno, "error while creating mount source path '%s'",
                    path);
    close_fd(&fd);
    return 0;
}

static int check_source(const json_t *mount, const char *source,
                        struct failure *why)
{
    const json_t *options = get(mount, "BindOptions");

    if (access(source, F_OK) == 0)
        return 0;
    if (errno != ENOENT)
        return fail(why, errno, "look at %s", source);
    if (mount == NULL || json_is_true(get(options, "CreateMountpoint")))
        return make_source(source, why);
    return fail_as(why, FAILURE_BAD_PARAMETER,
                   "invalid mount config for type \"bind\": bind source path "
                   "does not exist: %s",
                   source);
}

/* What is asked for a bind of the host's. */
static int want_bind(struct mount_request *r, const json_t *point,
                     const json_t *mount, struct failure *why)
{
    const json_t *options = get(mount, "BindOptions");
    const char *source = text_of(point, "Source");

    r->propagation = mounts_propagation(text_of(point, "Propagation"));
    r->is_shallow = json_is_true(get(options, "NonRecursive"));
    r->read_only_shallow = json_is_true(get(options, "ReadOnlyNonRecursive"));
    r->source = strdup(source);
    if (r->source == NULL)
        return fail(why, ENOMEM, "note a mount");
    if (check_source(mount, source, why) < 0)
        return -1;
    if (!(r->propagation & (MS_SHARED | MS_SLAVE)))
        return 0;
    return mounts_can_spread(source, r->propagation, why);
}

/* A volume that somebody took away from the disk comes back, empty. */
static int open_volume(const struct engine *engine, const char *name,
                       struct failure *why)
{
    json_auto_t *request = json_pack("{s:s}", "Name", name);
    int fd = volume_dir_open(engine, name);

    if (fd >= 0 || errno != ENOENT)
        return fd >= 0 ? fd : fail(why, errno, "open volume %s", name);
    json_t *volume = volume_create(engine, request, why);
    if (volume == NULL)
        return -1;
    json_decref(volume);
    fd = volume_dir_open(engine, name);
    return fd >= 0 ? fd : fail(why, errno, "open volume %s", name);
}

/* Where its content is: its own directory, or with o=bind another. */
static char *source_of(const struct engine *engine, const char *name,
                       struct failure *why)
{
    json_auto_t *volume = volume_inspect(engine, name, why);
    const char *device = text_of(get(volume, "Options"), "device");

    return volume == NULL
               ? NULL
               : strdup(*device != '\0' ? device
                                        : text_of(volume, "Mountpoint"));
}

static int want_volume(const struct engine *engine, struct mount_request *r,
                       const json_t *point, const json_t *mount,
                       struct failure *why)
{
    const json_t *options = get(mount, "VolumeOptions");
    const char *name = text_of(point, "Name");
    const char *subpath = text_of(options, "Subpath");
    cleanup_close int fd = open_volume(engine, name, why);

    if (fd < 0)
        return -1;
    r->source = source_of(engine, name, why);
    if (r->source == NULL)
        return -1;
    if (*subpath != '\0') {
        r->subpath = strdup(subpath);
        return r->subpath != NULL ? 0 : fail(why, ENOMEM, "note a mount");
    }
    if (json_is_true(get(options, "NoCopy")) ||
        point_mode_has(text_of(point, "Mode"), "nocopy"))
        return 0;
    r->mark_fd = take_fd(&fd);
    return 0;
}

static void put_option(FILE *options, const json_t *pair)
{
    const char *key = json_string_value(json_array_get(pair, 0));
    const char *value = json_string_value(json_array_get(pair, 1));

    if (key != NULL)
        fprintf(options, ",%s%s%s", key, value != NULL ? "=" : "",
                value != NULL ? value : "");
}

/* "rw,size=N,mode=755": the same words as of --tmpfs, and the same reader. */
static int add_tmpfs(struct mounts *m, const json_t *point, const json_t *mount,
                     struct failure *why)
{
    const json_t *options = get(mount, "TmpfsOptions");
    const json_int_t size = json_integer_value(get(options, "SizeBytes"));
    const json_int_t mode = json_integer_value(get(options, "Mode"));
    cleanup_free char *text = NULL;
    size_t length;
    FILE *out = open_memstream(&text, &length);
    const json_t *pair;
    size_t i;

    if (out == NULL)
        return fail(why, ENOMEM, "note a tmpfs");
    fprintf(out, "%s", json_is_true(get(point, "RW")) ? "rw" : "ro");
    if (size > 0)
        fprintf(out, ",size=%" JSON_INTEGER_FORMAT, size);
    if (mode > 0)
        fprintf(out, ",mode=%o", (unsigned)mode & 07777);
    json_array_foreach(get(options, "Options"), i, pair)
        put_option(out, pair);
    fclose(out);
    return mounts_tmpfs_at(m, text_of(point, "Destination"), text, why);
}

static int add_point(const struct engine *engine, struct mounts *m,
                     const json_t *point, const json_t *host,
                     struct failure *why)
{
    const json_t *mount = point_mount(host, point);
    const char *type = text_of(point, "Type");
    struct mount_request r = MOUNT_REQUEST;

    if (str_eq(type, "tmpfs"))
        return add_tmpfs(m, point, mount, why);
    r.target = strdup(text_of(point, "Destination"));
    r.read_only = !json_is_true(get(point, "RW"));
    r.attributes = json_is_true(get(host, "Privileged")) ? 0 : MOUNT_ATTR_NODEV;
    if (r.target == NULL)
        return fail(why, ENOMEM, "note a mount");
    int status = str_eq(type, "volume")
                     ? want_volume(engine, &r, point, mount, why)
                     : want_bind(&r, point, mount, why);
    /* Also what is not whole is released there. */
    return mounts_add(m, &r, status < 0 ? &(struct failure){0} : why) < 0
               ? -1
               : status;
}

static size_t depth_of(const char *path)
{
    size_t depth = 0;

    for (; *path != '\0'; path++)
        depth += *path == '/';
    return depth;
}

/* What is below another's target comes after that one, or it would be hidden.
 * Those of the same depth stay in order. */
static void sort(struct mounts *m)
{
    for (size_t i = 1; i < m->count; i++) {
        struct mount_request r = m->list[i];
        size_t at = i;

        for (; at > 0 && depth_of(m->list[at - 1].target) > depth_of(r.target);
             at--)
            m->list[at] = m->list[at - 1];
        m->list[at] = r;
    }
}

int volumes_mounts(const struct engine *engine, const json_t *points,
                   const json_t *host_config, struct mounts *m,
                   struct failure *why)
{
    const char *target;
    json_t *options;
    const json_t *point;
    size_t i;

    m->read_only_root = json_is_true(get(host_config, "ReadonlyRootfs"));
    json_array_foreach(points, i, point)
        if (add_point(engine, m, point, host_config, why) < 0)
            return -1;
    json_object_foreach((json_t *)get(host_config, "Tmpfs"), target, options) {
        const char *words = json_string_value(options);

        if (mounts_tmpfs_at(m, target, words != NULL ? words : "", why) < 0)
            return -1;
    }
    sort(m);
    return 0;
}
