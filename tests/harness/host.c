/*
 * host: what a program may leave behind, written down as a list of lines.
 *
 * Behind the fence (fence.c) mounts, processes, links, rules and the hostname
 * are the suite's own, so whatever differs was done by the judged program.
 * Control groups are the machine's: only those without a process that we
 * can't see count.
 */
#include "host.h"

#include <dirent.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "expect.h"
#include "kernel.h"
#include "mounts.h"
#include "scratch.h"
#include "spawn.h"

/* Enough to see what happened, when a mistake makes thousands of them. */
enum {
    DIFFERENCES_MOST = 20000
};

static void tell_mounts(FILE *to)
{
    const struct mounts *m = mounts_of(0);
    size_t size = strlen(rootfs());

    for (size_t i = 0; i < m->count; i++) {
        const char *point = m->entries[i].point;

        if (strncmp(point, rootfs(), size) == 0)
            point = keep_format("$ROOTFS%s", point + size);
        fprintf(to, "mount of %s on %s (mount id %d)\n", m->entries[i].type,
                point, m->entries[i].id);
    }
}

static void tell_processes(FILE *to)
{
    for (pid_t *pid = kernel_all_pids(); *pid != 0; pid++)
        if (*pid != getpid() && kernel_alive(*pid)) {
            const char *command = kernel_command(*pid);

            fprintf(to, "process %d: %s\n", *pid,
                    command == NULL ? "?" : command);
        }
}

static void tell_rules(FILE *to)
{
    const struct program *nft;
    char *text, *line;

    if (!spawn_have("nft"))
        return;
    nft = spawn_run(&(struct spawn){
        .argv = ARGV("nft", "-s", "list", "ruleset"), .aside = true});
    text = keep_copy(nft->out, nft->out_size);
    while ((line = strsep(&text, "\n")) != NULL)
        if (line[0] != '\0')
            fprintf(to, "nft rule: %s\n", line);
}

static void tell_network(FILE *to)
{
    struct if_nameindex *links = if_nameindex();

    for (size_t i = 0; links != NULL && links[i].if_index != 0; i++)
        fprintf(to, "network link %s\n", links[i].if_name);
    if_freenameindex(links);
    tell_rules(to);
}

/* Inside our pid namespace, processes of others read as 0. */
static bool has_strangers(const char *directory)
{
    const char *procs = file_read(keep_format("%s/cgroup.procs", directory));

    return procs != NULL &&
           (strncmp(procs, "0\n", 2) == 0 || strstr(procs, "\n0\n") != NULL);
}

static void tell_cgroups_in(FILE *to, const char *path)
{
    DIR *directory = opendir(path);
    struct dirent *entry;

    while (directory != NULL && (entry = readdir(directory)) != NULL) {
        const char *name = keep_format("%s/%s", path, entry->d_name);

        if (strncmp(entry->d_name, "duct-", 5) == 0 && !has_strangers(name))
            fprintf(to, "control group %s\n", name);
    }
    if (directory != NULL)
        closedir(directory);
}

/* Is this line of /proc/self/cgroup ("4:cpu,cpuacct:/path") about @mount? */
static bool is_of(const char *line, const struct mount_entry *mount)
{
    const char *kinds = strchr(line, ':') + 1;

    if (strcmp(mount->type, "cgroup2") == 0)
        return strncmp(line, "0::", 3) == 0;
    return kinds[0] != ':' &&
           mounts_flag(mount->options,
                       keep_format("%.*s", (int)strcspn(kinds, ",:"), kinds));
}

/* duct puts its control groups below ours, or below one above. */
static void tell_cgroups(FILE *to)
{
    const struct mounts *m = mounts_of(0);
    char *lines = kernel_read("0/cgroup"), *line;

    while (lines != NULL && (line = strsep(&lines, "\n")) != NULL)
        for (size_t i = 0; line[0] != '\0' && i < m->count; i++) {
            const struct mount_entry *mount = &m->entries[i];
            char *path = strchr(strchr(line, ':') + 1, ':') + 1;

            if (strncmp(mount->type, "cgroup", 6) != 0 || !is_of(line, mount))
                continue;
            path = keep_format("%s%s", mount->point,
                               strcmp(path, "/") == 0 ? "" : path);
            for (; strlen(path) >= strlen(mount->point);
                 *strrchr(path, '/') = '\0')
                tell_cgroups_in(to, path);
        }
}

/* Where duct keeps what it is to keep: the directories may stay. */
static bool is_place_of_state(const char *line)
{
    static const char *const places[] = {
        "duct",         "duct/steps",        ".local",
        ".local/share", ".local/share/duct", ".local/share/duct/steps",
        "mount",        "mount/utab", /* mount(8)'s own, in /run */
    };
    size_t size = strcspn(line, " ");

    for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++)
        if (strlen(places[i]) == size && strncmp(line, places[i], size) == 0)
            return true;
    return false;
}

static void tell_tree(FILE *to, const char *path)
{
    char *tree = file_tree(path), *line;

    while (tree != NULL && (line = strsep(&tree, "\n")) != NULL)
        if (line[0] != '\0' && !is_place_of_state(line))
            fprintf(to, "file %s/%s\n", path, line);
}

static void tell_files(FILE *to)
{
    struct utsname name;

    if (uname(&name) == 0)
        fprintf(to, "hostname %s\n", name.nodename);
    tell_tree(to, rootfs());
    tell_tree(to, scratch_path("home"));
    tell_tree(to, scratch_path("home-of-nobody"));
    tell_tree(to, scratch_path("var-lib"));
    tell_tree(to, scratch_path("run"));
}

static int compare_lines(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Sorts the lines of @text in place of it; kept. */
static char *sorted(char *text, size_t size)
{
    char **lines = keep_zeroed((size / 2 + 2) * sizeof(*lines));
    char *copy = keep_copy(text, size), *line, *result, *end;
    size_t count = 0;

    while ((line = strsep(&copy, "\n")) != NULL)
        if (line[0] != '\0')
            lines[count++] = line;
    if (count > 0)
        qsort(lines, count, sizeof(*lines), compare_lines);
    result = end = keep_zeroed(size + 1);
    for (size_t i = 0; i < count; i++)
        end = stpcpy(stpcpy(end, lines[i]), "\n");
    return result;
}

char *host_look(enum host_part parts)
{
    char *text = NULL;
    size_t size = 0;
    FILE *to = open_memstream(&text, &size);

    expect_that(to != NULL, "memory for the look at the host", "none");
    if (parts & HOST_MOUNTS)
        tell_mounts(to);
    if (parts & HOST_PROCESSES)
        tell_processes(to);
    if (parts & HOST_NETWORK)
        tell_network(to);
    if (parts & HOST_CGROUPS)
        tell_cgroups(to);
    if (parts & HOST_FILES)
        tell_files(to);
    fclose(to);
    keep(text);
    return sorted(text, size);
}

static int length(const char *line)
{
    return (int)strcspn(line, "\n");
}

/* As strcmp() for the lines that begin here. */
static int compare_line(const char *a, const char *b)
{
    int a_size = length(a), b_size = length(b);
    int order = memcmp(a, b, (size_t)(a_size < b_size ? a_size : b_size));

    return order != 0 ? order : a_size - b_size;
}

static const char *after_line(const char *at)
{
    return strchrnul(at, '\n') + (*strchrnul(at, '\n') == '\n');
}

/* Control groups of others come and go, processes end a little late. */
static bool stays(const char *line)
{
    return strncmp(line, "control group", 13) != 0 &&
           strncmp(line, "process", 7) != 0;
}

char *host_differences(const char *before, const char *after)
{
    char *text = NULL;
    size_t size = 0;
    FILE *to = open_memstream(&text, &size);

    expect_that(to != NULL, "memory for differences", "none");
    while ((*before != '\0' || *after != '\0') && size < DIFFERENCES_MOST) {
        int order = *before == '\0'  ? 1
                    : *after == '\0' ? -1
                                     : compare_line(before, after);

        if (order > 0)
            fprintf(to, "left behind: %.*s\n", length(after), after);
        if (order < 0 && stays(before))
            fprintf(to, "gone: %.*s\n", length(before), before);
        if (order <= 0)
            before = after_line(before);
        if (order >= 0)
            after = after_line(after);
        fflush(to); /* brings size up to date */
    }
    fclose(to);
    return keep(text);
}
