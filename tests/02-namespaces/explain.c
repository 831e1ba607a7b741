/*
 * Chapter: --explain. The script makes the same namespaces and mounts.
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "suite.h"

static char *script_path(void)
{
    return scratch_path("explained.sh");
}

/* Which namespaces of a process are not the host's: "pid mnt ...". */
static char *new_ones(pid_t pid)
{
    char *text = keep_format("%s", "");

    for (size_t i = 0; namespace_names[i] != NULL; i++)
        if (kernel_namespace(pid, namespace_names[i]) !=
            kernel_namespace(0, namespace_names[i]))
            text = keep_format("%s%s ", text, namespace_names[i]);
    return text;
}

struct replayed {
    pid_t pid;           /* the command's, started by the script */
    const char *its_new; /* namespaces of the one started by duct */
    const char *mounts;
    const char *uid_map;
    const char *offsets;
};

/* Starts the command by duct, notes what it got, ends it, and starts it by
 * what --explain wrote. */
static struct replayed replay(const char *const *options, uid_t uid)
{
    char *home = scratch_path(uid == 0 ? "home" : "home-of-nobody");
    char *script = keep_format("%s/explained.sh", home);
    struct container *c = container_start(&(struct spawn){
        .argv = argv_of(
            DUCT("run", keep_format("--explain=%s", script)), options,
            ARGV(uid == 0 ? rootfs() : rootfs_of_nobody(), "sleep", "4740"),
            NULL),
        .uid = uid,
    });
    struct replayed r = {
        .its_new = new_ones(c->init),
        .mounts = mounts_told(mounts_of(c->init)),
        .uid_map = kernel_read("%d/uid_map", c->init),
        .offsets = kernel_read("%d/timens_offsets", c->init),
    };
    struct program *p;

    container_end(c);
    p = spawn_start(&(struct spawn){.argv = ARGV("sh", script), .uid = uid});
    r.pid = kernel_find(p->pid, "sleep 4740");
    expect_call(unlink(script));
    return r;
}

static void expect_replayed(const char *const *options, uid_t uid)
{
    struct replayed r = replay(options, uid);

    expect_that(r.its_new[0] != '\0', "new namespaces made by duct", "none");
    expect_str("new namespaces made by the script", r.its_new, new_ones(r.pid));
    expect_str("mounts made by the script", r.mounts,
               mounts_told(mounts_of(r.pid)));
    expect_str("uid_map made by the script", r.uid_map,
               kernel_read("%d/uid_map", r.pid));
    expect_str("timens_offsets made by the script", r.offsets,
               kernel_read("%d/timens_offsets", r.pid));
    spawn_release();
}

#define NO_OPTIONS ((const char *const[]){NULL})

static void replay_is_the_same(void)
{
    expect_replayed(NO_OPTIONS, 0);
}

/* unshare(1) of util-linux 2.39 does not: a mistake of that version. */
static bool unshare_takes_negative_offsets(void)
{
    return spawn_run(&(struct spawn){.argv = ARGV("unshare", "--time", "--fork",
                                                  "--monotonic", "-1", "true")})
               ->exit_status == 0;
}

static void replay_with_flags(void)
{
    for (size_t i = 0; strcmp(namespace_names[i], "user") != 0; i++)
        if (strcmp(namespace_names[i], "mnt") != 0)
            expect_replayed(ARGV("--share", namespace_names[i]), 0);
    expect_replayed(ARGV("--userns"), 0);
    expect_replayed(ARGV("--time-offset", "100"), 0);
    expect_replayed(ARGV("-h", "box"), 0);
    if (unshare_takes_negative_offsets())
        expect_replayed(ARGV("--time-offset=-1"), 0);
}

static void replay_of_a_chroot(void)
{
    expect_replayed(ARGV("--share", "mnt"), 0);
}

static void replay_without_root(void)
{
    expect_replayed(NO_OPTIONS, NOBODY);
    expect_replayed(ARGV("--share", "net"), NOBODY);
    expect_replayed(ARGV("--share", "pid"), NOBODY);
}

/* What the script need not do: rights, and how duct holds its child. */
static char *comparable(const char *facts)
{
    return facts_without(
        facts, ARGV("root:", "rights:", "signals", "descriptors:", "ended by"));
}

static void replay_has_the_same_facts(void)
{
    const char *script = script_path();
    const struct program *p = duct(
        "run", keep_format("--explain=%s", script), "-h", "box.example", "-w",
        "/tmp", "--time-offset", "1000", rootfs(), "/inside/probe", "facts");
    const struct program *again = explain_replay(script);

    expect_call(unlink(script));
    expect_exit(p, 0);
    expect_exit(again, 0);
    expect_str("what the command finds", comparable(p->out),
               comparable(again->out));
}

static void replay_of_exec(void)
{
    static const char *const facts =
        "/inside/probe facts; ls -d /proc/1; env | sort; exit 9";
    const char *script = script_path();
    const struct container *c =
        container("-h", "box", rootfs(), "sleep", "4711");
    const struct program *p =
        duct("exec", keep_format("--explain=%s", script), "-e", "A=it's", "-w",
             "/tmp", keep_format("%d", c->init), "sh", "-c", facts);
    const struct program *again = explain_replay(script);
    const struct program *checked =
        spawn_run(&(struct spawn){.argv = ARGV("sh", "-n", script)});

    expect_call(unlink(script));
    expect_exit(checked, 0);
    expect_exit(p, 9);
    expect_exit(again, 9);
    expect_contains("what the command finds", "hostname: box\n", p->out);
    expect_contains("what the command finds", "/proc/1\n", p->out);
    expect_str("what the command finds", comparable(p->out),
               comparable(again->out));
}

static void both_sides_are_told(void)
{
    const struct program *p = duct("run", "--explain", rootfs(), "true");

    expect_exit(p, 0);
    expect_contains("the narration", " # host\n", p->err);
    expect_contains("the narration", " # container\n", p->err);
    expect_contains("the narration", "pivot_root", p->err);
    expect_contains("the narration", "mount -t proc", p->err);
    expect_contains("the narration", "make-rprivate", p->err);
}

struct told {
    const char *script;
    const char *const *lines; /* ends with NULL */
    const char *missing;
};

/* What duct tells of the command's start comes a little after it. */
static bool is_told(void *arg)
{
    struct told *told = arg;
    const char *text = file_read(told->script);

    for (size_t i = 0; told->lines[i] != NULL; i++) {
        told->missing = told->lines[i];
        if (text == NULL || strstr(text, told->missing) == NULL)
            return false;
    }
    return true;
}

static void says_where_to_look(void)
{
    const char *script = script_path();
    const struct container *c = container(keep_format("--explain=%s", script),
                                          rootfs(), "sleep", "4711");
    struct told told = {
        .script = script,
        .lines = ARGV(keep_format("\n# lsns -p %d\n", c->init),
                      keep_format("\n# nsenter -t %d ", c->init),
                      keep_format("\n# findmnt -N %d\n", c->init),
                      keep_format(" /proc/%d/status\n", c->init)),
    };
    bool all = spawn_wait_until(is_told, &told, SPAWN_SOON_MS);
    const char *text = file_read(script);

    expect_call(unlink(script));
    expect_that(all, keep_format("a comment: %s", told.missing), text);
}

/* What has no line of its own in the script is told in a comment. */
static void comments_tell_the_rest(void)
{
    const struct program *p =
        duct("run", "--explain", "--userns", rootfs(), "true");

    expect_exit(p, 0);
    expect_contains("the narration", "\n# setpriv ", p->err);
    expect_contains("the narration", "/setgroups\n", p->err);
    expect_contains("the narration", "/uid_map\n", p->err);
    expect_contains("the narration", "/gid_map\n", p->err);
}

static void chroot_is_told(void)
{
    const struct program *p =
        duct("run", "--explain", "--share", "mnt", rootfs(), "true");

    expect_exit(p, 0);
    expect_contains("the narration", keep_format("chroot %s", rootfs()),
                    p->err);
}

static const struct trial trials[] = {
    {.name = "explain_makes_the_same_namespaces",
     .claim = "sh FILE unshares the same namespaces and makes the same mounts",
     .usual_cause = "an operation is done but not told, or told otherwise "
                    "than done",
     .reread = "#explain",
     .feature = true,
     .depends = "user_namespace_stays",
     .body = replay_is_the_same},
    {.name = "explain_with_flags",
     .claim = "so it does with --share, --userns, --hostname, --time-offset",
     .usual_cause = "a flag changes what is done, and not what is told",
     .reread = "#explain",
     .feature = true,
     .depends = "explain_makes_the_same_namespaces",
     .body = replay_with_flags},
    {.name = "explain_a_chroot",
     .claim = "so it does with --share mnt",
     .usual_cause = "a flag changes what is done, and not what is told",
     .reread = "#explain",
     .feature = true,
     .only_here = true, /* --share mnt is refused from step 04 on */
     .depends = "explain_makes_the_same_namespaces",
     .body = replay_of_a_chroot},
    {.name = "explain_without_root",
     .claim = "so it does for a user without rights",
     .usual_cause = "what is done otherwise for users is not told",
     .reread = "#explain",
     .feature = true,
     .depends = "explain_makes_the_same_namespaces",
     .body = replay_without_root},
    {.name = "explain_has_the_same_facts",
     .claim = "name, clocks, links, devices, working directory are the same",
     .usual_cause = "an operation is done but not told",
     .reread = "#explain",
     .feature = true,
     .depends = "explain_makes_the_same_namespaces",
     .body = replay_has_the_same_facts},
    {.name = "explain_exec",
     .claim = "the script of duct exec enters the same container",
     .usual_cause = "nsenter is told without one of the namespaces",
     .reread = "#explain",
     .feature = true,
     .depends = "exec_joins_all",
     .body = replay_of_exec},
    {.name = "explain_tells_both_sides",
     .claim = "lines of the host and of the container are told apart",
     .usual_cause = "a line was printed with the wrong tag",
     .reread = "#explain",
     .feature = true,
     .depends = "a_command_runs",
     .body = both_sides_are_told},
    {.name = "explain_says_where_to_look",
     .claim = "comments tell what to look at from another terminal, with the "
              "pid as the host sees it",
     .usual_cause = "the child prints its own pid, which is 1",
     .reread = "#explain",
     .feature = true,
     .depends = "a_command_runs",
     .body = says_where_to_look},
    {.name = "explain_tells_the_rest",
     .claim = "what unshare(1) does by itself, and the capabilities, are told "
              "in comments",
     .usual_cause = "an operation is done but not told",
     .reread = "#explain",
     .feature = true,
     .depends = "userns_is_new",
     .body = comments_tell_the_rest},
    {.name = "explain_tells_a_chroot",
     .claim = "with --share mnt, chroot is told",
     .usual_cause = "an operation is done but not told",
     .reread = "#explain",
     .feature = true,
     .only_here = true, /* --share mnt is refused from step 04 on */
     .depends = "share_mnt",
     .body = chroot_is_told},
};

const struct chapter chapter_explain = {"--explain", TRIALS(trials)};
