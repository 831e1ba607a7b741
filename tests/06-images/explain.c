/*
 * Chapter: --explain tells what becomes of a layer, and of an image.
 */
#include <stdio.h>
#include <string.h>

#include "suite.h"

static char *script(void)
{
    return keep_format("%s/script", tree_fresh_dir(0));
}

/* Each of the texts, one after the other. */
static void expect_in_order(const char *whole, const char *const *parts)
{
    const char *rest = whole;

    for (; *parts != NULL; parts++) {
        const char *at = strstr(rest, *parts);

        expect_that(at != NULL,
                    keep_format("%s in its place of the explanation", *parts),
                    expect_quoted(whole, strlen(whole)));
        rest = at + strlen(*parts);
    }
}

static void unpacking_is_told(void)
{
    const char *state = tree_fresh_dir(0), *file = script();
    struct bytes top =
        TAR(D("d"), F("d/.wh.gone", ""), D("o"), F("o/.wh..wh..opq", ""));
    const char *hex = pack_sha256(top), *text;

    expect_output(duct("load", "--state", state,
                       keep_format("--explain=%s", file), "-i",
                       archive(RECIPE(.layers = LAYERS(pack_base(), top)))),
                  "Loaded image: t:1\n");
    text = file_read(file);
    expect_in_order(
        text,
        ARGV("<<'CONTAINER'", "cd ", "chmod 755 .", "tar -xp", "\nCONTAINER\n",
             "zstd -dcf ", pack_sha256(pack_base()), "| sha256sum",
             "<<'CONTAINER'", "tar -xp", "\nCONTAINER\n", "mv ", "zstd -dcf ",
             hex, "| sha256sum", "cd ", "_images/layers/.", "chmod 755 .",
             "tar -xp", "--xattrs", "mknod ./d/gone c 0 0",
             "setfattr -n trusted.overlay.opaque -v y ./o", "mv ",
             keep_format("%s/_images/layers/%s", state, hex)));
    expect_exit(spawn_run(&(struct spawn){.argv = ARGV("sh", "-n", file)}), 0);
}

static void import_is_told(void)
{
    const char *state = tree_fresh_dir(0);
    const struct program *p = duct("import", "--state", state, "--explain",
                                   pack_write(TAR(F("x", "x"))), "box");

    expect_exit(p, 0);
    expect_contains("stderr", "tar -xp", p->err);
    expect_contains("stderr", "| sha256sum", p->err);
    expect_lacks("stdout", "tar", p->out);
}

/* What duct has done for one container is all that a second one takes. */
static void container_is_told(void)
{
    const char *state =
        LOADED(.layers = LAYERS(pack_base(), TAR(F("d/low", "top\n"))),
               .config = "{\"Cmd\":[\"/bin/sh\",\"-c\","
                         "\"cat /d/low; pwd; echo $A; echo x >x\"],"
                         "\"Env\":[\"A=b c\"],\"WorkingDir\":\"/new/dir\"}");
    const char *file = script(), *before;

    expect_output(run(state, keep_format("--explain=%s", file), "t:1"),
                  "top\n/new/dir\nb c\n");
    before = shared_store(state);
    expect_output(explain_replay(file), "top\n/new/dir\nb c\n");
    expect_same_store(before, state);
}

static void many_layers_are_told(void)
{
    struct bytes layers[61] = {pack_base()};
    const char *state, *file = script();

    for (int i = 1; i < 60; i++)
        layers[i] = TAR(F("top", keep_format("%d\n", i)));
    state =
        LOADED(.layers = layers, .config = "{\"Cmd\":[\"/bin/cat\",\"/top\"]}");
    expect_output(run(state, keep_format("--explain=%s", file), "t:1"), "59\n");
    expect_output(explain_replay(file), "59\n");
    expect_contains("the script", "lowerdir=0:1:2:3:", file_read(file));
}

static void few_layers_are_told_in_full(void)
{
    const char *state = LOADED(.layers = LAYERS(pack_base()));
    const char *file = script();

    expect_output(run(state, keep_format("--explain=%s", file), "t:1"),
                  "hello\n");
    expect_contains("the script",
                    keep_format("lowerdir=%s/_images/layers/%s", state,
                                pack_sha256(pack_base())),
                    file_read(file));
}

static void user_is_told(void)
{
    const char *state = LOADED(.layers = LAYERS(pack_base()));
    const struct program *p = run(state, "--explain", "-u", "4711:4712", "t:1");

    expect_exit(p, 0);
    expect_contains("stderr", "# setpriv --reuid=4711 --regid=4712", p->err);
}

static const struct trial trials[] = {
    {.name = "explain_unpacking",
     .claim = "duct load --explain tells how each layer is hashed, unpacked "
              "and put in its place, with its whiteouts",
     .usual_cause = "explain() is missing above a call",
     .reread = "#run-it-look-at-it",
     .feature = true,
     .depends = "marks_of_overlay",
     .body = unpacking_is_told},
    {.name = "explain_import",
     .claim = "so does duct import, on stderr if no file is given",
     .usual_cause = "the flag is for load only",
     .reread = "#run-it-look-at-it",
     .feature = true,
     .depends = "imported_runs",
     .body = import_is_told},
    {.name = "explain_an_images_container",
     .claim = "what duct run --explain IMAGE tells makes the same container",
     .usual_cause = "WorkingDir is made but not told",
     .reread = "#run-it-look-at-it",
     .feature = true,
     .depends = "workdir_is_made",
     .body = container_is_told},
    {.name = "explain_many_layers",
     .claim = "so it does where there are so many layers that their links "
              "are mounted",
     .usual_cause = "chdir() is not told",
     .reread = "#run-it-look-at-it",
     .feature = true,
     .depends = "as_many_as_docker",
     .body = many_layers_are_told},
    {.name = "explain_few_layers",
     .claim = "a few layers are told by their paths",
     .usual_cause = "the short form is always used",
     .reread = "#run-it-look-at-it",
     .feature = true,
     .depends = "explain_an_images_container",
     .body = few_layers_are_told_in_full},
    {.name = "explain_the_user",
     .claim = "the change of the user is told",
     .usual_cause = "explain_look() is missing",
     .reread = "#user_become",
     .feature = true,
     .depends = "user_by_number",
     .body = user_is_told},
};

const struct chapter chapter_explain = {"--explain", TRIALS(trials)};
