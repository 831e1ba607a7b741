/*
 * template_expr: what stands between {{ and }} and has a value.
 *
 * Recursive descent: a pipeline of commands, a command of operands. Variables
 * become numbers of slots here, so that running knows no names.
 */
#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>

#include "cleanup.h"
#include "template_reader.h"

int template_complain(struct parser *p, const char *format, ...)
{
    cleanup_free char *message = NULL;
    size_t line = 1;
    va_list arguments;

    for (size_t i = 0; i < p->at && i < p->length; i++)
        line += p->text[i] == '\n';
    va_start(arguments, format);
    int status = vasprintf(&message, format, arguments);
    va_end(arguments);
    if (status < 0) {
        message = NULL;
        return fail(p->why, ENOMEM, "read a template");
    }
    return fail_as(p->why, FAILURE_BAD_PARAMETER,
                   "template parsing error: template: :%zu: %s", line, message);
}

void template_free_expr(struct expr *e)
{
    if (e == NULL)
        return;
    for (size_t i = 0; i < e->count; i++)
        template_free_expr(e->args[i]);
    free(e->args);
    json_decref(e->value);
    free(e);
}

struct expr *template_new_expr(struct parser *p, enum expr_kind kind)
{
    struct expr *e = calloc(1, sizeof(*e));

    if (e == NULL) {
        fail(p->why, ENOMEM, "read a template");
        return NULL;
    }
    e->kind = kind;
    e->at = e->start = p->at;
    return e;
}

/* Makes @arg an argument of @e, which then owns it. */
static int add_arg(struct parser *p, struct expr *e, struct expr *arg)
{
    struct expr **longer =
        realloc(e->args, (e->count + 1) * sizeof(struct expr *));

    if (longer == NULL) {
        template_free_expr(arg);
        return fail(p->why, ENOMEM, "read a template");
    }
    e->args = longer;
    e->args[e->count++] = arg;
    return 0;
}

static char peek(const struct parser *p)
{
    return p->text[p->at];
}

static bool looking_at(const struct parser *p, const char *what)
{
    return strncmp(p->text + p->at, what, strlen(what)) == 0;
}

void template_skip_space(struct parser *p)
{
    while (isspace((unsigned char)peek(p)))
        p->at++;
}

bool template_at_close(const struct parser *p)
{
    return looking_at(p, "}}") || (looking_at(p, "-}}") && p->at > 0 &&
                                   isspace((unsigned char)p->text[p->at - 1]));
}

size_t template_word(const struct parser *p)
{
    size_t n = 0;

    while (isalnum((unsigned char)p->text[p->at + n]) ||
           p->text[p->at + n] == '_' || (p->text[p->at + n] & 0x80) != 0)
        n++;
    return n;
}

static struct expr *parse_variable(struct parser *p)
{
    struct expr *e = template_new_expr(p, EXPR_VARIABLE);

    if (e == NULL)
        return NULL;
    p->at++;
    size_t length = template_word(p);
    const char *name = p->text + p->at;
    for (e->slot = p->variables - 1; e->slot >= 0; e->slot--)
        if (p->lengths[e->slot] == length &&
            strncmp(p->names[e->slot], name, length) == 0)
            break;
    if (e->slot < 0) {
        template_complain(p, "undefined variable \"$%.*s\"", (int)length, name);
        template_free_expr(e);
        return NULL;
    }
    p->at += length;
    return e;
}

static struct expr *parse_word(struct parser *p)
{
    size_t length = template_word(p);
    const char *word = p->text + p->at;
    struct expr *e = template_new_expr(p, EXPR_LITERAL);

    if (e == NULL)
        return NULL;
    p->at += length;
    if (length == 4 && strncmp(word, "true", 4) == 0)
        e->value = json_true();
    else if (length == 5 && strncmp(word, "false", 5) == 0)
        e->value = json_false();
    else if (length == 3 && strncmp(word, "nil", 3) == 0)
        e->kind = EXPR_NIL;
    else {
        e->kind = EXPR_CALL;
        e->function = template_function(word, length);
        if (e->function == NULL) {
            template_complain(p, "function \"%.*s\" not defined", (int)length,
                              word);
            template_free_expr(e);
            return NULL;
        }
    }
    return e;
}

static struct expr *parse_parentheses(struct parser *p)
{
    if (++p->depth > TEMPLATE_DEPTH) {
        template_complain(p, "too deep");
        return NULL;
    }
    p->at++;
    struct expr *e = template_pipeline(p);
    p->depth--;
    if (e != NULL && peek(p) != ')') {
        template_complain(p, "unclosed left paren");
        template_free_expr(e);
        return NULL;
    }
    p->at += e != NULL;
    return e;
}

/* ".A.B" behind something, without a space: its members. */
static struct expr *parse_fields(struct parser *p, struct expr *whose)
{
    struct expr *e = template_new_expr(p, EXPR_FIELDS);

    if (e == NULL || add_arg(p, e, whose) < 0) {
        if (e == NULL)
            template_free_expr(whose);
        template_free_expr(e);
        return NULL;
    }
    e->start = whose->start;
    e->value = json_array();
    while (peek(p) == '.') {
        size_t dot = p->at++;
        size_t length = template_word(p);
        json_t *name = json_stringn(p->text + p->at, length);

        if (json_array_append_new(e->value, name) < 0 || length == 0) {
            template_complain(p, "unexpected <.> in operand");
            template_free_expr(e);
            return NULL;
        }
        if (json_array_size(e->value) == 2)
            e->at = dot; /* docker's errors count so */
        p->at += length;
    }
    return e;
}

/* Without the fields behind it. NULL with no failure is not to be had. */
static struct expr *parse_term(struct parser *p)
{
    char c = peek(p);

    if (c == '.') {
        struct expr *e = template_new_expr(p, EXPR_DOT);

        if (e != NULL && !isalnum((unsigned char)p->text[p->at + 1]) &&
            p->text[p->at + 1] != '_')
            p->at++;
        return e;
    }
    if (c == '"' || c == '`')
        return template_string(p);
    if (c == '$')
        return parse_variable(p);
    if (c == '(')
        return parse_parentheses(p);
    if (isdigit((unsigned char)c) || c == '-' || c == '+')
        return template_number(p);
    if (isalpha((unsigned char)c) || c == '_')
        return parse_word(p);
    if (c == '\0')
        template_complain(p, "unclosed action");
    else if (isprint((unsigned char)c))
        template_complain(p, "bad character U+%04X '%c'", (unsigned)c, c);
    else
        template_complain(p, "unrecognized character in action");
    return NULL;
}

static struct expr *parse_operand(struct parser *p)
{
    struct expr *e = parse_term(p);

    if (e != NULL && peek(p) == '.' &&
        (e->kind != EXPR_DOT || p->at == e->start))
        e = parse_fields(p, e);
    if (e != NULL)
        e->end = p->at;
    return e;
}

static bool at_end_of_command(const struct parser *p)
{
    return template_at_close(p) || peek(p) == '|' || peek(p) == ')' ||
           peek(p) == '\0';
}

/* Are there as many arguments as the function wants? */
static int check_call(struct parser *p, const struct expr *e)
{
    const struct function *f = e->function;

    if ((int)e->count >= f->least && (f->most < 0 || (int)e->count <= f->most))
        return 0;
    return template_complain(
        p, "wrong number of args for %s: want %s%d got %zu", f->name,
        f->most < 0 ? "at least " : "", f->least, e->count);
}

/* ".Label" in front of an argument: makes it a call. */
static void call_label(struct expr *e)
{
    const char *name = json_string_value(json_array_get(e->value, 0));

    if (e->kind != EXPR_FIELDS || json_array_size(e->value) != 1 ||
        !str_eq(name, template_label.name))
        return;
    e->kind = EXPR_CALL;
    e->function = &template_label;
}

/* "index .A 1": an operand, with its arguments when it is a function. */
static struct expr *parse_command(struct parser *p)
{
    template_skip_space(p);
    if (at_end_of_command(p) && peek(p) != '\0') {
        template_complain(p, "missing value for command");
        return NULL;
    }
    bool may_have_args = peek(p) != '(';
    struct expr *e = parse_operand(p);
    for (template_skip_space(p); e != NULL && !at_end_of_command(p);
         template_skip_space(p)) {
        struct expr *arg = parse_operand(p);
        call_label(e);
        if (arg != NULL && (e->kind != EXPR_CALL || !may_have_args)) {
            template_complain(p, "can't give argument to non-function %.*s",
                              (int)(e->end - e->start), p->text + e->start);
            template_free_expr(arg);
            arg = NULL;
        }
        if (arg == NULL || add_arg(p, e, arg) < 0 ||
            (arg->kind == EXPR_CALL && check_call(p, arg) < 0)) {
            template_free_expr(e);
            return NULL;
        }
        e->end = p->at;
    }
    return e;
}

/* "a | f x | g": each is the last argument of the next. */
struct expr *template_pipeline(struct parser *p)
{
    struct expr *e = parse_command(p);
    int length = 1;

    while (e != NULL && peek(p) == '|') {
        p->at++;
        struct expr *next = parse_command(p);
        if (next != NULL && next->kind != EXPR_CALL) {
            template_complain(p, "non executable command in pipeline");
            template_free_expr(next);
            next = NULL;
        }
        if (next != NULL && ++length > TEMPLATE_DEPTH) {
            template_complain(p, "too long a pipeline");
            template_free_expr(next);
            next = NULL;
        }
        if (e->kind == EXPR_CALL && next != NULL && check_call(p, e) < 0) {
            template_free_expr(next);
            next = NULL;
        }
        if (next == NULL) {
            template_free_expr(e);
            return NULL;
        }
        if (add_arg(p, next, e) < 0) {
            template_free_expr(next);
            return NULL;
        }
        e = next;
    }
    if (e != NULL && e->kind == EXPR_CALL && check_call(p, e) < 0) {
        template_free_expr(e);
        return NULL;
    }
    return e;
}
