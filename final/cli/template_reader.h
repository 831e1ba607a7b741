#pragma once
/*
 * template_reader: what the two halves of the parser share.
 */
#include "template_tree.h"

struct parser {
    const char *text;
    size_t at, length;
    const char *names[TEMPLATE_VARIABLES]; /* point into the text */
    size_t lengths[TEMPLATE_VARIABLES];
    int variables;
    int depth;
    int loops;  /* around us */
    bool trims; /* the text that follows? */
    struct failure *why;
};

/* Fills in p->why, with the line that we are in. Returns -1. */
int template_complain(struct parser *p, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

void template_skip_space(struct parser *p);

/* How long is the name at p->at? */
size_t template_word(const struct parser *p);

/* "}}", or " -}}", which takes the space behind it along. */
bool template_at_close(const struct parser *p);

/* Reads "a | f x | g" up to what can be no part of it, or NULL. */
struct expr *template_pipeline(struct parser *p);

void template_free_expr(struct expr *e);

/* One that begins at p->at, or NULL. */
struct expr *template_new_expr(struct parser *p, enum expr_kind kind);

/* Reads "text", `text` or 1.5, or NULL. */
struct expr *template_string(struct parser *p);
struct expr *template_number(struct parser *p);
