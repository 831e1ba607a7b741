/*
 * names: what a container is called, and whom it asks for other names.
 *
 * Kernel object  three bind mounts of files that lie beside the layer: they
 *                are no part of the image, and no change to it
 * Side           host: write     container: attach
 * Look at it     findmnt -N PID | grep /etc     ls LAYER/names/etc
 */
#include "names.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <stdio.h>
#include <sys/mount.h>
#include <sys/stat.h>

#include "cleanup.h"
#include "explain.h"
#include "inside.h"

static const char *const files[] = {"hosts", "hostname", "resolv.conf"};

static const char hosts[] = "/etc/hosts";
static const char *const resolvers[] = {"/etc/resolv.conf",
                                        "/run/systemd/resolve/resolv.conf"};

static char *path_of(const struct layer *layer, const char *rest)
{
    char *path = NULL;

    return asprintf(&path, "%s/names%s", layer->directory, rest) < 0 ? NULL
                                                                     : path;
}

static int make_directory(const char *path, struct failure *why)
{
    if (path == NULL)
        return fail(why, ENOMEM, "name a directory");
    explain(HOST, "mkdir -p %s", path);
    if (mkdir(path, 0755) < 0 && errno != EEXIST)
        return fail(why, errno, "mkdir %s", path);
    return 0;
}

/* Line by line, each with its side. */
static void explain_text(const char *text, const char *path)
{
    cleanup_free char *copy = strdup(text);
    char *rest = copy;

    explain(HOST, ": >%s", path);
    while (rest != NULL && *rest != '\0')
        explain(HOST, "echo %s >>%s", strsep(&rest, "\n"), path);
}

static int write_file(const char *directory, const char *name, const char *text,
                      struct failure *why)
{
    cleanup_free char *path = NULL;

    if (asprintf(&path, "%s/%s", directory, name) < 0)
        return fail(why, ENOMEM, "write %s", name);
    explain_text(text, path);
    cleanup_close int fd =
        open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    if (fd < 0 || write(fd, text, strlen(text)) != (ssize_t)strlen(text))
        return fail(why, errno, "write %s", path);
    return 0;
}

/* A name server at 127.0.0.53 is out of a container's reach: that address is
 * the container itself. */
static bool is_loopback(const char *server)
{
    return strncmp(server, "127.", 4) == 0 || strncmp(server, "::1", 3) == 0;
}

/* Copies one of the host's files; without name servers on loopback, unless
 * @whole. Returns how many name servers there are. */
static int copy_lines(const char *path, FILE *out, bool whole)
{
    FILE *in = fopen(path, "re");
    cleanup_free char *line = NULL;
    size_t size = 0;
    int servers = 0;

    while (in != NULL && getline(&line, &size, in) > 0) {
        static const char word[] = "nameserver";
        const char *rest = line + strlen(word);

        if (strncmp(line, word, strlen(word)) == 0) {
            if (!whole && is_loopback(rest + strspn(rest, " \t")))
                continue;
            servers++;
        }
        fputs(line, out);
    }
    if (in != NULL)
        fclose(in);
    return servers;
}

/* systemd-resolved keeps the real ones in a file of its own. */
static void put_resolvers(FILE *out, bool whole)
{
    for (size_t i = 0; i < sizeof(resolvers) / sizeof(resolvers[0]); i++) {
        rewind(out);
        if (copy_lines(resolvers[i], out, whole) > 0)
            return;
    }
}

static void put_hosts(FILE *out, const struct network *network,
                      const char *hostname)
{
    if (network->request->mode == NETWORK_HOST) {
        copy_lines(hosts, out, true);
        return;
    }
    fputs("127.0.0.1 localhost\n::1 localhost ip6-localhost ip6-loopback\n",
          out);
    fprintf(out, "%s %s\n",
            network->address.lock_fd < 0 ? "127.0.1.1" : network->address.text,
            hostname);
}

static int write_one(const char *directory, const char *name,
                     const struct network *network, const char *hostname,
                     struct failure *why)
{
    cleanup_free char *text = NULL;
    size_t length;
    FILE *out = open_memstream(&text, &length);

    if (out == NULL)
        return fail(why, ENOMEM, "write %s", name);
    if (str_eq(name, "hosts"))
        put_hosts(out, network, hostname);
    else if (str_eq(name, "hostname"))
        fprintf(out, "%s\n", hostname);
    else
        put_resolvers(out, network->request->mode == NETWORK_HOST);
    fclose(out);
    return write_file(directory, name, text, why);
}

int names_write(const struct layer *layer, const struct network *network,
                const struct namespaces *namespaces, struct failure *why)
{
    cleanup_free char *top = path_of(layer, "");
    cleanup_free char *etc = path_of(layer, "/etc");
    char hostname[HOST_NAME_MAX + 1] = "";
    const char *name = namespaces->hostname;

    if (!(namespaces->flags & CLONE_NEWUTS)) {
        gethostname(hostname, sizeof(hostname) - 1);
        name = hostname;
    }
    if (make_directory(top, why) < 0 || make_directory(etc, why) < 0)
        return -1;
    for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++)
        if (write_one(etc, files[i], network, name, why) < 0)
            return -1;
    return 0;
}

char **names_lowerdirs(const struct layer *layer, char **lowerdirs)
{
    cleanup_free char *ours = path_of(layer, "");
    size_t count = 0;

    while (lowerdirs[count] != NULL)
        count++;
    size_t size = (count + 2) * sizeof(char *); /* ours, and NULL */
    char **longer = ours == NULL ? NULL : calloc(1, size + strlen(ours) + 1);
    if (longer == NULL)
        return NULL;
    memcpy(longer, lowerdirs, count * sizeof(*longer));
    longer[count] = memcpy((char *)longer + size, ours, strlen(ours) + 1);
    return longer;
}

static int attach_one(int root_fd, const struct layer *layer, const char *name,
                      struct failure *why)
{
    cleanup_free char *source = NULL;
    cleanup_free char *target = NULL;
    cleanup_free char *found = NULL;

    if (asprintf(&source, "%s/names/etc/%s", layer->directory, name) < 0 ||
        asprintf(&target, "etc/%s", name) < 0)
        return fail(why, ENOMEM, "show /etc/%s", name);
    /* An image's link to what only runs on a real machine leads nowhere. */
    cleanup_close int fd = inside_open(root_fd, target, O_PATH);
    if (fd < 0)
        return 0;
    if (asprintf(&found, "/proc/self/fd/%d", fd) < 0)
        return fail(why, ENOMEM, "show /etc/%s", name);
    explain(CONTAINER, "mount --bind %s %s", source, target);
    if (mount(source, found, NULL, MS_BIND, NULL) < 0)
        return fail(why, errno, "bind %s on %s in ROOTFS", source, target);
    return 0;
}

int names_attach(const struct layer *layer, struct failure *why)
{
    cleanup_close int root_fd = open(".", O_PATH | O_DIRECTORY | O_CLOEXEC);

    if (root_fd < 0)
        return fail(why, errno, "open ROOTFS");
    for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++)
        if (attach_one(root_fd, layer, files[i], why) < 0)
            return -1;
    return 0;
}
