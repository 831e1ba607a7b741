/*
 * main: one command line, from its first word to an exit status.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/stat.h>

#include "cleanup.h"
#include "explain.h"
#include "help.h"
#include "parse.h"
#include "version.h"

struct globals {
    const char *data_root;
    const char *run_root;
    bool is_explained;
    const char *explain_file;
    bool wants_help, wants_version;
};

/* The value of "--name=value" or "--name" "value"; NULL: another flag. */
static const char *global_value(char ***words, const char *name)
{
    size_t length = strlen(name);

    if (strncmp(**words, name, length) != 0)
        return NULL;
    if ((**words)[length] == '=')
        return **words + length + 1;
    return (**words)[length] == '\0' ? *++*words : NULL;
}

/* What stands before the verb. Returns the rest, or NULL with @why. */
static char **read_globals(struct globals *g, char **words, struct failure *why)
{
    for (; *words != NULL && **words == '-'; words++) {
        const char *word = *words;
        const char *value;

        if (str_eq(word, "--help") || str_eq(word, "-h"))
            g->wants_help = true;
        else if (str_eq(word, "--version") || str_eq(word, "-v"))
            g->wants_version = true;
        else if (strncmp(word, "--explain", 9) == 0 &&
                 (word[9] == '\0' || word[9] == '=')) {
            g->is_explained = true;
            g->explain_file = word[9] == '=' ? word + 10 : NULL;
        } else if ((value = global_value(&words, "--data-root")) != NULL)
            g->data_root = value;
        else if (*words != NULL &&
                 (value = global_value(&words, "--run-root")) != NULL)
            g->run_root = value;
        else {
            fail(why, 0, "unknown flag: %s", word);
            return NULL;
        }
    }
    return words;
}

/* Docker's words for too few or too many; all else is said as ever. */
static int refuse(const struct verb *verb, struct failure *why)
{
    const bool is_alone = verb->alone != NULL;

    if (why->kind != FAILURE_BAD_PARAMETER) {
        why->exit_status = EXIT_DUCT;
        return -1;
    }
    fprintf(stderr,
            "%s.\nSee 'duct %s%s%s --help'.\n\nUsage:  duct %s%s%s %s\n\n%s\n",
            why->message, is_alone ? "" : verb->noun, is_alone ? "" : " ",
            is_alone ? verb->alone : verb->name, is_alone ? "" : verb->noun,
            is_alone ? "" : " ", is_alone ? verb->alone : verb->name,
            verb->usage, verb->summary);
    return 1;
}

static int run_verb(const struct verb *verb, const struct globals *g,
                    char **words, struct failure *why)
{
    cleanup_engine struct engine engine = {.data_fd = -1, .run_fd = -1};
    struct call call = {.verb = verb, .engine = &engine};
    int status = -1;

    if (parse_words(&call, words, why) < 0)
        status = refuse(verb, why);
    else if (call_is(&call, "help")) {
        help_verb(stdout, verb);
        status = 0;
    } else if (engine_open(&engine, g->data_root, g->run_root, why) == 0)
        status = verb->run(&call, why);
    json_decref(call.flags);
    return status;
}

static int run_words(char **words, struct failure *why)
{
    struct globals g = {.data_root = getenv("DUCT_DATA_ROOT"),
                        .run_root = getenv("DUCT_RUN_ROOT")};
    int used = 0;

    words = read_globals(&g, words, why);
    if (words == NULL)
        return -1;
    if (g.wants_version) {
        puts("duct version " VERSION);
        return 0;
    }
    if (*words == NULL || g.wants_help) {
        help_all(stdout);
        return 0;
    }
    const struct verb *verb = verb_find(words, &used);
    if (verb == NULL &&
        help_noun(words[1] == NULL ? stdout : stderr, words[0]) == 0)
        return words[1] == NULL || str_eq(words[1], "--help") ? 0 : 1;
    if (verb == NULL) {
        fail(why, 0, "'%s' is not a duct command", words[0]);
        why->exit_status = 1;
        return hint(why, "see 'duct --help'");
    }
    if (g.is_explained && explain_open(g.explain_file, why) < 0)
        return -1;
    return run_verb(verb, &g, words + used, why);
}

/* Somebody may have started us without these: what we open next would be
 * taken for them. */
static void open_standard_files(void)
{
    for (int fd = 0; fd <= 2; fd++)
        if (fcntl(fd, F_GETFD) < 0) /* open() takes the lowest number: fd */
            (void)open("/dev/null", O_RDWR); /* lint-c: for our children too */
}

int main(int argc, char **argv)
{
    struct failure why = {.exit_status = 0};

    /* Who reads the words moves them about. */
    command_line = calloc((size_t)argc + 1, sizeof(*command_line));
    if (command_line == NULL)
        return EXIT_DUCT;
    memcpy(command_line, argv, (size_t)argc * sizeof(*command_line));
    open_standard_files();
    umask(077);
    signal(SIGPIPE, SIG_IGN);
    int status = run_words(argv + 1, &why);
    if (fflush(stdout) != 0 && status == 0)
        status = fail(&why, errno, "write to standard output");
    explain_close();
    if (status >= 0)
        return status;
    fprintf(stderr, "duct: %s\n", why.message);
    return why.exit_status;
}
