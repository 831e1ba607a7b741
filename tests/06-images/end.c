/*
 * Chapter: what duct still holds when all its work is done.
 */
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "atend.h"
#include "suite.h"

static const struct recipe *some(void)
{
    static struct recipe r;
    struct bytes *layers = keep_zeroed(3 * sizeof(*layers));

    layers[0] = pack_base();
    layers[1] = TAR(D("d"), F("d/.wh.gone", ""), F("d/low", "top\n"));
    r = (struct recipe){
        .layers = layers,
        .config =
            "{\"Cmd\":[\"/bin/sleep\",\"4711\"],\"Env\":[\"A=hexenhaus\"],"
            "\"User\":\"app\",\"WorkingDir\":\"/hexenhaus\"}",
        .history = "[{\"created_by\":\"hexenhaus\",\"comment\":\"hexenhaus\","
                   "\"created\":\"2020-01-01T00:00:00Z\"}]"};
    return &r;
}

static void expect_let_go(const struct at_end *end)
{
    static const char *const parts[] = {
        "sha256:", "docker.io/", "_images",  "hexenhaus", "/app",     "layers/",
        "/.wh.",   "rootfs",     "manifest", "/d/low",    "diff_ids",
    };

    expect_lacks("what duct has open at its end", "_images", end->descriptors);
    expect_lacks("what duct has open at its end", scratch_dir(),
                 end->descriptors);
    expect_lacks("what duct has open at its end", "memfd:", end->descriptors);
    for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
        expect_str("texts in memory that duct has not freed", "",
                   at_end_texts(end, parts[i]));
}

static void lets_go(int status, const char *const *words)
{
    struct at_end end = at_end_look(at_end_start(
        &(struct spawn){.argv = argv_of(ARGV(duct_path()), words, NULL)}));

    expect_exit(end.program, status);
    expect_let_go(&end);
}

static int pipes_of(const char *const *words)
{
    struct at_end end = at_end_look(at_end_start(
        &(struct spawn){.argv = argv_of(ARGV(duct_path()), words, NULL)}));
    int count = 0;

    expect_exit(end.program, 0);
    for (const char *at = end.descriptors; (at = strstr(at, "pipe:")) != NULL;
         at++)
        count++;
    return count;
}

/* Who has a child for each layer, and who has none. */
static void no_more_pipes(void)
{
    const char *state = tree_fresh_dir(0), *file = archive(some());

    expect_int("pipes that duct load has open at its end",
               pipes_of(ARGV("images", "--state", state)),
               pipes_of(ARGV("load", "--state", state, "-i", file)));
}

#define LETS_GO(status, ...) lets_go((status), ARGV(__VA_ARGS__))

static void verbs_let_go(void)
{
    const char *state = tree_fresh_dir(0), *file = archive(some());
    const char *oci = archive_oci(some());

    LETS_GO(0, "load", "--state", state, "-i", file);
    LETS_GO(0, "load", "--state", state, "-i", oci);
    LETS_GO(0, "import", "--state", state, pack_write(TAR(F("x", "x"))), "box");
    LETS_GO(0, "images", "--state", state);
    LETS_GO(0, "images", "--state", state, "-q");
    LETS_GO(0, "history", "--state", state, "t:1");
    LETS_GO(0, "save", "--state", state, "-o", "/dev/null", "t:1");
    LETS_GO(0, "tag", "--state", state, "t:1", "two");
    LETS_GO(0, "rmi", "--state", state, "two");
    LETS_GO(0, "rmi", "--state", state, "t:1");
}

static void run_lets_go(void)
{
    const char *state = shared_loaded(some());
    struct container *c = container_wait(at_end_start(
        &(struct spawn){.argv = DUCT("run", "--network", "none", "--state",
                                     state, "-e", "B=2", "t:1")}));
    struct at_end end;

    expect_call(kill(c->init, SIGKILL));
    end = at_end_look(c->duct);
    expect_let_go(&end);
    LETS_GO(125, "run", "--network", "none", "--state", state, "t:2");
    LETS_GO(125, "run", "--network", "none", "--state", state, "Bad");
    LETS_GO(125, "run", "--network", "none", "--state", state, "--entrypoint",
            "", "t:1");
}

static void refusals_let_go(void)
{
    const char *state = shared_loaded(some());
    const char *id = keep_copy(pack_id(some()), 12);
    struct recipe r = *some();
    struct file *files = pack_oci(some()), *index;

    LETS_GO(125, "load", "--state", state, "-i", "/no/such/file");
    LETS_GO(125, "load", "--state", state, "-i", pack_write(pack_text("x")));
    r.diff_ids = "[\"sha256:0\"]";
    LETS_GO(125, "load", "--state", state, "-i", archive(&r));
    LETS_GO(125, "load", "--state", state, "-i", archive_oci(&r));
    r.diff_ids = NULL;
    r.tags = "[\"good\",\"Bad\"]";
    LETS_GO(125, "load", "--state", state, "-i", archive(&r));
    r = (struct recipe){.layers = LAYERS(TAR(F("../x", "x")))};
    LETS_GO(125, "load", "--state", state, "-i", archive(&r));
    LETS_GO(125, "load", "--state", state, "-i", archive_oci(&r));
    LETS_GO(125, "import", "--state", state, pack_write(pack_base()), "Bad");
    LETS_GO(125, "import", "--state", state, pack_write(r.layers[0]), "bad");
    r = *some();
    r.manifest = "[{\"Config\":\".\",\"Layers\":[]}]";
    LETS_GO(125, "load", "--state", state, "-i", archive(&r));
    index = pack_file(files, "index.json");
    index->text = pack_replaced(index->text, "\"size\":", "\"size\":1");
    index->size = 0;
    LETS_GO(125, "load", "--state", state, "-i", pack_write(pack_tar(files)));
    LETS_GO(125, "history", "--state", state, "none");
    LETS_GO(125, "history", "--state", state, "abcdef");
    LETS_GO(125, "save", "--state", state, "-o", "/dev/full", "t:1");
    LETS_GO(125, "tag", "--state", state, "none", "two");
    LETS_GO(125, "tag", "--state", state, "t:1", "Two");
    expect_exit(duct("tag", "--state", state, "t:1", "two"), 0);
    LETS_GO(125, "rmi", "--state", state, id);
    expect_exit(duct("rmi", "--state", state, "two"), 0);
    (void)box(state, "t:1");
    LETS_GO(125, "rmi", "--state", state, "t:1");
}

/* Some that are damaged, and some that were half removed. */
static void odd_stores_let_go(void)
{
    const char *state = shared_loaded(some());
    const char *config =
        keep_format("%s/_images/blobs/sha256/%s", state, pack_id(some()));

    tree_make(state, "_images/layers/.killed/d/x", "x\n");
    tree_make(state, "_images/blobs/sha256/x", "x\n");
    LETS_GO(0, "load", "--state", state, "-i", archive(some()));
    file_write(config, "{}");
    LETS_GO(125, "images", "--state", state);
    LETS_GO(125, "history", "--state", state, "t:1");
    LETS_GO(125, "run", "--network", "none", "--state", state, "t:1");
    LETS_GO(125, "save", "--state", state, "-o", "/dev/null", "t:1");
    expect_call(unlink(config));
    expect_call(mkdir(config, 0755));
    LETS_GO(125, "run", "--network", "none", "--state", state, "t:1");
    LETS_GO(0, "rmi", "--state", state, "t:1");
    file_write(keep_format("%s/_images/index.json", state), "{\"a\":[]}");
    LETS_GO(125, "images", "--state", state);
}

/* While the container runs: what its command could do harm with. */
static void command_gets_nothing(void)
{
    const char *state = LOADED(.layers = LAYERS(pack_base()));
    const struct program *p =
        run(state, "-u", "app", "t:1", "/bin/sh", "-c",
            "for fd in /proc/self/fd/*; do echo ${fd##*/}; done");

    expect_output(p, "0\n1\n2\n3\n"); /* 3 is the directory itself */
}

static const struct trial trials[] = {
    {.name = "verbs_let_go",
     .claim = "at its end each verb has closed and freed what it took",
     .usual_cause = "a json_t without its json_decref(), an open() without "
                    "its close()",
     .reread = "#store_open",
     .feature = true,
     .depends = "last_name_removes",
     .body = verbs_let_go},
    {.name = "no_more_pipes",
     .claim = "each child's pipes are closed when it has ended",
     .usual_cause = "pipe2() without four times close()",
     .reread = "#child_start",
     .feature = true,
     .depends = "docker_archive",
     .body = no_more_pipes},
    {.name = "run_lets_go",
     .claim = "so has duct run of an image",
     .usual_cause = "the image is needed as long as its command, and not freed "
                    "after it",
     .reread = "#image_command",
     .feature = true,
     .depends = "user_of_the_image",
     .body = run_lets_go},
    {.name = "refusals_let_go",
     .claim = "so have those that were refused midway",
     .usual_cause = "an error path returns before all is released",
     .reread = "#archive_load",
     .feature = true,
     .depends = "verbs_let_go",
     .body = refusals_let_go},
    {.name = "odd_stores_let_go",
     .claim = "so have those that found a damaged store",
     .usual_cause = "an error path returns before all is released",
     .reread = "#sweep_image",
     .feature = true,
     .depends = "verbs_let_go",
     .body = odd_stores_let_go},
    {.name = "command_gets_nothing",
     .claim = "the command has no descriptor of the store",
     .usual_cause = "open() without O_CLOEXEC",
     .reread = "#store_open",
     .feature = true,
     .depends = "user_by_name",
     .body = command_gets_nothing},
};

const struct chapter chapter_end = {"Ended", TRIALS(trials)};
