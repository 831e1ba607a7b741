/*
 * Chapter: an image says what it runs, and how; who runs it may say otherwise.
 */
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "suite.h"

#define CONFIG(text) LOADED(.layers = LAYERS(pack_base()), .config = (text))

static void cmd_is_run(void)
{
    const char *state = CONFIG("{\"Cmd\":[\"/bin/echo\",\"a b\",\"\",\"c\"]}");

    expect_output(run(state, "t:1"), "a b  c\n");
    expect_output(run(state, "t:1", "/bin/echo", "other"), "other\n");
}

static void entrypoint_comes_first(void)
{
    const char *state = CONFIG("{\"Entrypoint\":[\"/bin/echo\",\"e\"],"
                               "\"Cmd\":[\"c 1\",\"c2\"]}");

    expect_output(run(state, "t:1"), "e c 1 c2\n");
    expect_output(run(state, "t:1", "a", "b"), "e a b\n");
}

static void entrypoint_is_replaced(void)
{
    const char *state = CONFIG("{\"Entrypoint\":[\"/bin/echo\",\"e\"],"
                               "\"Cmd\":[\"c\"]}");

    expect_output(run(state, "--entrypoint", "/bin/echo", "t:1"), "\n");
    expect_output(run(state, "--entrypoint", "/bin/echo", "t:1", "a"), "a\n");
    expect_output(run(state, "--entrypoint", "", "t:1", "/bin/echo", "a"),
                  "a\n");
    expect_refused(run(state, "--entrypoint", "", "t:1"), "no command");
    expect_refused(duct("run", "--network", "none", "--entrypoint", "/bin/echo",
                        rootfs(), "a"),
                   "--entrypoint", "/bin/echo");
}

static void nothing_to_run(void)
{
    const struct program *p = run(CONFIG("{}"), "t:1");

    expect_refused(p, "no command");
    expect_contains("the hint", "neither Cmd nor Entrypoint", p->err);
    expect_refused(run(CONFIG("null"), "t:1"), "no command");
    expect_output(run(CONFIG("null"), "t:1", "/bin/echo", "x"), "x\n");
}

/* The lines of env(1), of which the names are given. */
static char *variables(const struct program *p, const char *const *names)
{
    char *found = keep_format("%s", "");

    expect_exit(p, 0);
    for (; *names != NULL; names++) {
        const char *at =
            strstr(keep_format("\n%s", p->out), keep_format("\n%s=", *names));

        found = keep_format("%s%.*s\n", found,
                            at == NULL ? 0 : (int)strcspn(at + 1, "\n"),
                            at == NULL ? "" : at + 1);
    }
    return found;
}

static void env_is_set(void)
{
    const char *state = CONFIG("{\"Cmd\":[\"/bin/env\"],\"Env\":[\"A=1\","
                               "\"B=two words\",\"C=\",\"D=x=y\"]}");
    const struct program *p = run(state, "t:1");

    expect_str("the image's variables", "A=1\nB=two words\nC=\nD=x=y\n",
               variables(p, ARGV("A", "B", "C", "D")));
    expect_contains("the others", "HOME=/root\n", p->out);
    expect_contains("the others", "PATH=/usr/local/sbin:", p->out);
}

static void env_is_overridden(void)
{
    const char *state = CONFIG("{\"Cmd\":[\"/bin/env\"],\"Env\":[\"A=1\","
                               "\"B=2\",\"HOME=/h\",\"TERM=none\"]}");

    expect_str("variables with -e", "A=9\nB=2\nHOME=/h\nTERM=none\nE=5\n",
               variables(run(state, "-e", "A=9", "-e", "E=5", "t:1"),
                         ARGV("A", "B", "HOME", "TERM", "E")));
    expect_str("HOME with -e", "HOME=/mine\n",
               variables(run(state, "-e", "HOME=/mine", "t:1"), ARGV("HOME")));
}

static void env_takes_nothing_over(void)
{
    const char *state = CONFIG("{\"Cmd\":[\"/bin/env\"],\"Env\":[\"SECRET\"]}");
    const struct program *p = spawn_run(&(struct spawn){
        .argv = DUCT("run", "--network", "none", "--state", state, "t:1"),
        .env = ARGV("PATH=/bin", "SECRET=of the host")});

    expect_refused(p, "SECRET");
    expect_lacks("what duct says", "of the host", p->err);
}

static void path_is_searched(void)
{
    const char *state =
        LOADED(.layers = LAYERS(pack_base(),
                                TAR(D("odd"), S("odd/echo", "/bin/busybox"))),
               .config =
                   "{\"Cmd\":[\"echo\",\"found\"],\"Env\":[\"PATH=/odd\"]}");

    expect_output(run(state, "t:1"), "found\n");
    expect_refused_as(run(state, "t:1", "cat"), 127, "cat", "(ENOENT)");
}

static void workdir_is_entered(void)
{
    const char *state =
        CONFIG("{\"Cmd\":[\"/bin/pwd\"],\"WorkingDir\":\"/o/sub\"}");

    expect_output(run(state, "t:1"), "/o/sub\n");
    expect_output(run(state, "-w", "/etc", "t:1"), "/etc\n");
    expect_output(
        run(CONFIG("{\"Cmd\":[\"/bin/pwd\"],\"WorkingDir\":\"\"}"), "t:1"),
        "/\n");
}

/* By root, whoever is to be in it. */
static void workdir_is_made(void)
{
    const char *state =
        CONFIG("{\"Cmd\":[\"/bin/pwd\"],\"WorkingDir\":\"/new/dir/\","
               "\"User\":\"app\"}");
    const struct container *c;

    expect_output(run(state, "t:1"), "/new/dir\n");
    expect_output(run(state, "-w", "/new/too", "t:1"), "/new/too\n");
    c = box(state, "t:1", "/bin/sleep", "4711");
    expect_str("/new/dir of the container", "dir 755 0:0", seen(c, "/new/dir"));
}

static void workdir_stays_inside(void)
{
    const char *host = canary();
    struct bytes links =
        TAR(S("out", host), S("up", "../../../../../../../../../../tmp"));
    const char *state = LOADED(.layers = LAYERS(pack_base(), links),
                               .config = "{\"Cmd\":[\"/bin/pwd\"]}");
    const char *before = tree_record(host);

    expect_exit(run(state, "-w", "/out/made", "t:1"), 125);
    expect_output(run(state, "-w", "/up/made", "t:1"), "/tmp/made\n");
    expect_str("the directory of the host", before, tree_record(host));
}

static void workdir_is_bad(void)
{
    expect_refused(
        run(CONFIG("{\"Cmd\":[\"/bin/pwd\"],\"WorkingDir\":\"d\"}"), "t:1"),
        "WorkingDir", "\"d\"");
    expect_refused(
        run(CONFIG("{\"Cmd\":[\"/bin/pwd\"],\"WorkingDir\":\"/bin/sh/x\"}"),
            "t:1"),
        "/bin/sh", "(ENOTDIR)");
    expect_refused(
        run(CONFIG(
                "{\"Cmd\":[\"/bin/pwd\"],\"WorkingDir\":\"/proc/self/fd/9\"}"),
            "t:1"),
        "/proc/self/fd");
}

static void texts_are_texts(void)
{
    expect_refused(run(CONFIG("{\"Cmd\":[1]}"), "t:1"), "bad text");
    expect_refused(run(CONFIG("{\"Cmd\":[\"/bin/true\",null]}"), "t:1"),
                   "bad text");
    expect_refused(run(CONFIG("{\"Entrypoint\":[true]}"), "t:1"), "bad text");
    expect_refused(run(CONFIG("{\"Cmd\":[\"/bin/true\"],\"Env\":[{}]}"), "t:1"),
                   "bad text");
    /* What the user says in their place is all that counts. */
    expect_output(run(CONFIG("{\"Cmd\":[1]}"), "t:1", "/bin/echo", "x"), "x\n");
    expect_output(run(CONFIG("{\"Entrypoint\":[1]}"), "--entrypoint",
                      "/bin/echo", "t:1", "x"),
                  "x\n");
}

static void flags_go_with_it(void)
{
    const char *state = LOADED(.layers = LAYERS(pack_base()));
    const char *top = tree_fresh_dir(0), *from = canary();
    struct program *p;

    tree_make(top, "d/low", "above\n");
    expect_output(run(state, "--lower", top, "t:1", "/bin/cat", "/d/low"),
                  "above\n");
    expect_output(run(state, "-v", keep_format("%s:/mnt", from), "t:1",
                      "/bin/cat", "/mnt/file"),
                  "of the host\n");
    p = run(state, "--read-only", "--tmpfs", "/o", "t:1", "/bin/sh", "-c",
            "echo x >/o/x && cat /o/x; echo x >/d/x");
    expect_exit(p, 1);
    expect_str("stdout", "x\n", p->out);
    expect_contains("stderr", "Read-only", p->err);
    expect_output(run(state, "-h", "web", "t:1", "/bin/sh", "-c",
                      "cat /proc/sys/kernel/hostname"),
                  "web\n");
    expect_refused(run(state, "--userns", "t:1"), "--userns");
}

static void image_stays(void)
{
    const char *state = LOADED(.layers = LAYERS(pack_base()));
    const char *before = shared_store(state);

    expect_output(run(state, "t:1", "/bin/sh", "-c",
                      "echo x >/d/low; rm -r /o; echo x >/new; cat /d/low"),
                  "x\n");
    expect_same_store(before, state);
    expect_output(run(state, "t:1", "/bin/cat", "/d/low"), "low\n");
}

static void name_keeps(void)
{
    const char *state = LOADED(.layers = LAYERS(pack_base()));

    expect_exit(run(state, "--name", "web", "t:1", "/bin/sh", "-c",
                    "echo x >/d/low; rm /o/old"),
                0);
    expect_output(run(state, "--name", "web", "t:1", "/bin/cat", "/d/low"),
                  "x\n");
    expect_output(duct("diff", "--state", state, "web"),
                  "C /d\nC /d/low\nC /o\nD /o/old\n");
    (void)load(state,
               archive(RECIPE(.layers = LAYERS(pack_base(), TAR(F("x", "x"))),
                              .tags = "[\"other\"]")));
    expect_refused(run(state, "--name", "web", "other", "/bin/true"), "web",
                   "other directories");
    expect_output(duct("rm", "--state", state, "web"), "");
}

/* "box" is a directory if there is one, "./box" never an image. */
static void directories_win(void)
{
    const char *state =
        LOADED(.layers = LAYERS(pack_base()), .tags = "[\"box\"]");
    const char *here = tree_fresh_dir(0);
    struct program *p;

    expect_output(run(state, "box"), "hello\n");
    expect_refused(run(state, "./box", "/bin/true"), "./box", "(ENOENT)");
    expect_refused(run(state, "/box", "/bin/true"), "/box", "(ENOENT)");
    expect_refused(run(state, "", "/bin/true"), "ROOTFS", "(ENOENT)");
    expect_call(symlink(rootfs(), keep_format("%s/box", here)));
    p = spawn_run(
        &(struct spawn){.argv = DUCT("run", "--network", "none", "--state",
                                     state, "box", "ls", "/inside/probe"),
                        .cwd = here});
    expect_output(p, "/inside/probe\n");
    p = spawn_run(&(struct spawn){
        .argv = DUCT("run", "--network", "none", "--state", state, "box"),
        .cwd = here});
    expect_refused(p, "needs ROOTFS and COMMAND");
}

static void no_such_image(void)
{
    const char *state = LOADED(.layers = LAYERS(pack_base()));
    const struct program *p = run(state, "other", "true");

    expect_refused(p, "No such image: other:latest");
    expect_contains("the hint", "duct images", p->err);
    expect_refused(run(state, "t"), "No such image: t:latest");
    expect_refused(run(state, "t:2"), "No such image: t:2");
    expect_refused(run(state, "Other"), "invalid reference", "Other");
    expect_refused(duct("run"), "needs ROOTFS and COMMAND, or IMAGE");
}

static const struct trial trials[] = {
    {.name = "cmd_is_run",
     .claim = "duct run IMAGE runs the image's Cmd; a COMMAND replaces it",
     .usual_cause = "the words are joined and split again, or Cmd is added to "
                    "COMMAND",
     .reread = "#image_command",
     .feature = true,
     .depends = "imported_runs",
     .body = cmd_is_run},
    {.name = "entrypoint_comes_first",
     .claim = "Entrypoint stays in front of Cmd, and of what replaces it",
     .usual_cause = "COMMAND replaces both",
     .reread = "#image_command",
     .feature = true,
     .depends = "cmd_is_run",
     .body = entrypoint_comes_first},
    {.name = "entrypoint_is_replaced",
     .claim = "--entrypoint replaces Entrypoint and drops Cmd; an empty one "
              "leaves COMMAND alone",
     .usual_cause = "the image's Cmd is kept for another's entrypoint",
     .reread = "#image_command",
     .feature = true,
     .depends = "entrypoint_comes_first",
     .body = entrypoint_is_replaced},
    {.name = "nothing_to_run",
     .claim = "an image with nothing to run needs a COMMAND",
     .usual_cause = "argv[0] is NULL, and nobody looks",
     .reread = "#image_command",
     .feature = true,
     .depends = "cmd_is_run",
     .body = nothing_to_run},
    {.name = "env_is_set",
     .claim = "the image's Env is set, beside what is always set",
     .usual_cause = "Env comes before the usual variables, or replaces them "
                    "all",
     .reread = "#image_command",
     .feature = true,
     .depends = "cmd_is_run",
     .body = env_is_set},
    {.name = "env_is_overridden",
     .claim = "-e counts more than the image's Env, and that more than what "
              "is usual",
     .usual_cause = "they are set in another order",
     .reread = "#image_command",
     .feature = true,
     .depends = "env_is_set",
     .body = env_is_overridden},
    {.name = "env_takes_nothing_over",
     .claim = "an Env without = is refused: it would take a variable from "
              "the host",
     .usual_cause = "the image's Env goes through the same door as -e",
     .reread = "#image_command",
     .feature = true,
     .depends = "env_is_set",
     .body = env_takes_nothing_over},
    {.name = "path_is_searched",
     .claim = "a command without / is looked for in the image's PATH",
     .usual_cause = "execvp() searches duct's own",
     .reread = "#image_command",
     .feature = true,
     .depends = "env_is_set",
     .body = path_is_searched},
    {.name = "workdir_is_entered",
     .claim = "the command starts in WorkingDir, or in -w, or in /",
     .usual_cause = "WorkingDir is not read, or goes over -w",
     .reread = "#image_command",
     .feature = true,
     .depends = "cmd_is_run",
     .body = workdir_is_entered},
    {.name = "workdir_is_made",
     .claim = "where there is none it is made, by root, with mode 755",
     .usual_cause = "chdir() before mkdir(), or mkdir() after setuid()",
     .reread = "#image_command",
     .feature = true,
     .depends = "workdir_is_entered",
     .body = workdir_is_made},
    {.name = "workdir_stays_inside",
     .claim = "links of the image lead nowhere else when it is made",
     .usual_cause = "mkdir -p on the host's side",
     .reread = "#image_command",
     .feature = true,
     .depends = "workdir_is_made",
     .body = workdir_stays_inside},
    {.name = "workdir_is_bad",
     .claim = "a WorkingDir that is relative, a file or a descriptor of "
              "duct's is refused",
     .usual_cause = "the path is taken as it is",
     .reread = "#image_command",
     .feature = true,
     .depends = "workdir_is_made",
     .body = workdir_is_bad},
    {.name = "texts_are_texts",
     .claim = "a Cmd, Entrypoint or Env that has more than texts in it is "
              "refused, unless it is not used",
     .usual_cause = "json_string_value() of a number is NULL",
     .reread = "#image_command",
     .feature = true,
     .depends = "cmd_is_run",
     .body = texts_are_texts},
    {.name = "flags_go_with_it",
     .claim = "--lower, -v, --tmpfs, --read-only and -h work with an image",
     .usual_cause = "the image's trees replace those of --lower",
     .reread = "#image_command",
     .feature = true,
     .depends = "cmd_is_run",
     .body = flags_go_with_it},
    {.name = "image_stays",
     .claim = "what a container changes is not changed in the image",
     .usual_cause = "a layer of the image is the upperdir",
     .reread = "#run-it-look-at-it",
     .feature = true,
     .depends = "cmd_is_run",
     .body = image_stays},
    {.name = "name_keeps_changes",
     .claim = "--name keeps the changes of an image's container, for this "
              "image alone",
     .usual_cause = "the layer does not note which trees it is on",
     .reread = "#run-it-look-at-it",
     .feature = true,
     .depends = "cmd_is_run",
     .body = name_keeps},
    {.name = "directories_win",
     .claim = "a word that names a directory is ROOTFS, and any other an image",
     .usual_cause = "stat(2) is asked after the store, or not at all",
     .reread = "#run-it-look-at-it",
     .feature = true,
     .depends = "cmd_is_run",
     .body = directories_win},
    {.name = "no_such_image",
     .claim = "a name that no image has is refused, and told in full",
     .usual_cause = "the first image that begins so is taken",
     .reread = "#index_add",
     .feature = true,
     .depends = "cmd_is_run",
     .body = no_such_image},
};

const struct chapter chapter_run = {"Run", TRIALS(trials)};
