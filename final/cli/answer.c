/*
 * answer: how verbs that look at things say what they have found, or not.
 */
#include "answer.h"

#include <errno.h>

#include "cleanup.h"
#include "values.h"

int answer_failure(const struct failure *why)
{
    fflush(stdout);
    fprintf(stderr, "Error%s: %s\n",
            why->kind == FAILURE_NOT_FOUND ? "" : " response from engine",
            why->message);
    return 1;
}

/* JSON escapes all but the second set of control characters. */
static bool has_c1(const char *text)
{
    for (; (text = strchr(text, 0xc2)) != NULL; text++)
        if ((unsigned char)text[1] < 0xa0)
            return true;
    return false;
}

int answer_json(FILE *out, const json_t *value, struct failure *why)
{
    const size_t flags = JSON_INDENT(4) | JSON_ENCODE_ANY;
    cleanup_free char *text = json_dumps(value, flags);

    if (text != NULL && has_c1(text)) {
        free(text);
        text = json_dumps(value, flags | JSON_ENSURE_ASCII);
    }
    if (text == NULL)
        return fail(why, ENOMEM, "print JSON");
    fprintf(out, "%s\n", text);
    return 0;
}

json_t *answer_filters(const struct call *call, struct failure *why)
{
    json_t *filters = json_object();
    const json_t *text;
    size_t i;

    json_array_foreach(call_list(call, "filter"), i, text)
        if (value_filter(filters, json_string_value(text), why) < 0) {
            json_decref(filters);
            return NULL;
        }
    return filters;
}
