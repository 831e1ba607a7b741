#pragma once
/*
 * template: what --format says, filled in from JSON.
 *
 *     {{.State.Status}}  {{json .Config}}  {{range .Args}}{{.}} {{end}}
 *
 * The part of Go's text/template that docker's manual shows: fields, range,
 * if, with, variables, pipelines, and the functions
 *
 *     and or not eq ne lt le gt ge index slice len print printf println
 *     json join split upper lower title pad truncate
 *
 * Whoever writes a template may not be who pays for it, so it has bounds: in
 * length, in depth, in how much it does and in how long a text may become.
 */
#include <jansson.h>
#include <stdio.h>

#include "failure.h"

struct template;

/**
 * template_parse - read a template
 * @text: the template
 * @why:  filled in when it is none, "template parsing error: ..."
 *
 * Returns: the template, to be released with template_free(); or NULL.
 * Source:  Docker, "Format command and log output"; Go's documentation of
 *          text/template.
 */
struct template *template_parse(const char *text, struct failure *why);

/**
 * template_run - fill a template in
 * @t:    the template
 * @out:  receives the text; when the call fails, the beginning of it
 * @data: what "." is
 * @why:  says where in the template something could not be done
 *
 * JSON does not know which members an object could have. So one that is
 * missing is an error when its name begins with a capital letter, as all
 * names of docker's API do, and "<no value>" when not, as names of labels and
 * networks; and in a condition it is just false.
 *
 * Returns: 0, or -1 with @why.
 */
int template_run(const struct template *t, FILE *out, const json_t *data,
                 struct failure *why);

/**
 * template_free - release a template
 * @t: may be NULL
 */
void template_free(struct template *t);
