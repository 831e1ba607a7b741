/*
 * What the chapters of this suite share.
 */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "suite.h"

int shared_machine = -1;

static void must(const char *const *argv)
{
    expect_exit(spawn_run(&(struct spawn){.argv = argv, .aside = true}), 0);
}

/* Made once: a store with the base image. It lives longer than a trial, and
 * so does not use keep.h. */
static const char *base_store(uid_t uid)
{
    static char path[4096], nobodys[4096];
    char *store = uid == 0 ? path : nobodys;
    const char *tar = scratch_path("base-%u.tar", uid);
    const char *fresh;

    if (store[0] != '\0')
        return store;
    must(ARGV("tar", "-C", rootfs(), "--exclude=./inside", "--owner=0",
              "--group=0", "-cf", tar, "."));
    fresh = tree_fresh_dir(uid);
    expect_exit(spawn_run(&(struct spawn){
                    .argv = DUCT("import", "--state", fresh, tar, "busybox"),
                    .uid = uid}),
                0);
    (void)snprintf(store, sizeof(path), "%s", fresh);
    return store;
}

static struct site *site_of(uid_t uid)
{
    struct site *site = keep_zeroed(sizeof(*site));

    site->state = tree_fresh_dir(uid);
    site->context = tree_fresh_dir(uid);
    site->uid = uid;
    must(ARGV("cp", "-a", keep_format("%s/.", base_store(uid)), site->state));
    return site;
}

struct site *site_new(void)
{
    return site_of(0);
}

struct site *site_of_nobody(void)
{
    return site_of(NOBODY);
}

char *site_path(const struct site *site, const char *path)
{
    return keep_format("%s/%s", site->context, path);
}

void site_file(const struct site *site, const char *path, const char *text)
{
    tree_make(site->context, path, text);
}

const char *const *shared_build(const struct site *site,
                                const char *const *text_and_options)
{
    file_write(site_path(site, "Dockerfile"), text_and_options[0]);
    return argv_of(
        DUCT("build", "--network", "none", "--state", site->state, "-t", "t"),
        text_and_options + 1, ARGV(site->context), NULL);
}

char *shared_built(const struct program *p)
{
    expect_exit(p, 0);
    expect_str("stderr of duct build", "", p->err);
    return p->out;
}

/* The message that begins so: its first line, and the second. */
static void find_message(const char *text, const char *begin, char *line[2])
{
    const char *at = strstr(text, begin);
    char *rest = keep_format("%s", at == NULL ? "" : at);

    line[0] = strsep(&rest, "\n");
    line[1] = strsep(&rest, "\n");
}

void shared_expect_blamed(const char *file, int at, const struct program *p,
                          const struct blame *blame, const char *const *words)
{
    char *begin = keep_format("duct: Dockerfile:%d: ", blame->line), *told[2];

    expect_exit_(file, at, p, blame->status);
    expect_contains_(file, at, "stderr", begin, p->err);
    find_message(p->err, begin, told);
    for (; *words != NULL; words++)
        expect_contains_(file, at, "the message", *words, told[0]);
    expect_str_(file, at, "the line below the message",
                keep_format("      %s", blame->text), told[1]);
    expect_lacks_(file, at, "what it says", "Successfully", p->out);
}

void shared_expect_failed(const char *file, int line, const struct program *p,
                          const char *const *words)
{
    expect_exit_(file, line, p, 125);
    expect_contains_(file, line, "stderr", "duct: ", p->err);
    for (; *words != NULL; words++)
        expect_contains_(file, line, "stderr", *words, p->err);
    expect_lacks_(file, line, "what it says", "Successfully", p->out);
}

char *shared_id(const char *out)
{
    static const char words[] = "Successfully built ";
    const char *at = strstr(out, words);

    expect_that(at != NULL, "\"Successfully built ID\"",
                expect_quoted(out, strlen(out)));
    at += strlen(words);
    expect_int("digits of the id that is told", 12,
               (long long)strspn(at, "0123456789abcdef"));
    return keep_copy(at, 12);
}

int shared_hits(const char *out)
{
    int count = 0;

    while ((out = strstr(out, "CACHED")) != NULL) {
        out++;
        count++;
    }
    return count;
}

char *shared_images(const struct site *site)
{
    struct program *p = on(site, "images");
    char *text, *line, *all = keep_format("%s", "");

    expect_exit(p, 0);
    text = p->out;
    (void)strsep(&text, "\n");
    while (text != NULL && (line = strsep(&text, "\n"))[0] != '\0') {
        char name[64] = "", tag[64] = "", id[64] = "";

        (void)sscanf(line, "%63s %63s %63s", name, tag, id);
        all = keep_format("%s%s %s %s\n", all, name, tag, id);
    }
    return all;
}

static char *visible(const char *directory, bool hidden)
{
    struct dirent **entries = NULL;
    int count = scandir(directory, &entries, NULL, alphasort);
    char *names = keep_format("%s", "");

    for (int i = 0; i < count; i++) {
        const char *name = entries[i]->d_name;

        if (strcmp(name, ".") != 0 && strcmp(name, "..") != 0 &&
            (!hidden || name[0] == '.'))
            names = keep_format("%s%s\n", names, name);
        free(entries[i]);
    }
    free(entries);
    return names;
}

bool shared_is_tidy(const struct site *site)
{
    return strcmp(visible(site->state, false), "_images\n") == 0 &&
           visible(keep_format("%s/_images", site->state), true)[0] == '\0';
}

void shared_expect_tidy(const char *file, int line, const struct site *site)
{
    expect_str_(file, line, "what is in the state directory", "_images\n",
                visible(site->state, false));
    expect_str_(file, line, "what is left half done in the store", "",
                visible(keep_format("%s/_images", site->state), true));
}

void shared_expect_nothing_left(const char *file, int line,
                                const struct site *site)
{
    const char *images = shared_images(site);

    if (strncmp(images, "t ", 2) == 0 || strstr(images, "\nt ") != NULL)
        trial_failed(file, line, "no image called t", images);
    shared_expect_tidy(file, line, site);
}

void shared_forget_skopeo(void)
{
    (void)unlink("/var/lib/containers/cache/blob-info-cache-v1.boltdb");
    (void)rmdir("/var/lib/containers/cache");
    (void)rmdir("/var/lib/containers");
}

char *shared_repeated(const char *part, size_t times)
{
    char *text = keep_zeroed(strlen(part) * times + 1), *end = text;

    while (times-- > 0)
        end = stpcpy(end, part);
    return text;
}
