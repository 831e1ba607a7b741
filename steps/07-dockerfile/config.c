/*
 * config: what an image says of itself, and how a Dockerfile changes that.
 *
 * Most instructions make no files: they are here, for whoever runs the image.
 * Only the RUNs of the same Dockerfile feel some of them as well.
 *
 * Look at it     duct history --no-trunc IMAGE
 *                jq .config STATE/_images/blobs/sha256/HEX
 */
#include "config.h"

#include <errno.h>
#include <stdio.h>
#include <strings.h>

#include "cleanup.h"
#include "numbers.h"

static json_t *part(const json_t *config)
{
    return json_object_get(config, "config");
}

json_t *config_member(json_t *config, const char *name, json_t *none)
{
    json_auto_t *fresh = none;
    json_t *member = json_object_get(part(config), name);

    if (member != NULL && json_typeof(member) == json_typeof(fresh))
        return member;
    json_object_set(part(config), name, fresh);
    return fresh;
}

const char *config_text(const json_t *config, const char *name)
{
    const char *text = json_string_value(json_object_get(part(config), name));

    return text != NULL ? text : "";
}

char *config_path(const json_t *config, const char *path)
{
    const char *base = *path == '/' ? "" : config_text(config, "WorkingDir");
    char *clean = NULL;
    const char *name;

    if (asprintf(&clean, "%s/%s", base, path) < 0 || clean == NULL)
        return NULL;
    char *end = clean; /* what is clean so far never gets longer */
    char *rest = clean;
    while ((name = strsep(&rest, "/")) != NULL) {
        size_t length = strlen(name);

        if (str_eq(name, ".."))
            while (end > clean && *--end != '/')
                ;
        else if (length > 0 && !str_eq(name, ".")) {
            *end++ = '/';
            memmove(end, name, length);
            end += length;
        }
    }
    if (end == clean)
        *end++ = '/';
    *end = '\0';
    return clean;
}

json_t *config_argv(const json_t *config, const struct instruction *i)
{
    const json_t *shell = json_object_get(part(config), "Shell");

    if (i->json != NULL)
        return json_copy(i->json);
    json_t *argv = json_array_size(shell) > 0
                       ? json_copy((json_t *)shell)
                       : json_pack("[ss]", "/bin/sh", "-c");
    json_array_append_new(argv, json_string(i->text));
    return argv;
}

/* In its place, if it is there: order may matter to who reads it. */
static void set_variable(json_t *env, const char *name, const char *value)
{
    json_t *setting = json_sprintf("%s=%s", name, value);
    int place = words_find(env, name);

    if (place < 0)
        json_array_append_new(env, setting);
    else
        json_array_set_new(env, (size_t)place, setting);
}

/* ENV and LABEL. */
static void set_pairs(json_t *config, bool is_env, const json_t *pairs)
{
    json_t *member = is_env ? config_member(config, "Env", json_array())
                            : config_member(config, "Labels", json_object());

    for (size_t n = 0; n < json_array_size(pairs); n += 2) {
        const char *name = json_string_value(json_array_get(pairs, n));
        json_t *value = json_array_get(pairs, n + 1);

        if (is_env)
            set_variable(member, name, json_string_value(value));
        else
            json_object_set(member, name, value);
    }
}

/* "80", "53/udp" */
static int expose(json_t *ports, const char *text, struct failure *why)
{
    static const char *const kinds[] = {"tcp", "udp", "sctp"};
    size_t length = strcspn(text, "/");
    const char *kind = text[length] == '/' ? text + length + 1 : "tcp";
    cleanup_free char *number = strndup(text, length);
    char name[sizeof("65535/sctp")];
    long long port;
    size_t k = 0;

    while (k < 3 && strcasecmp(kind, kinds[k]) != 0)
        k++;
    if (k == 3 || number == NULL || numbers_parse(number, 1, 65535, &port) < 0)
        return fail(why, 0, "\"%s\" is no port, such as 80 or 53/udp", text);
    snprintf(name, sizeof(name), "%d/%s", (int)port, kinds[k]);
    return json_object_set_new(ports, name, json_object());
}

/* EXPOSE: a variable's value may be several ports. */
static int set_ports(json_t *config, const json_t *words, struct failure *why)
{
    json_t *ports = config_member(config, "ExposedPorts", json_object());
    const json_t *word;
    size_t n;

    json_array_foreach(words, n, word) {
        cleanup_free char *text = strdup(json_string_value(word));
        char *rest = text;
        char *port;

        if (text == NULL)
            return fail(why, ENOMEM, "expose ports");
        while ((port = strsep(&rest, " \t")) != NULL)
            if (*port != '\0' && expose(ports, port, why) < 0)
                return -1;
    }
    return 0;
}

static int set_argv(json_t *config, const struct instruction *i)
{
    bool is_cmd = i->keyword == KEYWORD_CMD;

    /* What the base image would have run was for its own entry point. */
    if (!is_cmd && !i->has_cmd)
        json_object_del(part(config), "Cmd");
    return json_object_set_new(part(config), is_cmd ? "Cmd" : "Entrypoint",
                               config_argv(config, i));
}

/* USER, WORKDIR and VOLUME: the last is a set, an object of which only the
 * names count. */
static int set_texts(json_t *config, const struct instruction *i,
                     const json_t *words, struct failure *why)
{
    json_t *volumes = i->keyword != KEYWORD_VOLUME
                          ? NULL
                          : config_member(config, "Volumes", json_object());
    const json_t *word;
    size_t n;

    json_array_foreach(words, n, word) {
        const char *text = json_string_value(word);
        cleanup_free char *path = config_path(config, text);

        if (*text == '\0')
            return fail(why, 0, "%s needs an argument", i->name);
        if (volumes != NULL)
            json_object_set_new(volumes, text, json_object());
        else if (i->keyword == KEYWORD_USER)
            json_object_set_new(part(config), "User", json_string(text));
        else
            json_object_set_new(part(config), "WorkingDir", json_string(path));
    }
    return 0;
}

int config_apply(json_t *config, const struct instruction *i,
                 const json_t *words, struct failure *why)
{
    switch (i->keyword) {
    case KEYWORD_ENV:
    case KEYWORD_LABEL:
        set_pairs(config, i->keyword == KEYWORD_ENV, words);
        return 0;
    case KEYWORD_CMD:
    case KEYWORD_ENTRYPOINT:
        return set_argv(config, i);
    case KEYWORD_EXPOSE:
        return set_ports(config, words, why);
    case KEYWORD_VOLUME:
    case KEYWORD_USER:
    case KEYWORD_WORKDIR:
        return set_texts(config, i, words, why);
    case KEYWORD_MAINTAINER:
        return json_object_set_new(config, "author", json_string(i->text));
    default:
        return 0;
    }
}
