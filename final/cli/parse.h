#pragma once
/*
 * parse: words of a command line, by the table of their verb.
 */
#include "verb.h"

/**
 * parse_words - read what follows a verb
 * @call:  receives flags and words; its verb is set; json_decref() its flags
 * @words: NULL-terminated; call->words points into it
 * @why:   filled in when they do not fit the table, in docker's words
 *
 * Returns: 0, or -1 with @why.
 * Source:  Docker's command line, which follows pflag: "--flag=value",
 *          "--flag value", "-f value", "-fvalue", "-it", "--switch=false".
 */
int parse_words(struct call *call, char **words, struct failure *why);
