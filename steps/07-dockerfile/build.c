/*
 * build: from a Dockerfile to an image, one step at a time.
 *
 * Like duct.c a part of the command line: it prints, in docker's words, how it
 * goes.
 *
 * Look at it     duct build .     duct build .     (what is CACHED, and why?)
 */
#include "build.h"

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <limits.h>
#include <stdio.h>
#include <sys/stat.h>

#include "cleanup.h"
#include "dockerfile.h"
#include "explain.h"
#include "flags.h"
#include "inside.h"
#include "numbers.h"
#include "printable.h"
#include "reference.h"
#include "step.h"

enum {
    FLAG_BUILD_ARG = 256,
    FLAG_NO_CACHE,
    FLAG_NETWORK,
    FLAG_STATE,
    FLAG_EXPLAIN,
    FLAG_HELP,
};

static const struct flag build_flags[] = {
    {"tag", 't', "NAME[:TAG]", "what to call the image"},
    {"file", 'f', "FILE", "not CONTEXT/Dockerfile; - is standard input"},
    {"build-arg", FLAG_BUILD_ARG, "NAME[=VALUE]", "what an ARG asks for"},
    {"no-cache", FLAG_NO_CACHE, NULL, "do every step again"},
    {"network", FLAG_NETWORK, "MODE", "of each RUN: bridge, none or host"},
    {"state", FLAG_STATE, "DIR", "where images are kept"},
    {"explain", FLAG_EXPLAIN, "[=FILE]", "tell each step as shell commands"},
    {"help", FLAG_HELP, NULL, "show this"},
    {0},
};

static int build_help(void)
{
    puts("Usage: duct build [OPTIONS] CONTEXT\n\n"
         "Build an image as a Dockerfile says, which may copy what is in the "
         "directory\nCONTEXT.\n");
    flags_help(build_flags);
    puts("\nExample: duct build -t web .");
    return 0;
}

/* --build-arg: "NAME=VALUE", or "NAME" to take over duct's own. */
static int give_arg(struct build *b, const char *text, struct failure *why)
{
    const char *value;
    cleanup_free char *name = words_part(text, &value, why);

    if (name == NULL)
        return -1;
    if (value == NULL && (value = getenv(name)) == NULL)
        return 0;
    if (json_object_set_new(b->given, name, json_string(value)) < 0)
        return fail(why, EILSEQ, "--build-arg \"%s\"", name);
    return json_object_set_new(b->unused, name, json_true());
}

static int build_flag(int letter, struct build *b, struct failure *why)
{
    struct network_request network;

    switch (letter) {
    case 't':
        free(b->name);
        b->name = reference_parse(optarg, why);
        return b->name == NULL ? -1 : 0;
    case 'f':
        b->file = optarg;
        return 0;
    case FLAG_BUILD_ARG:
        return give_arg(b, optarg, why);
    case FLAG_NO_CACHE:
        b->stage.no_cache = true;
        return 0;
    case FLAG_NETWORK:
        if (network_mode(&network, optarg, why) < 0)
            return -1;
        b->network = network.mode;
        return 0;
    case FLAG_STATE:
        b->stage.state = optarg;
        return 0;
    default:
        return explain_open(optarg, why);
    }
}

/* A clock for all that is built, if somebody wants the same image twice. */
static int set_clock(struct stage *stage, struct failure *why)
{
    const char *text = getenv("SOURCE_DATE_EPOCH");
    long long seconds;

    stage->now = time(NULL);
    stage->latest = LONG_MAX;
    if (text == NULL || *text == '\0')
        return 0;
    if (numbers_parse(text, 0, UINT_MAX, &seconds) < 0)
        return fail(why, 0, "SOURCE_DATE_EPOCH \"%s\": not a time", text);
    stage->now = (time_t)seconds;
    stage->latest = stage->now;
    return 0;
}

/* That of the context may be anybody's, and could be a link to what only we
 * can read: a message would show its first line. */
static int read_file(const char *file, int context_fd, struct dockerfile *d,
                     struct failure *why)
{
    bool is_input = file != NULL && str_eq(file, "-");
    const char *name = is_input ? "stdin" : file ? file : "Dockerfile";
    int fd = is_input ? fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3)
             : file != NULL
                 ? open(file, O_RDONLY | O_CLOEXEC)
                 : inside_open(context_fd, name, O_RDONLY | O_NONBLOCK);

    if (fd < 0) {
        fail(why, errno, "open %s", name);
        return hint(why, "-f says where the Dockerfile is, if not in CONTEXT");
    }
    return dockerfile_read(d, name, fd, why);
}

static int do_all(struct build *b, const struct dockerfile *d,
                  struct failure *why)
{
    for (size_t n = 0; n < d->count; n++) {
        const struct instruction *i = &d->list[n];
        cleanup_free char *text = strdup(i->whole);

        printf("Step %zu/%zu : %s\n", n + 1, d->count,
               text == NULL ? i->name : printable(text));
        explain_look("%s:%d: %s", d->name, i->line, i->name);
        if (step_do(b, i, why) < 0)
            return dockerfile_blame(d, i, why);
    }
    return b->stage.image.layers > 0 || b->stage.is_grown
               ? 0
               : fail(why, 0, "%s makes nothing of scratch", d->name);
}

/* What was made before a step that fails is kept for the next build. */
static int build(struct build *b, const struct dockerfile *d,
                 struct failure *why)
{
    cleanup_store struct store store = STORE_CLOSED;
    struct failure ignored;

    if (set_clock(&b->stage, why) < 0 ||
        store_open(&store, b->stage.state, STORE_ADD, why) < 0)
        return -1;
    b->stage.store = &store;
    int status = do_all(b, d, why);
    if (status == 0)
        status = stage_keep(&b->stage, b->name, why);
    else if (json_object_size(b->stage.made) > 0)
        (void)stage_keep(&b->stage, NULL, &ignored);
    b->stage.store = NULL; /* it ends here */
    return status;
}

static void tell(const struct build *b)
{
    const char *unused;
    json_t *value;

    json_object_foreach(b->unused, unused, value)
        fprintf(stderr, "duct: --build-arg %s: no ARG asks for it\n", unused);
    printf("Successfully built %.12s\n", b->stage.image.id.hex);
    if (b->name != NULL)
        printf("Successfully tagged %s\n", reference_familiar(b->name));
}

static int build_words(int argc, char **argv, struct build *b,
                       struct failure *why)
{
    cleanup_dockerfile struct dockerfile d = {0};
    int letter;

    while ((letter = flags_next(argc, argv, build_flags, why)) > FLAGS_END) {
        if (letter == FLAG_HELP)
            return build_help();
        if (build_flag(letter, b, why) < 0)
            return -1;
    }
    if (letter == FLAGS_FAILED)
        return -1;
    if (argc - optind != 1) {
        fail(why, 0, "build needs a CONTEXT");
        return hint(why, "the directory that COPY copies from, such as .");
    }
    cleanup_close int fd = context_open(&b->context, argv[optind], why);
    if (fd < 0 || read_file(b->file, fd, &d, why) < 0)
        return -1;
    umask(022);
    setvbuf(stdout, NULL, _IOLBF, 0); /* in order with what RUNs print */
    if (freopen("/dev/null", "r", stdin) == NULL)
        return fail(why, errno, "open /dev/null");
    if (build(b, &d, why) < 0)
        return -1;
    tell(b);
    return 0;
}

int build_verb(int argc, char **argv, struct failure *why)
{
    struct build b = {
        .given = json_object(),
        .unused = json_object(),
        .global = json_object(),
        .args = json_object(),
    };
    int status = build_words(argc, argv, &b, why);

    free(b.name);
    json_decref(b.given);
    json_decref(b.unused);
    json_decref(b.global);
    json_decref(b.args);
    context_close(&b.context);
    stage_release(&b.stage);
    return status;
}
