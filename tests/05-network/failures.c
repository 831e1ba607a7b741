/*
 * Chapter: when the kernel says no, midway.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "absent.h"
#include "scarce.h"
#include "suite.h"

enum how {
    AT_ONCE = 1, /* after a refusal nothing may be left for the next run */
    BY_NAME = 2, /* a refusal names the errno */
    OF_DUCT = 4, /* its child's calls are made: step 02 has them */
    SOME = 8,    /* there are many: not each of them on a slow machine */
};

/* Each run makes the call some times; the one with this number fails. Returns
 * false when there was none. */
static bool run_with_failure(struct deny *call, int number, unsigned how,
                             const char *const *words, struct program **p)
{
    struct held held;

    *p = spawn_start(&(struct spawn){
        .argv = argv_of(DUCT("run"), words, NULL),
        .prepare = hold_call,
        .prepare_arg = call,
    });
    while (number > 0) {
        if (!hold_wait(*p, false, &held)) {
            spawn_finish(*p);
            return false;
        }
        if (!(how & OF_DUCT) || held.pid == (*p)->pid)
            number--;
        if (number > 0)
            hold_answer(&held, 0);
    }
    hold_fail_once(&held, call->errnum);
    spawn_finish(*p);
    return true;
}

/* What could not be removed goes with the next one. */
static void expect_clean(const struct program *p, const struct deny *call,
                         const char *before, unsigned how)
{
    if (p->exit_status != 0) {
        expect_exit(p, 125);
        expect_contains("what duct says", "duct: ", p->err);
    }
    if (p->exit_status != 0 && how & BY_NAME)
        expect_contains("what duct says",
                        keep_format("(%s)", strerrorname_np(call->errnum)),
                        p->err);
    if (p->exit_status == 0 || !(how & AT_ONCE))
        expect_exit(duct("run", "--network", "bridge", rootfs(), "true"), 0);
    expect_nothing_left(before);
}

/* All that duct says about it. */
static char *fail_from(int first, struct deny *call, const char *const *options,
                       unsigned how)
{
    const char *before = lan_look();
    char *said = keep_format("%s", "");
    const char *const *words = argv_of(options, ARGV(rootfs(), "true"), NULL);
    struct program *p;
    int number = first, refused = 0;
    int stride = how & SOME ? spawn_stride() : 1;

    for (; run_with_failure(call, number, how, words, &p); number += stride) {
        trial_note("call %d of %s fails with %s", number, call->name,
                   strerrorname_np(call->errnum));
        expect_clean(p, call, before, how);
        refused += p->exit_status == 125;
        said = keep_format("%s%s", said, p->err);
    }
    trial_note("%d of %d make duct refuse", refused, number - 1);
    expect_between("calls whose failure makes duct refuse", 1, 1000, refused);
    return said;
}

static char *fail_each(struct deny *call, const char *const *options,
                       unsigned how)
{
    return fail_from(1, call, options, how);
}

static void messages_fail(void)
{
    struct deny call = {
        .number = SYS_sendmsg, .errnum = ENOBUFS, .name = "sendmsg"};

    (void)fail_each(&call, ARGV("-p", "8080:80"), AT_ONCE | SOME);
}

/* Somebody has used the name: for what is none of a container's business. */
static void rules_fail(void)
{
    const char *before = lan_look();

    lan_nft("table " TABLE " {\n"
            "  chain forward { type filter hook input priority 0; }\n"
            "  chain postrouting { type filter hook input priority 0; }\n"
            "}\n");
    /* "not supported" to some kernels, "File exists" to others. */
    expect_refused(duct("run", "-p", "8080:80", rootfs(), "true"), "nft",
                   "Could not process rule");
    expect_nothing_left(before);
}

static void locks_fail(void)
{
    struct deny call = {.number = SYS_flock, .errnum = EINTR, .name = "flock"};

    (void)boxed("--network", "bridge"); /* it is faster beside another */
    (void)fail_each(&call, ARGV("-p", "8080:80"), BY_NAME);
}

/* On a host that lacks a module, or in a container of somebody else's. */
static void refused_when(const char *path, int errnum, const char *what)
{
    const char *before = lan_look();
    const struct program *p = denied_run(
        &(struct spawn){.argv = DUCT("run", "-p", "8080:80", rootfs(), "true")},
        ARGV(path), errnum);

    expect_refused(p, what, keep_format("(%s)", strerrorname_np(errnum)));
    expect_nothing_left(before);
}

static void settings_fail(void)
{
    refused_when("ipv4/ip_forward", EACCES, "/proc/sys/net/ipv4/ip_forward");
    refused_when("conf/" BRIDGE "/route_localnet", EROFS,
                 "conf/" BRIDGE "/route_localnet");
    refused_when("conf/" BRIDGE "/disable_ipv6", EROFS,
                 "conf/" BRIDGE "/disable_ipv6");
    refused_when("conf/eth0/disable_ipv6", EROFS, "conf/eth0/disable_ipv6");
}

static void writing_fails(void)
{
    struct deny call = {.number = SYS_openat,
                        .argument = 2,
                        .value = O_WRONLY | O_CLOEXEC,
                        .only_with = true,
                        .errnum = EROFS,
                        .name = "openat(O_WRONLY)"};
    const char *said =
        fail_each(&call, ARGV("--network", "bridge"), AT_ONCE | BY_NAME);

    expect_contains("what duct says", "/proc/sys/net/ipv4/ip_forward: ", said);
    expect_contains("what duct says", "\n      without it no packet", said);
    expect_contains("what duct says", "route_localnet: ", said);
    call.value = O_WRONLY | O_CREAT | O_CLOEXEC;
    call.errnum = ENOSPC;
    said = fail_each(&call, ARGV("--network", "bridge"), AT_ONCE | BY_NAME);
    expect_contains("what duct says", "forwarding was off: ", said);
    call.value = O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC;
    (void)fail_each(&call, ARGV("--network", "bridge"), AT_ONCE | BY_NAME);
}

/* The names are mounted on what is there; to look for it takes a directory. */
static void names_or_nothing(void)
{
    struct deny call = {.number = SYS_openat,
                        .argument = 2,
                        .value = O_PATH | O_DIRECTORY | O_CLOEXEC,
                        .only_with = true,
                        .errnum = EMFILE,
                        .name = "openat(O_PATH | O_DIRECTORY)"};
    struct program *p;

    for (int number = 1;
         run_with_failure(&call, number, 0,
                          ARGV("--network", "none", "-h", "box", rootfs(),
                               "cat", "/etc/hostname"),
                          &p);
         number++)
        if (p->exit_status == 0)
            expect_output(p, "box\n");
        else
            expect_refused(p, "(EMFILE)");
}

/* Who can't look whether others are there must not remove what they use. */
static void others_live_on(void)
{
    struct deny call = {.number = SYS_openat,
                        .argument = 2,
                        .value = O_RDONLY | O_DIRECTORY | O_CLOEXEC,
                        .only_with = true,
                        .errnum = EMFILE,
                        .name = "openat(O_DIRECTORY)"};
    struct container *other = boxed("-p", "8081:80");
    const char *before = lan_look();
    struct program *p;

    for (int number = 1;
         run_with_failure(&call, number, OF_DUCT,
                          ARGV("--network", "bridge", rootfs(), "true"), &p);
         number++)
        ;
    expect_exit(duct("run", "--network", "bridge", rootfs(), "true"), 0);
    expect_nothing_left(before);
    expect_reached(lan_peer(), TCP_DOOR(LAN_HOST, 8081),
                   shared_serve(other, 80), LAN_PEER);
}

static void memory_is_scarce(void)
{
    const char *const *argv =
        DUCT("run", "-p", "8080:80", "-h", "box", rootfs(), "true");
    const char *before = lan_look();
    struct program *p;
    int number = 1;

    needs_no_sanitizer();
    for (; scarce_run(argv, number, &p); number += spawn_stride()) {
        trial_note("number %d is refused", number);
        expect_clean(p, &(struct deny){.errnum = ENOMEM}, before, AT_ONCE);
    }
    if (number == 1)
        trial_skip("the program is linked statically");
}

static void without_ipv6(void)
{
    expect_output(
        absent_run(&(struct spawn){.argv = DUCT("run", "--network", "bridge",
                                                rootfs(), "echo", "hello")},
                   ARGV("/disable_ipv6")),
        "hello\n");
}

static void directories_fail(void)
{
    struct deny call = {.number = SYS_mkdir, .errnum = ENOSPC, .name = "mkdir"};

    /* The first ones are for the layer. */
    (void)fail_from(9, &call, ARGV("--network", "bridge"),
                    AT_ONCE | BY_NAME | OF_DUCT);
}

static void run_is_no_directory(void)
{
    const char *before = lan_look();
    const char *path = "/run/duct";

    file_write(path, "");
    const struct program *p = duct("run", rootfs(), "true");
    (void)unlink(path);
    expect_refused(p, "lock /run/duct/steps/net-", "(ENOTDIR)");
    expect_nothing_left(before);
}

static const struct trial trials[] = {
    {.name = "messages_may_fail",
     .claim = "each netlink message may fail: then duct refuses, or goes on, "
              "and nothing is left",
     .usual_cause = "an error path returns before what was made is removed",
     .reread = "#break-it",
     .feature = true,
     .depends = "nothing_is_left",
     .body = messages_fail},
    {.name = "rules_may_fail",
     .claim = "when the rules can't be made duct says which, and nothing is "
              "left",
     .usual_cause = "what nft says goes nowhere",
     .reread = "#nat_begin",
     .feature = true,
     .depends = "nothing_is_left",
     .body = rules_fail},
    {.name = "locks_may_fail",
     .claim = "each flock() may fail: the next container starts and leaves "
              "nothing",
     .usual_cause = "an error path returns before what was made is removed",
     .reread = "#address_take",
     .feature = true,
     .depends = "nothing_is_left",
     .body = locks_fail},
    {.name = "directories_may_fail",
     .claim = "so may each mkdir()",
     .usual_cause = "an error path returns before what was made is removed",
     .reread = "#address_take",
     .depends = "nothing_is_left",
     .body = directories_fail},
    {.name = "run_may_not_be_ours",
     .claim = "where no directory can be made in /run duct refuses and names "
              "the one that it wants",
     .usual_cause = "the result of mkdir() is not looked at",
     .reread = "#address_take",
     .feature = true,
     .depends = "nothing_is_left",
     .body = run_is_no_directory},
    {.name = "settings_may_be_read_only",
     .claim = "where a setting below /proc/sys can't be written duct refuses, "
              "names it, and leaves nothing",
     .usual_cause = "the result of open() is not looked at",
     .reread = "#nat_begin",
     .feature = true,
     .depends = "nothing_is_left",
     .body = settings_fail},
    {.name = "writing_may_fail",
     .claim = "so may each file that is opened for writing",
     .usual_cause = "the result of open() is not looked at",
     .reread = "#nat_begin",
     .feature = true,
     .depends = "nothing_is_left",
     .body = writing_fails},
    {.name = "names_or_nothing",
     .claim = "a container without its names does not start",
     .usual_cause = "the result of open() is not looked at",
     .reread = "#names",
     .depends = "hosts_has_its_name",
     .body = names_or_nothing},
    {.name = "memory_may_be_scarce",
     .claim = "each piece of memory may be refused: then duct refuses, or goes "
              "on, and nothing is left",
     .usual_cause = "NULL is taken for a text, or for a link",
     .reread = "#break-it",
     .depends = "nothing_is_left",
     .body = memory_is_scarce},
    {.name = "others_live_on",
     .claim = "what fails in one container does not disturb another",
     .usual_cause = "a directory that can't be read is taken for an empty one: "
                    "so nobody is there, and the bridge may go",
     .reread = "#address_take",
     .feature = true,
     .depends = "published_to_the_lan",
     .body = others_live_on},
    {.name = "a_kernel_without_ipv6",
     .claim = "on a kernel without IPv6 a container starts as usual",
     .usual_cause = "a setting that is not there is taken for a failure",
     .reread = "#make_bridge",
     .depends = "bridge_is_usual",
     .body = without_ipv6},
};

const struct chapter chapter_failures = {"Failures", TRIALS(trials)};
