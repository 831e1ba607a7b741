/*
 * Chapter: when the kernel says no, midway.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "scarce.h"
#include "suite.h"

/* Of every kind of file, and a layer below, so that all of it is done. */
static const struct recipe *some(void)
{
    static struct recipe r;
    struct bytes *layers = keep_zeroed(3 * sizeof(*layers));

    layers[0] = TAR(D("d"), F("d/x", "x\n"), F("d/gone", "x\n"));
    layers[1] =
        TAR(F("y", "y\n", .uid = 5, .pax = ARGV("SCHILY.xattr.user.a=b")),
            D("o", .mode = 0500), F("o/.wh..wh..opq", ""), F("d/.wh.gone", ""),
            C("c", 1, 3), S("s", "y"), H("h", "y"));
    r = (struct recipe){.layers = layers, .tags = "[\"other\"]"};
    return &r;
}

/* The call with this number fails; false when there was none. */
static bool run_with_failure(struct deny *call, int number,
                             const char *const *words, struct program **p)
{
    struct held held;

    *p = spawn_start(&(struct spawn){
        .argv = argv_of(ARGV(duct_path()), words, NULL),
        .prepare = hold_call,
        .prepare_arg = call,
    });
    while (number-- > 0) {
        if (!hold_wait(*p, false, &held)) {
            spawn_finish(*p);
            return false;
        }
        if (number > 0)
            hold_answer(&held, 0);
    }
    hold_fail_once(&held, call->errnum);
    spawn_finish(*p);
    return true;
}

struct tried {
    const char *state;
    const char *before; /* what was in the store */
    const char *images; /* how duct images told it */
    const char *archive;
};

static struct tried begin(void)
{
    struct tried t = {.state = LOADED(.layers = LAYERS(TAR(F("kept", "x")))),
                      .archive = archive(some())};

    t.before = shared_store(t.state);
    t.images = shared_images(t.state);
    return t;
}

/* Whatever was left is no obstacle, and goes. */
static void expect_as_before(const struct tried *t, const struct program *p,
                             const struct deny *call)
{
    if (p->exit_status != 0) {
        expect_exit(p, 125);
        expect_contains("what duct says", "duct: ", p->err);
        expect_lacks("what duct says", "(EBADF)", p->err);
        /* What libarchive does has reasons of its own. */
        if (strncmp(p->err, "duct: read ", 11) != 0)
            expect_contains("what duct says",
                            keep_format("(%s)", strerrorname_np(call->errnum)),
                            p->err);
        expect_str("stdout", "", p->out);
        /* But for the last: nobody knows what the disk made of that one. */
        if (call->number != SYS_fsync)
            expect_str("duct images", t->images, shared_images(t->state));
        (void)load(t->state, t->archive);
    }
    expect_exit(duct("rmi", "--state", t->state, "other"), 0);
    expect_same_store(t->before, t->state);
}

/* Each of these calls of duct load; how many there were. */
static int fail_each(struct deny *call)
{
    struct tried t = begin();
    struct program *p;
    int number = 1, refused = 0;

    for (; run_with_failure(call, number,
                            ARGV("load", "--state", t.state, "-i", t.archive),
                            &p);
         number++) {
        trial_note("call %d of %s fails with %s", number, call->name,
                   strerrorname_np(call->errnum));
        expect_as_before(&t, p, call);
        refused += p->exit_status != 0;
    }
    trial_note("%d of %d make duct refuse", refused, number - 1);
    expect_between("calls whose failure makes duct refuse", 1, 1000, refused);
    return number - 1;
}

#define FAIL(call, error)                                                      \
    (void)fail_each(&(struct deny){                                            \
        .number = SYS_##call, .errnum = (error), .name = #call})

static void disk_is_full(void)
{
    FAIL(linkat, ENOSPC);
    FAIL(renameat, ENOSPC);
    FAIL(mkdir, ENOSPC);
}

static void limit_files(void *size)
{
    struct rlimit limit = {*(rlim_t *)size, *(rlim_t *)size};

    if (signal(SIGXFSZ, SIG_IGN) == SIG_ERR ||
        setrlimit(RLIMIT_FSIZE, &limit) < 0)
        _exit(125);
}

/* A file may be no longer than this; then than a bit more, and so on. */
static void files_end_too_soon(void)
{
    struct tried t = begin();
    struct program *p = NULL;
    rlim_t size = 0;

    for (; p == NULL || p->exit_status != 0; size += 1 + size / 3) {
        p = spawn_run(&(struct spawn){
            .argv = DUCT("load", "--state", t.state, "-i", t.archive),
            .prepare = limit_files,
            .prepare_arg = &size});
        trial_note("files of %llu bytes at most", (unsigned long long)size);
        if (p->exit_status != 0) {
            expect_refused(p, "");
            expect_str("duct images", t.images, shared_images(t.state));
            (void)load(t.state, t.archive);
        }
        expect_exit(duct("rmi", "--state", t.state, "other"), 0);
        expect_same_store(t.before, t.state);
    }
    expect_between("how long files had to be", 1024, 100000, (double)size);
}

static void disk_is_bad(void)
{
    FAIL(fsync, EIO);
    FAIL(syncfs, EIO);
    FAIL(rename, EIO);
}

static void unpacking_fails(void)
{
    FAIL(chroot, EPERM);
    FAIL(chdir, EACCES);
    FAIL(mknodat, ENOSPC);
    FAIL(setxattr, ENOSPC);
    FAIL(lsetxattr, ENOTSUP);
    FAIL(lchown, EPERM);
    FAIL(symlink, ENOSPC);
}

static void no_child(void)
{
    FAIL(pipe2, EMFILE);
    FAIL(clone3, EAGAIN);
    FAIL(memfd_create, EMFILE);
}

static void opening_fails(void)
{
    struct deny call = {.number = SYS_openat,
                        .argument = 2,
                        .value = O_TMPFILE | O_WRONLY | O_CLOEXEC,
                        .only_with = true,
                        .errnum = EDQUOT,
                        .name = "openat(O_TMPFILE)"};

    (void)fail_each(&call);
    call.value = O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC;
    call.errnum = ENOSPC;
    call.name = "openat(O_CREAT)";
    (void)fail_each(&call);
    call.value = O_RDONLY | O_DIRECTORY | O_CLOEXEC;
    call.errnum = EMFILE;
    call.name = "openat(O_DIRECTORY)";
    (void)fail_each(&call);
    call.value = O_PATH | O_DIRECTORY | O_CLOEXEC;
    call.name = "openat(O_PATH)";
    (void)fail_each(&call);
    call.value = O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC;
    call.name = "openat(O_NOFOLLOW)";
    (void)fail_each(&call);
}

static void locks_fail(void)
{
    FAIL(flock, ENOLCK);
}

static void reading_fails(void)
{
    struct tried t = begin();
    struct deny call = {.number = SYS_read,
                        .argument = 2,
                        .value = 1 << 16,
                        .only_with = true,
                        .errnum = EIO,
                        .name = "read"};
    struct program *p;

    for (int number = 1; run_with_failure(
             &call, number, ARGV("load", "--state", t.state, "-i", t.archive),
             &p);
         number += 1 + number / 8) {
        trial_note("read %d of 64 KiB fails", number);
        if (p->exit_status != 0) {
            expect_exit(p, 125);
            expect_str("duct images", t.images, shared_images(t.state));
            (void)load(t.state, t.archive);
        }
        expect_exit(duct("rmi", "--state", t.state, "other"), 0);
        expect_same_store(t.before, t.state);
    }
}

/* A real one. */
static void small_disk(void)
{
    const char *place = tree_fresh_dir(0), *before;
    const char *state = keep_format("%s/state", place);
    const char *large = archive(RECIPE(.layers = LAYERS(pack_base())));
    const char *small = archive(
        RECIPE(.layers = LAYERS(TAR(F("x", "x"))), .tags = "[\"small\"]"));
    struct program *p;

    expect_call(mount("tmpfs", place, "tmpfs", 0, "size=3m"));
    (void)load(state, small);
    before = shared_store(state);
    p = duct("load", "--state", state, "-i", large);
    expect_refused(p, "(ENOSPC)");
    expect_same_store(before, state);
    p = duct("import", "--state", state, pack_write(pack_base()), "box");
    expect_refused(p, "(ENOSPC)");
    expect_same_store(before, state);
    expect_call(mount("tmpfs", place, "tmpfs", MS_REMOUNT, "size=20m"));
    (void)load(state, large);
    expect_exit(duct("rmi", "--state", state, "t:1"), 0);
    expect_same_store(before, state);
    expect_call(umount(place));
}

/* What a killed duct has left is in the way of the next. */
static void room_is_made(void)
{
    const char *place = tree_fresh_dir(0);
    const char *state = keep_format("%s/state", place);
    const char *file = archive(RECIPE(.layers = LAYERS(pack_base())));

    expect_call(mount("tmpfs", place, "tmpfs", 0, "size=9m"));
    /* Without attributes: a tmpfs of Linux 6.1 has no room for them. */
    (void)load(state, archive(RECIPE(.layers = LAYERS(TAR(F("z", "z\n"))))));
    tree_make(state, "_images/layers/.killed/x", "");
    file_write_bytes(keep_format("%s/_images/layers/.killed/x", state),
                     keep_zeroed(6 << 20), 6 << 20);
    (void)load(state, file);
    expect_call(umount(place));
}

/* Each call of a library's function is refused once; returns how many made
 * duct load refuse, with this reason. */
static int refuse_each(const char *function, const char *reason)
{
    struct tried t = begin();
    struct program *p;
    int number = 1, refused = 0;

    for (; scarce_run_of(function,
                         DUCT("load", "--state", t.state, "-i", t.archive),
                         number, &p);
         number += spawn_stride()) {
        trial_note("call %d of %s is refused", number, function);
        if (p->exit_status != 0) {
            expect_refused(p, reason);
            expect_lacks("what duct says", "was killed", p->err);
            expect_str("duct images", t.images, shared_images(t.state));
            (void)load(t.state, t.archive);
            refused++;
        }
        expect_exit(duct("rmi", "--state", t.state, "other"), 0);
        expect_same_store(t.before, t.state);
    }
    return refused;
}

static void library_fails(void)
{
    struct program *p;

    needs_no_sanitizer();
    if (!scarce_run_of("strdup", DUCT("images"), 1, &p))
        trial_skip("the program is linked statically");
    expect_between("names that can't be read", 8, 100,
                   refuse_each("archive_entry_pathname", "can't be read"));
    expect_between("trees that can't be finished", 2, 100,
                   refuse_each("archive_write_close", ""));
    expect_between("texts without memory", 1, 100,
                   refuse_each("strdup", "(ENOMEM)"));
}

/* Of other verbs. */
static void verb_fails(struct deny *call, const char *const *words,
                       const char *state, const char *before)
{
    struct program *p;

    for (int number = 1; run_with_failure(call, number, words, &p); number++) {
        trial_note("call %d of %s fails with %s", number, call->name,
                   strerrorname_np(call->errnum));
        if (p->exit_status != 0) {
            expect_exit(p, 125);
            expect_contains("what duct says",
                            keep_format("(%s)", strerrorname_np(call->errnum)),
                            p->err);
            /* The next one would write it anew. */
            (void)unlink(keep_format("%s/_images/fresh.json", state));
            expect_same_store(before, state);
        }
    }
}

static void tags_stay(void)
{
    const char *state = LOADED(.layers = LAYERS(TAR(F("kept", "x"))));
    const char *before = shared_store(state);
    struct deny call = {
        .number = SYS_renameat, .errnum = ENOSPC, .name = "renameat"};

    verb_fails(&call, ARGV("tag", "--state", state, "t:1", "t:1"), state,
               before);
    verb_fails(&call, ARGV("tag", "--state", state, "t:1", "two"), state,
               before);
    expect_contains("duct images", "t 1 ", shared_images(state));
}

static const char nothing[] = "/_images\n/_images/blobs\n"
                              "/_images/blobs/sha256\n/_images/index.json\n"
                              "/_images/layers\n/_images/oci-layout\n";

/* The name goes first, and the rest with the next one. */
static void removal_fails(void)
{
    struct recipe r = {.layers = LAYERS(TAR(D("d"), F("d/x", "x")))};
    struct deny call = {
        .number = SYS_unlinkat, .errnum = EIO, .name = "unlinkat"};
    struct program *p;

    for (int number = 1;; number++) {
        const char *state = shared_loaded(&r);

        if (!run_with_failure(&call, number,
                              ARGV("rmi", "--state", state, "t:1"), &p))
            break;
        trial_note("call %d of unlinkat fails", number);
        if (p->exit_status == 0) {
            expect_str("what is left in the store", nothing, tree_paths(state));
            continue;
        }
        expect_exit(p, 125);
        expect_str("duct images", "", shared_images(state));
        (void)load(state, archive(some()));
        expect_exit(duct("rmi", "--state", state, "other"), 0);
        expect_str("what is left in the store", nothing, tree_paths(state));
    }
}

static const struct trial trials[] = {
    {.name = "disk_may_be_full",
     .claim = "each link, mkdir and rename may fail: then duct load "
              "refuses, the index stays, and the next one works and tidies up",
     .usual_cause = "a result is not looked at, or the index is written first",
     .reread = "#break-it",
     .feature = true,
     .depends = "docker_archive",
     .body = disk_is_full},
    {.name = "files_may_end_too_soon",
     .claim = "so may each write: no file is taken for a whole one that is "
              "not",
     .usual_cause = "the result of write() is not looked at",
     .reread = "#blob_put",
     .feature = true,
     .depends = "disk_may_be_full",
     .body = files_end_too_soon},
    {.name = "disk_may_be_bad",
     .claim = "so may each fsync, syncfs and rename of a tree",
     .usual_cause = "a result is not looked at",
     .reread = "#store_open",
     .feature = true,
     .depends = "disk_may_be_full",
     .body = disk_is_bad},
    {.name = "unpacking_may_fail",
     .claim = "so may each call by which a layer is unpacked; no layer is "
              "unpacked by halves",
     .usual_cause = "what the child says is not listened to",
     .reread = "#unpack_layer",
     .feature = true,
     .depends = "disk_may_be_full",
     .body = unpacking_fails},
    {.name = "children_may_fail",
     .claim = "so may each child, and what it takes to have one",
     .usual_cause = "a result is not looked at",
     .reread = "#child_start",
     .feature = true,
     .depends = "disk_may_be_full",
     .body = no_child},
    {.name = "opening_may_fail",
     .claim = "so may each open()",
     .usual_cause = "a result is not looked at",
     .reread = "#store_open",
     .feature = true,
     .depends = "disk_may_be_full",
     .body = opening_fails},
    {.name = "locks_may_fail",
     .claim = "so may each lock",
     .usual_cause = "who has no lock goes on without",
     .reread = "#store_open",
     .feature = true,
     .depends = "disk_may_be_full",
     .body = locks_fail},
    {.name = "reading_may_fail",
     .claim = "so may each read of an archive, a blob or a layer",
     .usual_cause = "an error is taken for the end",
     .reread = "#blob_put",
     .feature = true,
     .depends = "disk_may_be_full",
     .body = reading_fails},
    {.name = "libraries_may_fail",
     .claim = "so may libarchive and each copy of a text, and duct says which",
     .usual_cause = "a result is not looked at",
     .reread = "#unpack_layer",
     .feature = true,
     .depends = "disk_may_be_full",
     .body = library_fails},
    {.name = "small_disk",
     .claim = "an image that the disk has no room for is refused, and the "
              "store stays as it was",
     .usual_cause = "what was unpacked so far is not removed",
     .reread = "#break-it",
     .feature = true,
     .depends = "docker_archive",
     .body = small_disk},
    {.name = "room_is_made",
     .claim = "what a killed duct has left is removed before the next one "
              "needs the room",
     .usual_cause = "the store is swept at the end",
     .reread = "#sweep_image",
     .feature = true,
     .depends = "small_disk",
     .body = room_is_made},
    {.name = "names_stay",
     .claim = "a name that can't be written is not there, and the others stay",
     .usual_cause = "the index is written in place",
     .reread = "#index_add",
     .feature = true,
     .depends = "tag_adds_a_name",
     .body = tags_stay},
    {.name = "removing_may_fail",
     .claim = "what duct rmi could not remove goes with the next one",
     .usual_cause = "the name goes last",
     .reread = "#sweep_image",
     .feature = true,
     .depends = "last_name_removes",
     .body = removal_fails},
};

const struct chapter chapter_failures = {"Failures", TRIALS(trials)};
