/*
 * template_parse: from text to a tree.
 *
 * A list of nodes up to {{end}} or {{else}}; what stands in the braces and has
 * a value is read by template_expr.c.
 */
#include <errno.h>
#include <stdio.h>

#include "cleanup.h"
#include "template.h"
#include "template_reader.h"

/* What ended a list of nodes. */
enum ending {
    END_FAILED = -1,
    END_OF_TEXT,
    END_OF_BLOCK,
    END_ELSE,
};

static void free_nodes(struct node *node)
{
    while (node != NULL) {
        struct node *next = node->next;

        template_free_expr(node->pipe);
        free_nodes(node->body);
        free_nodes(node->otherwise);
        free(node);
        node = next;
    }
}

static struct node *new_node(struct parser *p, enum node_kind kind)
{
    struct node *node = calloc(1, sizeof(*node));

    if (node == NULL) {
        fail(p->why, ENOMEM, "read a template");
        return NULL;
    }
    node->kind = kind;
    node->slot = node->slot_key = -1;
    return node;
}

static int expect_close(struct parser *p)
{
    template_skip_space(p);
    if (p->text[p->at] == '\0')
        return template_complain(p, "unclosed action");
    if (!template_at_close(p))
        return template_complain(p, "unexpected \"%c\" in command",
                                 p->text[p->at]);
    p->trims = p->text[p->at] == '-';
    p->at += p->trims ? 3 : 2;
    return 0;
}

static bool at_word(const struct parser *p, const char *word)
{
    return template_word(p) == strlen(word) &&
           strncmp(p->text + p->at, word, strlen(word)) == 0;
}

static bool skip_word(struct parser *p, const char *word)
{
    if (!at_word(p, word))
        return false;
    p->at += strlen(word);
    return true;
}

/* Makes a new variable of the name at p->at, behind its "$". */
static int declare(struct parser *p, size_t name, size_t length)
{
    if (p->variables == TEMPLATE_VARIABLES)
        return template_complain(p, "too many variables");
    p->names[p->variables] = p->text + name;
    p->lengths[p->variables] = length;
    return p->variables++;
}

static int find_variable(struct parser *p, size_t name, size_t length)
{
    for (int i = p->variables - 1; i >= 0; i--)
        if (p->lengths[i] == length &&
            strncmp(p->names[i], p->text + name, length) == 0)
            return i;
    return template_complain(p, "undefined variable \"$%.*s\"", (int)length,
                             p->text + name);
}

/* A name behind its "$" at p->at, which moves behind it. */
static size_t read_name(struct parser *p, size_t *length)
{
    size_t name = ++p->at;

    *length = template_word(p);
    p->at += *length;
    template_skip_space(p);
    return name;
}

/* "$x :=", "$x =" or "$i, $x :=" in front of a pipeline, if it is there. New
 * variables are only seen behind the pipeline, so they are declared later:
 * @names and @lengths receive them, and their count is returned; -1 is a
 * failure. "=" fills in the node's slot at once, and returns 0. */
static int read_declaration(struct parser *p, struct node *node,
                            size_t names[2], size_t lengths[2])
{
    size_t start = p->at;
    int count = 0;

    while (count < 2 && p->text[p->at] == '$') {
        names[count] = read_name(p, &lengths[count]);
        count++;
        if (p->text[p->at] != ',' || node->kind != NODE_RANGE)
            break;
        p->at++;
        template_skip_space(p);
    }
    if (count > 0 && strncmp(p->text + p->at, ":=", 2) == 0) {
        p->at += 2;
        return count;
    }
    if (count == 1 && p->text[p->at] == '=') {
        p->at++;
        node->slot = find_variable(p, names[0], lengths[0]);
        return node->slot < 0 ? -1 : 0;
    }
    p->at = start;
    return 0;
}

/* The pipeline of a node, with the variables that it sets. */
static int read_pipe(struct parser *p, struct node *node)
{
    size_t names[2];
    size_t lengths[2];

    template_skip_space(p);
    int count = read_declaration(p, node, names, lengths);
    if (count < 0)
        return -1;
    node->pipe = template_pipeline(p);
    if (node->pipe == NULL || expect_close(p) < 0)
        return -1;
    for (int i = 0; i < count; i++) {
        int slot = declare(p, names[i], lengths[i]);

        if (slot < 0)
            return -1;
        if (i == 0 && count == 2)
            node->slot_key = slot;
        else
            node->slot = slot;
    }
    return 0;
}

static enum ending read_list(struct parser *p, struct node **list);
static int read_block(struct parser *p, struct node *node);

/* {{else}}, {{else if ...}}: p->at is behind the word. */
static int read_else(struct parser *p, struct node *node)
{
    template_skip_space(p);
    if (at_word(p, "if") || at_word(p, "with")) {
        bool is_if = skip_word(p, "if");

        if (!is_if)
            skip_word(p, "with");
        node->otherwise = new_node(p, is_if ? NODE_IF : NODE_WITH);
        return node->otherwise == NULL ? -1 : read_block(p, node->otherwise);
    }
    if (expect_close(p) < 0)
        return -1;
    enum ending ending = read_list(p, &node->otherwise);
    if (ending == END_ELSE)
        return template_complain(p, "expected end; found {{else}}");
    if (ending == END_OF_TEXT)
        return template_complain(p, "unexpected EOF");
    return ending == END_FAILED ? -1 : 0;
}

/* From the word if, with or range to its {{end}}. */
static int read_block(struct parser *p, struct node *node)
{
    int variables = p->variables;
    bool is_loop = node->kind == NODE_RANGE;

    if (++p->depth > TEMPLATE_DEPTH)
        return template_complain(p, "too deep");
    if (read_pipe(p, node) < 0)
        return -1;
    p->loops += is_loop;
    enum ending ending = read_list(p, &node->body);
    p->loops -= is_loop;
    int status = ending == END_FAILED ? -1 : 0;
    if (ending == END_OF_TEXT)
        status = template_complain(p, "unexpected EOF");
    if (ending == END_ELSE)
        status = read_else(p, node);
    p->variables = variables;
    p->depth--;
    return status;
}

static struct node *read_jump(struct parser *p, enum node_kind kind,
                              const char *word)
{
    struct node *node = NULL;

    if (p->loops == 0)
        template_complain(p, "{{%s}} outside {{range}}", word);
    else if (expect_close(p) == 0)
        node = new_node(p, kind);
    return node;
}

static struct node *read_value(struct parser *p)
{
    struct node *node = new_node(p, NODE_PRINT);

    if (node != NULL && read_pipe(p, node) < 0) {
        free_nodes(node);
        return NULL;
    }
    if (node != NULL && node->slot >= 0)
        node->kind = NODE_SET;
    return node;
}

/* What follows "{{", up to its end or that of its block. */
static struct node *read_action(struct parser *p)
{
    struct node *node;

    if (skip_word(p, "break"))
        return read_jump(p, NODE_BREAK, "break");
    if (skip_word(p, "continue"))
        return read_jump(p, NODE_CONTINUE, "continue");
    if (skip_word(p, "if"))
        node = new_node(p, NODE_IF);
    else if (skip_word(p, "with"))
        node = new_node(p, NODE_WITH);
    else if (skip_word(p, "range"))
        node = new_node(p, NODE_RANGE);
    else
        return read_value(p);
    if (node != NULL && read_block(p, node) < 0) {
        free_nodes(node);
        return NULL;
    }
    return node;
}

/* Moves behind a comment, whose slash p->at is. */
static int skip_comment(struct parser *p)
{
    const char *end = strstr(p->text + p->at + 2, "*/");

    if (end == NULL)
        return template_complain(p, "unclosed comment");
    p->at = (size_t)(end - p->text) + 2;
    if (strncmp(p->text + p->at, "}}", 2) != 0 &&
        (template_skip_space(p), !template_at_close(p)))
        return template_complain(p, "comment ends before closing delimiter");
    return expect_close(p);
}

/* Text up to the next "{{" or the end. Space at both ends is cut off where a
 * "-" asks for it. Returns false when the text is at its end. */
static bool read_text(struct parser *p, struct node *node)
{
    const char *open;

    if (p->trims)
        template_skip_space(p);
    p->trims = false;
    open = strstr(p->text + p->at, "{{");
    node->start = p->at;
    node->end = open == NULL ? p->length : (size_t)(open - p->text);
    p->at = node->end;
    if (open == NULL)
        return false;
    p->at += 2;
    if (p->text[p->at] == '-' &&
        strchr(" \t\r\n", p->text[p->at + 1]) != NULL &&
        p->text[p->at + 1] != '\0') {
        p->at++;
        while (node->end > node->start &&
               strchr(" \t\r\n", p->text[node->end - 1]) != NULL)
            node->end--;
    }
    return true;
}

/* One action; a comment makes none, an {{end}} says so. */
static enum ending read_braces(struct parser *p, struct node **node)
{
    template_skip_space(p);
    if (strncmp(p->text + p->at, "/*", 2) == 0)
        return skip_comment(p) < 0 ? END_FAILED : END_OF_TEXT;
    if (skip_word(p, "else"))
        return END_ELSE;
    if (skip_word(p, "end"))
        return expect_close(p) < 0 ? END_FAILED : END_OF_BLOCK;
    *node = read_action(p);
    return *node == NULL ? END_FAILED : END_OF_TEXT;
}

static enum ending read_list(struct parser *p, struct node **list)
{
    enum ending ending = END_OF_TEXT;

    while (ending == END_OF_TEXT) {
        struct node *text = new_node(p, NODE_TEXT);

        if (text == NULL)
            return END_FAILED;
        *list = text;
        list = &text->next;
        if (!read_text(p, text))
            return END_OF_TEXT;
        ending = read_braces(p, list);
        if (*list != NULL)
            list = &(*list)->next;
    }
    return ending;
}

static int read_all(struct parser *p, struct template *t)
{
    enum ending ending = read_list(p, &t->nodes);

    if (ending == END_OF_BLOCK)
        return template_complain(p, "unexpected {{end}}");
    if (ending == END_ELSE)
        return template_complain(p, "unexpected {{else}}");
    return ending == END_FAILED ? -1 : 0;
}

struct template *template_parse(const char *text, struct failure *why)
{
    struct template *t = calloc(1, sizeof(*t));
    struct parser p = {.length = strlen(text), .why = why};

    if (t == NULL || (t->text = strdup(text)) == NULL) {
        fail(why, ENOMEM, "read a template");
        template_free(t);
        return NULL;
    }
    p.text = t->text;
    p.names[p.variables] = ""; /* "$" is all of the data */
    p.lengths[p.variables++] = 0;
    if (p.length > TEMPLATE_LENGTH)
        template_complain(&p, "too long");
    else if (read_all(&p, t) == 0)
        return t;
    template_free(t);
    return NULL;
}

void template_free(struct template *t)
{
    if (t == NULL)
        return;
    free_nodes(t->nodes);
    free(t->text);
    free(t);
}
