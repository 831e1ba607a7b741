/*
 * Chapter: user namespaces. Root inside, nobody outside; all of step 02
 * without root.
 */
#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "suite.h"

/* A map in single blanks: "0 65534 1\n". */
static char *map_of(pid_t pid, const char *file)
{
    char *text = kernel_read("%d/%s", pid, file), *line;
    char *told = keep_format("%s", "");

    expect_that(text != NULL, keep_format("a %s of the command", file),
                "none: it is gone");
    while ((line = strsep(&text, "\n")) != NULL && line[0] != '\0') {
        long inside = strtol(line, &line, 10);
        long outside = strtol(line, &line, 10);
        long count = strtol(line, &line, 10);

        told = keep_format("%s%ld %ld %ld\n", told, inside, outside, count);
    }
    return told;
}

static void expect_maps(pid_t pid, const char *map)
{
    expect_str("uid_map", map, map_of(pid, "uid_map"));
    expect_str("gid_map", map, map_of(pid, "gid_map"));
    expect_str("setgroups", "deny\n", kernel_read("%d/setgroups", pid));
}

static void userns_is_new(void)
{
    const struct container *c =
        container("--userns", rootfs(), "sleep", "4711");
    const char *none[] = {NULL};

    expect_new_but(c->init, none);
}

static void userns_maps_root_alone(void)
{
    const struct container *c =
        container("--userns", rootfs(), "sleep", "4711");

    expect_maps(c->init, "0 0 1\n");
    expect_output(duct("run", "--userns", rootfs(), "sh", "-c",
                       "id -u; id -g; ls /dev | wc -l; hostname"),
                  "0\n0\n14\nduct\n");
}

static struct spawn as_nobody(const char *const *argv)
{
    return (struct spawn){.argv = argv, .uid = NOBODY};
}

#define RUN_AS_NOBODY(...)                                                     \
    spawn_run(&(struct spawn){.argv = DUCT(__VA_ARGS__), .uid = NOBODY})

static struct container *nobodys_container(const char *const *options)
{
    const struct spawn spawn = as_nobody(argv_of(
        DUCT("run"), options, ARGV(rootfs_of_nobody(), "sleep", "4711"), NULL));

    return container_start(&spawn);
}

static void enter_user_namespace(void *arg)
{
    (void)arg;
    _exit(unshare(CLONE_NEWUSER) < 0 ? 1 : 0);
}

/* Does this machine let users make user namespaces? Asks the kernel. */
static const char *needs_user_namespaces(void)
{
    const struct program *p = spawn_run(&(struct spawn){
        .argv = ARGV("true"), .uid = NOBODY, .prepare = enter_user_namespace});

    if (p->exit_status == 0)
        return NULL;
    return "this machine denies users user namespaces: see `make doctor`";
}

static void nobody_needs_no_root(void)
{
    const char *none[] = {NULL};
    const struct container *c = nobodys_container(none);

    expect_new_but(c->init, none);
    expect_maps(c->init, "0 65534 1\n");
    expect_str("Uid, as the host sees it", "65534\t65534\t65534\t65534",
               kernel_status(c->init, "Uid"));
}

static void nobody_is_root_inside(void)
{
    expect_output(RUN_AS_NOBODY("run", "-h", "mine", rootfs_of_nobody(), "sh",
                                "-c",
                                "id -u; hostname; echo $$; pwd; "
                                "touch /tmp/f && stat -c %u /tmp/f && "
                                "rm /tmp/f; ls /sys/class/net"),
                  "0\nmine\n1\n/\n0\nlo\n");
}

static void nobody_has_devices(void)
{
    expect_output(RUN_AS_NOBODY("run", rootfs_of_nobody(), "sh", "-c",
                                "ls -A /dev | wc -l; "
                                "head -c 3 /dev/zero | od -An -tx1; "
                                "echo x >/dev/null && "
                                "echo kept >/dev/shm/f && cat /dev/shm/f; "
                                "/inside/probe mqueue /q; ls /dev/mqueue; "
                                "/inside/probe ptmx; "
                                "/inside/probe loopback"),
                  "14\n 00 00 00\nkept\nmade\nq\n/dev/pts/0 x\nanswers\n");
}

static void nobody_has_the_same_rights(void)
{
    const char *none[] = {NULL};
    const struct container *c = nobodys_container(none);
    uint64_t wanted = 0xa80425fbULL & kernel_status_hex(0, "CapBnd");

    expect_hex("CapEff", wanted, kernel_status_hex(c->init, "CapEff"));
    expect_hex("CapBnd", wanted, kernel_status_hex(c->init, "CapBnd"));
    expect_str("NoNewPrivs", "1", kernel_status(c->init, "NoNewPrivs"));
}

static void nobody_leaves_no_way_out(void)
{
    const char *none[] = {NULL};
    const struct container *c = nobodys_container(none);
    const struct mounts *m = mounts_of_namespace(c->init);
    const struct mount_entry *sys = mounts_at(m, "/sys");
    int roots = 0;

    for (size_t i = 0; i < m->count; i++) {
        roots += strcmp(m->entries[i].point, "/") == 0;
        expect_str(
            keep_format("propagation of the mount on %s", m->entries[i].point),
            "", m->entries[i].shared);
    }
    expect_int("mounts on /", 1, roots);
    expect_that(sys != NULL && mounts_flag(sys->flags, "ro"),
                "/sys is mounted read-only",
                sys == NULL ? "not at all" : sys->flags);
}

static void nobody_may_share(void)
{
    for (size_t i = 0; strcmp(namespace_names[i], "user") != 0; i++) {
        const char *name = namespace_names[i];
        struct container *c = nobodys_container(ARGV("--share", name));

        expect_new_but(c->init, ARGV(name));
        container_end(c);
    }
}

/* A user may not mount anew what shows the host's things: it has to be the
 * host's own mount, and still read-only where it would be. */
static void nobodys_share_keeps_sys_read_only(void)
{
    const struct container *c = nobodys_container(ARGV("--share", "net"));
    const struct mounts *m = mounts_of(c->init);
    const struct mount_entry *proc;

    expect_that(mounts_at(m, "/sys") != NULL, "a mount on /sys", "none");
    for (size_t i = 0; i < m->count; i++)
        if (strncmp(m->entries[i].point, "/sys", 4) == 0)
            expect_that(
                mounts_flag(m->entries[i].flags, "ro"),
                keep_format("%s is mounted read-only", m->entries[i].point),
                m->entries[i].flags);
    c = nobodys_container(ARGV("--share", "pid"));
    proc = mounts_at(mounts_of(c->init), "/proc");
    expect_that(proc != NULL && mounts_flag(proc->flags, "rw"),
                "/proc is mounted rw, as on the host",
                proc == NULL ? "not at all" : proc->flags);
    expect_output(RUN_AS_NOBODY("run", "--share", "pid", rootfs_of_nobody(),
                                "sh", "-c",
                                keep_format("test -d /proc/%d && echo seen",
                                            c->duct->pid)),
                  "seen\n");
}

static void nobody_may_shift_time(void)
{
    expect_output(RUN_AS_NOBODY("run", "--time-offset", "86400",
                                rootfs_of_nobody(), "cat",
                                "/proc/self/timens_offsets"),
                  "monotonic       86400         0\n"
                  "boottime        86400         0\n");
}

static void nobody_writes_as_nobody(void)
{
    const char *file = keep_format("%s/tmp/made", rootfs_of_nobody());
    const struct program *p =
        RUN_AS_NOBODY("run", rootfs_of_nobody(), "touch", "/tmp/made");
    struct stat st;

    expect_exit(p, 0);
    expect_call(stat(file, &st));
    expect_call(unlink(file));
    expect_int("owner of a file made inside, as the host sees it", NOBODY,
               st.st_uid);
}

static void nobody_sees_foreign_files_closed(void)
{
    const struct program *p = RUN_AS_NOBODY("run", rootfs(), "sh", "-c",
                                            "stat -c %u /etc; touch /etc/x");

    expect_exit(p, 1);
    expect_str("owner of root's files, inside", "65534\n", p->out);
}

static const struct trial trials[] = {
    {.name = "userns_is_new",
     .claim = "with --userns the user namespace is new as well",
     .usual_cause = "CLONE_NEWUSER is not among the flags",
     .reread = "#user",
     .feature = true,
     .depends = "user_namespace_stays",
     .body = userns_is_new},
    {.name = "userns_maps_root_alone",
     .claim = "uid and gid 0 inside are the caller's, nobody else exists, "
              "setgroups is denied",
     .usual_cause = "uid_map can be written once, in one write(), and gid_map "
                    "only after \"deny\" was written to setgroups",
     .reread = "#user",
     .feature = true,
     .depends = "userns_is_new",
     .body = userns_maps_root_alone},
    {.name = "nobody_needs_no_root",
     .claim = "a user without rights gets all eight namespaces",
     .usual_cause = "CLONE_NEWUSER must be implied when geteuid() is not 0",
     .reread = "#rootless",
     .feature = true,
     .depends = "userns_is_new",
     .needs = needs_user_namespaces,
     .body = nobody_needs_no_root},
    {.name = "nobody_is_root_inside",
     .claim = "a user without rights is root inside, pid 1, with a name, and "
              "owns ROOTFS",
     .usual_cause = "something is done before the id maps are written: until "
                    "then the child is nobody at all",
     .reread = "#rootless",
     .feature = true,
     .depends = "nobody_needs_no_root",
     .needs = needs_user_namespaces,
     .body = nobody_is_root_inside},
    {.name = "nobody_has_devices",
     .claim = "/dev works for a user without rights",
     .usual_cause = "mknod() is not allowed in a user namespace: bind the "
                    "host's devices",
     .reread = "#rootless",
     .feature = true,
     .depends = "nobody_is_root_inside",
     .needs = needs_user_namespaces,
     .body = nobody_has_devices},
    {.name = "nobody_has_the_same_rights",
     .claim = "the capabilities inside are docker's 14",
     .usual_cause = "a new user namespace begins with every capability in it",
     .reread = "#rootless",
     .feature = true,
     .depends = "nobody_needs_no_root",
     .needs = needs_user_namespaces,
     .body = nobody_has_the_same_rights},
    {.name = "nobody_leaves_no_way_out",
     .claim = "the old root is gone and /sys read-only without root as well",
     .usual_cause = "another way is taken for users, and a call is missing",
     .reread = "#rootless",
     .feature = true,
     .depends = "nobody_needs_no_root",
     .needs = needs_user_namespaces,
     .body = nobody_leaves_no_way_out},
    {.name = "nobody_may_share",
     .claim = "--share works for a user without rights, for each namespace",
     .usual_cause = "a proc, sysfs or mqueue of the host's can't be mounted "
                    "anew by a user: bind the host's",
     .reread = "#rootless",
     .feature = true,
     .only_here = true, /* --share mnt is refused from step 04 on */
     .depends = "nobody_needs_no_root",
     .needs = needs_user_namespaces,
     .body = nobody_may_share},
    {.name = "nobodys_shares_are_the_hosts",
     .claim = "--share pid shows the host's processes, --share net the "
              "host's /sys, read-only with all below it",
     .usual_cause = "a bind mount keeps the flags of what is bound, unless "
                    "it is remounted with everything below",
     .reread = "#rootless",
     .feature = true,
     .depends = "nobody_needs_no_root",
     .needs = needs_user_namespaces,
     .body = nobodys_share_keeps_sys_read_only},
    {.name = "nobody_may_shift_time",
     .claim = "--time-offset works for a user without rights",
     .usual_cause = "timens_offsets was written before the id maps",
     .reread = "#rootless",
     .feature = true,
     .depends = "nobody_needs_no_root",
     .needs = needs_user_namespaces,
     .body = nobody_may_shift_time},
    {.name = "nobody_writes_as_nobody",
     .claim = "what root inside makes belongs to the user outside",
     .usual_cause = "the map has another id than the caller's",
     .reread = "#rootless",
     .feature = true,
     .only_here = true, /* step 04 writes to another place */
     .depends = "nobody_needs_no_root",
     .needs = needs_user_namespaces,
     .body = nobody_writes_as_nobody},
    {.name = "nobody_owns_nothing_else",
     .claim = "root's files are somebody else's inside, and stay closed",
     .usual_cause = "the map has another id than the caller's",
     .reread = "#rootless",
     .feature = true,
     .depends = "nobody_needs_no_root",
     .needs = needs_user_namespaces,
     .body = nobody_sees_foreign_files_closed},
};

const struct chapter chapter_users = {"User namespaces", TRIALS(trials)};
