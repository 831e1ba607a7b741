/*
 * reference: what people call an image.
 *
 * A name is for people, and may mean another image tomorrow; see digest.c for
 * the other kind.
 *
 * Look at it     jq .manifests[].annotations DATA/images/index.json
 */
#include "reference.h"

#include <errno.h>
#include <stdio.h>

#include "cleanup.h"
#include "digest.h"

#define DEFAULT_HOST "docker.io/"
#define DEFAULT_PATH "library/"

#define DIGITS   "0123456789"
#define LETTERS  "abcdefghijklmnopqrstuvwxyz"
#define CAPITALS "ABCDEFGHIJKLMNOPQRSTUVWXYZ"

enum {
    LONGEST_NAME = 255,
    LONGEST_TAG = 128,
};

static const char *without(const char *start, const char *text)
{
    size_t length = strlen(start);

    return strncmp(text, start, length) == 0 ? text + length : text;
}

/* "localhost/x" and "a.b/x" begin with a host, "me/x" doesn't. */
static bool has_host(const char *text)
{
    size_t first = strcspn(text, "/");

    return text[first] == '/' && (strcspn(text, ".:[" CAPITALS) < first ||
                                  without("localhost/", text) != text);
}

/* "a-b.c", "[::1]", either with ":5000"; the text ends at its first slash. */
static bool is_host(const char *text)
{
    const char *c = text;

    if (*c == '[') {
        size_t length = strspn(c + 1, DIGITS "abcdefABCDEF:");

        if (length == 0 || c[1 + length] != ']')
            return false;
        c += length + 2;
    } else {
        do {
            size_t length = strspn(c, LETTERS CAPITALS DIGITS "-");

            if (length == 0 || c[0] == '-' || c[length - 1] == '-')
                return false;
            c += length;
        } while (*c == '.' && *++c != '\0');
    }
    if (*c == ':') {
        size_t length = strspn(c + 1, DIGITS);

        if (length == 0)
            return false;
        c += length + 1;
    }
    return *c == '/' || *c == '\0';
}

/* Where a word of a path ends: runs of letters and digits, and between them
 * one ".", one or two "_", or any number of "-"; NULL: it is none. */
static const char *word_end(const char *c)
{
    for (;;) {
        size_t length = strspn(c, LETTERS DIGITS);
        size_t dashes;

        if (length == 0)
            return NULL;
        c += length;
        dashes = strspn(c, "-");
        if (dashes > 0)
            c += dashes;
        else if (*c == '.')
            c++;
        else if (*c == '_')
            c += c[1] == '_' ? 2 : 1;
        else
            return c;
    }
}

static bool is_path(const char *text)
{
    const char *end = word_end(text);

    while (end != NULL && *end == '/')
        end = word_end(end + 1);
    return end != NULL && *end == '\0';
}

static bool is_tag(const char *text)
{
    size_t length = strspn(text, LETTERS CAPITALS DIGITS "_.-");

    return length > 0 && length <= LONGEST_TAG && text[length] == '\0' &&
           *text != '.' && *text != '-';
}

/* What would look like an id, and what is no image in a Dockerfile. */
static bool is_reserved(const char *path)
{
    const char *word = without(DEFAULT_PATH, path);
    struct digest digest;

    return word != path &&
           (digest_parse_hex(&digest, word) == 0 || str_eq(word, "scratch"));
}

/* The parts of a name; each is a copy that free_parts() frees. */
struct parts {
    char *host; /* with its slash */
    char *path;
    char *tag;
    char *digest;
};

static void free_parts(struct parts *p)
{
    free(p->host);
    free(p->path);
    free(p->tag);
    free(p->digest);
}

/* Cuts a text into what could be its parts. */
static bool cut(struct parts *p, const char *text)
{
    const char *rest = without("index." DEFAULT_HOST, text);

    if (rest == text)
        rest = without(DEFAULT_HOST, text);
    const char *at = strchr(rest, '@');
    size_t whole = strcspn(rest, "@");
    size_t first = strcspn(rest, "/") + 1;
    /* What stands behind a host is none, whatever it looks like. */
    size_t host = rest == text && has_host(rest) && first <= whole ? first : 0;
    const char *colon = memrchr(rest + host, ':', whole - host);
    size_t end = colon != NULL && memchr(colon, '/',
                                         whole - (size_t)(colon - rest)) == NULL
                     ? (size_t)(colon - rest)
                     : whole;
    bool is_short = memchr(rest + host, '/', end - host) == NULL;

    p->host = host == 0 ? strdup(DEFAULT_HOST) : strndup(rest, host);
    if (asprintf(&p->path, "%s%.*s", host == 0 && is_short ? DEFAULT_PATH : "",
                 (int)(end - host), rest + host) < 0)
        p->path = NULL;
    p->tag = end == whole ? strdup("latest")
                          : strndup(rest + end + 1, whole - end - 1);
    p->digest = strdup(at == NULL ? "" : at + 1);
    return p->host != NULL && p->path != NULL && p->tag != NULL &&
           p->digest != NULL;
}

static int refuse(const struct parts *p, const char *text, struct failure *why)
{
    if (is_host(p->host) && strpbrk(p->path, CAPITALS) != NULL)
        return fail_as(why, FAILURE_BAD_PARAMETER,
                       "invalid reference format: repository name (%.300s) "
                       "must be lowercase",
                       without(DEFAULT_PATH, p->path));
    if (is_reserved(p->path))
        return fail_as(why, FAILURE_BAD_PARAMETER,
                       "invalid reference format: '%s' is a reserved name",
                       without(DEFAULT_PATH, p->path));
    return fail_as(why, FAILURE_BAD_PARAMETER,
                   "invalid reference format: \"%.300s\"", text);
}

char *reference_parse(const char *text, struct failure *why)
{
    __attribute__((cleanup(free_parts))) struct parts p = {0};
    struct digest digest;
    char *name = NULL;

    if (strlen(text) > 4096) {
        fail_as(why, FAILURE_BAD_PARAMETER,
                "invalid reference format: \"%.300s...\"", text);
        return NULL;
    }
    if (!cut(&p, text)) {
        fail(why, ENOMEM, "read a reference");
        return NULL;
    }
    bool has_digest = strchr(text, '@') != NULL;
    if (!is_host(p.host) || !is_path(p.path) || is_reserved(p.path) ||
        strlen(p.host) + strlen(p.path) > LONGEST_NAME || !is_tag(p.tag) ||
        (has_digest && digest_parse(&digest, p.digest) < 0)) {
        refuse(&p, text, why);
        return NULL;
    }
    if (asprintf(&name, "%s%s%s%s", p.host, p.path, has_digest ? "@" : ":",
                 has_digest ? p.digest : p.tag) >= 0)
        return name;
    fail(why, ENOMEM, "read a reference");
    return NULL;
}

const char *reference_familiar(const char *name)
{
    const char *path = without(DEFAULT_HOST, name);

    if (path != name && has_host(path))
        return name; /* without its host, it would have another */
    const char *word = path == name ? path : without(DEFAULT_PATH, path);

    return strchr(word, '/') == NULL ? word : path;
}

bool reference_has_digest(const char *name)
{
    return strchr(name, '@') != NULL;
}

size_t reference_repository(const char *name)
{
    const char *end = strchr(name, '@');

    if (end == NULL)
        end = strrchr(name, ':');
    return end == NULL ? strlen(name) : (size_t)(end - name);
}
