/*
 * completion: what bash needs in order to finish a command line of duct's.
 *
 * The tables become two functions of the script; script.bash is the rest of
 * it, which asks them, and duct itself for what has a name.
 *
 * Look at it     . final/manual/duct.bash; duct run --na<Tab>
 */
#include "completion.h"

#include "cleanup.h"
#include "help.h"

extern const char script[]; /* ends with a NUL */

/* What a word of a usage stands for: there is a function to list them. */
static const char *kind_of(const char *word, size_t length)
{
    static const struct {
        const char *part, *kind;
    } kinds[] = {
        {"NAME|ID", "any"},   {"CONTAINER", "container"},
        {"IMAGE", "image"},   {"REPOSITORY", "image"},
        {"VOLUME", "volume"}, {"NETWORK", "network"},
    };

    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
        if (memmem(word, length, kinds[i].part, strlen(kinds[i].part)) != NULL)
            return kinds[i].kind;
    return "file";
}

/* Of "[OPTIONS] CONTAINER NEW_NAME": container file. */
static void put_kinds(FILE *out, const char *usage)
{
    for (const char *word = usage; *word != '\0';) {
        size_t length = strcspn(word, " ");

        if (strncmp(word, "[OPTIONS]", length) != 0)
            fprintf(out, "%s ", kind_of(word, length));
        word += length;
        word += strspn(word, " ");
    }
}

static void put_flags(FILE *out, const struct flag *flags, bool has_value)
{
    const struct flag *f = flags;

    for (; f != NULL && f->name != NULL; f++) {
        if (has_value && f->kind == FLAG_SWITCH)
            continue;
        if (f->letter != 0)
            fprintf(out, "-%c ", f->letter);
        fprintf(out, "--%s ", f->name);
    }
}

/* One case of what the script knows of a verb. */
static void put_verb(FILE *out, const struct verb *verb)
{
    if (verb->noun != NULL)
        fprintf(out, "    '%s %s'%s", verb->noun, verb->name,
                verb->alone != NULL ? " | " : "");
    else
        fputs("    ", out);
    if (verb->alone != NULL)
        fprintf(out, "'%s'", verb->alone);
    fputs(")\n        flags='", out);
    put_flags(out, verb->flags, false);
    fputs("--help' valued='", out);
    put_flags(out, verb->flags, true);
    fputs("'\n        kinds=(", out);
    put_kinds(out, verb->usage);
    fprintf(out, ") most=%d ends_flags=%d ;;\n", verb->most,
            verb->words_end_flags);
}

static void put_details(FILE *out)
{
    fputs("# What there is to know of a verb, or 1: it is none.\n"
          "_duct_verb() {\n"
          "    case $1 in\n",
          out);
    for (size_t i = 0; verb_tables[i] != NULL; i++)
        for (const struct verb *v = verb_tables[i]; v->name != NULL; v++)
            put_verb(out, v);
    fputs("    *) return 1 ;;\n    esac\n}\n\n", out);
}

/* Those of one noun, or for NULL all that do without one. */
static void put_names(FILE *out, const char *noun)
{
    for (size_t i = 0; verb_tables[i] != NULL; i++)
        for (const struct verb *v = verb_tables[i]; v->name != NULL; v++)
            if (noun == NULL && v->alone != NULL)
                fprintf(out, " %s", v->alone);
            else if (noun != NULL && v->noun != NULL && str_eq(noun, v->noun))
                fprintf(out, " %s", v->name);
}

static bool is_first_of_noun(const struct verb *verb)
{
    for (size_t i = 0; verb_tables[i] != NULL; i++)
        for (const struct verb *v = verb_tables[i]; v->name != NULL; v++)
            if (v->noun != NULL && str_eq(v->noun, verb->noun))
                return v == verb;
    return false;
}

/* Calls @put with every noun, once. */
static void each_noun(FILE *out, void (*put)(FILE *out, const char *noun))
{
    for (size_t i = 0; verb_tables[i] != NULL; i++)
        for (const struct verb *v = verb_tables[i]; v->name != NULL; v++)
            if (v->noun != NULL && is_first_of_noun(v))
                put(out, v->noun);
}

static void put_noun(FILE *out, const char *noun)
{
    fprintf(out, " %s", noun);
}

static void put_case(FILE *out, const char *noun)
{
    fprintf(out, "    '%s') printf '%%s\\n'", noun);
    put_names(out, noun);
    fputs(" ;;\n", out);
}

/* What may stand first, and what after a noun. */
static void put_words(FILE *out)
{
    fputs("_duct_words() {\n"
          "    case $1 in\n"
          "    '') printf '%s\\n'",
          out);
    put_names(out, NULL);
    each_noun(out, put_noun);
    fputs(" ;;\n", out);
    each_noun(out, put_case);
    fputs("    *) return 1 ;;\n    esac\n}\n\n", out);
}

void completion_write(FILE *out)
{
    fputs("# shellcheck shell=bash\n"
          "# Completion of duct's command line, for bash. Made by "
          "final/manual/manual.c.\n\n",
          out);
    put_words(out);
    put_details(out);
    fputs(script, out);
}
