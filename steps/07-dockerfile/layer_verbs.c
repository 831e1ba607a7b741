/*
 * layer_verbs: diff and rm, for a container that was run with a name.
 *
 * Like duct.c a part of the command line: it prints.
 */
#include "layer_verbs.h"

#include <getopt.h>
#include <stdio.h>

#include "changes.h"
#include "flags.h"
#include "layer.h"

enum {
    FLAG_HELP = 256,
    FLAG_STATE,
};

static const struct flag layer_flags[] = {
    {"state", FLAG_STATE, "DIR", "where changes are kept"},
    {"help", FLAG_HELP, NULL, "show this"},
    {0},
};

static int layer_help(const char *verb)
{
    printf("Usage: duct %s [OPTIONS] NAME\n\n"
           "NAME was given to `duct run --name NAME`.\n\n",
           verb);
    flags_help(layer_flags);
    printf("\nExample: duct %s web\n", verb);
    return 0;
}

/* Returns 1 when it found the layer, and 0 when it has shown the help. */
static int find_layer(int argc, char **argv, struct layer *layer,
                      struct failure *why)
{
    struct layer_request request = {0};
    int letter;

    while ((letter = flags_next(argc, argv, layer_flags, why)) > FLAGS_END) {
        if (letter == FLAG_HELP)
            return layer_help(argv[0]);
        request.state = optarg; /* there is no other */
    }
    if (letter == FLAGS_FAILED)
        return -1;
    if (argc - optind != 1) {
        fail(why, 0, "%s needs the NAME of a container", argv[0]);
        return hint(why, "that it was run with: duct run --name NAME");
    }
    request.name = argv[optind];
    return layer_find(layer, &request, why) < 0 ? -1 : 1;
}

int layer_verbs_diff(int argc, char **argv, struct failure *why)
{
    struct layer layer;
    struct changes changes = {0};
    int found = find_layer(argc, argv, &layer, why);

    if (found <= 0)
        return found;
    int status = changes_find(&changes, &layer, why);
    layer_close(&layer, why);
    if (status < 0)
        return -1;
    for (size_t i = 0; i < changes.count; i++)
        printf("%c %s\n", changes.list[i].kind, changes.list[i].path);
    changes_release(&changes);
    return 0;
}

int layer_verbs_rm(int argc, char **argv, struct failure *why)
{
    struct layer layer;
    int found = find_layer(argc, argv, &layer, why);

    if (found <= 0)
        return found;
    int status = layer_lock(&layer, why);
    layer.remove = status == 0;
    return layer_close(&layer, why) < 0 ? -1 : status;
}
