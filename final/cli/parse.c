/*
 * parse: words of a command line, by the table of their verb.
 *
 * Flags may stand anywhere before "--"; where a verb runs a command, only
 * before its first word, for the rest is the command's.
 */
#include "parse.h"

#include <errno.h>
#include <stdio.h>

#include "cleanup.h"

static const struct flag help_flag = {"help", 0, FLAG_SWITCH, NULL,
                                      "Print usage"};

static const struct flag *find_long(const struct verb *verb, const char *name,
                                    size_t length)
{
    const struct flag *flag = verb->flags;

    for (; flag != NULL && flag->name != NULL; flag++)
        if (strlen(flag->name) == length &&
            strncmp(flag->name, name, length) == 0)
            return flag;
    return length == 4 && strncmp(name, "help", 4) == 0 ? &help_flag : NULL;
}

static const struct flag *find_short(const struct verb *verb, char letter)
{
    const struct flag *flag = verb->flags;

    for (; flag != NULL && flag->name != NULL; flag++)
        if (flag->letter == letter)
            return flag;
    return NULL;
}

/* Go's strconv.ParseBool. */
static int read_switch(const char *text)
{
    static const char *const yes[] = {"1", "t", "T", "TRUE", "true", "True"};
    static const char *const no[] = {"0", "f", "F", "FALSE", "false", "False"};

    for (size_t i = 0; i < sizeof(yes) / sizeof(yes[0]); i++) {
        if (str_eq(text, yes[i]))
            return 1;
        if (str_eq(text, no[i]))
            return 0;
    }
    return -1;
}

static int add_value(struct call *call, const struct flag *flag,
                     const char *value, struct failure *why)
{
    json_t *text = flag->kind == FLAG_SWITCH ? NULL : json_string(value);
    int is_on = 1;

    if (flag->kind == FLAG_SWITCH) {
        is_on = value == NULL ? 1 : read_switch(value);
        if (is_on < 0)
            return fail(why, 0,
                        "invalid argument \"%s\" for \"--%s\" flag: "
                        "must be true or false",
                        value, flag->name);
        return json_object_set_new(call->flags, flag->name,
                                   json_boolean(is_on));
    }
    if (text == NULL)
        return fail(why, 0, "--%s: its value is no UTF-8", flag->name);
    if (flag->kind == FLAG_TEXT)
        return json_object_set_new(call->flags, flag->name, text);
    json_t *list = json_object_get(call->flags, flag->name);
    if (list == NULL) {
        list = json_array();
        json_object_set_new(call->flags, flag->name, list);
    }
    return json_array_append_new(list, text);
}

/* "--name", "--name=value" or "--name" "value"; moves *words on. */
static int read_long(struct call *call, char ***words, struct failure *why)
{
    const char *name = **words + 2;
    size_t length = strcspn(name, "=");
    const struct flag *flag = find_long(call->verb, name, length);
    const char *value = name[length] == '=' ? name + length + 1 : NULL;

    if (flag == NULL)
        return fail(why, 0, "unknown flag: --%.*s", (int)length, name);
    if (value == NULL && flag->kind != FLAG_SWITCH) {
        value = *++*words;
        if (value == NULL)
            return fail(why, 0, "flag needs an argument: --%s", flag->name);
    }
    return add_value(call, flag, value, why);
}

/* "-it", "-p80:80", "-p" "80:80", "-p=80:80"; moves *words on. */
static int read_short(struct call *call, char ***words, struct failure *why)
{
    const char *whole = **words;

    for (const char *letter = whole + 1; *letter != '\0'; letter++) {
        const struct flag *flag = find_short(call->verb, *letter);

        if (flag == NULL && *letter == 'h' && letter == whole + 1)
            flag = &help_flag;
        if (flag == NULL)
            return fail(why, 0, "unknown shorthand flag: '%c' in %s", *letter,
                        whole);
        if (flag->kind == FLAG_SWITCH && letter[1] != '=') {
            if (add_value(call, flag, NULL, why) < 0)
                return -1;
            continue;
        }
        const char *value = letter[1] == '=' ? letter + 2 : letter + 1;
        if (*value == '\0' && letter[1] != '=')
            value = *++*words;
        if (value == NULL)
            return fail(why, 0, "flag needs an argument: '%c' in %s", *letter,
                        whole);
        return add_value(call, flag, value, why);
    }
    return 0;
}

/* Docker says "at least 1 argument", "exactly 2 arguments", ... */
static int check_count(const struct call *call, struct failure *why)
{
    const struct verb *verb = call->verb;
    const char *bound = verb->least == verb->most   ? "exactly "
                        : call->count < verb->least ? "at least "
                                                    : "at most ";
    int number = call->count < verb->least ? verb->least : verb->most;

    if (call->count >= verb->least &&
        (verb->most < 0 || call->count <= verb->most))
        return 0;
    if (verb->most == 0)
        return fail_as(why, FAILURE_BAD_PARAMETER,
                       "\"duct %s%s%s\" accepts no arguments",
                       verb->alone ? "" : verb->noun, verb->alone ? "" : " ",
                       verb->alone ? verb->alone : verb->name);
    return fail_as(why, FAILURE_BAD_PARAMETER,
                   "\"duct %s%s%s\" requires %s%d argument%s",
                   verb->alone ? "" : verb->noun, verb->alone ? "" : " ",
                   verb->alone ? verb->alone : verb->name, bound, number,
                   number == 1 ? "" : "s");
}

int parse_words(struct call *call, char **words, struct failure *why)
{
    char **kept = words; /* words that are no flags move to the front */
    bool is_over = false;

    call->flags = json_object();
    call->words = words;
    call->count = 0;
    if (call->flags == NULL)
        return fail(why, ENOMEM, "read the command line");
    for (; *words != NULL; words++) {
        if (is_over || **words != '-' || (*words)[1] == '\0') {
            is_over |= call->verb->words_end_flags;
            *kept++ = *words;
            call->count++;
        } else if (str_eq(*words, "--"))
            is_over = true;
        else if ((*words)[1] == '-' ? read_long(call, &words, why) < 0
                                    : read_short(call, &words, why) < 0)
            return -1;
    }
    *kept = NULL;
    return call_is(call, "help") ? 0 : check_count(call, why);
}

bool call_is(const struct call *call, const char *name)
{
    return json_is_true(json_object_get(call->flags, name));
}

const char *call_text(const struct call *call, const char *name)
{
    return json_string_value(json_object_get(call->flags, name));
}

const json_t *call_list(const struct call *call, const char *name)
{
    return json_object_get(call->flags, name);
}
