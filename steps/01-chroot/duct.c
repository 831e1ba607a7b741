/*
 * duct, step 01: run a program inside another root directory.
 *
 * This file is the command line: flags in, a container described, its exit
 * status out. Nothing else prints, and nothing else ends the program.
 */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <sys/stat.h>

#include "cleanup.h"
#include "container.h"
#include "explain.h"
#include "flags.h"

enum {
    FLAG_EXPLAIN = 256, /* those without a letter */
    FLAG_HELP,
};

static const struct flag run_flags[] = {
    {"env", 'e', "NAME[=VALUE]", "set a variable, or pass on duct's own"},
    {"workdir", 'w', "DIR", "start in DIR, as seen from inside"},
    {"explain", FLAG_EXPLAIN, "[=FILE]", "tell each step as a shell script"},
    {"help", FLAG_HELP, NULL, "show this"},
    {0},
};

static int run_help(void)
{
    puts("Usage: duct run [OPTIONS] ROOTFS COMMAND [ARG...]\n\n"
         "Run a command that takes the directory ROOTFS for \"/\".\n");
    flags_help(run_flags);
    puts("\nExample: duct run -e GREETING=hello rootfs/busybox /bin/sh");
    return 0;
}

/* A directory as an absolute path, which stays true wherever we chdir(2) to.
 * The caller frees it. */
static char *find_directory(const char *what, const char *path,
                            struct failure *why)
{
    char *found = realpath(path, NULL);
    struct stat status;

    if (found == NULL) {
        fail(why, errno, "%s \"%s\"", what, path);
        hint(why, "`make rootfs` makes one in rootfs/busybox");
    } else if (stat(found, &status) < 0 || !S_ISDIR(status.st_mode)) {
        fail(why, ENOTDIR, "%s \"%s\"", what, path);
        free_pointer(&found);
        found = NULL;
    }
    return found;
}

/* What every verb that runs a command understands. */
static int command_flag(int letter, struct command *command,
                        struct failure *why)
{
    char **end = command->settings;

    switch (letter) {
    case 'e':
        if (*optarg == '=' || *optarg == '\0')
            return fail(why, 0, "--env \"%s\": a variable needs a name",
                        optarg);
        while (*end != NULL)
            end++;
        *end = optarg;
        return 0;
    case 'w':
        if (*optarg != '/')
            return fail(why, 0, "--workdir \"%s\": must be an absolute path",
                        optarg);
        command->workdir = optarg;
        return 0;
    case FLAG_EXPLAIN:
        return explain_open(optarg, why);
    default:
        return -1;
    }
}

static int run(int argc, char **argv, struct failure *why)
{
    cleanup_free char **settings = calloc((size_t)argc + 1, sizeof(*settings));
    cleanup_free char *rootfs = NULL;
    struct container c = {
        .command = {.settings = settings},
    };
    int letter;

    while ((letter = flags_next(argc, argv, run_flags, why)) > FLAGS_END) {
        if (letter == FLAG_HELP)
            return run_help();
        if (command_flag(letter, &c.command, why) < 0)
            return -1;
    }
    if (letter == FLAGS_FAILED)
        return -1;
    if (argc - optind < 2) {
        fail(why, 0, "run needs ROOTFS and COMMAND");
        return hint(why, "`duct run --help` shows an example");
    }

    c.rootfs = rootfs = find_directory("ROOTFS", argv[optind], why);
    c.command.argv = argv + optind + 1;
    return rootfs == NULL ? -1 : container_run(&c, why);
}

static const struct verb {
    const char *name;
    int (*run)(int argc, char **argv, struct failure *why);
    const char *help;
} verbs[] = {
    {"run", run, "run a command in a new container"},
};

static int help(void)
{
    puts("Usage: duct VERB [OPTIONS] ...\n");
    for (size_t i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++)
        printf("  %-10s %s\n", verbs[i].name, verbs[i].help);
    puts("\n`duct VERB --help` tells more.");
    return 0;
}

static int dispatch(int argc, char **argv, struct failure *why)
{
    if (argc < 2) {
        fail(why, 0, "which verb?");
        return hint(why, "`duct --help` lists them");
    }
    if (str_eq(argv[1], "--help") || str_eq(argv[1], "help"))
        return help();
    for (size_t i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++)
        if (str_eq(argv[1], verbs[i].name))
            return verbs[i].run(argc - 1, argv + 1, why);
    fail(why, 0, "unknown verb: %s", argv[1]);
    return hint(why, "`duct --help` lists them");
}

int main(int argc, char **argv)
{
    struct failure why;
    int status = dispatch(argc, argv, &why);

    explain_end();
    if (status >= 0)
        return status;
    fprintf(stderr, "duct: %s\n", why.message);
    return why.exit_status;
}
