#pragma once
/*
 * help: the tables of verbs as texts.
 */
#include <stdio.h>

#include "verb.h"

/* Every table of verbs, one for each file of them; ends with NULL. */
extern const struct verb *const verb_tables[];

/**
 * verb_find - find a verb by the first words of a command line
 * @words: NULL-terminated
 * @used:  receives how many of them name it: 1 ("ps") or 2 ("container", "ls")
 *
 * Returns: the verb, or NULL.
 */
const struct verb *verb_find(char *const *words, int *used);

/**
 * help_all - what there is
 * help_noun - the verbs of one noun; -1 when there is no such noun
 * help_verb - one verb with its flags
 */
void help_all(FILE *out);
int help_noun(FILE *out, const char *noun);
void help_verb(FILE *out, const struct verb *verb);
