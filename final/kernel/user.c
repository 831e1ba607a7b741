/*
 * user: who the command is, if not root.
 *
 * Kernel object  the credentials of a process: numbers, which no kernel knows
 *                a name for
 * Side           container, between the last thing root does and the command
 * Look at it     grep -E '^(Uid|Gid|Groups|Cap)' /proc/PID/status
 */
#include "user.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <limits.h>
#include <poll.h>
#include <pwd.h>
#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/stat.h>

#include "cleanup.h"
#include "explain.h"
#include "inside.h"
#include "numbers.h"

#define cleanup_file __attribute__((cleanup(close_file)))

enum {
    LONGEST_FILE = 1 << 20,
    MOST_GROUPS = 1000,
};

struct user {
    uid_t uid;
    gid_t gid;
    char *name; /* NULL: only a number is known */
    char *home;
    gid_t groups[MOST_GROUPS];
    size_t group_count;
};

static void close_file(FILE **file)
{
    if (*file != NULL)
        fclose(*file);
}

/* Opens a file of the container's, or none: a device, a FIFO or a link into
 * /proc could hold us up. */
static FILE *open_database(const char *path)
{
    cleanup_close int root_fd = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
    int fd = inside_open(root_fd, path, O_RDONLY | O_NONBLOCK | O_NOCTTY);
    struct stat status;

    if (fd >= 0 && fstat(fd, &status) == 0 && S_ISREG(status.st_mode) &&
        status.st_size <= LONGEST_FILE)
        return fdopen(fd, "re");
    close_fd(&fd);
    return NULL;
}

/* Who is called "1000" is user 1000, and not whom a file calls so: -1 stands
 * for a name. */
static long long read_id(const char *text)
{
    long long id;

    return numbers_parse(text, 0, INT_MAX, &id) < 0 ? -1 : id;
}

static int find_user(const char *text, struct user *u, struct failure *why)
{
    cleanup_file FILE *passwd = open_database("/etc/passwd");
    long long id = read_id(text);
    const struct passwd *line;

    /* Asks no other file, and no server. */
    while (passwd != NULL && (line = fgetpwent(passwd)) != NULL) {
        if (id < 0 ? !str_eq(line->pw_name, text) : line->pw_uid != (uid_t)id)
            continue;
        u->uid = line->pw_uid;
        u->gid = line->pw_gid;
        u->name = strdup(line->pw_name);
        u->home = strdup(line->pw_dir);
        return 0;
    }
    u->uid = (uid_t)id;
    return id >= 0 ? 0
                   : fail(why, 0,
                          "unable to find user %s: no matching entries in "
                          "passwd file",
                          text);
}

static bool has_member(const struct group *line, const char *name)
{
    for (char **member = line->gr_mem; name != NULL && *member != NULL;
         member++)
        if (str_eq(*member, name))
            return true;
    return false;
}

/* The group that was named, and nothing else, or all that the user is in. */
static int find_groups(const char *text, struct user *u, struct failure *why)
{
    cleanup_file FILE *groups = open_database("/etc/group");
    long long id = text == NULL ? -1 : read_id(text);
    const struct group *line;

    while (id < 0 && groups != NULL && (line = fgetgrent(groups)) != NULL) {
        if (text == NULL && has_member(line, u->name) &&
            line->gr_gid != u->gid && u->group_count < MOST_GROUPS - 1)
            u->groups[u->group_count++] = line->gr_gid;
        if (text != NULL && str_eq(line->gr_name, text))
            id = line->gr_gid;
    }
    if (text != NULL && id < 0)
        return fail(why, 0,
                    "unable to find group %s: no matching entries in group "
                    "file",
                    text);
    if (text != NULL)
        u->gid = (gid_t)id;
    /* Who has given a file less than others counts on its group for that. */
    u->groups[u->group_count++] = u->gid;
    return 0;
}

/* One --group-add: a number, or a name that the container's own file has. */
static int add_group(const char *text, struct user *u, struct failure *why)
{
    long long id = read_id(text);
    cleanup_file FILE *groups = id < 0 ? open_database("/etc/group") : NULL;
    const struct group *line;

    while (id < 0 && groups != NULL && (line = fgetgrent(groups)) != NULL)
        if (str_eq(line->gr_name, text))
            id = line->gr_gid;
    if (id < 0)
        return fail(why, 0, "Unable to find group %s", text);
    for (size_t i = 0; i < u->group_count; i++)
        if (u->groups[i] == (gid_t)id)
            return 0;
    if (u->group_count == MOST_GROUPS)
        return fail(why, 0, "group %s: more than %d groups", text, MOST_GROUPS);
    u->groups[u->group_count++] = (gid_t)id;
    return 0;
}

static int add_groups(char *const *more, struct user *u, struct failure *why)
{
    for (; more != NULL && *more != NULL; more++)
        if (add_group(*more, u, why) < 0)
            return -1;
    return 0;
}

/* Did the kernel do as it was told? */
static int verify(const struct user *u, struct failure *why)
{
    uid_t uids[3];
    gid_t gids[3];

    getresuid(&uids[0], &uids[1], &uids[2]);
    getresgid(&gids[0], &gids[1], &gids[2]);
    for (size_t i = 0; i < 3; i++)
        if (uids[i] != u->uid || gids[i] != u->gid)
            return fail(why, 0, "become user %u, group %u: we are not", u->uid,
                        u->gid);
    return 0;
}

/* "USER[:GROUP]"; @u is zeroed, and its name and home are the caller's. */
static int find(const char *text, struct user *u, struct failure *why)
{
    cleanup_free char *user = strdup(text);
    char *group = user;

    if (user == NULL)
        return fail(why, ENOMEM, "find user \"%s\"", text);
    strsep(&group, ":");
    return find_user(user, u, why) < 0 ? -1 : find_groups(group, u, why);
}

int user_find(const char *text, uid_t *uid, gid_t *gid, struct failure *why)
{
    struct user u = {0};
    int status = find(text, &u, why);

    *uid = u.uid;
    *gid = read_id(text) >= 0 ? u.uid : u.gid; /* a number stands for both */
    free(u.name);
    free(u.home);
    return status;
}

/* Who opens /dev/stdout opens its pipe or terminal anew, and needs the right
 * to. Files of the host's stay whose they are. */
static int own_stdio(uid_t uid, struct failure *why)
{
    struct stat status;

    for (int fd = 0; fd < 3; fd++) {
        bool is_pipe;
        bool is_terminal;

        if (fstat(fd, &status) < 0 || status.st_uid == uid)
            continue;
        is_pipe = S_ISFIFO(status.st_mode) || S_ISSOCK(status.st_mode);
        is_terminal = S_ISCHR(status.st_mode) && isatty(fd);
        if ((is_pipe || is_terminal) && fchown(fd, uid, (gid_t)-1) < 0 &&
            errno != EINVAL && errno != EPERM && errno != EROFS)
            return fail(why, errno, "give descriptor %d to user %u", fd, uid);
    }
    return 0;
}

/* The user last: afterwards we may do none of this any more. */
static int become(const struct user *u, struct failure *why)
{
    if (u->uid > INT_MAX || u->gid > INT_MAX) /* -1 would change nothing */
        return fail(why, 0, "user %u, group %u: ids are in range 0-%d", u->uid,
                    u->gid, INT_MAX);
    /* Capabilities are dropped by who knows which: caps_drop(). */
    if (prctl(PR_SET_KEEPCAPS, 1) < 0)
        return fail(why, errno, "prctl PR_SET_KEEPCAPS");
    explain_look("setpriv --reuid=%d --regid=%d --groups=...", (int)u->uid,
                 (int)u->gid);
    /* A user namespace that denies setgroups has no other groups either. */
    if (setgroups(u->group_count, u->groups) < 0 && errno != EPERM)
        return fail(why, errno, "set the supplementary groups");
    if (own_stdio(u->uid, why) < 0)
        return -1;
    if (setresgid(u->gid, u->gid, u->gid) < 0 ||
        setresuid(u->uid, u->uid, u->uid) < 0) {
        fail(why, errno, "become user %u, group %u", u->uid, u->gid);
        return hint(why,
                    errno == EINVAL
                        ? "in a user namespace of one user there is nobody "
                          "but user 0 and group 0"
                        : NULL);
    }
    return verify(u, why);
}

/* A change of user makes the kernel forget whose death is ours. */
static int die_with_parent(const int *parent, struct failure *why)
{
    struct pollfd writer = {.fd = parent == NULL ? -1 : *parent};

    if (parent == NULL)
        return 0;
    if (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0)
        return fail(why, errno, "prctl PR_SET_PDEATHSIG");
    return poll(&writer, 1, 0) == 0
               ? 0
               : fail(why, 0, "duct ended before its container began");
}

int user_become(const char *text, char *const *more, const int *parent,
                char **home, struct failure *why)
{
    struct user u = {0};
    int status = -1;

    if (find(text, &u, why) == 0 && add_groups(more, &u, why) == 0 &&
        become(&u, why) == 0)
        status = die_with_parent(parent, why);
    *home = strdup(u.home != NULL && *u.home == '/' ? u.home : "/");
    free(u.name);
    free(u.home);
    return status;
}
