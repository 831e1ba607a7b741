/*
 * template_literal: texts and numbers that stand in a template themselves.
 */
#include <ctype.h>
#include <errno.h>
#include <stdio.h>

#include "cleanup.h"
#include "template_reader.h"

static int put_escape(struct parser *p, FILE *out)
{
    static const char names[] = "abfnrtv\\\"'";
    static const char named[] = "\a\b\f\n\r\t\v\\\"'";
    const char *name = strchr(names, p->text[p->at]);

    if (p->text[p->at] == '\0' || name == NULL)
        return template_complain(p, "invalid syntax");
    fputc(named[name - names], out);
    p->at++;
    return 0;
}

/* Copies what is between the quotes; @p is behind the first. */
static int copy_string(struct parser *p, char quote, FILE *out)
{
    while (p->text[p->at] != quote) {
        if (p->text[p->at] == '\0' || (quote == '"' && p->text[p->at] == '\n'))
            return template_complain(p, quote == '"'
                                            ? "unterminated quoted string"
                                            : "unterminated raw quoted string");
        if (quote == '"' && p->text[p->at] == '\\') {
            p->at++;
            if (put_escape(p, out) < 0)
                return -1;
            continue;
        }
        fputc(p->text[p->at], out);
        p->at++;
    }
    p->at++;
    return 0;
}

struct expr *template_string(struct parser *p)
{
    struct expr *e = template_new_expr(p, EXPR_LITERAL);
    cleanup_free char *copy = NULL;
    size_t size;
    FILE *out = e == NULL ? NULL : open_memstream(&copy, &size);
    char quote = p->text[p->at];

    if (out == NULL) {
        template_free_expr(e);
        return NULL;
    }
    p->at++;
    int status = copy_string(p, quote, out);
    if (fclose(out) != 0)
        status = fail(p->why, ENOMEM, "read a template");
    if (status == 0) {
        e->value = json_string(copy);
        if (e->value == NULL)
            status = template_complain(p, "invalid UTF-8");
    }
    if (status == 0)
        return e;
    template_free_expr(e);
    return NULL;
}

struct expr *template_number(struct parser *p)
{
    struct expr *e = template_new_expr(p, EXPR_LITERAL);
    const char *start = p->text + p->at;
    char *end;

    if (e == NULL)
        return NULL;
    errno = 0;
    long long whole = strtoll(start, &end, 0);
    bool is_whole = errno == 0;
    if (*end == '.' || *end == 'e' || *end == 'E') {
        double real = strtod(start, &end);

        is_whole =
            real > -1e15 && real < 1e15 && (double)(long long)real == real;
        whole = is_whole ? (long long)real : 0;
        e->value = is_whole ? NULL : json_real(real);
    }
    if (e->value == NULL && is_whole)
        e->value = json_integer(whole);
    if (e->value == NULL || end == start || isalnum((unsigned char)*end)) {
        template_complain(p, "bad number syntax: \"%.*s\"",
                          (int)strcspn(start, " |)}"), start);
        template_free_expr(e);
        return NULL;
    }
    p->at = (size_t)(end - p->text);
    return e;
}
