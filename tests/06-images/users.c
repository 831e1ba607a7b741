/*
 * Chapter: the command is whom the image or -u says, and has nobody's rights.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

#include "suite.h"

#define USERS LOADED(.layers = LAYERS(pack_base()))

/* "1000\t1000\t..." is the real one and the one in effect. */
static long id_of(pid_t pid, const char *field)
{
    const char *both = kernel_status(pid, field);
    char *rest;
    long real = strtol(both, &rest, 10);

    expect_int(keep_format("%s in effect", field), real,
               strtol(rest, NULL, 10));
    return real;
}

/* "uid:gid groups" of a process, as the kernel has them. */
static char *ids(pid_t pid)
{
    const char *groups = kernel_status(pid, "Groups");
    size_t size = strlen(groups);

    while (size > 0 && groups[size - 1] == ' ')
        size--;
    return keep_format("%ld:%ld %.*s", id_of(pid, "Uid"), id_of(pid, "Gid"),
                       (int)size, groups);
}

static void is_user(const char *state, const char *user, const char *expected)
{
    struct container *c = box(state, "-u", user, "t:1", "/bin/sleep", "4711");

    expect_str(keep_format("user, group and groups with -u '%s'", user),
               expected, ids(c->init));
    container_end(c);
}

static void by_number(void)
{
    const char *state = USERS;

    is_user(state, "4711", "4711:0 0");
    is_user(state, "4711:4712", "4711:4712 4712");
    is_user(state, "2147483647:2147483647", "2147483647:2147483647 2147483647");
    is_user(state, "0", "0:0 0 777");
    is_user(state, "0:5", "0:5 5");
}

static void by_name(void)
{
    const char *state = USERS;

    is_user(state, "app", "1234:1235 777 778 1235");
    is_user(state, "1234", "1234:1235 777 778 1235");
    is_user(state, "app:extra", "1234:777 777");
    is_user(state, "app:5", "1234:5 5");
    is_user(state, "4711:more", "4711:778 778");
    is_user(state, "root", "0:0 0 777");
}

/* Somebody has called users and groups by numbers. */
static void numbers_are_numbers(void)
{
    const char *state = USERS;

    is_user(state, "1000", "1000:0 0");
    is_user(state, "4711:1000", "4711:1000 1000");
}

static void of_the_image(void)
{
    const char *state = LOADED(.layers = LAYERS(pack_base()),
                               .config = "{\"Cmd\":[\"/bin/sleep\",\"4711\"],"
                                         "\"User\":\"app:more\"}");
    struct container *c = box(state, "t:1");

    expect_str("user, group and groups", "1234:778 778", ids(c->init));
    container_end(c);
    is_user(state, "4711", "4711:0 0");
    c = box(USERS, "t:1", "/bin/sleep", "4711");
    expect_str("user, group and groups without User", "0:0 0 777",
               ids(c->init));
}

static void no_rights(void)
{
    const char *state = USERS;
    struct container *root = box(state, "t:1", "/bin/sleep", "4711");
    struct container *app =
        box(state, "-u", "app", "t:1", "/bin/sleep", "4711");

    expect_differ("capabilities of root", 0,
                  kernel_status_hex(root->init, "CapEff"));
    expect_hex("capabilities in effect", 0,
               kernel_status_hex(app->init, "CapEff"));
    expect_hex("capabilities permitted", 0,
               kernel_status_hex(app->init, "CapPrm"));
    expect_hex("capabilities it could get from files",
               kernel_status_hex(root->init, "CapBnd"),
               kernel_status_hex(app->init, "CapBnd"));
}

static void groups_count(void)
{
    const char *state =
        LOADED(.layers =
                   LAYERS(pack_base(),
                          TAR(F("secret", "x\n", .mode = 0604, .gid = 777),
                              F("shared", "y\n", .mode = 0640, .gid = 778))));

    expect_exit(run(state, "-u", "app", "t:1", "/bin/cat", "/secret"), 1);
    expect_output(run(state, "-u", "app", "t:1", "/bin/cat", "/shared"), "y\n");
    expect_exit(run(state, "-u", "4711", "t:1", "/bin/cat", "/shared"), 1);
}

static void home(void)
{
    static const struct {
        const char *user, *home;
    } cases[] = {{"app", "/home/app\n"}, {"1234", "/home/app\n"},
                 {"root", "/root\n"},    {"lost", "/\n"},
                 {"4711", "/\n"},        {"1000", "/\n"}};
    const char *state = USERS;

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        expect_output(run(state, "-u", cases[i].user, "t:1", "/bin/sh", "-c",
                          "echo $HOME"),
                      cases[i].home);
    expect_output(run(LOADED(.layers = LAYERS(pack_base()),
                             .config = "{\"Env\":[\"HOME=/h\"]}"),
                      "-u", "app", "t:1", "/bin/sh", "-c", "echo $HOME"),
                  "/h\n");
}

static void nobody_else(void)
{
    const char *const *user =
        ARGV("2147483648", "4294967295", "4294967296", "-1", "+0", " 0", "0x0",
             "0 ", "", ":", ":1", "nosuch", "App", "app:nosuch",
             "app:2147483648", "app:-1", "1234x", "0:0:0", "app:extra,more");
    const char *state = USERS;

    for (; *user != NULL; user++) {
        const struct program *p =
            run(state, "-u", *user, "t:1", "/bin/cat", "/proc/self/status");

        trial_note("-u '%s'", *user);
        expect_refused(p, "");
    }
    expect_refused(run(state, "-u", "nosuch", "t:1"), "unable to find user",
                   "nosuch");
    expect_refused(run(state, "-u", "app:nosuch", "t:1"),
                   "unable to find group", "nosuch");
}

/* Files that would hold duct up, or be read for ever. */
static void odd_databases(void)
{
    char *large = keep_zeroed((1 << 20) + 1);
    struct bytes odd[7];
    size_t count = 0;

    memset(large, '#', 1 << 20);
    large = keep_format("%s\nodd:x:5:5::/:/bin/sh\n", large);
    odd[count++] = TAR({.path = "etc/passwd", .type = '6'});
    odd[count++] = TAR(C("etc/passwd", 1, 5));
    odd[count++] = TAR(S("etc/passwd", "/proc/self/mem"));
    odd[count++] = TAR(S("etc/passwd", "/dev/zero"));
    odd[count++] = TAR(D("etc/passwd"));
    odd[count++] = TAR(F("etc/passwd", large));
    odd[count++] = TAR(S("etc/passwd", "/proc/self/environ"));
    for (size_t i = 0; i < count; i++) {
        const char *state = LOADED(.layers = LAYERS(pack_base(), odd[i]));
        long long begin = spawn_now_ms();

        trial_note("/etc/passwd number %zu", i);
        expect_refused(run(state, "-u", "odd", "t:1"), "unable to find user");
        expect_output(run(state, "-u", "5", "t:1"), "hello\n");
        expect_between("milliseconds", 0, spawn_patience(2000),
                       (double)(spawn_now_ms() - begin));
    }
}

/* A link to a database leads where the container would see it. */
static void databases_are_inside(void)
{
    const char *host = canary(), *state;

    tree_make(host, "passwd", "evil:x:0:0::/:/bin/sh\n");
    state = LOADED(.layers = LAYERS(
                       pack_base(),
                       TAR(S("etc/passwd", keep_format("%s/passwd", host)))));
    expect_refused(run(state, "-u", "evil", "t:1"), "unable to find user");
    state =
        LOADED(.layers = LAYERS(pack_base(),
                                TAR(S("etc/passwd", "/users"),
                                    F("users", "good:x:9:8::/:/bin/sh\n"))));
    is_user(state, "good", "9:8 8");
}

static void many_groups(void)
{
    const char *list = "", *state;
    struct container *c;

    for (int i = 0; i < 1100; i++)
        list = keep_format("%sg%d:x:%d:app\n", list, i, 2000 + i);
    state = LOADED(.layers = LAYERS(pack_base(), TAR(F("etc/group", list))));
    c = box(state, "-u", "app", "t:1", "/bin/sleep", "4711");
    expect_contains("groups", "1235", ids(c->init));
}

static void dies_with_duct(void)
{
    struct container *c = box(USERS, "-u", "app", "t:1", "/bin/sleep", "4711");

    expect_call(spawn_signal(c->duct, SIGKILL));
    spawn_finish(c->duct);
    for (int i = 0; i < 200 && kernel_alive(c->init); i++)
        spawn_sleep_ms(10);
    expect_that(!kernel_alive(c->init), "the command to end with duct",
                "it goes on");
}

/* Between the change of user and the command nobody ends it. */
static void no_command_without_duct(void)
{
    struct deny call = {.number = SYS_prctl,
                        .argument = 0,
                        .value = PR_SET_PDEATHSIG,
                        .only_with = true,
                        .name = "prctl(PR_SET_PDEATHSIG)"};
    struct held held;
    struct program *p = spawn_start(&(struct spawn){
        .argv = DUCT("run", "--network", "none", "--state", USERS, "-u", "app",
                     "t:1", "/bin/sleep", "4711"),
        .prepare = hold_call,
        .prepare_arg = &call});
    pid_t child;

    for (int i = 0; i < 2; i++) {
        expect_that(hold_wait(p, true, &held),
                    "the child to ask for its end with duct's", "it does not");
        child = held.pid;
        if (i == 0)
            hold_answer(&held, 0);
    }
    expect_call(spawn_signal(p, SIGKILL));
    expect_that(spawn_ended(p, SPAWN_SOON_MS), "duct to end", "it runs");
    hold_no_more(&held);
    for (int i = 0; i < 200 && kernel_alive(child); i++)
        spawn_sleep_ms(10);
    expect_that(!kernel_alive(child), "no command without duct", "one");
}

static void exec_as(void)
{
    struct container *c = box(USERS, "-u", "app", "t:1", "/bin/sleep", "4711");
    const char *pid = keep_format("%d", c->init);
    struct program *p = duct("exec", "-u", "4711:extra", pid, "/bin/sh", "-c",
                             "cat /proc/self/status; echo HOME=$HOME");

    expect_exit(p, 0);
    expect_contains("user", "Uid:\t4711\t4711\t4711\t4711\n", p->out);
    expect_contains("group", "Gid:\t777\t777\t777\t777\n", p->out);
    expect_contains("groups", "Groups:\t777 \n", p->out);
    expect_contains("capabilities", "CapEff:\t0000000000000000\n", p->out);
    expect_contains("HOME", "HOME=/\n", p->out);
    p = duct("exec", "-u", "app", pid, "/bin/sh", "-c", "echo $HOME");
    expect_output(p, "/home/app\n");
    expect_refused(duct("exec", "-u", "nosuch", pid, "/bin/true"),
                   "unable to find user");
    expect_contains("user of exec without -u", "Uid:\t0\t",
                    duct("exec", pid, "/bin/cat", "/proc/self/status")->out);
}

static void in_a_rootfs(void)
{
    struct program *p =
        duct("run", "--network", "none", "-u", "4711:4712", rootfs(), "sh",
             "-c", "cat /proc/self/status; echo HOME=$HOME");

    expect_exit(p, 0);
    expect_contains("user", "Uid:\t4711\t", p->out);
    expect_contains("group", "Gid:\t4712\t", p->out);
    expect_contains("HOME", "HOME=/\n", p->out);
}

static const struct trial trials[] = {
    {.name = "user_by_number",
     .claim = "-u UID[:GID] is that user, with group 0 where none is given, "
              "and no other groups",
     .usual_cause = "setgroups() is missing, or comes after setuid()",
     .reread = "#user_become",
     .feature = true,
     .depends = "cmd_is_run",
     .body = by_number},
    {.name = "user_by_name",
     .claim = "a name is looked up in the container's passwd and group, and "
              "has all groups that it is a member of",
     .usual_cause = "the host's own files are asked, or a library of the "
                    "container's",
     .reread = "#user_become",
     .feature = true,
     .depends = "user_by_number",
     .body = by_name},
    {.name = "numbers_are_numbers",
     .claim = "1000 is user 1000, whoever is called \"1000\"",
     .usual_cause = "the name is looked for before the number",
     .reread = "#user_become",
     .feature = true,
     .depends = "user_by_name",
     .body = numbers_are_numbers},
    {.name = "user_of_the_image",
     .claim = "the image's User is whom the command runs as, unless -u says "
              "otherwise",
     .usual_cause = "User is not read from the config",
     .reread = "#user_become",
     .feature = true,
     .depends = "user_by_name",
     .body = of_the_image},
    {.name = "users_have_no_rights",
     .claim = "who is not root has no capabilities",
     .usual_cause = "the kernel takes them with setuid(), unless told to keep "
                    "them",
     .reread = "#user_become",
     .feature = true,
     .depends = "user_by_name",
     .body = no_rights},
    {.name = "groups_count",
     .claim = "groups give rights, and take them where a file gives its "
              "group less than others",
     .usual_cause = "the supplementary groups are forgotten",
     .reread = "#user_become",
     .feature = true,
     .depends = "user_by_name",
     .body = groups_count},
    {.name = "home_of_users",
     .claim = "HOME is the user's, or / for whom nobody knows; Env goes over "
              "it",
     .usual_cause = "it stays /root",
     .reread = "#user_become",
     .feature = true,
     .depends = "user_by_name",
     .body = home},
    {.name = "nobody_else",
     .claim = "what is no user, and no number up to 2147483647, is refused: "
              "never root instead",
     .usual_cause = "strtol() or atoi() takes a part of it, or it wraps",
     .reread = "#user_become",
     .feature = true,
     .depends = "user_by_name",
     .body = nobody_else},
    {.name = "odd_databases",
     .claim = "an /etc/passwd that is a FIFO, a device, a directory, huge or "
              "a link into /proc counts as none",
     .usual_cause = "fopen() waits for a writer, or reads for ever",
     .reread = "#user_become",
     .feature = true,
     .depends = "user_by_name",
     .body = odd_databases},
    {.name = "databases_are_inside",
     .claim = "a link to a file of users leads to the container's own",
     .usual_cause = "it is opened before the root changes",
     .reread = "#user_become",
     .feature = true,
     .depends = "user_by_name",
     .body = databases_are_inside},
    {.name = "many_groups",
     .claim = "a user may be in more groups than there is room for",
     .usual_cause = "the end of the array is not looked at",
     .reread = "#user_become",
     .feature = true,
     .depends = "user_by_name",
     .body = many_groups},
    {.name = "users_die_with_duct",
     .claim = "a command that is not root's ends with duct as well",
     .usual_cause = "setuid() makes the kernel forget PR_SET_PDEATHSIG",
     .reread = "#user_become",
     .feature = true,
     .depends = "user_by_name",
     .body = dies_with_duct},
    {.name = "no_command_without_duct",
     .claim = "if duct ends while its child changes its user there is no "
              "command",
     .usual_cause = "PR_SET_PDEATHSIG comes too late, and nobody asks whether "
                    "it did",
     .reread = "#user_become",
     .feature = true,
     .depends = "users_die_with_duct",
     .body = no_command_without_duct},
    {.name = "exec_as_a_user",
     .claim = "duct exec -u is that user in a running container",
     .usual_cause = "only run has the flag",
     .reread = "#user_become",
     .feature = true,
     .depends = "user_by_name",
     .body = exec_as},
    {.name = "user_in_a_rootfs",
     .claim = "-u works with a ROOTFS, too",
     .usual_cause = "the user is set where images are",
     .reread = "#user_become",
     .feature = true,
     .body = in_a_rootfs},
};

const struct chapter chapter_users = {"Users", TRIALS(trials)};
