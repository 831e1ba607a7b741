#pragma once
/*
 * flags: the words on the command line, described once, for parsing and help.
 */
#include "failure.h"

struct flag {
    const char *name;     /* the long form, without its dashes */
    int letter;           /* the short form, or a number above 255 for none */
    const char *argument; /* "DIR" is required, "[=FILE]" may be left out */
    const char *help;     /* one line */
};

enum {
    FLAGS_END = 0,
    FLAGS_FAILED = -1
};

/**
 * flags_next - the next flag before the first word that is none
 * @argc:  as main()'s
 * @argv:  as main()'s; argv[0] is the verb
 * @flags: what there is, ended by one without a name
 * @why:   filled in when a flag is unknown or lacks its argument
 *
 * The flag's argument is in `optarg`, the first other word at `optind`.
 *
 * Returns: the flag's letter, FLAGS_END, or FLAGS_FAILED with @why.
 * Source:  getopt_long(3), "+".
 */
int flags_next(int argc, char **argv, const struct flag flags[],
               struct failure *why);

/**
 * flags_help - print one line for each flag on standard output
 * @flags: ended by one without a name
 */
void flags_help(const struct flag flags[]);
