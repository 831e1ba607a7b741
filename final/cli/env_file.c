/*
 * env_file: variables or labels, one in each line of a file.
 *
 * No quotes and no expansion: what stands behind the "=" is the value, spaces
 * at the end as well. It is not a shell's script.
 */
#include "env_file.h"

#include <errno.h>
#include <stdio.h>

#include "cleanup.h"

enum {
    FILE_MOST = 16 << 20,
};

static int no_utf8(size_t number, struct failure *why)
{
    return fail_as(why, FAILURE_BAD_PARAMETER, "invalid utf8 bytes at line %zu",
                   number);
}

/* Adds one line, which has a name at its beginning. */
static int add_line(json_t *array, const char *line, bool is_env, size_t number,
                    struct failure *why)
{
    size_t length = strcspn(line, "=");
    const char *ours = NULL;

    if (length == 0)
        return fail_as(why, FAILURE_BAD_PARAMETER,
                       "no variable name on line '%s'", line);
    if (strcspn(line, " \t") < length)
        return fail_as(why, FAILURE_BAD_PARAMETER,
                       "variable '%.*s' contains whitespaces", (int)length,
                       line);
    if (line[length] == '\0') {
        ours = is_env ? getenv(line) : NULL;
        if (ours == NULL)
            return 0;
    }
    json_t *item =
        ours == NULL ? json_string(line) : json_sprintf("%s=%s", line, ours);
    if (item == NULL)
        return no_utf8(number, why);
    return json_array_append_new(array, item) < 0
               ? fail(why, ENOMEM, "note a variable")
               : 0;
}

int env_file_parse(json_t *array, char *text, size_t length, bool is_env,
                   struct failure *why)
{
    static const char byte_order_mark[] = "\xef\xbb\xbf";
    char *rest = text;
    char *line;
    size_t number = 0;

    if (memchr(text, '\0', length) != NULL)
        return fail_as(why, FAILURE_BAD_PARAMETER, "it has a byte of 0 in it");
    if (strncmp(rest, byte_order_mark, 3) == 0)
        rest += 3;
    while ((line = strsep(&rest, "\n")) != NULL) {
        size_t end = strlen(line);

        number++;
        if (end > 0 && line[end - 1] == '\r')
            line[end - 1] = '\0';
        line += strspn(line, " \t\v\f\r");
        if (*line == '\0' || *line == '#')
            continue;
        if (add_line(array, line, is_env, number, why) < 0)
            return -1;
    }
    return 0;
}

/* Reads to the end: the file may be a pipe of the shell's, <(...). */
static char *read_all(const char *path, size_t *length, struct failure *why)
{
    FILE *file = fopen(path, "re");
    char *text = NULL;
    size_t room;

    if (file == NULL) {
        fail(why, errno, "open %s", path);
        return NULL;
    }
    FILE *copy = open_memstream(&text, &room);
    int byte = EOF;
    *length = 0;
    while (copy != NULL && *length <= FILE_MOST && (byte = getc(file)) != EOF) {
        putc(byte, copy);
        ++*length;
    }
    bool failed = copy == NULL || ferror(file);
    if (failed)
        fail(why, errno, "read %s", path);
    else if (*length > FILE_MOST)
        failed = fail(why, 0, "read %s: it is far too long", path) < 0;
    fclose(file);
    if (copy != NULL && fclose(copy) != 0 && !failed)
        failed = fail(why, ENOMEM, "read %s", path) < 0;
    if (!failed)
        return text;
    free(text);
    return NULL;
}

int env_file_read(json_t *array, const char *path, bool is_env,
                  struct failure *why)
{
    size_t length = 0;
    cleanup_free char *text = read_all(path, &length, why);

    if (text == NULL)
        return -1;
    if (env_file_parse(array, text, length, is_env, why) == 0)
        return 0;

    struct failure inner = *why;
    return fail_as(why, FAILURE_BAD_PARAMETER, "invalid env file (%s): %s",
                   path, inner.message);
}
