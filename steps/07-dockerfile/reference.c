/*
 * reference: what people call an image.
 *
 * A name is for people, and may mean another image tomorrow; see digest.c for
 * the other kind.
 *
 * Look at it     jq .manifests[].annotations STATE/_images/index.json
 */
#include "reference.h"

#include <errno.h>
#include <regex.h>
#include <stdio.h>

#include "cleanup.h"

#define DEFAULT_HOST "docker.io/"
#define DEFAULT_PATH "library/"

#define LABEL "[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?"
#define HOST  "(" LABEL "(\\." LABEL ")*|\\[[0-9A-Fa-f:]+\\])(:[0-9]+)?"
#define WORD  "[a-z0-9]+((\\.|_|__|-+)[a-z0-9]+)*"
#define TAG   "[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}"

static const char whole[] = "^" HOST "(/" WORD ")+:" TAG "$";
/* What looks like an id, and what is no image in a Dockerfile. */
static const char reserved[] = "/([0-9a-f]{64}|scratch):[^/]*$";

enum {
    LONGEST_NAME = 255
};

static bool matches(const char *pattern, const char *text)
{
    regex_t compiled;

    if (regcomp(&compiled, pattern, REG_EXTENDED | REG_NOSUB) != 0)
        return false;
    int status = regexec(&compiled, text, 0, NULL, 0);
    regfree(&compiled);
    return status == 0;
}

static const char *without(const char *start, const char *text)
{
    size_t length = strlen(start);

    return strncmp(text, start, length) == 0 ? text + length : text;
}

/* "localhost/x" and "a.b/x" begin with a host, "me/x" doesn't. */
static bool has_host(const char *text)
{
    size_t first = strcspn(text, "/");

    return text[first] == '/' &&
           (strcspn(text, ".:ABCDEFGHIJKLMNOPQRSTUVWXYZ") < first ||
            without("localhost/", text) != text);
}

char *reference_parse(const char *text, struct failure *why)
{
    const char *rest = without(DEFAULT_HOST, text);
    const char *colon = strrchr(rest, ':');
    bool has_tag = colon != NULL && strchr(colon, '/') == NULL;
    char *name = NULL;

    if (asprintf(&name, "%s%s%s%s", has_host(rest) ? "" : DEFAULT_HOST,
                 strchr(rest, '/') == NULL ? DEFAULT_PATH : "", rest,
                 has_tag ? "" : ":latest") < 0) {
        fail(why, ENOMEM, "read a reference");
        return NULL;
    }
    if (strrchr(name, ':') - name <= LONGEST_NAME && matches(whole, name) &&
        !matches(reserved, name))
        return name;
    fail(why, 0, "invalid reference format: \"%.300s\"", text);
    hint(why, "it has to be [HOST[:PORT]/]PATH[:TAG], PATH in lower case");
    free(name);
    return NULL;
}

const char *reference_familiar(const char *name)
{
    const char *path = without(DEFAULT_HOST, name);
    const char *word = path == name ? path : without(DEFAULT_PATH, path);

    return strchr(word, '/') == NULL ? word : path;
}
