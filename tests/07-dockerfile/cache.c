/*
 * Chapter: what is not done again, and what is.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "suite.h"

static const char usual[] = DOCKERFILE("ENV A=1\n"
                                       "COPY d /d\n"
                                       "RUN echo r >>/r\n"
                                       "CMD [\"x\"]\n");

static struct site *furnished(void)
{
    struct site *site = site_new();

    site_file(site, "d/f", "1\n");
    site_file(site, "d/e/g", "1\n");
    site_file(site, "other", "1\n");
    expect_call(symlink("f", site_path(site, "d/l")));
    return site;
}

static void all_cached(void)
{
    const struct site *site = furnished();
    const char *first = built(site, usual), *again;

    again = built(site, usual);
    expect_int("steps that are CACHED, of four behind FROM", 4,
               shared_hits(again));
    expect_contains("stdout", "Step 4/5 : RUN echo r >>/r\n ---> CACHED\n",
                    again);
    expect_str("id of the image", shared_id(first), shared_id(again));
    expect_contains("duct images",
                    keep_format("t latest %s\n", shared_id(first)),
                    shared_images(site));
    expect_inside(site, "cat /r", "r\n");
}

static void not_the_times(void)
{
    const struct site *site = furnished();
    const struct timespec times[2] = {{.tv_sec = 1}, {.tv_sec = 2}};

    (void)built(site, usual);
    expect_call(utimensat(AT_FDCWD, site_path(site, "d/f"), times, 0));
    expect_call(utimensat(AT_FDCWD, site_path(site, "d"), times, 0));
    expect_hits(4, build(site, usual));
}

/* Copied, and the copy put in its place; another owner; another context. */
static void not_the_place(void)
{
    const struct site *site = furnished();
    struct site elsewhere = *site;

    (void)built(site, usual);
    expect_exit(
        spawn_run(&(struct spawn){
            .argv = ARGV("sh", "-c",
                         "cp -r d d2; rm -r d; mv d2 d; chown 5:5 d/f", "sh"),
            .cwd = site->context}),
        0);
    expect_hits(4, build(site, usual));
    elsewhere.context = tree_fresh_dir(0);
    expect_exit(
        spawn_run(&(struct spawn){
            .argv = ARGV("cp", "-r", site_path(site, "d"), elsewhere.context)}),
        0);
    expect_hits(4, build(&elsewhere, usual));
}

/* Each change makes COPY and all behind it miss; its end is as it was. */
static void the_content(void)
{
    static const struct {
        const char *change, *back;
    } changes[] = {
        {"echo 2 >d/f", "echo 1 >d/f"},
        {"chmod 600 d/f", "chmod 644 d/f"},
        {"chmod 700 d/e", "chmod 755 d/e"},
        {"mv d/f d/h", "mv d/h d/f"},
        {"mkdir d/new", "rmdir d/new"},
        {"mv d/e d/i", "mv d/i d/e"},
        {"ln -sfn e d/l", "ln -sfn f d/l"},
        {"rm d/l; mkfifo d/l", "rm d/l; ln -s f d/l"},
        {"rm d/l; mknod d/l c 1 3", "rm d/l; ln -s f d/l"},
        {"mv d/e/g d/g", "mv d/g d/e/g"},
        {"rm d/f; mkdir d/f", "rmdir d/f; echo 1 >d/f"},
    };
    const struct site *site = furnished();
    const char *id = shared_id(built(site, usual));

    for (size_t i = 0; i < sizeof(changes) / sizeof(changes[0]); i++) {
        trial_note("the change: %s", changes[i].change);
        expect_exit(spawn_run(&(struct spawn){
                        .argv = ARGV("sh", "-c", changes[i].change),
                        .cwd = site->context}),
                    0);
        expect_hits(1, build(site, usual));
        expect_exit(
            spawn_run(&(struct spawn){.argv = ARGV("sh", "-c", changes[i].back),
                                      .cwd = site->context}),
            0);
    }
    expect_str("id of the image, all being as it was", id,
               shared_id(built(site, usual)));
}

/* As a program may do that wants to be quick, or to deceive. */
static void the_bytes(void)
{
    const struct site *site = furnished();
    const char *file = site_path(site, "d/f");
    struct timespec times[2];
    struct stat st;
    int fd;

    (void)built(site, usual);
    expect_call(stat(file, &st));
    times[0] = st.st_atim;
    times[1] = st.st_mtim;
    fd = keep_fd(open(file, O_WRONLY | O_CLOEXEC));
    expect_int("bytes written", 1, pwrite(fd, "2", 1, 0));
    expect_call(futimens(fd, times));
    expect_hits(1, build(site, usual));
    expect_inside(site, "cat /d/f", "2\n");
}

static void devices(void)
{
    const struct site *site = site_new();
    static const char text[] = DOCKERFILE("COPY n /n\n");

    expect_call(mknod(site_path(site, "n"), S_IFCHR | 0600, 0x103));
    (void)built(site, text);
    expect_hits(1, build(site, text));
    expect_call(unlink(site_path(site, "n")));
    expect_call(mknod(site_path(site, "n"), S_IFCHR | 0600, 0x105));
    expect_hits(0, build(site, text));
}

static void names_and_bounds(void)
{
    const struct site *site = site_new();
    static const char text[] = DOCKERFILE("COPY p/ /x/\n");

    site_file(site, "p/ab", "c");
    (void)built(site, text);
    expect_call(unlink(site_path(site, "p/ab")));
    site_file(site, "p/a", "bc");
    expect_hits(0, build(site, text));
    site_file(site, "a", "1\n");
    site_file(site, "b", "1\n");
    (void)built(site, DOCKERFILE("COPY a /x/\n"));
    expect_hits(0, build(site, DOCKERFILE("COPY b /x/\n")));
    expect_hits(0, build(site, DOCKERFILE("COPY a b /x/\n")));
}

static void the_rest_of_the_context(void)
{
    const struct site *site = furnished();

    (void)built(site, usual);
    site_file(site, "other", "2\n");
    site_file(site, "more/of/it", "2\n");
    expect_hits(4, build(site, usual));
}

static void the_text_after_reading(void)
{
    const struct site *site = furnished();

    (void)built(site, usual);
    expect_hits(4,
                build(site, "# c\n  from   busybox\n\n  env \\\n  # x\n A=1\n"
                            "\tcopy \"d\" /d\nrun echo r >>/r   \n"
                            "Cmd   [\"x\"]\n"));
    expect_hits(4, build(site, "FROM busybox AS it\nENV A 1\n"
                               "COPY [\"d\", \"//d\"]\nRUN echo \\\nr \\\n"
                               ">>/r\nCMD [\"x\"]\n"));
}

static void each_instruction(void)
{
    const struct site *site = furnished();

    (void)built(site, usual);
    expect_hits(0, build(site, DOCKERFILE("ENV A=2\nCOPY d /d\n")));
    expect_hits(1, build(site, DOCKERFILE("ENV A=1\nCOPY d /dd\n")));
    expect_hits(1, build(site, DOCKERFILE("ENV A=1\nCOPY d /d/\n")));
    expect_hits(1, build(site, DOCKERFILE("ENV A=1\nADD d /d\n")));
    expect_hits(1, build(site, DOCKERFILE("ENV A=1\nCOPY --chown=1 d /d\n")));
    expect_hits(2, build(site, DOCKERFILE("ENV A=1\nCOPY d /d\nRUN echo r "
                                          ">/r\n")));
    expect_hits(0, build(site, DOCKERFILE("RUN [\"echo\", \"a b\"]\n")));
    expect_hits(0, build(site, DOCKERFILE("RUN [\"echo\", \"a\", \"b\"]\n")));
    expect_hits(0, build(site, DOCKERFILE("RUN echo a b\n")));
    expect_hits(0, build(site, DOCKERFILE("USER 1\nRUN echo a b\n")));
    expect_hits(0, build(site, DOCKERFILE("WORKDIR /w\nRUN echo a b\n")));
    expect_hits(0, build(site, DOCKERFILE("LABEL a=1\n")));
    expect_hits(0, build(site, DOCKERFILE("LABEL a=\"1 b=2\"\n")));
    expect_hits(0, build(site, DOCKERFILE("LABEL a=1 b=2\n")));
    expect_hits(4, build(site, usual));
}

static void args(void)
{
    const struct site *site = site_new();
    static const char text[] = DOCKERFILE("ARG v=1\nRUN echo r\nENV b=1\n");

    (void)built(site, text);
    expect_hits(3, build(site, text, "--build-arg", "v=1"));
    expect_hits(1, build(site, text, "--build-arg", "v=2"));
    expect_hits(3, build(site, text, "--build-arg", "v=1"));
    (void)built(site, DOCKERFILE("RUN echo r\n"));
    expect_hits(1, build(site, DOCKERFILE("RUN echo r\nARG v=1\n")));
}

static void the_base(void)
{
    const struct site *site = site_new();

    (void)built(site, DOCKERFILE("ENV base=1\n"));
    expect_exit(on(site, "tag", "t", "base"), 0);
    (void)built(site, "FROM base\nENV a=1\nRUN true\n");
    expect_hits(2, build(site, "FROM base\nENV a=1\nRUN true\n"));
    (void)built(site, DOCKERFILE("ENV base=2\n"));
    expect_exit(on(site, "tag", "t", "base"), 0);
    expect_hits(0, build(site, "FROM base\nENV a=1\nRUN true\n"));
}

static void none_wanted(void)
{
    const struct site *site = furnished();
    const char *again;

    (void)built(site, usual);
    (void)usleep(1000);
    again = built(site, usual, "--no-cache");
    expect_int("steps that are CACHED with --no-cache", 0, shared_hits(again));
    expect_inside(site, "cat /r", "r\n");
    expect_str("id of the image that a later build finds", shared_id(again),
               shared_id(built(site, usual)));
    expect_hits(4, build(site, usual));
}

static void branches(void)
{
    const struct site *site = furnished();
    const char *one = DOCKERFILE("RUN date +%N >/x; echo 1\n"), *first;

    first = shared_id(built(site, one));
    (void)built(site, DOCKERFILE("RUN date +%N >/x; echo 2\n"));
    expect_str("id of the image, back again", first,
               shared_id(built(site, one)));
}

static void failures_are_not_kept(void)
{
    const struct site *site = site_new();
    static const char text[] =
        DOCKERFILE("RUN echo one\nRUN echo two >/two\nRUN exit 3\n");
    const struct program *p = build(site, text);

    expect_exit(p, 3);
    p = build(site, text);
    expect_exit(p, 3);
    expect_int("steps that are CACHED after a failure", 2, shared_hits(p->out));
    expect_hits(2, build(site, DOCKERFILE("RUN echo one\nRUN echo two >/two\n"
                                          "RUN exit 0\n")));
    expect_inside(site, "cat /two", "two\n");
}

/* Between the look that names the result and the one that makes it, or even
 * later: who could say what the result is called? */
static void changed_meanwhile(void)
{
    static const char text[] = DOCKERFILE("COPY a /a\n");
    bool is_held = true;

    for (int number = 1; is_held; number++) {
        const struct site *site = site_new();
        struct deny call = {.number = SYS_chroot, .name = "chroot"};
        struct held held;
        struct program *p;

        site_file(site, "a", "1\n");
        p = spawn_start(&(struct spawn){.argv = shared_build(site, ARGV(text)),
                                        .prepare = hold_call,
                                        .prepare_arg = &call});
        for (int i = 0; i < number && is_held; i++) {
            is_held = hold_wait(p, true, &held);
            if (is_held && i + 1 < number)
                hold_answer(&held, 0);
        }
        trial_note("changed at chroot() number %d", number);
        site_file(site, "a", "12\n");
        if (is_held)
            hold_no_more(&held);
        spawn_finish(p);
        (void)shared_built(p);
        site_file(site, "a", "1\n");
        (void)built(site, text);
        expect_inside(site, "cat /a", "1\n");
    }
}

static const struct trial trials[] = {
    {.name = "again_is_cached",
     .claim = "a build that finds all as it was does nothing, says CACHED, "
              "and has the "
              "same image",
     .usual_cause = "the time is part of the key, or of the image",
     .reread = "#cache",
     .feature = true,
     .depends = "build_makes_an_image",
     .body = all_cached},
    {.name = "times_do_not_count",
     .claim = "a file that is only touched is the same",
     .usual_cause = "the hash has mtime in it",
     .reread = "#cache",
     .feature = true,
     .depends = "again_is_cached",
     .body = not_the_times},
    {.name = "places_do_not_count",
     .claim = "so is a copy of it, another owner's, or one in another context",
     .usual_cause = "the hash has the inode, the owner or the path in it",
     .reread = "#cache",
     .feature = true,
     .depends = "again_is_cached",
     .body = not_the_place},
    {.name = "contents_count",
     .claim = "a file's bytes, mode, name and type count, a link's target, "
              "a new empty "
              "directory; going back finds what there was",
     .usual_cause = "only files are hashed, or only their bytes",
     .reread = "#cache",
     .feature = true,
     .depends = "again_is_cached",
     .body = the_content},
    {.name = "bytes_count",
     .claim = "other bytes count with the same size and time",
     .usual_cause = "size and time are taken for the content",
     .reread = "#cache",
     .feature = true,
     .depends = "again_is_cached",
     .body = the_bytes},
    {.name = "devices_count",
     .claim = "so does another device number",
     .usual_cause = "a device has no bytes",
     .reread = "#cache",
     .feature = true,
     .depends = "again_is_cached",
     .body = devices},
    {.name = "names_have_bounds",
     .claim =
         "a name's end and a file's begin can't be mistaken for each other; "
         "neither can sources of the same content",
     .usual_cause = "texts are hashed one after another, without their lengths",
     .reread = "#cache",
     .feature = true,
     .depends = "again_is_cached",
     .body = names_and_bounds},
    {.name = "only_sources_count",
     .claim = "what no COPY means does not count",
     .usual_cause = "the whole context is hashed",
     .reread = "#cache",
     .feature = true,
     .depends = "again_is_cached",
     .body = the_rest_of_the_context},
    {.name = "words_count_as_read",
     .claim = "comments, case, blanks and how a line is broken do not count",
     .usual_cause = "the line as it stands is in the key",
     .reread = "#cache",
     .feature = true,
     .depends = "again_is_cached",
     .body = the_text_after_reading},
    {.name = "instructions_count",
     .claim =
         "each part of an instruction counts, and with it all that is behind",
     .usual_cause = "two instructions have the same text in the history",
     .reread = "#cache",
     .feature = true,
     .depends = "again_is_cached",
     .body = each_instruction},
    {.name = "args_count",
     .claim = "for a RUN the ARGs that it sees count",
     .usual_cause = "the command is all of the key",
     .reread = "#cache",
     .feature = true,
     .depends = "again_is_cached",
     .body = args},
    {.name = "base_counts",
     .claim = "another base is another parent for all that is behind",
     .usual_cause = "the base's name is in the key",
     .reread = "#cache",
     .feature = true,
     .depends = "again_is_cached",
     .body = the_base},
    {.name = "no_cache_does_all",
     .claim = "--no-cache does every step again, and later builds find that",
     .usual_cause = "the cache is not asked, and not told",
     .reread = "#cache",
     .feature = true,
     .depends = "again_is_cached",
     .body = none_wanted},
    {.name = "branches_are_kept",
     .claim = "going back finds the earlier image",
     .usual_cause = "the cache knows one image for each parent",
     .reread = "#cache",
     .feature = true,
     .depends = "again_is_cached",
     .body = branches},
    {.name = "failures_are_not_cached",
     .claim = "a step that failed is done again, those before it are not",
     .usual_cause = "the record is written before the step",
     .reread = "#cache",
     .feature = true,
     .depends = "again_is_cached",
     .body = failures_are_not_kept},
    {.name = "uncertain_is_not_cached",
     .claim = "what has changed while it was copied is in the image, not "
              "in the cache",
     .usual_cause = "what was hashed need not be what was copied",
     .reread = "#cache",
     .feature = true,
     .depends = "again_is_cached",
     .body = changed_meanwhile},
};

const struct chapter chapter_cache = {"The cache", TRIALS(trials)};
