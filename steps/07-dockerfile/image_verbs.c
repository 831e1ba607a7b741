/*
 * image_verbs: import, load, save, images, history, tag and rmi.
 *
 * Like duct.c a part of the command line: it prints.
 */
#include "image_verbs.h"

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <limits.h>
#include <stdio.h>
#include <sys/stat.h>

#include "archive_load.h"
#include "archive_save.h"
#include "cleanup.h"
#include "explain.h"
#include "flags.h"
#include "image_lists.h"
#include "import.h"
#include "index.h"
#include "reference.h"
#include "sweep.h"

struct words {
    const char *state;
    const char *file; /* -i, -o */
    bool quiet;       /* -q */
    bool whole;       /* --no-trunc */
    char **list;      /* what is no flag */
    int count;
};

/* A file, or one of the standard ones for "-" or nothing. */
static int open_file(const char *file, int standard, struct failure *why)
{
    int flags =
        standard == STDIN_FILENO ? O_RDONLY : O_WRONLY | O_CREAT | O_TRUNC;
    int fd;

    if (file != NULL && !str_eq(file, "-"))
        fd = open(file, flags | O_CLOEXEC, 0600);
    else if (isatty(standard))
        return fail(why, 0, "an archive is nothing for a terminal: see --help");
    else
        fd = fcntl(standard, F_DUPFD_CLOEXEC, 3);
    return fd < 0 ? fail(why, errno, "open %s", file != NULL ? file : "-") : fd;
}

static int import(const struct store *store, const struct words *w,
                  struct failure *why)
{
    cleanup_free char *name = NULL;

    if (w->count > 1 && (name = reference_parse(w->list[1], why)) == NULL)
        return -1;
    cleanup_close int fd = open_file(w->list[0], STDIN_FILENO, why);
    struct import import = {.fd = fd, .origin = w->list[0], .name = name};
    if (fd < 0 || import_tar(store, &import, why) < 0)
        return -1;
    printf("sha256:%s\n", import.id.hex);
    return 0;
}

static int load(const struct store *store, const struct words *w,
                struct failure *why)
{
    json_auto_t *loaded = json_array();
    cleanup_close int fd = open_file(w->file, STDIN_FILENO, why);
    const json_t *image;
    size_t i;

    if (fd < 0 || archive_load(store, fd, loaded, why) < 0)
        return -1;
    json_array_foreach(loaded, i, image)
        printf("Loaded image%s\n", json_string_value(image));
    return 0;
}

static int save(const struct store *store, const struct words *w,
                struct failure *why)
{
    json_auto_t *images = index_read(store, why);
    struct stat status;
    bool by_id;
    int place = index_find(store, images, w->list[0], &by_id, why);

    if (place < 0)
        return -1;
    cleanup_close int fd = open_file(w->file, STDOUT_FILENO, why);
    if (fd < 0)
        return -1;
    const json_t *descriptor = json_array_get(images, (size_t)place);
    if (archive_save(store, descriptor, by_id ? NULL : index_name(descriptor),
                     fd, why) == 0)
        return 0;
    /* Half an archive is worse than none. */
    if (w->file != NULL && fstat(fd, &status) == 0 && S_ISREG(status.st_mode))
        unlink(w->file);
    return -1;
}

static int images(const struct store *store, const struct words *w,
                  struct failure *why)
{
    return image_lists_images(store, w->quiet, w->whole, why);
}

static int history(const struct store *store, const struct words *w,
                   struct failure *why)
{
    return image_lists_history(store, w->list[0], w->whole, why);
}

static int tag(const struct store *store, const struct words *w,
               struct failure *why)
{
    cleanup_free char *name = reference_parse(w->list[1], why);
    json_auto_t *all = name == NULL ? NULL : index_read(store, why);
    int place = index_find(store, all, w->list[0], NULL, why);

    if (place < 0)
        return -1;
    json_auto_t *added =
        json_pack("[o]", index_named(json_array_get(all, (size_t)place), name));
    return index_add(store, added, why);
}

static int rmi(const struct store *store, const struct words *w,
               struct failure *why)
{
    json_auto_t *told = json_array();
    const json_t *line;
    struct failure failed;
    size_t i;
    int status = 0;

    for (int word = 0; word < w->count; word++) {
        if (sweep_image(store, w->list[word], told, &failed) == 0)
            continue;
        if (status < 0) /* the last is for main() to tell */
            fprintf(stderr, "duct: %s\n", why->message);
        *why = failed;
        status = -1;
    }
    json_array_foreach(told, i, line)
        puts(json_string_value(line));
    return status;
}

enum {
    FLAG_HELP = 256,
    FLAG_STATE,
    FLAG_EXPLAIN,
    FLAG_NO_TRUNC,
};

static const struct flag input = {"input", 'i', "ARCHIVE",
                                  "not from standard input"};
static const struct flag output = {"output", 'o', "ARCHIVE",
                                   "not to standard output"};
static const struct flag quiet = {"quiet", 'q', NULL, "only the ids"};
static const struct flag whole = {"no-trunc", FLAG_NO_TRUNC, NULL,
                                  "cut nothing off"};
static const struct flag none = {0};

static const struct verb {
    const char *name;
    const char *words;
    int least; /* how many words */
    int most;
    const struct flag *flags[2]; /* besides those that all have */
    enum store_use use;
    int (*run)(const struct store *store, const struct words *w,
               struct failure *why);
} verbs[] = {
    {"import", " TAR|- [NAME[:TAG]]", 1, 2, {&none, &none}, STORE_ADD, import},
    {"load", "", 0, 0, {&input, &none}, STORE_ADD, load},
    {"save", " IMAGE", 1, 1, {&output, &none}, STORE_READ, save},
    {"images", "", 0, 0, {&quiet, &whole}, STORE_READ, images},
    {"history", " IMAGE", 1, 1, {&whole, &none}, STORE_READ, history},
    {"tag", " IMAGE NAME[:TAG]", 2, 2, {&none, &none}, STORE_READ, tag},
    {"rmi", " IMAGE...", 1, INT_MAX, {&none, &none}, STORE_REMOVE, rmi},
};

static int read_flag(struct words *w, int letter, struct failure *why)
{
    switch (letter) {
    case 'i':
    case 'o':
        w->file = optarg;
        return 0;
    case 'q':
        w->quiet = true;
        return 0;
    case FLAG_NO_TRUNC:
        w->whole = true;
        return 0;
    case FLAG_STATE:
        w->state = optarg;
        return 0;
    default:
        return explain_open(optarg, why);
    }
}

/* Returns 1 when there is something to do, and 0 when it has shown the help. */
static int read_words(struct words *w, const struct verb *verb, int argc,
                      char **argv, struct failure *why)
{
    const struct flag flags[] = {
        {"state", FLAG_STATE, "DIR", "where images are kept"},
        {"explain", FLAG_EXPLAIN, "[=FILE]", "tell what is done"},
        {"help", FLAG_HELP, NULL, "show this"},
        *verb->flags[0],
        *verb->flags[1],
        none,
    };
    int letter;

    while ((letter = flags_next(argc, argv, flags, why)) > FLAGS_END) {
        if (letter == FLAG_HELP) {
            printf("Usage: duct %s [OPTIONS]%s\n\n", verb->name, verb->words);
            flags_help(flags);
            return 0;
        }
        if (read_flag(w, letter, why) < 0)
            return -1;
    }
    if (letter == FLAGS_FAILED)
        return -1;
    w->list = argv + optind;
    w->count = argc - optind;
    if (w->count >= verb->least && w->count <= verb->most)
        return 1;
    fail(why, 0, "%s needs%s", verb->name,
         *verb->words ? verb->words : " no words");
    return hint(why, "`duct VERB --help` tells more");
}

int image_verbs(int argc, char **argv, struct failure *why)
{
    const struct verb *verb = verbs;
    struct words w = {0};
    cleanup_store struct store store = STORE_CLOSED;

    while (!str_eq(verb->name, argv[0]))
        verb++;
    int status = read_words(&w, verb, argc, argv, why);
    if (status <= 0)
        return status;
    if (verb->use == STORE_ADD && geteuid() != 0)
        fprintf(stderr, "duct: only root could make devices, if there are any, "
                        "or set owners\n");
    return store_open(&store, w.state, verb->use, why) < 0
               ? -1
               : verb->run(&store, &w, why);
}
