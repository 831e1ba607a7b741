/*
 * duct, step 02: give it a view of the system that is its own.
 *
 * This file is the command line: flags in, a container described, its exit
 * status out. Nothing else prints, and nothing else ends the program.
 */
#include <errno.h>
#include <getopt.h>
#include <limits.h>
#include <sched.h>
#include <stdio.h>
#include <sys/stat.h>

#include "cleanup.h"
#include "container.h"
#include "explain.h"
#include "flags.h"
#include "numbers.h"

enum {
    FLAG_EXPLAIN = 256, /* those without a letter */
    FLAG_HELP,
    FLAG_SHARE,
    FLAG_USERNS,
    FLAG_TIME,
};

static const struct flag run_flags[] = {
    {"hostname", 'h', "NAME", "the container's name for itself"},
    {"share", FLAG_SHARE, "NS", "leave a namespace shared: pid, mnt, uts, ..."},
    {"time-offset", FLAG_TIME, "SECONDS", "shift its monotonic clocks"},
    {"userns", FLAG_USERNS, NULL, "be root inside only, as without root"},
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
    puts("\nExample: duct run --hostname box rootfs/busybox /bin/sh");
    return 0;
}

static const struct flag exec_flags[] = {
    {"env", 'e', "NAME[=VALUE]", "set a variable, or pass on duct's own"},
    {"workdir", 'w', "DIR", "start in DIR, as seen from inside"},
    {"explain", FLAG_EXPLAIN, "[=FILE]", "tell each step as a shell script"},
    {"help", FLAG_HELP, NULL, "show this"},
    {0},
};

static int exec_help(void)
{
    puts("Usage: duct exec [OPTIONS] PID COMMAND [ARG...]\n\n"
         "Run one more command in the container that process PID is in.\n");
    flags_help(exec_flags);
    puts("\nExample: duct exec 4321 /bin/ps");
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

static int time_flag(struct namespaces *n, struct failure *why)
{
    long long seconds;

    if (numbers_parse(optarg, INT_MIN, INT_MAX, &seconds) < 0)
        return fail(why, 0, "--time-offset \"%s\": not a number of seconds",
                    optarg);
    n->time_offset = (int)seconds;
    return 0;
}

static int run_flag(int letter, struct container *c, struct failure *why)
{
    switch (letter) {
    case 'h':
        c->namespaces.hostname = optarg;
        return 0;
    case FLAG_SHARE:
        return namespaces_share(&c->namespaces, optarg, why);
    case FLAG_USERNS:
        c->namespaces.flags |= CLONE_NEWUSER;
        return 0;
    case FLAG_TIME:
        return time_flag(&c->namespaces, why);
    default:
        return command_flag(letter, &c->command, why);
    }
}

static int run(int argc, char **argv, struct failure *why)
{
    cleanup_free char **settings = calloc((size_t)argc + 1, sizeof(*settings));
    cleanup_free char *rootfs = NULL;
    struct container c = {
        .namespaces = {.flags = namespaces_default},
        .command = {.settings = settings},
    };
    int letter;

    while ((letter = flags_next(argc, argv, run_flags, why)) > FLAGS_END) {
        if (letter == FLAG_HELP)
            return run_help();
        if (run_flag(letter, &c, why) < 0)
            return -1;
    }
    if (letter == FLAGS_FAILED)
        return -1;
    if (argc - optind < 2) {
        fail(why, 0, "run needs ROOTFS and COMMAND");
        return hint(why, "`duct run --help` shows an example");
    }

    if (namespaces_complete(&c.namespaces, why) < 0)
        return -1;
    c.rootfs = rootfs = find_directory("ROOTFS", argv[optind], why);
    c.command.argv = argv + optind + 1;
    return rootfs == NULL ? -1 : container_run(&c, why);
}

static int exec(int argc, char **argv, struct failure *why)
{
    cleanup_free char **settings = calloc((size_t)argc + 1, sizeof(*settings));
    struct command command = {.settings = settings};
    long long pid;
    int letter;

    while ((letter = flags_next(argc, argv, exec_flags, why)) > FLAGS_END) {
        if (letter == FLAG_HELP)
            return exec_help();
        if (command_flag(letter, &command, why) < 0)
            return -1;
    }
    if (letter == FLAGS_FAILED)
        return -1;
    if (argc - optind < 2) {
        fail(why, 0, "exec needs PID and COMMAND");
        return hint(why, "`duct exec --help` shows an example");
    }
    if (numbers_parse(argv[optind], 1, INT_MAX, &pid) < 0)
        return fail(why, 0, "PID \"%s\": not a process id", argv[optind]);

    command.argv = argv + optind + 1;
    return container_exec((pid_t)pid, &command, why);
}

static const struct verb {
    const char *name;
    int (*run)(int argc, char **argv, struct failure *why);
    const char *help;
} verbs[] = {
    {"run", run, "run a command in a new container"},
    {"exec", exec, "run one more command in a container"},
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
