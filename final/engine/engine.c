/*
 * engine: where this engine keeps its objects, and who we are.
 *
 * There is no process behind it. Whoever opens these directories is the
 * engine, for as long as one command lasts.
 *
 * Look at it     find /var/lib/duct /run/duct -maxdepth 2
 */
#include "engine.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>

#include "cleanup.h"

/* Where it usually is, for root and for others. Caller frees. */
static char *usual_data(void)
{
    const char *data = getenv("XDG_DATA_HOME");
    const char *home = getenv("HOME");
    char *path = NULL;

    if (geteuid() == 0)
        return strdup("/var/lib/duct");
    if (data != NULL && *data == '/')
        return asprintf(&path, "%s/duct", data) < 0 ? NULL : path;
    return asprintf(&path, "%s/.local/share/duct", home ? home : "") < 0 ? NULL
                                                                         : path;
}

static char *usual_run(void)
{
    const char *run = getenv("XDG_RUNTIME_DIR");
    char *path = NULL;

    if (geteuid() == 0)
        return strdup("/run/duct");
    if (run != NULL && *run == '/')
        return asprintf(&path, "%s/duct", run) < 0 ? NULL : path;
    return asprintf(&path, "/tmp/duct-%u", geteuid()) < 0 ? NULL : path;
}

/* mkdir -p: nobody else may look inside, programs there may be set-user-ID. */
static int make_directories(char *path)
{
    for (char *slash = path + 1; slash != NULL;) {
        slash = strchr(slash, '/');
        if (slash != NULL)
            *slash = '\0';
        int failed = mkdir(path, 0700) < 0 && errno != EEXIST;
        if (slash != NULL)
            *slash++ = '/';
        if (failed)
            return -1;
    }
    return 0;
}

/* One that is there already costs one call. */
static int open_root(const char *path, struct failure *why)
{
    cleanup_free char *parts = strdup(path);
    struct stat st;
    int fd = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);

    if (*path != '/')
        return fail(why, 0, "%s: must be an absolute path", path);
    if (fd < 0 && errno == ENOENT && parts != NULL &&
        make_directories(parts) == 0)
        fd = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return fail(why, errno, "make the directory %s", path);
    if (fstat(fd, &st) == 0 && st.st_uid == geteuid())
        return fd;
    close_fd(&fd);
    return fail(why, 0, "%s belongs to somebody else", path);
}

int engine_open(struct engine *engine, const char *data, const char *run,
                struct failure *why)
{
    *engine = (struct engine){
        .data = data != NULL ? strdup(data) : usual_data(),
        .run = run != NULL ? strdup(run) : usual_run(),
        .data_fd = -1,
        .run_fd = -1,
        .rootless = geteuid() != 0,
    };
    if (engine->data == NULL || engine->run == NULL)
        fail(why, ENOMEM, "find the engine's directories");
    else if ((engine->data_fd = open_root(engine->data, why)) >= 0 &&
             (engine->run_fd = open_root(engine->run, why)) >= 0)
        return 0;
    engine_close(engine);
    return -1;
}

void engine_close(struct engine *engine)
{
    free(engine->data);
    free(engine->run);
    engine->data = engine->run = NULL;
    close_fd(&engine->data_fd);
    close_fd(&engine->run_fd);
}

int engine_part(const struct engine *engine, const char *name,
                struct failure *why)
{
    const int flags = O_RDONLY | O_DIRECTORY;
    int fd = openat(engine->data_fd, name, flags | O_CLOEXEC);

    if (fd < 0 && errno == ENOENT &&
        (mkdirat(engine->data_fd, name, 0700) == 0 || errno == EEXIST))
        fd = openat(engine->data_fd, name, flags | O_CLOEXEC);
    return fd >= 0 ? fd : fail(why, errno, "open %s/%s", engine->data, name);
}
