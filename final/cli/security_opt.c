/*
 * security_opt: how much of the sandbox is wanted.
 *
 * A file of seccomp rules is read here, by whoever asks: the engine may be
 * another user, on another machine.
 */
#include "security_opt.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <sys/stat.h>

#include "cleanup.h"
#include "put.h"
#include "quote.h"

enum {
    PROFILE_MOST = 1 << 20, /* bytes; docker's own has 14 KiB */
};

/* Opens @path unless it is something that could keep us waiting. */
static FILE *open_profile(const char *path, struct failure *why)
{
    cleanup_close int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    struct stat st;

    if (fd < 0 || fstat(fd, &st) < 0) {
        fail(why, errno, "opening seccomp profile (%s) failed: open %s", path,
             path);
        return NULL;
    }
    if (!S_ISREG(st.st_mode) || st.st_size > PROFILE_MOST) {
        fail(why, 0,
             "opening seccomp profile (%s) failed: it is no file, or far too "
             "long",
             path);
        return NULL;
    }
    FILE *file = fdopen(fd, "re");
    if (file == NULL)
        fail(why, errno, "opening seccomp profile (%s) failed", path);
    else
        (void)take_fd(&fd); /* the stream's from here on */
    return file;
}

/* "seccomp=FILE": its JSON, without spaces. */
static int put_profile(json_t *host, const char *path, struct failure *why)
{
    cleanup_free char *text = NULL;
    cleanup_free char *option = NULL;
    json_error_t error;
    FILE *file = open_profile(path, why);

    if (file == NULL)
        return -1;
    json_auto_t *profile = json_loadf(file, 0, &error);
    fclose(file);
    if (profile == NULL)
        return fail_as(why, FAILURE_BAD_PARAMETER,
                       "compacting json for seccomp profile (%s) failed: line "
                       "%d: %s",
                       path, error.line, error.text);
    text = json_dumps(profile, JSON_COMPACT);
    if (text == NULL || asprintf(&option, "seccomp=%s", text) < 0)
        return fail(why, ENOMEM, "note a seccomp profile");
    return put_item(host, "SecurityOpt", option, why);
}

/* What separates key and value: "=", or ":" of old. */
static const char *find_value(const char *text)
{
    const char *equals = strchr(text, '=');
    const char *separator = equals == NULL ? strchr(text, ':') : equals;

    return separator == NULL ? NULL : separator + 1;
}

int security_opt(json_t *host, const char *text, struct failure *why)
{
    static const char seccomp[] = "seccomp";
    static const char alone[] = "no-new-privileges";
    const char *value = find_value(text);
    size_t length = value == NULL ? strlen(text) : (size_t)(value - text) - 1;
    bool may_be_alone =
        length == strlen(alone) && strncmp(text, alone, length) == 0;

    if ((value == NULL || *value == '\0') && !may_be_alone) {
        cleanup_free char *quoted = quote(text);

        return fail_as(why, FAILURE_BAD_PARAMETER, "invalid --security-opt: %s",
                       quoted == NULL ? text : quoted);
    }
    if (str_eq(text, "systempaths=unconfined"))
        return put_array(host, "MaskedPaths", why) == NULL ||
                       put_array(host, "ReadonlyPaths", why) == NULL
                   ? -1
                   : 0;
    if (value != NULL && length == strlen(seccomp) &&
        strncmp(text, seccomp, length) == 0 && !str_eq(value, "unconfined") &&
        !str_eq(value, "default") && !str_eq(value, "builtin"))
        return put_profile(host, value, why);
    return put_item(host, "SecurityOpt", text, why);
}
