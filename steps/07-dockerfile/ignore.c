/*
 * ignore: what of a directory is no part of a build.
 *
 *     *.o      in the directory itself     logs      with all that is below it
 *     a/?.[ch]  below it                   !logs/x   but not this
 *
 * and "**" for any number of directories, or none. The last pattern that
 * matches decides. Each becomes a regular expression, as docker does it.
 *
 * Look at it     echo '*.o' >.dockerignore     COPY . /all
 */
#include "ignore.h"

#include <errno.h>
#include <stdio.h>

#include "cleanup.h"
#include "config.h"

/* One part of a pattern as one of a regular expression. Returns its length. */
static size_t translate(const char *pattern, FILE *out)
{
    bool is_escaped = *pattern == '\\' && pattern[1] != '\0';
    const char *end = *pattern == '[' ? strchr(pattern + 1, ']') : NULL;
    char c = pattern[is_escaped];

    if (end != NULL)
        return fwrite(pattern, 1, (size_t)(end + 1 - pattern), out);
    if (strncmp(pattern, "**/", 3) == 0) {
        fputs("(.*/)?", out);
        return 3;
    }
    bool are_two = strncmp(pattern, "**", 2) == 0;
    if (*pattern == '*' || *pattern == '?')
        fputs(are_two ? ".*" : *pattern == '*' ? "[^/]*" : "[^/]", out);
    else if (strchr(is_escaped ? ".^$+(){}|[]*?\\" : ".^$+(){}|", c) != NULL)
        fprintf(out, "\\%c", c);
    else
        fputc(c, out);
    return 1 + (is_escaped || are_two);
}

/* What it matches, and all that is below that. Caller frees. */
static char *to_regex(const char *pattern)
{
    char *text = NULL;
    size_t length;
    FILE *out = open_memstream(&text, &length);

    if (out == NULL)
        return NULL;
    fputc('^', out);
    while (*pattern != '\0')
        pattern += translate(pattern, out);
    fputs("(/.*)?$", out);
    fclose(out);
    return text;
}

static int add(struct ignore *ignore, const char *line, struct failure *why)
{
    bool keep = *line == '!';
    cleanup_free char *path = config_path(NULL, line + keep);
    cleanup_free char *text = path == NULL ? NULL : to_regex(path + 1);
    struct ignore_pattern *longer =
        reallocarray(ignore->list, ignore->count + 1, sizeof(*ignore->list));

    if (longer != NULL)
        ignore->list = longer;
    if (longer == NULL || text == NULL)
        return fail(why, ENOMEM, "read .dockerignore");
    longer[ignore->count].keep = keep;
    if (regcomp(&longer[ignore->count].regex, text, REG_EXTENDED | REG_NOSUB) !=
        0)
        return fail(why, 0, ".dockerignore: \"%s\" is no pattern", line);
    ignore->count++;
    ignore->keeps_some |= keep;
    return 0;
}

bool ignore_has(const struct ignore *ignore, const char *path)
{
    for (size_t i = ignore->count; i-- > 0 && *path != '\0';)
        if (regexec(&ignore->list[i].regex, path, 0, NULL, 0) == 0)
            return !ignore->list[i].keep;
    return false;
}

int ignore_read(struct ignore *ignore, int fd, struct failure *why)
{
    FILE *file = fdopen(fd, "re");
    cleanup_free char *line = NULL;
    size_t size = 0;
    int status = 0;

    if (file == NULL)
        return fail(why, errno, "read .dockerignore");
    while (status == 0 && getline(&line, &size, file) >= 0) {
        char *text = line + strspn(line, " \t\xef\xbb\xbf");
        size_t length = strlen(text);

        while (length > 0 && strchr(" \t\r\n", text[length - 1]) != NULL)
            text[--length] = '\0';
        if (*line != '#' && *text != '\0')
            status = add(ignore, text, why);
    }
    if (status == 0 && ferror(file))
        status = fail(why, errno, "read .dockerignore");
    fclose(file);
    return status;
}

void ignore_release(struct ignore *ignore)
{
    for (size_t i = 0; i < ignore->count; i++)
        regfree(&ignore->list[i].regex);
    free(ignore->list);
    *ignore = (struct ignore){0};
}
