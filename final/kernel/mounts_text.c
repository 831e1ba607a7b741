/*
 * mounts_text: what people say of mounts: -v and --tmpfs.
 *
 * Side           host, long before there is a container
 * Look at it     duct create -v /a/../b:/c//d IMAGE; duct inspect ...
 */
#include <errno.h>
#include <stdio.h>
#include <sys/mount.h>

#include "cleanup.h"
#include "mounts.h"
#include "paths.h"

#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))

static const struct spread {
    const char *word;
    unsigned long flags;
} spreads[] = {
    {"private", MS_PRIVATE}, {"rprivate", MS_PRIVATE | MS_REC},
    {"slave", MS_SLAVE},     {"rslave", MS_SLAVE | MS_REC},
    {"shared", MS_SHARED},   {"rshared", MS_SHARED | MS_REC},
};

/* Words of mount(8) that are the mount's, and not the file system's. */
static const struct mount_word {
    const char *word;
    unsigned attribute;
    bool is_set;
} mount_words[] = {
    {"ro", MOUNT_ATTR_RDONLY, true},     {"rw", MOUNT_ATTR_RDONLY, false},
    {"nosuid", MOUNT_ATTR_NOSUID, true}, {"suid", MOUNT_ATTR_NOSUID, false},
    {"nodev", MOUNT_ATTR_NODEV, true},   {"dev", MOUNT_ATTR_NODEV, false},
    {"noexec", MOUNT_ATTR_NOEXEC, true}, {"exec", MOUNT_ATTR_NOEXEC, false},
};

static const char *const tmpfs_keys[] = {"size",      "mode",      "uid", "gid",
                                         "nr_inodes", "nr_blocks", "mpol"};

unsigned long mounts_propagation(const char *word)
{
    for (size_t i = 0; i < LENGTH(spreads); i++)
        if (str_eq(spreads[i].word, word))
            return spreads[i].flags;
    return 0;
}

char *mounts_clean(const char *path)
{
    return paths_clean(path);
}

/* Each kind of option at most once, as docker wants it. */
struct seen {
    bool access, label, copy, spread, consistency;
};

static bool first(bool *seen)
{
    bool is_first = !*seen;

    *seen = true;
    return is_first;
}

static bool read_option(const char *word, struct seen *seen,
                        struct mount_request *request)
{
    if (str_eq(word, "ro") || str_eq(word, "rw")) {
        request->read_only = str_eq(word, "ro");
        return first(&seen->access);
    }
    if (mounts_propagation(word) != 0) {
        request->propagation = mounts_propagation(word);
        return first(&seen->spread);
    }
    if (str_eq(word, "z") || str_eq(word, "Z"))
        return first(&seen->label); /* of SELinux, which is not used here */
    if (str_eq(word, "nocopy"))
        return first(&seen->copy);
    if (str_eq(word, "consistent") || str_eq(word, "cached") ||
        str_eq(word, "delegated"))
        return first(&seen->consistency); /* of other systems than Linux */
    return false;
}

static bool read_mode(const char *mode, struct mount_request *request)
{
    cleanup_free char *copy = strdup(mode);
    char *rest = copy;
    struct seen seen = {0};
    const char *word;

    if (copy == NULL)
        return false;
    if (*mode == '\0')
        return true;
    while ((word = strsep(&rest, ",")) != NULL)
        if (!read_option(word, &seen, request))
            return false;
    return true;
}

static int check_target(const char *text, const char *type, const char *target,
                        struct failure *why)
{
    cleanup_free char *clean = mounts_clean(target);

    if (*target != '/')
        return fail_as(why, FAILURE_BAD_PARAMETER,
                       "invalid volume specification: '%s': invalid mount "
                       "config for type \"%s\": invalid mount path: '%s' "
                       "mount path must be absolute",
                       text, type, target);
    if (clean != NULL && str_eq(clean, "/"))
        return fail_as(why, FAILURE_BAD_PARAMETER,
                       "invalid volume specification: '%s': invalid mount "
                       "config for type \"%s\": invalid specification: "
                       "destination can't be '/'",
                       text, type);
    return 0;
}

/* Sets the parts that are not there to NULL.
 * Returns: are there too many, or one that is empty? */
static int split(char *text, char *parts[3])
{
    for (int i = 0; i < 3; i++) {
        parts[i] = strsep(&text, ":");
        if (parts[i] != NULL && *parts[i] == '\0' && i < 2)
            return -1;
    }
    return text == NULL ? 0 : -1;
}

int mounts_volume(struct mounts *m, const char *text, struct failure *why)
{
    struct mount_request request = MOUNT_REQUEST;
    struct mount_request nothing = MOUNT_REQUEST;
    cleanup_free char *copy = strdup(text);
    char *parts[3];

    if (copy == NULL)
        return fail(why, ENOMEM, "read a volume's specification");
    if (split(copy, parts) < 0 || parts[0] == NULL ||
        (parts[1] != NULL && parts[2] == NULL && read_mode(parts[1], &nothing)))
        return fail_as(why, FAILURE_BAD_PARAMETER,
                       "invalid volume specification: '%s'", text);
    if (parts[2] != NULL && !read_mode(parts[2], &request))
        return fail_as(why, FAILURE_BAD_PARAMETER, "invalid mode: %s",
                       parts[2]);
    const char *source = parts[1] != NULL ? parts[0] : NULL;
    const char *target = parts[1] != NULL ? parts[1] : parts[0];
    if (check_target(text, source && *source == '/' ? "bind" : "volume", target,
                     why) < 0)
        return -1;
    request.target = mounts_clean(target);
    request.attributes = MOUNT_ATTR_NODEV;
    if (source != NULL)
        request.source = *source == '/' ? mounts_clean(source) : strdup(source);
    if (parts[2] != NULL)
        request.options = strdup(parts[2]);
    return mounts_add(m, &request, why);
}

/* Is it the file system's? Returns: whether @word is known to it. */
static bool is_tmpfs_option(const char *word)
{
    const size_t length = strcspn(word, "=");

    for (size_t i = 0; i < LENGTH(tmpfs_keys); i++)
        if (word[length] == '=' && strlen(tmpfs_keys[i]) == length &&
            strncmp(tmpfs_keys[i], word, length) == 0)
            return true;
    return false;
}

static bool read_tmpfs_option(const char *word, struct mount_request *request,
                              FILE *options)
{
    for (size_t i = 0; i < LENGTH(mount_words); i++) {
        const struct mount_word *w = &mount_words[i];

        if (!str_eq(w->word, word))
            continue;
        if (w->is_set)
            request->attributes |= w->attribute;
        else
            request->attributes &= ~w->attribute;
        return true;
    }
    if (mounts_propagation(word) != 0)
        return true; /* it is the container's alone anyway */
    if (!is_tmpfs_option(word))
        return false;
    fprintf(options, "%s%s", ftell(options) > 0 ? "," : "", word);
    return true;
}

static int read_tmpfs_options(const char *text, struct mount_request *request,
                              struct failure *why)
{
    size_t length;
    cleanup_free char *copy = strdup(text);
    char *rest = copy;
    FILE *options = open_memstream(&request->options, &length);
    const char *word;

    if (options == NULL || copy == NULL)
        return fail(why, ENOMEM, "read the options of a tmpfs");
    while ((word = strsep(&rest, ",")) != NULL) {
        if (*word == '\0' || read_tmpfs_option(word, request, options))
            continue;
        fclose(options);
        return fail_as(why, FAILURE_BAD_PARAMETER,
                       "invalid tmpfs option [\"%s\"]", word);
    }
    return fclose(options) == 0
               ? 0
               : fail(why, ENOMEM, "read the options of a tmpfs");
}

int mounts_tmpfs_at(struct mounts *m, const char *target, const char *options,
                    struct failure *why)
{
    struct mount_request request = MOUNT_REQUEST;
    cleanup_free char *clean = mounts_clean(target);

    request.type = MOUNT_TMPFS;
    request.attributes =
        MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC;
    if (*target != '/')
        return fail_as(why, FAILURE_BAD_PARAMETER,
                       "invalid mount config for type \"tmpfs\": invalid mount "
                       "path: '%s' mount path must be absolute",
                       target);
    if (clean == NULL || str_eq(clean, "/"))
        return fail_as(why, FAILURE_BAD_PARAMETER,
                       "invalid mount config for type \"tmpfs\": invalid "
                       "specification: destination can't be '/'");
    if (read_tmpfs_options(options, &request, why) < 0) {
        free(request.options);
        return -1;
    }
    request.target = clean;
    clean = NULL;
    return mounts_add(m, &request, why);
}

int mounts_tmpfs(struct mounts *m, const char *text, struct failure *why)
{
    cleanup_free char *target = strndup(text, strcspn(text, ":"));
    const char *colon = strchr(text, ':');

    if (target == NULL)
        return fail(why, ENOMEM, "read a tmpfs's specification");
    return mounts_tmpfs_at(m, target, colon != NULL ? colon + 1 : "", why);
}
