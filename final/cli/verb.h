#pragma once
/*
 * verb: what one can say to duct, as tables.
 *
 * The command line, --help, the manual page and the shells' completion are all
 * made of these.
 */
#include <jansson.h>
#include <stdbool.h>

#include "engine.h"
#include "failure.h"

enum flag_kind {
    FLAG_SWITCH, /* --rm, --rm=false */
    FLAG_TEXT,   /* --name x; the last one counts */
    FLAG_LIST,   /* -e A=1 -e B=2; all count */
};

struct flag {
    const char *name; /* without its dashes */
    char letter;      /* of the short form, or 0 */
    enum flag_kind kind;
    const char *value; /* what --help calls its value: "string", "list" */
    const char *help;  /* one line, without a stop */
};

/* What was said. */
struct call {
    const struct verb *verb;
    json_t *flags; /* by name: true, "text" or ["a", "b"]; only those given */
    int count;     /* of words */
    char **words;  /* what is no flag, NULL-terminated */
    struct engine *engine; /* open */
};

struct verb {
    const char *noun;    /* "container"; NULL: it has none */
    const char *name;    /* "ls" */
    const char *alone;   /* the same without a noun: "ps"; NULL: only with */
    const char *usage;   /* "[OPTIONS] CONTAINER [CONTAINER...]" */
    const char *summary; /* one line */
    const struct flag *flags; /* ends with a name of NULL; may be NULL */
    int least, most;          /* how many words; most < 0: any number */
    bool words_end_flags;     /* is all after the first word the command's? */
    /* Returns the exit status, or -1 with @why. */
    int (*run)(const struct call *call, struct failure *why);
};

/* Verbs of one noun; the last has a name of NULL. Each file of verbs defines
 * its table, verbs.c lists them. */

/* Verbs that are in duct-archive: duct execs it with the same words. */
#ifdef ARCHIVE
#define IN_ARCHIVE(function) function
#else
#define IN_ARCHIVE(function) verb_elsewhere
#endif
int verb_elsewhere(const struct call *call, struct failure *why);

/* The words that this process was started with. */
extern char **command_line;

/**
 * call_is - was a switch given, and not as --name=false?
 * call_text - the value of a flag, NULL: it was not given
 * call_list - all values of a flag, an array; NULL: it was not given
 */
bool call_is(const struct call *call, const char *name);
const char *call_text(const struct call *call, const char *name);
const json_t *call_list(const struct call *call, const char *name);
