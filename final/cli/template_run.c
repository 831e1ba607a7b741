/*
 * template_run: a tree, filled in.
 *
 * A value that is NULL is a member that is missing: no error as long as
 * nobody wants to see it.
 */
#include <ctype.h>
#include <errno.h>
#include <stdio.h>

#include "cleanup.h"
#include "template.h"
#include "template_tree.h"

struct run {
    const struct template *template;
    FILE *out;
    json_t *slots[TEMPLATE_VARIABLES];
    int steps;
    int lenient; /* in how many conditions are we? */
    struct failure *why;
};

/* What to do after a node. */
enum outcome {
    RUN_FAILED = -1,
    RUN_ON,
    RUN_BREAK,
    RUN_CONTINUE,
};

/* "template: :1:8: executing "" at <.State.Foo>: ..." */
static int complain(struct run *r, const struct expr *e, const char *what)
{
    const char *text = r->template->text;
    size_t line = 1;
    size_t column = e->at;

    for (size_t i = 0; i < e->at; i++)
        if (text[i] == '\n') {
            line++;
            column = e->at - i - 1;
        }
    return fail_as(r->why, FAILURE_BAD_PARAMETER,
                   "template parsing error: template: :%zu:%zu: executing \"\" "
                   "at <%.*s>: %s",
                   line, column, (int)(e->end - e->start), text + e->start,
                   what);
}

static int step(struct run *r, const struct expr *e)
{
    return ++r->steps > TEMPLATE_STEPS ? complain(r, e, "it takes too long")
                                       : 0;
}

static int missing(struct run *r, const struct expr *e, const char *name)
{
    cleanup_free char *what = NULL;

    if (asprintf(&what, "map has no entry for key \"%s\"", name) < 0) {
        what = NULL;
        return fail(r->why, ENOMEM, "fill in a template");
    }
    return complain(r, e, what);
}

static int no_member(struct run *r, const struct expr *e, const char *name,
                     const json_t *whose)
{
    cleanup_free char *what = NULL;
    int status =
        json_is_null(whose)
            ? asprintf(&what, "nil pointer evaluating interface {}.%s", name)
            : asprintf(&what, "can't evaluate field %s in type %s", name,
                       template_type(whose));

    if (status < 0) {
        what = NULL;
        return fail(r->why, ENOMEM, "fill in a template");
    }
    return complain(r, e, what);
}

static int eval(struct run *r, const struct expr *e, const json_t *dot,
                json_t **value);

/* ".A.B" of something. */
static int eval_fields(struct run *r, const struct expr *e, const json_t *dot,
                       json_t **value)
{
    json_auto_t *whose = NULL;
    const json_t *at;
    const json_t *field;
    size_t i;

    if (eval(r, e->args[0], dot, &whose) < 0)
        return -1;
    at = whose;
    json_array_foreach(e->value, i, field) {
        const char *name = json_string_value(field);

        if (!json_is_object(at) && r->lenient > 0)
            at = NULL;
        else if (at != NULL && !json_is_object(at))
            return no_member(r, e, name, at);
        at = json_object_get(at, name);
        if (at == NULL && r->lenient == 0 && isupper((unsigned char)*name))
            return missing(r, e, name);
    }
    *value = json_incref((json_t *)at);
    return 0;
}

/* and, or: the first that decides, or the last. */
static int eval_lazy(struct run *r, const struct expr *e, const json_t *dot,
                     json_t **value)
{
    bool wanted = str_eq(e->function->name, "or");

    for (size_t i = 0; i < e->count; i++) {
        json_decref(*value);
        *value = NULL;
        if (eval(r, e->args[i], dot, value) < 0)
            return -1;
        if (template_truth(*value) == wanted)
            break;
    }
    return 0;
}

static int eval_args(struct run *r, const struct expr *e, const json_t *dot,
                     json_t **args)
{
    for (size_t i = 0; i < e->count; i++)
        if (eval(r, e->args[i], dot, &args[i]) < 0)
            return -1;
    return 0;
}

static int wrap_failure(struct run *r, const struct expr *e)
{
    cleanup_free char *what = NULL;

    if (asprintf(&what, "error calling %s: %s", e->function->name,
                 r->why->message) < 0) {
        what = NULL;
        return fail(r->why, ENOMEM, "fill in a template");
    }
    return complain(r, e, what);
}

static int eval_call(struct run *r, const struct expr *e, const json_t *dot,
                     json_t **value)
{
    if (e->function->is_lazy)
        return eval_lazy(r, e, dot, value);

    cleanup_free json_t **args = calloc(e->count + 1, sizeof(json_t *));
    if (args == NULL)
        return fail(r->why, ENOMEM, "fill in a template");
    int status = eval_args(r, e, dot, args);
    if (status == 0 && e->function->body(args, e->count, value, r->why) < 0)
        status = wrap_failure(r, e);
    for (size_t i = 0; i < e->count; i++)
        json_decref(args[i]);
    if (status == 0 && json_is_string(*value) &&
        json_string_length(*value) > TEMPLATE_VALUE) {
        json_decref(*value);
        *value = NULL;
        status = complain(r, e, "the text gets too long");
    }
    return status;
}

/* Sets @value, which is the caller's then, or NULL: a member is missing. */
static int eval(struct run *r, const struct expr *e, const json_t *dot,
                json_t **value)
{
    *value = NULL;
    if (step(r, e) < 0)
        return -1;
    switch (e->kind) {
    case EXPR_LITERAL:
        *value = json_incref(e->value);
        return 0;
    case EXPR_NIL:
        *value = json_null();
        return 0;
    case EXPR_DOT:
        *value = json_incref((json_t *)dot);
        return 0;
    case EXPR_VARIABLE:
        *value = json_incref(r->slots[e->slot]);
        return 0;
    case EXPR_FIELDS:
        return eval_fields(r, e, dot, value);
    case EXPR_CALL:
        break;
    }
    return eval_call(r, e, dot, value);
}

/* Puts a value, which is the slot's then, into a slot, -1: into none. */
static void assign(struct run *r, int slot, json_t *value)
{
    if (slot < 0) {
        json_decref(value);
        return;
    }
    json_decref(r->slots[slot]);
    r->slots[slot] = value;
}

static enum outcome run_nodes(struct run *r, const struct node *node,
                              const json_t *dot);

static enum outcome run_condition(struct run *r, const struct node *node,
                                  const json_t *dot)
{
    json_auto_t *value = NULL;

    r->lenient++;
    int status = eval(r, node->pipe, dot, &value);
    r->lenient--;
    if (status < 0)
        return RUN_FAILED;
    assign(r, node->slot, json_incref(value));
    if (!template_truth(value))
        return run_nodes(r, node->otherwise, dot);
    return run_nodes(r, node->body, node->kind == NODE_WITH ? value : dot);
}

/* Once around; the key and the value are the callee's. */
static enum outcome run_round(struct run *r, const struct node *node,
                              json_t *key, json_t *value)
{
    json_auto_t *dot = value;

    assign(r, node->slot_key, key);
    assign(r, node->slot, json_incref(value));
    if (step(r, node->pipe) < 0)
        return RUN_FAILED;
    enum outcome outcome = run_nodes(r, node->body, dot);
    return outcome == RUN_CONTINUE ? RUN_ON : outcome;
}

static int compare_names(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* The members of an object, by their names: Go sorts them. */
static enum outcome range_object(struct run *r, const struct node *node,
                                 const json_t *object)
{
    size_t count = json_object_size(object);
    cleanup_free const char **names = calloc(count + 1, sizeof(*names));
    enum outcome outcome = RUN_ON;
    const char *name;
    const json_t *member;
    size_t i = 0;

    if (names == NULL)
        return fail(r->why, ENOMEM, "fill in a template");
    json_object_foreach((json_t *)object, name, member)
        names[i++] = name;
    qsort(names, count, sizeof(*names), compare_names);
    for (i = 0; i < count && outcome == RUN_ON; i++)
        outcome = run_round(r, node, json_string(names[i]),
                            json_incref(json_object_get(object, names[i])));
    return outcome;
}

static enum outcome range_array(struct run *r, const struct node *node,
                                const json_t *array)
{
    enum outcome outcome = RUN_ON;

    for (size_t i = 0; i < json_array_size(array) && outcome == RUN_ON; i++)
        outcome = run_round(r, node, json_integer((json_int_t)i),
                            json_incref(json_array_get(array, i)));
    return outcome;
}

static enum outcome range_number(struct run *r, const struct node *node,
                                 json_int_t count)
{
    enum outcome outcome = RUN_ON;

    for (json_int_t i = 0; i < count && outcome == RUN_ON; i++)
        outcome = run_round(r, node, json_integer(i), json_integer(i));
    return outcome;
}

static enum outcome run_range(struct run *r, const struct node *node,
                              const json_t *dot)
{
    json_auto_t *value = NULL;
    enum outcome outcome;

    if (eval(r, node->pipe, dot, &value) < 0)
        return RUN_FAILED;
    if (json_is_integer(value))
        outcome = range_number(r, node, json_integer_value(value));
    else if (json_is_object(value))
        outcome = range_object(r, node, value);
    else if (json_is_array(value))
        outcome = range_array(r, node, value);
    else if (value == NULL || json_is_null(value))
        outcome = RUN_ON;
    else
        return complain(r, node->pipe, "range can't iterate over it");
    if (outcome == RUN_ON && !template_truth(value))
        return run_nodes(r, node->otherwise, dot);
    return outcome == RUN_BREAK ? RUN_ON : outcome;
}

static enum outcome run_print(struct run *r, const struct node *node,
                              const json_t *dot)
{
    json_auto_t *value = NULL;

    if (node->pipe->kind == EXPR_NIL)
        return complain(r, node->pipe, "nil is not a command");
    if (eval(r, node->pipe, dot, &value) < 0)
        return RUN_FAILED;
    if (node->kind == NODE_SET)
        assign(r, node->slot, json_incref(value));
    else
        template_print(r->out, value);
    return RUN_ON;
}

static enum outcome run_node(struct run *r, const struct node *node,
                             const json_t *dot)
{
    switch (node->kind) {
    case NODE_TEXT:
        fwrite(r->template->text + node->start, 1, node->end - node->start,
               r->out);
        return RUN_ON;
    case NODE_IF:
    case NODE_WITH:
        return run_condition(r, node, dot);
    case NODE_RANGE:
        return run_range(r, node, dot);
    case NODE_BREAK:
        return RUN_BREAK;
    case NODE_CONTINUE:
        return RUN_CONTINUE;
    case NODE_PRINT:
    case NODE_SET:
        break;
    }
    return run_print(r, node, dot);
}

static enum outcome run_nodes(struct run *r, const struct node *node,
                              const json_t *dot)
{
    enum outcome outcome = RUN_ON;

    for (; node != NULL && outcome == RUN_ON; node = node->next)
        outcome = run_node(r, node, dot);
    return outcome;
}

int template_run(const struct template *t, FILE *out, const json_t *data,
                 struct failure *why)
{
    struct run r = {.template = t, .out = out, .why = why};

    r.slots[0] = json_incref((json_t *)data);
    enum outcome outcome = run_nodes(&r, t->nodes, data);
    for (size_t i = 0; i < TEMPLATE_VARIABLES; i++)
        json_decref(r.slots[i]);
    return outcome == RUN_FAILED ? -1 : 0;
}
