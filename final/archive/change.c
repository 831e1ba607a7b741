/*
 * change: one line of a Dockerfile, about an image that is there already.
 *
 * Look at it     duct import -c 'CMD ["top"]' ROOTFS.tar x; duct inspect x
 */
#include "change.h"

#include <errno.h>
#include <stdio.h>
#include <strings.h>

#include "cleanup.h"
#include "numbers.h"

static const char blanks[] = " \t\r\n";

static int wrong(const char *line, struct failure *why)
{
    return fail_as(why, FAILURE_BAD_PARAMETER,
                   "\"%.300s\": no change that an image can have", line);
}

/* The next word: quotes hold it together, a backslash takes a sign as it is.
 * The caller frees it; NULL: there is none, or a quote does not end. */
static char *next_word(const char **text)
{
    const char *c = *text + strspn(*text, blanks);
    char *word = malloc(strlen(c) + 1);
    char *end = word;
    char quote = '\0';

    if (word == NULL || *c == '\0') {
        free(word);
        return NULL;
    }
    for (; *c != '\0' && (quote != '\0' || strchr(blanks, *c) == NULL); c++) {
        if (*c == '\\' && quote != '\'' && c[1] != '\0')
            *end++ = *++c;
        else if (*c == quote)
            quote = '\0';
        else if (quote == '\0' && (*c == '"' || *c == '\''))
            quote = *c;
        else
            *end++ = *c;
    }
    *end = '\0';
    *text = c;
    if (quote == '\0')
        return word;
    free(word);
    return NULL;
}

/* ["a", "b"], if it is that. */
static json_t *read_list(const char *rest)
{
    json_t *list =
        *rest == '[' ? json_loads(rest, JSON_REJECT_DUPLICATES, NULL) : NULL;
    const json_t *text;
    size_t i;

    json_array_foreach(list, i, text)
        if (!json_is_string(text)) {
            json_decref(list);
            return NULL;
        }
    return list;
}

/* A list as it stands, or a line for a shell. */
static int set_command(json_t *run, const char *name, const char *rest)
{
    json_t *list = read_list(rest);

    if (list == NULL)
        list = json_pack("[s, s, s]", "/bin/sh", "-c", rest);
    return json_object_set_new(run, name, list);
}

static json_t *member(json_t *run, const char *name, json_t *none)
{
    if (!json_is_object(json_object_get(run, name)) &&
        !json_is_array(json_object_get(run, name)))
        json_object_set(run, name, none);
    json_decref(none);
    return json_object_get(run, name);
}

/* One "NAME=VALUE" in a list of them. */
static int set_variable(json_t *list, const char *pair)
{
    size_t length = strcspn(pair, "=") + 1;
    const json_t *old;
    size_t i;

    json_array_foreach(list, i, old)
        if (strncmp(json_string_value(old), pair, length) == 0)
            return json_array_set_new(list, i, json_string(pair));
    return json_array_append_new(list, json_string(pair));
}

static int set_label(json_t *labels, const char *pair)
{
    cleanup_free char *name = strndup(pair, strcspn(pair, "="));

    return json_object_set_new(labels, name,
                               json_string(strchr(pair, '=') + 1));
}

/* "A=1 B=2", or "A all the rest". */
static int set_pairs(json_t *to, const char *rest,
                     int (*set)(json_t *to, const char *pair))
{
    cleanup_free char *first = next_word(&(const char *){rest});
    cleanup_free char *old = NULL;
    char *word;
    int count = 0;

    if (first == NULL)
        return -1;
    if (strchr(first, '=') == NULL) {
        const char *value = rest + strcspn(rest, blanks);

        value += strspn(value, blanks);
        return *value == '\0' || asprintf(&old, "%s=%s", first, value) < 0
                   ? -1
                   : set(to, old);
    }
    while ((word = next_word(&rest)) != NULL) {
        int status =
            *word == '=' || strchr(word, '=') == NULL ? -1 : set(to, word);

        free(word);
        count++;
        if (status < 0)
            return -1;
    }
    return count > 0 && rest[strspn(rest, blanks)] == '\0' ? 0 : -1;
}

/* "80", "80/udp", "8000-8010/tcp" */
static int set_port(json_t *ports, const char *word)
{
    const char *protocol = strchr(word, '/');
    cleanup_free char *numbers = strndup(word, strcspn(word, "/"));
    char *dash = numbers == NULL ? NULL : strchr(numbers, '-');
    long long first;
    long long last;

    protocol = protocol == NULL ? "/tcp" : protocol;
    if (numbers == NULL || (strcasecmp(protocol, "/tcp") != 0 &&
                            strcasecmp(protocol, "/udp") != 0 &&
                            strcasecmp(protocol, "/sctp") != 0))
        return -1;
    if (dash != NULL)
        *dash++ = '\0';
    if (numbers_parse(numbers, 1, 65535, &first) < 0 ||
        numbers_parse(dash != NULL ? dash : numbers, first, 65535, &last) < 0)
        return -1;
    for (; first <= last; first++) {
        cleanup_free char *port = NULL;

        if (asprintf(&port, "%lld%s", first, protocol) < 0)
            return -1;
        json_object_set_new(ports, port, json_object());
    }
    return 0;
}

static int set_volume(json_t *volumes, const char *word)
{
    return *word == '\0' ? -1
                         : json_object_set_new(volumes, word, json_object());
}

static int set_words(json_t *to, const char *rest,
                     int (*set)(json_t *to, const char *word))
{
    json_auto_t *list = read_list(rest);
    const json_t *text;
    char *word;
    int status = 0;
    size_t i;

    json_array_foreach(list, i, text)
        if (set(to, json_string_value(text)) < 0)
            return -1;
    if (list != NULL)
        return json_array_size(list) > 0 ? 0 : -1;
    while (status == 0 && (word = next_word(&rest)) != NULL) {
        status = set(to, word);
        free(word);
    }
    return status == 0 && rest[strspn(rest, blanks)] == '\0' ? 0 : -1;
}

static int set_text(json_t *run, const char *name, const char *rest)
{
    cleanup_free char *word = next_word(&rest);

    return word == NULL || rest[strspn(rest, blanks)] != '\0'
               ? -1
               : json_object_set_new(run, name, json_string(word));
}

static int set_workdir(json_t *run, const char *rest)
{
    const char *old = json_string_value(json_object_get(run, "WorkingDir"));
    cleanup_free char *whole = NULL;

    if (*rest == '/')
        return set_text(run, "WorkingDir", rest);
    return asprintf(&whole, "%s/%s", old == NULL ? "" : old, rest) < 0
               ? -1
               : set_text(run, "WorkingDir", whole);
}

static int apply(json_t *run, const char *name, const char *rest)
{
    if (strcasecmp(name, "cmd") == 0)
        return set_command(run, "Cmd", rest);
    if (strcasecmp(name, "entrypoint") == 0)
        return set_command(run, "Entrypoint", rest);
    if (strcasecmp(name, "env") == 0)
        return set_pairs(member(run, "Env", json_array()), rest, set_variable);
    if (strcasecmp(name, "label") == 0)
        return set_pairs(member(run, "Labels", json_object()), rest, set_label);
    if (strcasecmp(name, "expose") == 0)
        return set_words(member(run, "ExposedPorts", json_object()), rest,
                         set_port);
    if (strcasecmp(name, "volume") == 0)
        return set_words(member(run, "Volumes", json_object()), rest,
                         set_volume);
    if (strcasecmp(name, "user") == 0)
        return set_text(run, "User", rest);
    if (strcasecmp(name, "stopsignal") == 0)
        return set_text(run, "StopSignal", rest);
    return strcasecmp(name, "workdir") == 0 ? set_workdir(run, rest) : -1;
}

int change_apply(json_t *config, const char *line, struct failure *why)
{
    json_t *run = json_object_get(config, "config");
    const char *start = line == NULL ? "" : line + strspn(line, blanks);
    size_t length = strcspn(start, blanks);
    const char *rest = start + length + strspn(start + length, blanks);
    cleanup_free char *name = strndup(start, length);

    if (name == NULL)
        return fail(why, ENOMEM, "read a change");
    return *rest == '\0' || apply(run, name, rest) < 0 ? wrong(line, why) : 0;
}

int change_platform(json_t *config, const char *platform, struct failure *why)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyz0123456789_";
    const char *architecture = strchr(platform, '/');
    size_t length =
        architecture == NULL ? 0 : strspn(architecture + 1, letters);
    const char *rest = architecture == NULL ? "" : architecture + 1 + length;
    bool has_variant = *rest == '/';

    if (strncmp(platform, "linux/", strlen("linux/")) != 0 || length == 0 ||
        (has_variant && strspn(rest + 1, letters) != strlen(rest + 1)) ||
        (!has_variant && *rest != '\0'))
        return fail_as(why, FAILURE_BAD_PARAMETER,
                       "\"%.100s\": a platform has to be linux/ARCHITECTURE",
                       platform);
    json_object_set_new(config, "architecture",
                        json_stringn(architecture + 1, length));
    if (has_variant)
        json_object_set_new(config, "variant", json_string(rest + 1));
    return 0;
}
