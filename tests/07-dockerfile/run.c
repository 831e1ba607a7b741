/*
 * Chapter: RUN, a container that leaves a layer.
 */
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "suite.h"

static void two_forms(void)
{
    const struct site *site = site_new();
    const char *out =
        built(site, DOCKERFILE("ENV a=1\n"
                               "RUN echo \"$a  b\" '$a' | cat; echo $0\n"
                               "RUN [\"echo\", \"$a\", \"c  d\", \"\"]\n"));

    expect_contains("stdout", "\n1  b $a\n/bin/sh\n", out);
    expect_contains("stdout", "\n$a c  d \n", out);
}

static void streams(void)
{
    const struct site *site = site_new();
    const struct program *p =
        build(site, DOCKERFILE("RUN cat; echo out; echo err >&2; "
                               "test ! -t 0 && readlink /proc/self/fd/0\n"));

    expect_exit(p, 0);
    expect_contains("stdout", "\nout\n/dev/null\n", p->out);
    expect_str("stderr", "err\n", p->err);
}

static void output_comes_at_once(void)
{
    const struct site *site = site_new();
    struct program *p = spawn_start(&(struct spawn){
        .argv = shared_build(
            site, ARGV(DOCKERFILE("RUN echo first; sleep 4711\n")))});

    expect_that(spawn_printed(p, "\nfirst\n", SPAWN_SOON_MS),
                "what a RUN prints while it runs",
                expect_quoted(p->out, p->out_size));
    expect_contains("what came before it", "Step 2/2 : RUN echo first", p->out);
    expect_call(spawn_signal(p, SIGTERM));
    spawn_finish(p);
}

static void much_output(void)
{
    const struct site *site = site_new();
    const char *out = built(
        site, DOCKERFILE("RUN head -c 1000000 /dev/zero | tr '\\0' x; echo\n"));

    expect_between("bytes that were printed", 1000000, 1000400,
                   (double)strlen(out));
}

/* 32 and 33 are the C library's own: who has started us may have left them
 * ignored, and nobody can change that by its functions. */
#define SIGNALS                                                                \
    "grep -E 'Sig(Blk|Ign)' /proc/self/status | "                              \
    "sed 's/0000000180000000$/0000000000000000/' >>/x; "

static void surroundings(void)
{
    const struct site *site = site_new();

    (void)built(
        site,
        DOCKERFILE("RUN echo $$ >/x; umask >>/x; pwd >>/x; id >>/x; " SIGNALS
                   "ls /proc/self/fd | wc -l >>/x\n"));
    /* Three descriptors, and that of ls. */
    expect_inside(site, "cat /x",
                  "1\n0022\n/\nuid=0(root) gid=0(root) groups=0(root)\n"
                  "SigBlk:\t0000000000000000\nSigIgn:\t0000000000000000\n"
                  "4\n");
}

static void settings_are_there(void)
{
    const struct site *site = site_new();

    (void)built(site, DOCKERFILE("RUN echo $HOME $PATH >/x\n"
                                 "ENV A=\"1 2\" HOME=/own PATH=/bin:/x\n"
                                 "WORKDIR /a/b\n"
                                 "RUN echo \"$A\" $HOME $PATH >>/x; pwd >>/x; "
                                 "touch here\n"));
    expect_inside(site, "cat /x; ls /a/b",
                  "/root /usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:"
                  "/sbin:/bin\n1 2 /own /bin:/x\n/a/b\nhere\n");
}

static void as_user(void)
{
    const struct site *site = site_new();

    (void)built(
        site,
        DOCKERFILE("RUN echo u:x:5:6::/home/u: >>/etc/passwd; "
                   "echo g:x:8: >>/etc/group; echo h:x:9:u >>/etc/group; "
                   "touch /x; chmod 666 /x; grep CapEff /proc/self/status >/x\n"
                   "USER u\n"
                   "RUN id -u >>/x; id -G >>/x; echo $HOME >>/x; "
                   "grep CapEff /proc/self/status >>/x; ! touch /etc/no 2>&1\n"
                   "USER 7\nRUN id -u >>/x; id -G >>/x; echo $HOME >>/x\n"
                   "USER u:g\nRUN id -u >>/x; id -G >>/x\n"
                   "USER 5:3\nRUN id -u >>/x; id -G >>/x\n"
                   "USER root\nRUN touch /etc/yes\n"));
    expect_inside(site, "cat /x; ls /etc/yes",
                  "CapEff:\t00000000a80425fb\n"
                  "5\n6 9\n/home/u\nCapEff:\t0000000000000000\n"
                  "7\n0\n/\n5\n8\n5\n3\n/etc/yes\n");
}

static void unknown_users(void)
{
    const struct site *site = site_new();

    (void)built(site, DOCKERFILE("USER nobodyhere\nENV a=1\nUSER 0\n"));
    expect_blamed(build(site, DOCKERFILE("USER nobodyhere\nRUN true\n")), 125,
                  3, "RUN true", "nobodyhere");
    expect_tidy(site);
}

static void statuses(void)
{
    static const int numbers[] = {1, 2, 126, 127, 200, 255};
    const struct site *site = site_new();

    for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
        const char *line = keep_format("RUN exit %d", numbers[i]);

        expect_blamed(build(site, keep_format(DOCKERFILE("%s\n"), line)),
                      numbers[i], 2, line,
                      keep_format("The command '/bin/sh -c exit %d' returned "
                                  "a non-zero code: %d",
                                  numbers[i], numbers[i]));
    }
    expect_blamed(build(site, DOCKERFILE("RUN [\"false\", \"a b\"]\n")), 1, 2,
                  "RUN [\"false\", \"a b\"]", "The command 'false a b'");
    expect_nothing_left(site);
}

static void not_found(void)
{
    const struct site *site = site_new();

    expect_blamed(build(site, DOCKERFILE("RUN [\"/no/such\"]\n")), 127, 2,
                  "RUN [\"/no/such\"]", "/no/such", "(ENOENT)");
    expect_blamed(build(site, DOCKERFILE("RUN [\"nosuch\"]\n")), 127, 2,
                  "RUN [\"nosuch\"]", "nosuch");
    expect_blamed(build(site, DOCKERFILE("RUN [\"/etc/passwd\"]\n")), 126, 2,
                  "RUN [\"/etc/passwd\"]", "/etc/passwd", "(EACCES)");
    expect_blamed(build(site, "FROM scratch\nRUN true\n"), 127, 2, "RUN true",
                  "/bin/sh", "(ENOENT)");
    expect_nothing_left(site);
}

static void long_commands(void)
{
    const struct site *site = site_new();
    char *letters = keep_zeroed(60001);
    const struct program *p;

    memset(letters, 'x', 60000);
    p = build(site, keep_format(DOCKERFILE("RUN exit 4 %s\n"), letters));
    expect_exit(p, 4);
    expect_that(p->err_size < 4000, "a short message of a long command",
                keep_format("%zu bytes", p->err_size));
}

static void nobody_is_left(void)
{
    const struct site *site = site_new();

    (void)built(site, DOCKERFILE("RUN sleep 4711 & sleep 4712 & echo x >/x\n"
                                 "RUN ps | grep -c 'sleep [4]' >/y; true\n"));
    expect_int("processes that a RUN has left", 0,
               kernel_count("sleep 4711") + kernel_count("sleep 4712"));
    expect_inside(site, "cat /x /y", "x\n0\n");
}

/* What a container's own mounts cover, and what is mounted, is no change. */
static void only_files_of_the_image(void)
{
    const struct site *site = site_new();

    (void)built(site,
                DOCKERFILE("RUN mkdir -p /tmp/t /run/r; echo 1 >/tmp/t/f; "
                           "echo 2 >/dev/shm/no; echo 3 >/run/r/f; "
                           "echo 4 >>/etc/hosts; echo 5 >/etc/own\n"));
    expect_str("names in the layer",
               "etc/\netc/own\nrun/\nrun/r/\nrun/r/f\ntmp/\ntmp/t/\ntmp/t/f\n",
               saved_names(site));
}

static void nothing_changes(void)
{
    const struct site *site = site_new();

    (void)built(site, DOCKERFILE("RUN cat /etc/hosts >/dev/null\n"));
    expect_contains("its history",
                    "empty /bin/sh -c cat /etc/hosts >/dev/null\n",
                    saved_history(site));
}

/* Where /proc, /sys and /dev are no directories of the base. */
static void places_to_mount_on(void)
{
    const struct site *site = site_new();
    const char *tree = rootfs_linked();

    expect_call(rmdir(keep_format("%s/sys", tree)));
    expect_call(rmdir(keep_format("%s/proc", tree)));
    expect_exit(spawn_run(&(struct spawn){
                    .argv = ARGV("tar", "-C", tree, "--exclude=./dev",
                                 "--exclude=./inside", "-cf",
                                 site_path(site, "base.tar"), ".")}),
                0);
    expect_exit(on(site, "import", site_path(site, "base.tar"), "bare"), 0);
    (void)built(site, "FROM bare\nRUN ls /proc/1/status; echo x >/x\n");
    expect_str("names in the layer", "x\n", saved_names(site));
}

static void network_modes(void)
{
    const struct site *site = site_new();
    static const char text[] = DOCKERFILE("RUN readlink /proc/self/ns/net\n"
                                          "RUN ls /sys/class/net | xargs\n");
    const char *here = keep_format(
        "net:[%llu]", (unsigned long long)kernel_namespace(0, "net"));
    const char *out = built(site, text);

    expect_lacks("network namespace of a RUN with --network none", here, out);
    expect_contains("its links", "\nlo\n", out);
    expect_contains("network namespace of one with --network=host", here,
                    built(site, text, "--no-cache", "--network=host"));
    expect_refused(build(site, text, "--network", "nowhere"), "--network",
                   "\"nowhere\"");
}

static void closed_streams(void)
{
    const struct site *site = site_new();

    expect_exit(spawn_run(&(struct spawn){
                    .argv = shared_build(
                        site, ARGV(DOCKERFILE("RUN cat; echo y >/y\n"))),
                    .stdin_is = INPUT_CLOSED}),
                0);
    expect_inside(site, "cat /y", "y\n");
}

/* Of what the caller ignores, or blocks, a RUN should know nothing. */
static void callers_signals(void *unused)
{
    sigset_t all;

    (void)unused;
    (void)signal(SIGCHLD, SIG_IGN);
    (void)signal(SIGINT, SIG_IGN);
    (void)sigfillset(&all);
    (void)sigprocmask(SIG_BLOCK, &all, NULL);
    (void)umask(077);
}

static void of_the_caller_nothing(void)
{
    const struct site *site = site_new();

    site_file(site, "d/a", "a\n");
    expect_exit(
        spawn_run(&(struct spawn){
            .argv = shared_build(
                site, ARGV(DOCKERFILE("RUN " SIGNALS "umask >>/x\n"
                                      "COPY d/a /new/a\nWORKDIR /w\n"))),
            .prepare = callers_signals}),
        0);
    expect_inside(site, "cat /x; stat -c %a /new /new/a /w",
                  "SigBlk:\t0000000000000000\nSigIgn:\t0000000000000000\n"
                  "0022\n755\n644\n755\n");
}

static const struct trial trials[] = {
    {.name = "run_has_two_forms",
     .claim = "RUN TEXT is for /bin/sh -c, RUN [\"a\", \"b\"] is executed "
              "as it stands",
     .usual_cause = "the text is parted, or expanded, before the shell sees it",
     .reread = "#run_step",
     .feature = true,
     .depends = "build_makes_an_image",
     .body = two_forms},
    {.name = "run_has_streams",
     .claim = "a RUN reads nothing, and its stdout and stderr are duct's",
     .usual_cause = "it inherits the stdin that duct was started with",
     .reread = "#run_step",
     .feature = true,
     .depends = "build_makes_an_image",
     .body = streams},
    {.name = "run_prints_at_once",
     .claim = "what a RUN prints shows at once, behind its step",
     .usual_cause = "stdout is a pipe, and what is printed waits in a buffer",
     .reread = "#build",
     .feature = true,
     .depends = "build_makes_an_image",
     .body = output_comes_at_once},
    {.name = "run_prints_much",
     .claim = "a RUN may print as much as it likes",
     .usual_cause = "a pipe that nobody empties is full",
     .reread = "#run_step",
     .feature = true,
     .depends = "build_makes_an_image",
     .body = much_output},
    {.name = "run_is_a_container",
     .claim =
         "a RUN is process 1, as root, in /, umask 022, with three descriptors "
         "and no signal blocked or ignored",
     .usual_cause = "what duct has set for itself outlives execve(2)",
     .reread = "#run_step",
     .feature = true,
     .depends = "build_makes_an_image",
     .body = surroundings},
    {.name = "run_has_settings",
     .claim = "a RUN has the image's environment and directory, and HOME",
     .usual_cause = "the config is that of the base",
     .reread = "#run_step",
     .feature = true,
     .depends = "build_makes_an_image",
     .body = settings_are_there},
    {.name = "run_as_user",
     .claim =
         "a RUN is done by USER: name or number, with the groups it has in the "
         "image",
     .usual_cause = "names are looked up in the host's files",
     .reread = "#run_step",
     .feature = true,
     .depends = "build_makes_an_image",
     .body = as_user},
    {.name = "run_as_nobody_known",
     .claim =
         "a USER that the image does not know is refused by a RUN, not by USER",
     .usual_cause = "names are looked up when nobody needs them yet",
     .reread = "#run_step",
     .feature = true,
     .depends = "run_as_user",
     .body = unknown_users},
    {.name = "run_may_fail",
     .claim =
         "a RUN that fails ends the build with its status, and docker's words",
     .usual_cause = "every failure is 125",
     .reread = "#run_step",
     .feature = true,
     .depends = "build_makes_an_image",
     .body = statuses},
    {.name = "run_finds_nothing",
     .claim = "what can't be executed ends it with 127 or 126, and names it",
     .usual_cause = "a child that failed is taken for a command that did",
     .reread = "#run_step",
     .feature = true,
     .depends = "build_makes_an_image",
     .body = not_found},
    {.name = "run_may_be_long",
     .claim = "a message about a long command is short",
     .usual_cause = "a buffer of fixed size",
     .reread = "#run_step",
     .feature = true,
     .depends = "build_makes_an_image",
     .body = long_commands},
    {.name = "run_leaves_nobody",
     .claim = "what a RUN has left running is ended with it",
     .usual_cause = "only the command is waited for",
     .reread = "#run_step",
     .feature = true,
     .depends = "build_makes_an_image",
     .body = nobody_is_left},
    {.name = "run_leaves_files_of_the_image",
     .claim = "what is written to mounts is no part of the layer, what is "
              "in /tmp and "
              "/run is",
     .usual_cause = "files to mount on are made in the layer",
     .reread = "#pack",
     .feature = true,
     .depends = "build_makes_an_image",
     .body = only_files_of_the_image},
    {.name = "run_may_change_nothing",
     .claim = "a RUN that changes no file makes no layer",
     .usual_cause = "a tar without entries is taken for a layer",
     .reread = "#commit",
     .feature = true,
     .depends = "build_makes_an_image",
     .body = nothing_changes},
    {.name = "run_needs_places_to_mount",
     .claim = "directories made to mount /proc, /sys, /dev on are no part "
              "of the layer",
     .usual_cause = "the layer has what duct itself has made",
     .reread = "#run_step",
     .feature = true,
     .depends = "build_makes_an_image",
     .body = places_to_mount_on},
    {.name = "run_has_a_network",
     .claim = "--network is that of each RUN",
     .usual_cause = "the mode is that of duct run, or asked for once",
     .reread = "#build_verb",
     .feature = true,
     .depends = "build_makes_an_image",
     .body = network_modes},
    {.name = "stdin_may_be_closed",
     .claim = "a build does without stdin",
     .usual_cause = "a descriptor below 3 is taken for another",
     .reread = "#build",
     .feature = true,
     .depends = "build_makes_an_image",
     .body = closed_streams},
    {.name = "of_the_caller_nothing",
     .claim = "the caller's signals and umask change nothing of an image",
     .usual_cause = "duct inherits them, and passes them on",
     .reread = "#build",
     .feature = true,
     .depends = "build_makes_an_image",
     .body = of_the_caller_nothing},
};

const struct chapter chapter_run = {"RUN", TRIALS(trials)};
