#pragma once
/*
 * template_tree: what a template is made of, between those who read it and
 * those who run it.
 */
#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "failure.h"

enum {
    TEMPLATE_VARIABLES = 64,    /* that can be in sight at once */
    TEMPLATE_DEPTH = 64,        /* of blocks and parentheses */
    TEMPLATE_LENGTH = 64 << 10, /* of the template, bytes */
    TEMPLATE_STEPS = 1000000,   /* of nodes and expressions that are run */
    TEMPLATE_VALUE = 1 << 20,   /* of a text that is made, bytes */
    TEMPLATE_WIDTH = 1000,      /* of %5d, of pad */
};

enum expr_kind {
    EXPR_LITERAL,
    EXPR_NIL,
    EXPR_DOT,
    EXPR_VARIABLE,
    EXPR_FIELDS, /* args[0] is whose */
    EXPR_CALL,
};

struct expr {
    enum expr_kind kind;
    size_t at;         /* where an error says it is, from the beginning */
    size_t start, end; /* its text */
    json_t *value;     /* a literal's; or the fields' names */
    int slot;          /* a variable's */
    const struct function *function;
    struct expr **args;
    size_t count;
};

enum node_kind {
    NODE_TEXT,
    NODE_PRINT,
    NODE_SET, /* a variable */
    NODE_IF,
    NODE_WITH,
    NODE_RANGE,
    NODE_BREAK,
    NODE_CONTINUE,
};

struct node {
    enum node_kind kind;
    size_t start, end; /* a text's */
    struct expr *pipe;
    int slot;     /* receives the value, or the element; -1: nobody */
    int slot_key; /* receives the index, or the key; -1 */
    struct node *body, *otherwise, *next;
};

struct template
{
    char *text;
    struct node *nodes;
};

/* What a function is given. NULL among @args is a member that is missing. */
typedef int function_body(json_t **args, size_t count, json_t **result,
                          struct failure *why);

struct function {
    const char *name;
    int least, most; /* arguments; most < 0: any number */
    function_body *body;
    bool is_lazy; /* and, or: the evaluator runs them itself */
};

/* A function by its name, or NULL. */
const struct function *template_function(const char *name, size_t length);

/* Those of text, in template_text.c. */
extern const struct function template_text_functions[];
extern const size_t template_text_function_count;

/* A row's .Label "key", which is written unlike a function. */
extern const struct function template_label;

/* Go's idea of what is true. */
bool template_truth(const json_t *value);

/* Prints as Go's %v does. */
void template_print(FILE *out, const json_t *value);

/* Go's name for what a value is: "int", "string". */
const char *template_type(const json_t *value);

/* printf of templates: args[0] is the format. */
function_body template_printf;
