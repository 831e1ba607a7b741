/*
 * duct, step 07: build what others can run.
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

#include "build.h"
#include "cgroup_verbs.h"
#include "cleanup.h"
#include "container.h"
#include "explain.h"
#include "flags.h"
#include "image.h"
#include "image_verbs.h"
#include "layer_verbs.h"
#include "numbers.h"

enum {
    FLAG_EXPLAIN = 256, /* those without a letter */
    FLAG_HELP,
    FLAG_SHARE,
    FLAG_USERNS,
    FLAG_TIME,
    FLAG_SWAP,
    FLAG_CPUS,
    FLAG_SHARES,
    FLAG_CPUSET,
    FLAG_PIDS,
    FLAG_LOWER,
    FLAG_NAME,
    FLAG_REMOVE,
    FLAG_READ_ONLY,
    FLAG_TMPFS,
    FLAG_STATE,
    FLAG_NETWORK,
    FLAG_IP,
    FLAG_ENTRYPOINT,
};

static const struct flag run_flags[] = {
    {"lower", FLAG_LOWER, "DIR", "a tree above ROOTFS; the first is topmost"},
    {"name", FLAG_NAME, "NAME", "keep the changes, for a later run"},
    {"rm", FLAG_REMOVE, NULL, "keep no changes (always so without a name)"},
    {"read-only", FLAG_READ_ONLY, NULL, "let nothing write to the root"},
    {"volume", 'v', "SRC:DST[:ro]", "show a path of the host's at DST"},
    {"tmpfs", FLAG_TMPFS, "DIR", "an empty directory in memory"},
    {"state", FLAG_STATE, "DIR", "where changes are kept"},
    {"network", FLAG_NETWORK, "MODE", "bridge (as root the usual), none, host"},
    {"publish", 'p', "PORTS", "such as 8080:80 or 127.0.0.1:53:53/udp"},
    {"ip", FLAG_IP, "ADDRESS", "its address on the bridge"},
    {"memory", 'm', "SIZE", "how much memory, such as 512m"},
    {"memory-swap", FLAG_SWAP, "SIZE", "memory and swap together, -1: any"},
    {"cpus", FLAG_CPUS, "NUMBER", "how much CPU time, such as 1.5"},
    {"cpu-shares", FLAG_SHARES, "NUMBER", "its weight where CPUs are scarce"},
    {"cpuset-cpus", FLAG_CPUSET, "LIST", "which CPUs, such as 0-1,3"},
    {"pids-limit", FLAG_PIDS, "NUMBER", "how many processes, -1: any"},
    {"hostname", 'h', "NAME", "the container's name for itself"},
    {"share", FLAG_SHARE, "NS", "leave a namespace shared: pid, mnt, uts, ..."},
    {"time-offset", FLAG_TIME, "SECONDS", "shift its monotonic clocks"},
    {"userns", FLAG_USERNS, NULL, "be root inside only, as without root"},
    {"env", 'e', "NAME[=VALUE]", "set a variable, or pass on duct's own"},
    {"workdir", 'w', "DIR", "start in DIR, as seen from inside"},
    {"user", 'u', "USER[:GROUP]", "be somebody else than root"},
    {"entrypoint", FLAG_ENTRYPOINT, "FILE", "instead of the image's"},
    {"explain", FLAG_EXPLAIN, "[=FILE]", "tell each step as a shell script"},
    {"help", FLAG_HELP, NULL, "show this"},
    {0},
};

static int run_help(void)
{
    puts("Usage: duct run [OPTIONS] ROOTFS COMMAND [ARG...]\n"
         "       duct run [OPTIONS] IMAGE [COMMAND] [ARG...]\n\n"
         "Run a command in a copy of a directory, or of an image, that takes "
         "no time\nto make.\n");
    flags_help(run_flags);
    puts("\nExample: duct run --name web -v .:/src busybox /bin/sh");
    return 0;
}

static const struct flag exec_flags[] = {
    {"env", 'e', "NAME[=VALUE]", "set a variable, or pass on duct's own"},
    {"workdir", 'w', "DIR", "start in DIR, as seen from inside"},
    {"user", 'u', "USER[:GROUP]", "be somebody else than root"},
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
    case 'u':
        command->user = optarg;
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

/* One more tree below the layer, under those that are there already. */
static int add_lowerdir(struct layer_request *layer, const char *what,
                        const char *path, struct failure *why)
{
    char **end = layer->lowerdirs;

    while (*end != NULL)
        end++;
    *end = find_directory(what, path, why);
    return *end == NULL ? -1 : 0;
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
    case 'm':
        return limit_memory(&c->limits, optarg, why);
    case FLAG_SWAP:
        return limit_memory_swap(&c->limits, optarg, why);
    case FLAG_CPUS:
        return limit_cpus(&c->limits, optarg, why);
    case FLAG_SHARES:
        return limit_cpu_shares(&c->limits, optarg, why);
    case FLAG_CPUSET:
        return limit_cpuset(&c->limits, optarg, why);
    case FLAG_PIDS:
        return limit_pids(&c->limits, optarg, why);
    case FLAG_ENTRYPOINT:
        c->entrypoint = optarg;
        return 0;
    case FLAG_LOWER:
        return add_lowerdir(&c->layer, "--lower", optarg, why);
    case FLAG_NAME:
        c->layer.name = optarg;
        return 0;
    case FLAG_REMOVE:
        c->layer.remove = true;
        return 0;
    case FLAG_STATE:
        c->layer.state = optarg;
        return 0;
    case FLAG_READ_ONLY:
        c->mounts.read_only_root = true;
        return 0;
    case FLAG_TMPFS:
        return mounts_tmpfs(&c->mounts, optarg, why);
    case FLAG_NETWORK:
        return network_mode(&c->network, optarg, why);
    case FLAG_IP:
        return address_parse(&c->network.ip, optarg, why);
    case 'p':
        return ports_add(&c->network.ports, optarg, why);
    case 'v':
        return mounts_volume(&c->mounts, optarg, why);
    default:
        return command_flag(letter, &c->command, why);
    }
}

/* What nobody asked for, and has to know. */
static void tell_network(const struct network_request *network)
{
    const char *obstacle =
        network->mode == NETWORK_BRIDGE ? nat_obstacle() : NULL;

    if (obstacle != NULL)
        fprintf(stderr, "duct: %s\n", obstacle);
    for (size_t i = 0; i < network->ports.count; i++) {
        const struct port *port = &network->ports.list[i];

        if (port->is_found)
            fprintf(stderr, "duct: --publish \"%s\": on port %d of the host\n",
                    port->text, port->host);
    }
}

/* A directory, or what can be nothing but a path. */
static bool is_rootfs(const char *word)
{
    struct stat status;

    return *word == '/' || *word == '.' || *word == '\0' ||
           (stat(word, &status) == 0 && S_ISDIR(status.st_mode));
}

/* An image: the trees of its layers, and what its config says where the command
 * line says nothing. */
static int settle_image(struct container *c, struct store *store,
                        struct image *image, char **words, struct failure *why)
{
    char **end = c->layer.lowerdirs;

    if (geteuid() == 0 && c->namespaces.flags & CLONE_NEWUSER) {
        fail(why, 0, "--userns: not with an image that root has unpacked");
        return hint(why, "its layers have marks that only root's overlay "
                         "reads; be another user");
    }
    while (*end != NULL)
        end++;
    if (store_open(store, c->layer.state, STORE_READ, why) < 0)
        return -1;
    if (image_find(image, store, words[0], why) < 0)
        return -1;
    c->store = store;
    c->layer.image = image->id.hex;
    if (image_lowerdirs(image, store, end, why) < 0)
        return -1;
    return image_command(image, c->entrypoint, words + 1, &c->command, why);
}

static int settle_rootfs(struct container *c, char **words, struct failure *why)
{
    if (c->entrypoint != NULL)
        return fail(why, 0, "--entrypoint \"%s\": only an image has one",
                    c->entrypoint);
    c->command.argv = words + 1;
    return add_lowerdir(&c->layer, "ROOTFS", words[0], why);
}

static int run(int argc, char **argv, struct failure *why)
{
    cleanup_free char **settings = calloc((size_t)argc + 1, sizeof(*settings));
    cleanup_store struct store store = STORE_CLOSED;
    cleanup_image struct image image = {0};
    cleanup_container struct container c = {
        .layer = {.lowerdirs =
                      calloc((size_t)argc + 1 + BOUND_LAYERS, sizeof(char *))},
        .namespaces = {.flags = namespaces_default},
        .limits = limit_none,
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
    char **words = argv + optind;
    int least = argc > optind && !is_rootfs(words[0]) ? 1 : 2;
    if (argc - optind < least) {
        fail(why, 0, "run needs ROOTFS and COMMAND, or IMAGE");
        return hint(why, "`duct run --help` shows an example");
    }

    if (limit_settle(&c.limits, why) < 0)
        return -1;
    if (namespaces_complete(&c.namespaces, why) < 0 ||
        network_complete(&c.network, &c.namespaces.flags, why) < 0)
        return -1;
    if (!(c.namespaces.flags & CLONE_NEWNS))
        return fail(
            why, 0,
            "--share \"mnt\": the overlay would be mounted on the host");
    if ((least == 1 ? settle_image(&c, &store, &image, words, why)
                    : settle_rootfs(&c, words, why)) < 0)
        return -1;
    tell_network(&c.network);
    return container_run(&c, why);
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
    {"pause", cgroup_verbs_pause, "stop all processes of a container"},
    {"unpause", cgroup_verbs_unpause, "let them go on"},
    {"stats", cgroup_verbs_stats, "show what a container uses and has used"},
    {"diff", layer_verbs_diff, "list what a container changed in its files"},
    {"rm", layer_verbs_rm, "remove what a container has changed"},
    {"build", build_verb, "make an image as a Dockerfile says"},
    {"import", image_verbs, "make an image of a tar of files"},
    {"load", image_verbs, "read images from an archive"},
    {"save", image_verbs, "write an image to an archive"},
    {"images", image_verbs, "list images"},
    {"history", image_verbs, "show what an image was made of"},
    {"tag", image_verbs, "give an image one more name"},
    {"rmi", image_verbs, "remove images"},
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
