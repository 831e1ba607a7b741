/*
 * sight: a container's files, as it sees them itself.
 *
 *     it runs       /proc/PID/root, where all its mounts are
 *     it does not   its layers are mounted, by a child, for that child alone
 *
 * To be read only, its own layer is one more tree below a new one in memory:
 * places for mounts can be made in there, and the container is none the wiser.
 *
 * Kernel object  a root directory; a mount namespace
 * Side           host; then a child
 * Look at it     ls -l /proc/PID/root     findmnt -N PID
 */
#include "sight.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <stdio.h>
#include <sys/mount.h>
#include <sys/pidfd.h>
#include <sys/stat.h>
#include <time.h>

#include "cleanup.h"
#include "explain.h"
#include "process.h"
#include "rootfs.h"
#include "volumes.h"

enum {
    MOST_TRIES = 500 /* five seconds */
};

static int open_of(json_int_t pid, const char *what, int flags)
{
    cleanup_free char *path = NULL;

    if (asprintf(&path, "/proc/%lld/%s", (long long)pid, what) < 0) {
        path = NULL;
        errno = ENOMEM;
        return -1;
    }
    return open(path, flags | O_CLOEXEC);
}

/* The number may be another's by the time that it is looked at: only while the
 * process lives is it surely not. */
static int open_running(struct sight *sight, struct failure *why)
{
    const struct record *record = sight->record;
    const json_int_t pid =
        json_integer_value(json_object_get(record->state, "Pid"));
    cleanup_close int pidfd = process_open(record->state, why);

    if (pidfd < 0)
        return -1;
    sight->root_fd = open_of(pid, "root", O_PATH | O_DIRECTORY);
    sight->pin_fd = open_of(pid, "ns/mnt", O_RDONLY);
    if (sight->root_fd < 0 || sight->pin_fd < 0)
        return fail(why, errno, "open the root of container %s", record->id);
    return pidfd_send_signal(pidfd, 0, NULL, 0) < 0
               ? fail(why, errno, "look at container %s", record->id)
               : 0;
}

/* What is only in memory is gone with the process. */
static void drop_tmpfs(struct mounts *m)
{
    size_t kept = 0;

    for (size_t i = 0; i < m->count; i++) {
        struct mount_request r = m->list[i];

        if (r.type != MOUNT_TMPFS) {
            m->list[kept++] = r;
            continue;
        }
        free(r.target);
        free(r.source);
        free(r.subpath);
        free(r.options);
    }
    m->count = kept;
}

/* The container's own layer becomes the topmost of those below. */
static int put_below(struct spec *spec, struct failure *why)
{
    size_t count = 0;

    while (spec->lowerdirs[count] != NULL)
        count++;
    char **longer = calloc(count + 2, sizeof(*longer));
    if (longer == NULL)
        return fail(why, ENOMEM, "list the layers of a container");
    longer[0] = spec->upperdir;
    memcpy(longer + 1, spec->lowerdirs, count * sizeof(*longer));
    free(spec->lowerdirs);
    spec->lowerdirs = longer;
    spec->upperdir = NULL;
    spec->container.overlay.lowerdirs = longer;
    spec->container.overlay.links = NULL; /* those have other numbers */
    return 0;
}

static int describe(struct sight *sight, struct failure *why)
{
    const struct record *record = sight->record;
    const json_t *host = json_object_get(record->config, "HostConfig");
    struct mounts *mounts = &sight->spec.container.mounts;

    if (spec_overlay(&sight->spec, record, why) < 0 ||
        (sight->use != SIGHT_WRITE && put_below(&sight->spec, why) < 0))
        return -1;
    if (sight->use == SIGHT_BARE)
        return 0;
    if (volumes_mounts(record->engine,
                       json_object_get(record->config, "Mounts"), host, mounts,
                       why) < 0)
        return -1;
    drop_tmpfs(mounts);
    return 0;
}

static bool has_process(const struct record *record)
{
    return json_integer_value(json_object_get(record->state, "Pid")) > 0;
}

static int open_either(struct sight *sight, struct failure *why)
{
    const struct record *record = sight->record;

    if (!record_is_up(record) || sight->use == SIGHT_BARE)
        return describe(sight, why);
    if (has_process(record))
        return open_running(sight, why);
    return fail_as(why, FAILURE_CONFLICT,
                   "Container %s is restarting, wait until the container is "
                   "running",
                   record->id);
}

/* Of one whose process has just ended nobody has noted that yet. */
static bool is_ending(const struct sight *sight)
{
    struct failure ignored;

    if (sight->use == SIGHT_BARE || !record_is_up(sight->record) ||
        !has_process(sight->record))
        return false;
    cleanup_close int pidfd = process_open(sight->record->state, &ignored);
    struct pollfd ended = {.fd = pidfd, .events = POLLIN};
    return pidfd < 0 || poll(&ended, 1, 0) > 0;
}

/* Returns 1 to be called again, after a while. */
static int try_open(struct sight *sight, struct failure *why)
{
    struct record *record = sight->record;

    if (record_lock(record, why) < 0) /* reads its state, too */
        return -1;
    int status = open_either(sight, why);
    if (status < 0 && is_ending(sight))
        status = 1;
    sight->is_locked =
        status == 0 && sight->use == SIGHT_WRITE && sight->root_fd < 0;
    if (!sight->is_locked)
        record_unlock(record);
    return status;
}

int sight_open(struct sight *sight, struct record *record, enum sight_use use,
               struct failure *why)
{
    static const struct timespec moment = {.tv_nsec = 10000000};
    int status = 1;

    *sight = (struct sight){
        .record = record, .use = use, .root_fd = -1, .pin_fd = -1};
    for (int tries = 0; status > 0 && tries < MOST_TRIES; tries++) {
        if (tries > 0)
            nanosleep(&moment, NULL);
        status = try_open(sight, why);
        if (status != 0)
            sight_close(sight);
    }
    return status == 0 ? 0 : -1;
}

int sight_flags(const struct sight *sight)
{
    return sight->root_fd >= 0 ? 0 : CLONE_NEWNS;
}

static int enter_running(const struct sight *sight, struct failure *why)
{
    explain(
        CONTAINER, "exec chroot /proc/%d/root",
        (int)json_integer_value(json_object_get(sight->record->state, "Pid")));
    if (fchdir(sight->root_fd) < 0 || chroot(".") < 0)
        return fail(why, errno, "enter the root of container %s",
                    sight->record->id);
    return 0;
}

/* A tree in memory over all that is to be read. */
static int mount_to_read(const struct spec *spec, char **merged,
                         struct failure *why)
{
    cleanup_free char *upper = NULL;
    cleanup_free char *work = NULL;
    struct overlay overlay = spec->container.overlay;

    if (asprintf(&upper, "%s/upper", spec->merged) < 0 ||
        asprintf(&work, "%s/work", spec->merged) < 0 ||
        asprintf(merged, "%s/root", spec->merged) < 0)
        return fail(why, ENOMEM, "mount the layers of a container");
    explain(CONTAINER, "mount -t tmpfs tmpfs %s", spec->merged);
    explain(CONTAINER, "mkdir %s %s %s", upper, work, *merged);
    if (mount("tmpfs", spec->merged, "tmpfs", MS_NODEV | MS_NOSUID,
              "mode=755") < 0 ||
        mkdir(upper, 0755) < 0 || mkdir(work, 0755) < 0 ||
        mkdir(*merged, 0755) < 0)
        return fail(why, errno, "mount a tmpfs on %s", spec->merged);
    overlay.upperdir = upper;
    overlay.workdir = work;
    overlay.merged = *merged;
    return overlay_mount(&overlay, why);
}

static int mount_layers(const struct sight *sight, struct failure *why)
{
    const struct spec *spec = &sight->spec;
    cleanup_free char *merged = NULL;

    if (sight->use == SIGHT_WRITE) {
        if (overlay_mount(&spec->container.overlay, why) < 0)
            return -1;
    } else if (mount_to_read(spec, &merged, why) < 0)
        return -1;
    const char *root = merged != NULL ? merged : spec->merged;
    return chdir(root) < 0 ? fail(why, errno, "chdir to %s", root) : 0;
}

int sight_enter(struct sight *sight, struct failure *why)
{
    struct mounts *mounts = &sight->spec.container.mounts;

    if (sight->root_fd >= 0)
        return enter_running(sight, why);
    return mounts_open(mounts, why) < 0 || rootfs_isolate(why) < 0 ||
                   mount_layers(sight, why) < 0 ||
                   mounts_attach(mounts, why) < 0
               ? -1
               : rootfs_pivot(why);
}

void sight_close(struct sight *sight)
{
    close_fd(&sight->root_fd);
    close_fd(&sight->pin_fd);
    if (sight->is_locked)
        record_unlock(sight->record);
    sight->is_locked = false;
    mounts_release(&sight->spec.container.mounts);
    spec_overlay_release(&sight->spec);
}
