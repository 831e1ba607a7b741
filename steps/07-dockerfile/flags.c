/*
 * flags: the words on the command line, described once, for parsing and help.
 *
 * A thin coat over getopt_long(3), which does the work: one table serves the
 * parser and the help text, and errors are in docker's words.
 */
#include "flags.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>

#include "cleanup.h"

enum {
    NO_LETTER = 256,
    HELP_COLUMN = 30
};

static size_t flags_count(const struct flag flags[])
{
    size_t count = 0;

    while (flags[count].name != NULL)
        count++;
    return count;
}

static int argument_kind(const struct flag *flag)
{
    if (flag->argument == NULL)
        return no_argument;
    return *flag->argument == '[' ? optional_argument : required_argument;
}

static int refuse(int problem, const char *word, struct failure *why)
{
    if (problem == ':')
        fail(why, 0, "flag needs an argument: %s", word);
    else if (strncmp(word, "--", 2) == 0)
        fail(why, 0, "unknown flag: %s", word);
    else
        fail(why, 0, "unknown shorthand flag: '%c' in %s", optopt, word);
    hint(why, "`duct VERB --help` lists what there is");
    return FLAGS_FAILED;
}

int flags_next(int argc, char **argv, const struct flag flags[],
               struct failure *why)
{
    size_t count = flags_count(flags);
    cleanup_free struct option *options = calloc(count + 1, sizeof(*options));
    cleanup_free char *letters = calloc(count + 1, 3);

    if (options == NULL || letters == NULL)
        return fail(why, ENOMEM, "read the command line");
    /* '+': stop at the first word that is no flag; ':': we do the talking. */
    char *end = stpcpy(letters, "+:");
    for (size_t i = 0; i < count; i++) {
        options[i].name = flags[i].name;
        options[i].has_arg = argument_kind(&flags[i]);
        options[i].val = flags[i].letter;
        if (flags[i].letter >= NO_LETTER)
            continue;
        *end++ = (char)flags[i].letter;
        if (options[i].has_arg == required_argument)
            *end++ = ':';
    }

    int before = optind;
    int letter = getopt_long(argc, argv, letters, options, NULL);
    if (letter == '?' || letter == ':') {
        /* In the middle of "-abc", optind still points at this word. */
        return refuse(letter, argv[optind - (optind > before)], why);
    }
    return letter < 0 ? FLAGS_END : letter;
}

void flags_help(const struct flag flags[])
{
    for (; flags->name != NULL; flags++) {
        int column = flags->letter < NO_LETTER
                         ? printf("  -%c, ", flags->letter)
                         : printf("      ");

        column += printf("--%s", flags->name);
        if (flags->argument != NULL)
            column += printf("%s%s", *flags->argument == '[' ? "" : " ",
                             flags->argument);
        printf("%*s%s\n", column < HELP_COLUMN ? HELP_COLUMN - column : 1, "",
               flags->help);
    }
}
