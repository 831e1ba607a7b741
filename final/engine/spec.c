/*
 * spec: from what is written down about a container to what the kernel needs.
 *
 * Side           host, in the monitor
 */
#include "spec.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include "cleanup.h"
#include "explain.h"
#include "image.h"
#include "monitor.h"
#include "process.h"
#include "resources.h"
#include "store.h"
#include "volumes.h"

static const json_t *config_of(const struct record *record)
{
    return json_object_get(record->config, "Config");
}

static const json_t *host_of(const struct record *record)
{
    return json_object_get(record->config, "HostConfig");
}

static const char *text(const json_t *object, const char *name)
{
    const char *value = json_string_value(json_object_get(object, name));

    return value != NULL ? value : "";
}

char **spec_words(const json_t *list, const char *more)
{
    char **words = calloc(json_array_size(list) + 2, sizeof(*words));
    char **end = words;
    const json_t *word;
    size_t i;

    if (words == NULL)
        return NULL;
    if (more != NULL)
        *end++ = (char *)more;
    json_array_foreach(list, i, word)
        if (json_is_string(word))
            *end++ = (char *)json_string_value(word);
    return words;
}

static bool is_set(char *const *environment, const char *name)
{
    size_t length = strlen(name);

    for (; *environment != NULL; environment++)
        if (strncmp(*environment, name, length) == 0 &&
            (*environment)[length] == '=')
            return true;
    return false;
}

char **spec_environment(const json_t *config, char **hostname)
{
    const json_t *env = json_object_get(config, "Env");
    cleanup_free char **own = spec_words(env, NULL);
    char **all = calloc(json_array_size(env) + 4, sizeof(*all));
    size_t count = 0;

    if (own == NULL || all == NULL ||
        asprintf(hostname, "HOSTNAME=%s", text(config, "Hostname")) < 0) {
        *hostname = NULL;
        free(all);
        return NULL;
    }
    if (!is_set(own, "PATH"))
        all[count++] = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:"
                       "/usr/bin:/sbin:/bin";
    if (!is_set(own, "HOSTNAME"))
        all[count++] = *hostname;
    if (json_is_true(json_object_get(config, "Tty")) && !is_set(own, "TERM"))
        all[count++] = "TERM=xterm";
    for (size_t i = 0; own[i] != NULL; i++)
        all[count++] = own[i];
    return all;
}

static int make_command(struct spec *spec, const struct record *record,
                        struct failure *why)
{
    const json_t *config = config_of(record);
    struct command *command = &spec->container.command;

    spec->argv = spec_words(json_object_get(record->config, "Args"),
                            text(record->config, "Path"));
    spec->environment = spec_environment(config, &spec->hostname);
    if (spec->argv == NULL || spec->environment == NULL)
        return fail(why, ENOMEM, "read the command");
    *command = (struct command){
        .argv = spec->argv,
        .environment = spec->environment,
        .workdir = *text(config, "WorkingDir") == '/'
                       ? text(config, "WorkingDir")
                       : "/",
        .make_workdir = true,
        .user = *text(config, "User") != '\0' ? text(config, "User") : "0",
        .report_fd = -1,
    };
    security_command(&spec->security, command);
    return 0;
}

/* Without root, what belongs to another container can be entered only by who
 * is root of that one's users. So these become ours, too. */
static int join_users(struct spec *spec, const struct record *other, pid_t pid,
                      struct failure *why)
{
    struct namespaces *n = &spec->container.namespaces;
    cleanup_free char *path = NULL;
    struct stat before;
    struct stat now;

    if (!other->engine->rootless)
        return 0;
    if (asprintf(&path, "/proc/%d/ns/user", pid) < 0)
        return fail(why, ENOMEM, "join a namespace");
    cleanup_close int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0 || fstat(fd, &now) < 0)
        return fail(why, errno, "open %s", path);
    if (n->joined_user > 0 &&
        (fstat(n->joined_user, &before) < 0 || before.st_ino != now.st_ino))
        return fail_as(why, FAILURE_CONFLICT,
                       "cannot join namespaces of containers whose users are "
                       "not the same, without root: %s is one too many",
                       other->id);
    if (n->joined_user == 0)
        n->joined_user = take_fd(&fd);
    n->flags &= ~CLONE_NEWUSER;
    return 0;
}

/* "container:ID", "host", or a namespace of its own. */
static int join_mode(struct spec *spec, const struct record *record,
                     const char *mode, const char *file, int flag,
                     struct failure *why)
{
    struct namespaces *n = &spec->container.namespaces;
    cleanup_record struct record other = RECORD_CLOSED;
    cleanup_free char *path = NULL;
    int place = 0;

    if (str_eq(mode, "host")) {
        n->flags &= ~flag;
        spec->foreign |= flag;
    }
    if (strncmp(mode, "container:", 10) != 0)
        return 0;
    n->flags &= ~flag;
    /* We hold our own lock: who waits for another's may wait for ever. */
    if (record_peek(&other, record->engine, mode + 10, why) < 0)
        return -1;
    if (!record_is_up(&other) || monitor_is_lost(&other))
        return fail_as(why, FAILURE_CONFLICT,
                       "cannot join the %s namespace of a non running "
                       "container: %s",
                       file, other.id);
    json_int_t pid = json_integer_value(json_object_get(other.state, "Pid"));
    if (asprintf(&path, "/proc/%lld/ns/%s", (long long)pid, file) < 0)
        return fail(why, ENOMEM, "join a namespace");
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return fail(why, errno, "open %s", path);
    if (join_users(spec, &other, (pid_t)pid, why) < 0) {
        close_fd(&fd);
        return -1;
    }
    if (flag == CLONE_NEWPID) {
        n->joined_pid = fd;
        return 0;
    }
    while (place < JOIN_MOST - 1 && n->joined[place] > 0)
        place++;
    n->joined[place] = fd;
    return 0;
}

static int make_namespaces(struct spec *spec, const struct record *record,
                           struct failure *why)
{
    const json_t *host = host_of(record);
    struct namespaces *n = &spec->container.namespaces;
    const char *network = text(host, "NetworkMode");

    *n = (struct namespaces){
        .flags = CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWUTS | CLONE_NEWIPC |
                 CLONE_NEWNET | CLONE_NEWCGROUP |
                 (record->engine->rootless ? CLONE_NEWUSER : 0),
        .hostname = text(config_of(record), "Hostname"),
        .domainname = text(config_of(record), "Domainname"),
        .cgroup_fd = -1,
    };
    if (join_mode(spec, record, network, "net", CLONE_NEWNET, why) < 0 ||
        join_mode(spec, record, text(host, "PidMode"), "pid", CLONE_NEWPID,
                  why) < 0 ||
        join_mode(spec, record, text(host, "IpcMode"), "ipc", CLONE_NEWIPC,
                  why) < 0 ||
        join_mode(spec, record, text(host, "UTSMode"), "uts", CLONE_NEWUTS,
                  why) < 0 ||
        join_mode(spec, record, text(host, "CgroupnsMode"), "cgroup",
                  CLONE_NEWCGROUP, why) < 0)
        return -1;
    return 0;
}

/* What the image may lack is in a tree below all others: so there is
 * something to mount on, and making it is no change of the container's. */
static int make_bottom(const struct engine *engine, char **path,
                       struct failure *why)
{
    static const char *const directories[] = {"proc", "sys", "dev", "etc"};
    static const char *const files[] = {"etc/hosts", "etc/hostname",
                                        "etc/resolv.conf"};
    struct stat st;

    if (asprintf(path, "%s/layers/bottom", engine->data) < 0)
        return fail(why, ENOMEM, "make a tree to mount on");
    cleanup_close int layers = engine_part(engine, "layers", why);
    if (layers < 0)
        return -1;
    if (fstatat(layers, "bottom/etc/resolv.conf", &st, 0) == 0)
        return 0;
    (void)mkdirat(layers, "bottom", 0755);
    cleanup_close int fd =
        openat(layers, "bottom", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    (void)fchmod(fd, 0755);
    for (size_t i = 0; i < sizeof(directories) / sizeof(directories[0]); i++)
        if ((mkdirat(fd, directories[i], 0755) < 0 && errno != EEXIST) ||
            fchmodat(fd, directories[i], 0755, 0) < 0)
            return fail(why, errno, "make %s/%s", *path, directories[i]);
    for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
        cleanup_close int file =
            openat(fd, files[i], O_WRONLY | O_CREAT | O_CLOEXEC, 0644);

        if (file < 0 || fchmod(file, 0644) < 0)
            return fail(why, errno, "make %s/%s", *path, files[i]);
    }
    return 0;
}

static int make_lowerdirs(struct spec *spec, const struct record *record,
                          struct failure *why)
{
    const struct engine *engine = record->engine;
    cleanup_store struct store store = STORE_CLOSED;
    cleanup_image struct image image = {.config = NULL};
    const char *id = text(record->config, "Image");

    spec->lowerdirs = calloc(BOUND_LAYERS + 2, sizeof(char *));
    if (spec->lowerdirs == NULL)
        return fail(why, ENOMEM, "list an image's layers");
    if (store_open(&store, engine->data, engine->data_fd, STORE_READ, why) <
            0 ||
        image_find_id(&image, &store, id, why) < 0 ||
        image_lowerdirs(&image, &store, spec->lowerdirs, why) < 0)
        return -1;
    char **end = spec->lowerdirs;
    while (*end != NULL)
        end++;
    return make_bottom(engine, end, why);
}

/* A volatile mount leaves a mark, so that nobody takes the layer for whole
 * after a crash. If one is there, an earlier start of ours has failed. */
static void drop_mark(const char *workdir)
{
    static const char *const parts[] = {"volatile/dirty", "volatile"};
    static const char inner[] = "work"; /* overlayfs makes that in it */

    for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
        cleanup_free char *mark = NULL;

        if (asprintf(&mark, "%s/%s/incompat/%s", workdir, inner, parts[i]) <
                0 ||
            remove(mark) < 0)
            return; /* mostly there is none */
    }
}

int spec_overlay(struct spec *spec, const struct record *record,
                 struct failure *why)
{
    const struct engine *engine = record->engine;
    bool is_volatile = record_is_auto_remove(record);

    if (asprintf(&spec->upperdir, "%s/containers/%s/upper", engine->data,
                 record->id) < 0 ||
        asprintf(&spec->workdir, "%s/containers/%s/work", engine->data,
                 record->id) < 0 ||
        asprintf(&spec->merged, "%s/containers/%s/merged", engine->data,
                 record->id) < 0 ||
        asprintf(&spec->links, "%s/containers/%s/lower", engine->data,
                 record->id) < 0)
        return fail(why, ENOMEM, "prepare the layer of a container");
    explain(HOST, "mkdir -p -m 755 %s %s %s", spec->upperdir, spec->workdir,
            spec->merged);
    if (mkdir(spec->merged, 0755) < 0 && errno != EEXIST)
        return fail(why, errno, "make %s", spec->merged);
    if (make_lowerdirs(spec, record, why) < 0)
        return -1;
    if (is_volatile)
        drop_mark(spec->workdir);
    spec->container.overlay = (struct overlay){
        .lowerdirs = spec->lowerdirs,
        .upperdir = spec->upperdir,
        .workdir = spec->workdir,
        .merged = spec->merged,
        .links = spec->links,
        .user = engine->rootless,
        .is_volatile = is_volatile,
    };
    return 0;
}

/* A text as echo would write it, line by line. */
static void explain_text(const char *directory, const char *name,
                         const char *text)
{
    cleanup_free char *lines = strdup(text);
    char *rest = lines;

    explain(HOST, ": >%s/%s", directory, name);
    while (rest != NULL && *rest != '\0')
        explain(HOST, "echo %s >>%s/%s", strsep(&rest, "\n"), directory, name);
}

/* Files in its directory that are mounted over those in /etc. */
static int write_file(int dir_fd, const char *name, const char *content,
                      struct failure *why)
{
    cleanup_close int fd =
        openat(dir_fd, name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    size_t length = strlen(content);

    if (fd < 0 || write(fd, content, length) != (ssize_t)length ||
        fchmod(fd, 0644) < 0)
        return fail(why, errno, "write the container's %s", name);
    return 0;
}

static void explain_names(const struct record *record,
                          const struct names_texts *texts)
{
    cleanup_free char *directory = NULL;

    if (asprintf(&directory, "%s/containers/%s", record->engine->data,
                 record->id) < 0)
        return;
    explain_text(directory, "hosts", texts->hosts);
    explain_text(directory, "hostname", texts->hostname);
    explain_text(directory, "resolv.conf", texts->resolv_conf);
}

static int make_names(struct spec *spec, const struct record *record,
                      struct failure *why)
{
    struct names_texts texts = {.hosts = NULL};
    const char *base = record->engine->data;
    int status = names_texts(&spec->endpoints, record->config, &texts, why);
    char *hostname = NULL;

    if (status == 0)
        explain_names(record, &texts);
    if (status == 0 &&
        (write_file(record->fd, "hosts", texts.hosts, why) < 0 ||
         write_file(record->fd, "hostname", texts.hostname, why) < 0 ||
         write_file(record->fd, "resolv.conf", texts.resolv_conf, why) < 0))
        status = -1;
    names_free(&texts);
    if (status == 0 &&
        (asprintf(&spec->hosts, "%s/containers/%s/hosts", base, record->id) <
             0 ||
         asprintf(&hostname, "%s/containers/%s/hostname", base, record->id) <
             0 ||
         asprintf(&spec->resolv_conf, "%s/containers/%s/resolv.conf", base,
                  record->id) < 0))
        status = fail(why, ENOMEM, "name a container");
    spec->hostname_path = hostname;
    spec->container.files = (struct container_files){
        .hosts = spec->hosts,
        .hostname = spec->hostname_path,
        .resolv_conf = spec->resolv_conf,
    };
    return status;
}

static int make_limits(struct spec *spec, const struct record *record,
                       struct failure *why)
{
    const json_t *host = host_of(record);
    cleanup_free char *name = resources_cgroup_name(host, record->id, why);

    if (name == NULL || resources_limits(host, &spec->limits, why) < 0 ||
        cgroup_create(&spec->cgroup, name, &spec->limits, why) < 0)
        return -1;
    spec->container.cgroup = &spec->cgroup;
    return security_devices(&spec->security, &spec->cgroup, why);
}

int spec_make(struct spec *spec, const struct record *record,
              struct failure *why)
{
    memset(spec, 0, sizeof(*spec));
    spec->container.terminal_socket = -1;
    if (security_from(record->config, &spec->security, why) == 0 &&
        security_open_filter(&spec->security, record->fd, why) == 0 &&
        make_namespaces(spec, record, why) == 0 &&
        spec_overlay(spec, record, why) == 0 &&
        make_command(spec, record, why) == 0 &&
        volumes_mounts(record->engine,
                       json_object_get(record->config, "Mounts"),
                       host_of(record), &spec->container.mounts, why) == 0 &&
        endpoints_create(record->engine, record->id, record->config,
                         &spec->endpoints, why) == 0 &&
        make_names(spec, record, why) == 0 &&
        make_limits(spec, record, why) == 0) {
        security_container(&spec->security, &spec->container);
        if (spec->container.namespaces.joined_user > 0)
            spec->container.rootfs.namespaces =
                (CLONE_NEWUSER | CLONE_NEWNET | CLONE_NEWPID | CLONE_NEWIPC |
                 spec->container.namespaces.flags) &
                ~spec->foreign;
        return 0;
    }
    spec_release(spec);
    return -1;
}

void spec_overlay_release(struct spec *spec)
{
    char **lower = spec->lowerdirs;

    while (lower != NULL && *lower != NULL)
        free(*lower++);
    free(spec->lowerdirs);
    free(spec->upperdir);
    free(spec->workdir);
    free(spec->merged);
    free(spec->links);
    spec->lowerdirs = NULL;
    spec->upperdir = spec->workdir = spec->merged = spec->links = NULL;
}

void spec_release(struct spec *spec)
{
    struct namespaces *n = &spec->container.namespaces;

    (void)cgroup_destroy(&spec->cgroup);
    endpoints_destroy(&spec->endpoints);
    mounts_release(&spec->container.mounts);
    security_release(&spec->security);
    for (int i = 0; i < JOIN_MOST; i++)
        if (n->joined[i] > 0)
            close_fd(&n->joined[i]);
    if (n->joined_pid > 0)
        close_fd(&n->joined_pid);
    spec_overlay_release(spec);
    if (n->joined_user > 0)
        close_fd(&n->joined_user);
    free(spec->argv);
    free(spec->environment);
    free(spec->hosts);
    free(spec->hostname);
    free(spec->hostname_path);
    free(spec->resolv_conf);
    memset(spec, 0, sizeof(*spec));
}
