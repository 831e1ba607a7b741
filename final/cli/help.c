/*
 * help: the tables of verbs as texts.
 */
#include "help.h"

#include "cleanup.h"

static bool is_verb(const struct verb *verb, char *const *words, int *used)
{
    if (verb->alone != NULL && str_eq(verb->alone, words[0])) {
        *used = 1;
        return true;
    }
    *used = 2;
    return verb->noun != NULL && words[1] != NULL &&
           str_eq(verb->noun, words[0]) && str_eq(verb->name, words[1]);
}

const struct verb *verb_find(char *const *words, int *used)
{
    for (size_t i = 0; verb_tables[i] != NULL; i++)
        for (const struct verb *v = verb_tables[i]; v->name != NULL; v++)
            if (is_verb(v, words, used))
                return v;
    return NULL;
}

/* A noun is told where its first verb is. */
static bool is_first_of_noun(size_t table, const struct verb *verb)
{
    for (size_t i = 0; i <= table; i++)
        for (const struct verb *v = verb_tables[i]; v->name != NULL; v++) {
            if (v == verb)
                return true;
            if (v->noun != NULL && str_eq(v->noun, verb->noun))
                return false;
        }
    return true;
}

void help_all(FILE *out)
{
    fputs("Usage:  duct [OPTIONS] COMMAND\n\n"
          "A container engine without a daemon\n\n"
          "Management Commands:\n",
          out);
    for (size_t i = 0; verb_tables[i] != NULL; i++)
        for (const struct verb *v = verb_tables[i]; v->name != NULL; v++)
            if (v->noun != NULL && is_first_of_noun(i, v))
                fprintf(out, "  %-11s Manage %ss\n", v->noun, v->noun);
    fputs("\nCommands:\n", out);
    for (size_t i = 0; verb_tables[i] != NULL; i++)
        for (const struct verb *v = verb_tables[i]; v->name != NULL; v++)
            if (v->alone != NULL)
                fprintf(out, "  %-11s %s\n", v->alone, v->summary);
    fputs("\nGlobal Options:\n"
          "      --data-root string   Where images, containers, networks and "
          "volumes are kept\n"
          "      --run-root string    Where sockets and locks are kept\n"
          "      --explain[=FILE]     Tell each kernel operation of run and "
          "exec\n"
          "  -v, --version            Print version information and quit\n\n"
          "Run 'duct COMMAND --help' for more information on a command.\n",
          out);
}

int help_noun(FILE *out, const char *noun)
{
    int found = -1;

    for (size_t i = 0; verb_tables[i] != NULL; i++)
        for (const struct verb *v = verb_tables[i]; v->name != NULL; v++) {
            if (v->noun == NULL || !str_eq(v->noun, noun))
                continue;
            if (found < 0)
                fprintf(out,
                        "Usage:  duct %s COMMAND\n\nManage %ss\n\n"
                        "Commands:\n",
                        noun, noun);
            found = 0;
            fprintf(out, "  %-11s %s\n", v->name, v->summary);
        }
    if (found == 0)
        fprintf(out,
                "\nRun 'duct %s COMMAND --help' for more information on a "
                "command.\n",
                noun);
    return found;
}

void help_verb(FILE *out, const struct verb *verb)
{
    fprintf(out, "Usage:  duct %s%s%s %s\n\n%s\n",
            verb->noun != NULL ? verb->noun : "", verb->noun != NULL ? " " : "",
            verb->name, verb->usage, verb->summary);
    if (verb->alone != NULL && verb->noun != NULL)
        fprintf(out, "\nAliases:\n  duct %s %s, duct %s\n", verb->noun,
                verb->name, verb->alone);
    if (verb->flags == NULL)
        return;
    fputs("\nOptions:\n", out);
    for (const struct flag *f = verb->flags; f->name != NULL; f++) {
        int used = fprintf(out, "  %c%c%s--%s%s%s", f->letter ? '-' : ' ',
                           f->letter ? f->letter : ' ', f->letter ? ", " : "  ",
                           f->name, f->value != NULL ? " " : "",
                           f->value != NULL ? f->value : "");
        fprintf(out, "%*s%s\n", used < 33 ? 33 - used : 1, "", f->help);
    }
}
