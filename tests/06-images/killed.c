/*
 * Chapter: a duct that is killed leaves a store that is as before, or done.
 */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "suite.h"

static const struct recipe *other(void)
{
    static struct recipe r;
    struct bytes *layers = keep_zeroed(3 * sizeof(*layers));

    layers[0] = TAR(D("d"), F("d/x", "x\n"), F("d/gone", "x\n"));
    layers[1] = TAR(F("y", "y\n"), F("d/.wh.gone", ""));
    r = (struct recipe){.layers = layers, .tags = "[\"other\"]"};
    return &r;
}

/* Killed at the call with this number; false when there was none. */
static bool killed_at(struct deny *call, int number, const char *const *words)
{
    struct held held;
    struct program *p = spawn_start(&(struct spawn){
        .argv = argv_of(ARGV(duct_path()), words, NULL),
        .prepare = hold_call,
        .prepare_arg = call,
    });

    while (number-- > 0) {
        if (!hold_wait(p, false, &held)) {
            spawn_finish(p);
            expect_exit(p, 0);
            return false;
        }
        if (number > 0)
            hold_answer(&held, 0);
    }
    expect_call(spawn_signal(p, SIGKILL));
    hold_no_more(&held);
    spawn_finish(p);
    return true;
}

/* No name leads to anything that is not there as a whole. */
static void expect_valid(const char *state)
{
    const struct program *p = duct("images", "--state", state, "-q");
    char *ids = keep_format("%s", p->out), *id;

    expect_exit(p, 0);
    while ((id = strsep(&ids, "\n"))[0] != '\0') {
        expect_exit(duct("save", "--state", state, "-o", "/dev/null", id), 0);
        p = run(state, id, "/none");
        expect_refused_as(p, 127, "/none");
    }
}

static int load_killed_at(struct deny *call)
{
    const char *state = LOADED(.layers = LAYERS(TAR(F("kept", "x"))));
    const char *file = archive(other()), *before = shared_store(state);
    const char *full;
    int number = 1;

    (void)load(state, file);
    full = shared_images(state);
    expect_exit(duct("rmi", "--state", state, "other"), 0);
    for (; killed_at(call, number, ARGV("load", "--state", state, "-i", file));
         number++) {
        trial_note("killed at call %d of %s", number, call->name);
        expect_valid(state);
        (void)load(state, file);
        expect_str("duct images", full, shared_images(state));
        expect_exit(duct("rmi", "--state", state, "other"), 0);
        expect_same_store(before, state);
    }
    expect_between(keep_format("calls of %s", call->name), 1, 1000, number - 1);
    return number - 1;
}

#define KILL(call)                                                             \
    (void)load_killed_at(&(struct deny){.number = SYS_##call, .name = #call})

static void load_is_killed(void)
{
    KILL(linkat);
    KILL(rename);
    KILL(renameat);
    KILL(fsync);
    KILL(syncfs);
}

static void unpacking_is_killed(void)
{
    KILL(chroot);
    KILL(mknodat);
    KILL(clone3);
    KILL(mkdir);
}

/* The child is killed, and duct says so. */
static void child_is_killed(void)
{
    const char *state = LOADED(.layers = LAYERS(TAR(F("kept", "x"))));
    const char *file = archive(other()), *before = shared_store(state);
    struct deny call = {.number = SYS_chroot, .name = "chroot"};
    struct held held;
    struct program *p = spawn_start(&(struct spawn){
        .argv = DUCT("load", "--state", state, "-i", file),
        .prepare = hold_call,
        .prepare_arg = &call,
    });

    expect_that(hold_wait(p, true, &held), "a child to change its root",
                "it does not");
    expect_call(kill(held.pid, SIGKILL));
    hold_no_more(&held);
    spawn_finish(p);
    expect_refused(p, "killed");
    expect_same_store(before, state);
}

/* A name is gone, or the image is whole. */
static void removal_is_killed(void)
{
    struct deny call = {.number = SYS_unlinkat, .name = "unlinkat"};
    const char *state = LOADED(.layers = LAYERS(TAR(F("kept", "x"))));
    const char *file = archive(other()), *before = shared_store(state);
    const char *full;
    int number = 1;

    (void)load(state, file);
    full = shared_images(state);
    for (; killed_at(&call, number, ARGV("rmi", "--state", state, "other"));
         number += 1 + number / 4) {
        trial_note("killed at call %d of unlinkat", number);
        expect_valid(state);
        (void)load(state, file);
        expect_str("duct images", full, shared_images(state));
    }
    expect_between("calls of unlinkat", 4, 1000, number - 1);
    expect_same_store(before, state);
}

/* The next load finds the tree of a layer half removed, and is not alone. */
static void half_is_no_layer(void)
{
    struct deny call = {.number = SYS_unlinkat, .name = "unlinkat"};
    const char *file = archive(RECIPE(.layers = LAYERS(pack_base())));

    for (int number = 2; number < 12; number += 3) {
        const char *state = tree_fresh_dir(0);
        struct program *p;
        int fd;

        (void)load(state, file);
        if (!killed_at(&call, number, ARGV("rmi", "--state", state, "t:1")))
            break;
        trial_note("killed at call %d of unlinkat", number);
        fd = keep_fd(open(keep_format("%s/_images", state),
                          O_RDONLY | O_DIRECTORY | O_CLOEXEC));
        expect_call(fd);
        expect_call(flock(fd, LOCK_SH));
        (void)load(state, file);
        p = run(state, "t:1", "/bin/sh", "-c", "cat /d/* /o/old /o/sub/old");
        expect_output(p, "gone\nlow\nold\nold\n");
        expect_call(flock(fd, LOCK_UN));
        expect_exit(duct("rmi", "--state", state, "t:1"), 0);
        expect_str("what is left in the store",
                   "/_images\n/_images/blobs\n/_images/blobs/sha256\n"
                   "/_images/index.json\n/_images/layers\n"
                   "/_images/oci-layout\n",
                   tree_paths(state));
    }
}

static const struct trial trials[] = {
    {.name = "load_is_killed",
     .claim = "a duct load may be killed at any change of the store: what the "
              "index leads to is whole, and the rest goes with the next one",
     .usual_cause = "the index is written before all is there",
     .reread = "#store_open",
     .feature = true,
     .depends = "store_is_swept",
     .body = load_is_killed},
    {.name = "unpacking_is_killed",
     .claim = "it may be killed while it unpacks a layer",
     .usual_cause = "a tree is filled under its own name",
     .reread = "#unpack_layer",
     .feature = true,
     .depends = "store_is_swept",
     .body = unpacking_is_killed},
    {.name = "child_is_killed",
     .claim = "if the child that unpacks is killed the image is refused",
     .usual_cause = "a pipe that ends is taken for success",
     .reread = "#child_start",
     .feature = true,
     .depends = "docker_archive",
     .body = child_is_killed},
    {.name = "removal_is_killed",
     .claim = "a duct rmi may be killed at any file: the name is gone, and "
              "what is left goes with the next one",
     .usual_cause = "files go before the name",
     .reread = "#sweep_image",
     .feature = true,
     .depends = "last_name_removes",
     .body = removal_is_killed},
    {.name = "half_is_no_layer",
     .claim = "a layer that was removed by halves is not taken for a whole one",
     .usual_cause = "its files are removed under its own name",
     .reread = "#sweep_image",
     .feature = true,
     .depends = "removal_is_killed",
     .body = half_is_no_layer},
};

const struct chapter chapter_killed = {"Killed", TRIALS(trials)};
