/*
 * step: what an instruction does to the image, if it isn't done already.
 *
 *     FROM, ARG       what the others begin with
 *     COPY, ADD       files of the context change the image's
 *     RUN             a command does
 *     WORKDIR         makes a directory, if it isn't there
 *     all others      only the config changes
 *
 * What a step is told to be in the image's history is docker's: as if a shell
 * had done it, with #(nop) where none has. An ARG that a RUN was given shows
 * there: it is nothing for secrets.
 *
 * Look at it     duct history --no-trunc IMAGE
 */
#include "step.h"

#include <errno.h>
#include <stdio.h>
#include <strings.h>

#include "cleanup.h"
#include "config.h"
#include "copy.h"
#include "run.h"

static const char no_shell[] = "/bin/sh -c #(nop) ";

/* A text and words, as history and messages have it. Caller frees. */
static char *join(const char *begin, const json_t *words, bool pairs)
{
    char *text = NULL;
    size_t length;
    FILE *out = open_memstream(&text, &length);
    const json_t *word;
    size_t i;

    if (out == NULL)
        return NULL;
    fputs(begin, out);
    json_array_foreach(words, i, word) {
        const char *next = json_string_value(word);

        if (i > 0)
            fputc(pairs && i % 2 == 1 ? '=' : ' ', out);
        fputs(next != NULL ? next : "?", out);
    }
    fclose(out);
    return text;
}

/* FROM IMAGE, or FROM IMAGE AS NAME: a name that nothing here asks for. */
static int do_from(struct build *b, const json_t *words, struct failure *why)
{
    const char *image = json_string_value(json_array_get(words, 0));
    const char *as = json_string_value(json_array_get(words, 1));

    if (as != NULL && strcasecmp(as, "AS") != 0)
        return fail(why, 0, "FROM needs an IMAGE, or an IMAGE AS NAME");
    json_object_update(b->global, b->args); /* only for those who ask */
    json_object_clear(b->args);
    return stage_from(&b->stage, image, why);
}

/* Given, or said here, or said before FROM, or not there at all. */
static int do_arg(struct build *b, const json_t *words, struct failure *why)
{
    const json_t *word;
    size_t i;

    json_array_foreach(words, i, word) {
        const char *own;
        cleanup_free char *name =
            words_part(json_string_value(word), &own, why);

        if (name == NULL)
            return -1;
        json_auto_t *said = own == NULL ? NULL : json_string(own);
        json_t *value = json_object_get(b->given, name);
        if (value == NULL)
            value = said != NULL ? said : json_object_get(b->global, name);
        json_object_del(b->unused, name);
        json_object_del(b->args, name);
        if (value != NULL)
            json_object_set(b->args, name, value);
    }
    return 0;
}

static int check_sources(const json_t *words, struct failure *why)
{
    const json_t *word;
    size_t i;

    json_array_foreach(words, i, word)
        if (strstr(json_string_value(word), "://") != NULL) {
            fail(why, 0, "\"%s\": nothing is fetched here",
                 json_string_value(word));
            return hint(why, "fetch it beforehand, and copy it from the "
                             "context");
        }
    return 0;
}

static bool is_directory_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    const char *last = slash == NULL ? path : slash + 1;

    return *last == '\0' || str_eq(last, ".") || str_eq(last, "..");
}

/* Who changes a file while it is copied must not find it in the cache. */
static bool is_unchanged(const struct stage_step *step)
{
    const struct copy *copy = step->argument;
    struct failure ignored;
    struct digest now;

    return context_hash(copy->part, &now, &ignored) == 0 &&
           digest_eq(&now, copy->content);
}

static int do_copy(struct build *b, const struct instruction *i,
                   struct stage_step step, json_t *words,
                   const struct scope *scope, struct failure *why)
{
    size_t last = json_array_size(words) - 1;
    const char *target = json_string_value(json_array_get(words, last));
    bool into = is_directory_name(target);
    cleanup_free char *to = config_path(step.config, target);
    cleanup_free char *chown =
        words_text(i->chown != NULL ? i->chown : "", scope, why);
    cleanup_free char *told = NULL;
    struct digest content;
    struct context_part part = {
        .context = &b->context,
        .words = words,
        .many = into,
        .unpack = i->keyword == KEYWORD_ADD,
    };
    struct copy copy = {&part, to, into, chown, b->stage.latest, &content};

    json_array_remove(words, last);
    if (chown == NULL || check_sources(words, why) < 0 ||
        context_hash(&part, &content, why) < 0)
        return -1;
    json_auto_t *inputs = json_pack("{s:s, s:b}", "chown", chown, "into", into);
    if (to == NULL || asprintf(&told, "%s%s file:%s in %s ", no_shell, i->name,
                               content.hex, to) < 0)
        return fail(why, ENOMEM, "do %s", i->name);
    step.told = told;
    step.inputs = inputs;
    step.work = copy_files;
    step.is_sure = is_unchanged;
    step.argument = &copy;
    return stage_step(&b->stage, &step, why);
}

/* "NAME=VALUE" of each ARG where ENV says nothing else. */
static json_t *visible_args(const struct build *b, const json_t *env)
{
    json_t *list = json_array();
    const char *name;
    json_t *value;

    json_object_foreach(b->args, name, value)
        if (words_find(env, name) < 0)
            json_array_append_new(
                list, json_sprintf("%s=%s", name, json_string_value(value)));
    return list;
}

static int do_run(struct build *b, const struct instruction *i,
                  struct stage_step step, json_t *env, struct failure *why)
{
    json_auto_t *argv = config_argv(step.config, i);
    json_auto_t *args = visible_args(b, env);
    json_auto_t *inputs = json_pack("[O, O]", argv, args);
    json_auto_t *settings = json_copy(args);
    cleanup_free char *command = join("", argv, false);
    cleanup_free char *seen = join("", args, false);
    cleanup_free char *told = NULL;
    struct run run = {argv, settings, step.config, command, b->network};

    /* What of ARG it could see comes first. */
    if (command == NULL || seen == NULL ||
        asprintf(&told, "|%zu %s %s", json_array_size(args), seen, command) < 0)
        return fail(why, ENOMEM, "do RUN");
    json_array_extend(settings, env);
    step.told = json_array_size(args) > 0 ? told : command;
    step.inputs = inputs;
    step.work = run_command;
    step.argument = &run;
    return stage_step(&b->stage, &step, why);
}

static int do_config(struct build *b, const struct instruction *i,
                     struct stage_step step, const json_t *words,
                     struct failure *why)
{
    bool pairs = i->keyword == KEYWORD_ENV || i->keyword == KEYWORD_LABEL;
    cleanup_free char *begin = NULL;

    if (config_apply(step.config, i, words, why) < 0)
        return -1;
    if (asprintf(&begin, "%s %s ", no_shell, i->name) < 0)
        return fail(why, ENOMEM, "do %s", i->name);
    cleanup_free char *told = join(begin, words, pairs);
    struct copy directory = {
        .to = config_text(step.config, "WorkingDir"),
        .chown = "",
    };
    step.told = told;
    if (i->keyword == KEYWORD_WORKDIR) {
        step.work = copy_files;
        step.argument = &directory;
    }
    return stage_step(&b->stage, &step, why);
}

int step_do(struct build *b, const struct instruction *i, struct failure *why)
{
    json_t *base = b->stage.image.config;
    json_t *env = json_object_get(json_object_get(base, "config"), "Env");
    const struct scope scope = {.env = env, .args = b->args};
    json_auto_t *words = dockerfile_words(i, &scope, why);
    json_auto_t *config = json_deep_copy(base);
    struct stage_step step = {.config = config};

    if (words == NULL)
        return -1;
    if (i->keyword == KEYWORD_FROM)
        return do_from(b, words, why);
    if (i->keyword == KEYWORD_ARG && do_arg(b, words, why) < 0)
        return -1;
    if (base == NULL)
        return 0; /* an ARG before FROM */
    if (i->keyword == KEYWORD_COPY || i->keyword == KEYWORD_ADD)
        return do_copy(b, i, step, words, &scope, why);
    if (i->keyword == KEYWORD_RUN)
        return do_run(b, i, step, env, why);
    return do_config(b, i, step, words, why);
}
