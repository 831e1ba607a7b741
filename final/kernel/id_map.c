/*
 * id_map: who the users of a container are on the host.
 *
 * Anybody may make a user namespace, and be root in it; but only the system
 * can say that somebody owns more users than one. It says so in two files,
 * and two programs that run as root hold a request against them.
 *
 * Kernel object  /proc/PID/uid_map, /proc/PID/gid_map
 * Side           host
 * Needs          newuidmap, newgidmap (Debian: uidmap); lines in /etc/subuid
 *                and /etc/subgid. Without: one user, which is us
 * Look at it     getsubids $USER; getsubids -g $USER
 *                cat /proc/PID/uid_map
 */
#include "id_map.h"

#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <spawn.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "cleanup.h"
#include "explain.h"
#include "numbers.h"

/* Not by PATH: these run as root. */
static const char *const places[] = {"/usr/bin", "/bin", "/usr/local/bin",
                                     "/run/wrappers/bin"};

enum {
    UIDS,
    GIDS,
    KINDS,
    ID_LAST = 0x7fffffff, /* which a container may have */
    LONGEST_FILE = 1 << 20,
};

static const struct kind {
    const char *program;
    const char *file;    /* of subuid(5) */
    const char *setting; /* in /proc/PID */
} kinds[KINDS] = {
    {"newuidmap", "/etc/subuid", "uid_map"},
    {"newgidmap", "/etc/subgid", "gid_map"},
};

static unsigned own_id(int kind)
{
    return kind == UIDS ? geteuid() : getegid();
}

/* ------------------------------------------------------------- what is ours */

/* One line, which is taken apart. Returns whether there is a range in it. */
static bool read_line(char *line, const char *name, uid_t uid,
                      struct id_range *range)
{
    char *owner = strsep(&line, ":");
    char *first_text = strsep(&line, ":");
    char *count_text = strsep(&line, ":");
    long long number;
    long long first;
    long long count;

    if (count_text == NULL || line != NULL || *owner == '\0')
        return false;
    if ((name == NULL || !str_eq(owner, name)) &&
        (numbers_parse(owner, 0, ID_LAST, &number) < 0 || (uid_t)number != uid))
        return false;
    if (numbers_parse(first_text, 1, ID_LAST, &first) < 0 ||
        numbers_parse(count_text, 1, ID_LAST, &count) < 0 ||
        first + count - 1 > ID_LAST)
        return false;
    *range = (struct id_range){(unsigned)first, (unsigned)count};
    return true;
}

size_t id_map_parse(const char *text, const char *name, uid_t uid,
                    struct id_range ranges[ID_RANGES_MOST])
{
    cleanup_free char *copy = strdup(text);
    char *rest = copy;
    char *line;
    size_t count = 0;
    unsigned all = 1; /* root is us */

    while (count < ID_RANGES_MOST && (line = strsep(&rest, "\n")) != NULL) {
        if (!read_line(line, name, uid, &ranges[count]) ||
            ranges[count].count > ID_LAST - all)
            continue;
        all += ranges[count++].count;
    }
    return count;
}

/* Returns the text, which the caller frees; none is as good as an empty one. */
static char *read_file(const char *path)
{
    cleanup_close int fd = open(path, O_RDONLY | O_CLOEXEC);
    char *text = NULL;
    size_t length;
    char block[4096];
    ssize_t part;

    FILE *out = open_memstream(&text, &length);
    if (out == NULL)
        return NULL;
    while (fd >= 0 && ftell(out) < LONGEST_FILE &&
           (part = read(fd, block, sizeof(block))) > 0)
        fwrite(block, 1, (size_t)part, out);
    fclose(out);
    return text;
}

static size_t read_ranges(int kind, struct id_range ranges[ID_RANGES_MOST])
{
    cleanup_free char *text = read_file(kinds[kind].file);
    const struct passwd *entry = getpwuid(geteuid());

    return text == NULL ? 0
                        : id_map_parse(text, entry ? entry->pw_name : NULL,
                                       geteuid(), ranges);
}

/* Returns a path, which the caller frees, or NULL. */
static char *find_program(int kind)
{
    for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
        char *path = NULL;

        if (asprintf(&path, "%s/%s", places[i], kinds[kind].program) < 0)
            return NULL;
        if (access(path, X_OK) == 0)
            return path;
        free(path);
    }
    return NULL;
}

static int say(char **trouble, int length)
{
    if (length >= 0)
        return 0;
    *trouble = NULL;
    return -1;
}

int id_map_trouble(char **trouble)
{
    struct id_range unused[ID_RANGES_MOST];

    *trouble = NULL;
    for (int kind = 0; kind < KINDS; kind++) {
        cleanup_free char *program = find_program(kind);

        if (program == NULL)
            return say(trouble,
                       asprintf(trouble, "%s is not installed (package uidmap)",
                                kinds[kind].program));
        if (read_ranges(kind, unused) == 0)
            return say(trouble,
                       asprintf(trouble, "%s has no line for this user",
                                kinds[kind].file));
    }
    if (prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1)
        return say(trouble, asprintf(trouble, "no_new_privs is set, so "
                                              "newuidmap has no rights"));
    return 0;
}

/* -------------------------------------------------------------- one user */

/* One write(2): files in /proc take a setting whole or not at all. */
static int write_setting(pid_t child, const char *file, const char *text,
                         struct failure *why)
{
    cleanup_free char *path = NULL;

    if (asprintf(&path, "/proc/%d/%s", child, file) < 0)
        return fail(why, ENOMEM, "write %s", file);
    cleanup_close int fd = open(path, O_WRONLY | O_CLOEXEC);
    explain_look("unshare did: echo %s >%s", text, path);
    return fd < 0 || write(fd, text, strlen(text)) < 0
               ? fail(why, errno, "write \"%s\" to %s", text, path)
               : 0;
}

static int map_one(pid_t child, struct failure *why)
{
    /* Who can drop a group could get past files that shut this group out. */
    if (write_setting(child, "setgroups", "deny", why) < 0)
        return -1;
    for (int kind = 0; kind < KINDS; kind++) {
        cleanup_free char *map = NULL;

        if (asprintf(&map, "0 %u 1", own_id(kind)) < 0)
            return fail(why, ENOMEM, "map a user");
        if (write_setting(child, kinds[kind].setting, map, why) < 0)
            return -1;
    }
    return 0;
}

/* ------------------------------------------------------------- many users */

/* newuidmap PID INSIDE OUTSIDE COUNT ..., all of them numbers. */
struct order {
    char *argv[2 + 3 * (1 + ID_RANGES_MOST) + 1];
    size_t count;
    pid_t pid;
    int errors_fd; /* what it has to say */
};

static void release_order(struct order *o)
{
    for (size_t i = 0; i < o->count; i++)
        free(o->argv[i]);
    close_fd(&o->errors_fd);
}

static int add_number(struct order *o, unsigned number)
{
    if (asprintf(&o->argv[o->count], "%u", number) < 0) {
        o->argv[o->count] = NULL;
        return -1;
    }
    o->count++;
    return 0;
}

static int write_order(struct order *o, int kind, pid_t child)
{
    struct id_range ranges[ID_RANGES_MOST];
    size_t count = read_ranges(kind, ranges);
    unsigned inside = 1;

    o->argv[0] = find_program(kind);
    o->count = 1;
    if (o->argv[0] == NULL || add_number(o, (unsigned)child) < 0 ||
        add_number(o, 0) < 0 || add_number(o, own_id(kind)) < 0 ||
        add_number(o, 1) < 0)
        return -1;
    for (size_t i = 0; i < count; i++) {
        if (add_number(o, inside) < 0 || add_number(o, ranges[i].first) < 0 ||
            add_number(o, ranges[i].count) < 0)
            return -1;
        inside += ranges[i].count;
    }
    return 0;
}

static int start_order(struct order *o, struct failure *why)
{
    posix_spawn_file_actions_t actions;
    char *none[] = {NULL};
    int fds[2];

    if (pipe2(fds, O_CLOEXEC) < 0)
        return fail(why, errno, "make a pipe for %s", o->argv[0]);
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0);
    posix_spawn_file_actions_adddup2(&actions, fds[1], 2);
    int errnum =
        posix_spawn(&o->pid, o->argv[0], &actions, NULL, o->argv, none);
    posix_spawn_file_actions_destroy(&actions);
    close_fd(&fds[1]);
    o->errors_fd = fds[0];
    if (errnum == 0)
        return 0;
    o->pid = 0;
    return fail(why, errnum, "execute %s", o->argv[0]);
}

static int end_order(struct order *o, struct failure *why)
{
    char text[512];
    ssize_t length = 0;
    ssize_t part;
    int status;

    while ((size_t)length < sizeof(text) - 1 &&
           (part = read(o->errors_fd, text + length,
                        sizeof(text) - 1 - (size_t)length)) > 0)
        length += part;
    text[length] = '\0';
    text[strcspn(text, "\n")] = '\0';
    if (waitpid(o->pid, &status, 0) < 0)
        return fail(why, errno, "wait for %s", o->argv[0]);
    if (status == 0)
        return 0;
    fail(why, 0, "%s", *text != '\0' ? text : o->argv[0]);
    return hint(why, "is it set-user-ID, and does it agree with /etc/subuid "
                     "and /etc/subgid?");
}

/* Both at once: each takes a few milliseconds. */
static int map_many(pid_t child, struct failure *why)
{
    struct order orders[KINDS] = {{.errors_fd = -1}, {.errors_fd = -1}};
    struct failure other;
    int status = 0;

    for (int kind = 0; kind < KINDS && status == 0; kind++) {
        status = write_order(&orders[kind], kind, child) < 0
                     ? fail(why, ENOMEM, "map users")
                     : start_order(&orders[kind], why);
        if (status == 0)
            explain_look("unshare did: %s %d ...", orders[kind].argv[0], child);
    }
    for (int kind = 0; kind < KINDS; kind++) {
        if (orders[kind].pid > 0 &&
            end_order(&orders[kind], status < 0 ? &other : why) < 0)
            status = -1;
        release_order(&orders[kind]);
    }
    return status;
}

int id_map_write(pid_t child, struct failure *why)
{
    cleanup_free char *trouble = NULL;

    if (id_map_trouble(&trouble) < 0)
        return fail(why, ENOMEM, "map users");
    return trouble != NULL ? map_one(child, why) : map_many(child, why);
}

unsigned id_map_last(void)
{
    cleanup_free char *text = read_file("/proc/self/gid_map");
    unsigned long long last = 0;
    unsigned inside, outside, count;
    const char *line = text;

    /* The kernel's own numbers are in range. */
    while (line != NULL && /* NOLINTNEXTLINE(cert-err34-c) */
           sscanf(line, " %u %u %u", &inside, &outside, &count) == 3) {
        if (count > 0 && (unsigned long long)inside + count - 1 > last)
            last = (unsigned long long)inside + count - 1;
        line = strchr(line + 1, '\n'); /* the next */
    }
    return last > ID_LAST ? ID_LAST : (unsigned)last;
}
