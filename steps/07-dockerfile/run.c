/*
 * run: a command of a Dockerfile, in a container that leaves a layer.
 *
 * Kernel object  a container, see container.c
 * Side           host
 * Look at it     RUN sleep 1000     lsns     (in another terminal)
 */
#include "run.h"

#include <errno.h>
#include <fcntl.h>

#include "cleanup.h"
#include "config.h"
#include "container.h"
#include "supervise.h"

/* Those texts of a list that have @sign in them. Caller frees. */
static char **texts_of(const json_t *list, const char *sign)
{
    char **texts = calloc(json_array_size(list) + 1, sizeof(*texts));
    char **end = texts;
    const json_t *item;
    size_t i;

    json_array_foreach(texts == NULL ? NULL : list, i, item) {
        const char *text = json_string_value(item);

        if (text != NULL && strstr(text, sign) != NULL)
            *end++ = (char *)text;
    }
    return texts;
}

/* A base image may have none of these: they were made to mount on. */
static void drop_mounted(const struct layer *layer)
{
    static const char *const mounted[] = {"proc", "sys", "dev"};
    cleanup_close int fd = open(layer->upper, O_PATH | O_DIRECTORY | O_CLOEXEC);

    for (size_t i = 0; i < sizeof(mounted) / sizeof(mounted[0]); i++)
        (void)unlinkat(fd, mounted[i], AT_REMOVEDIR);
}

static int run_in(const struct run *run, struct container *c,
                  const struct layer *layer, struct failure *why)
{
    if (limit_settle(&c->limits, why) < 0 ||
        namespaces_complete(&c->namespaces, why) < 0 ||
        network_complete(&c->network, &c->namespaces.flags, why) < 0)
        return -1;
    int status = container_run_in(c, layer, why);
    drop_mounted(layer);
    supervise_forget(); /* a signal between two steps ends us */
    if (status <= 0)
        return status;
    fail(why, 0, "The command '%.1000s' returned a non-zero code: %d",
         run->text, status);
    why->exit_status = status;
    return -1;
}

int run_command(void *argument, const struct layer *layer, char **lowerdirs,
                struct failure *why)
{
    const struct run *run = argument;
    const char *user = config_text(run->config, "User");
    const char *workdir = config_text(run->config, "WorkingDir");
    cleanup_free char **argv = texts_of(run->argv, "");
    /* A variable without a value would be taken over from the host. */
    cleanup_free char **settings = texts_of(run->settings, "=");
    struct container c = {
        /* An image's: so there are links to its trees. */
        .layer = {.lowerdirs = lowerdirs, .image = ""},
        .namespaces = {.flags = namespaces_default},
        .network = {.mode = run->network},
        .limits = limit_none,
        .command = {.argv = argv,
                    .settings = settings,
                    .workdir = *workdir == '/' ? workdir : "/",
                    .make_workdir = true,
                    .user = *user != '\0' ? user : "0"},
        .is_build = true,
    };

    if (argv == NULL || settings == NULL)
        return fail(why, ENOMEM, "run a command");
    return run_in(run, &c, layer, why);
}
