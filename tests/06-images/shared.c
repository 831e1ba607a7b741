/*
 * What the chapters of this suite share.
 */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "suite.h"

char *archive(const struct recipe *r)
{
    return pack_write(pack_tar(pack_docker(r)));
}

char *archive_oci(const struct recipe *r)
{
    return pack_write(pack_tar(pack_oci(r)));
}

struct program *load(const char *state, const char *archive)
{
    struct program *p = duct("load", "--state", state, "-i", archive);

    expect_exit(p, 0);
    expect_str("stderr of duct load", "", p->err);
    return p;
}

char *shared_loaded(const struct recipe *r)
{
    char *state = tree_fresh_dir(0);

    (void)load(state, archive(r));
    return state;
}

struct container *shared_opened(const struct recipe *r)
{
    return box(shared_loaded(r), "t:1", "/bin/sleep", "4711");
}

static char *told(const char *path)
{
    char target[4096] = "";
    struct stat st;

    if (lstat(path, &st) < 0)
        return keep_format("nothing");
    switch (st.st_mode & S_IFMT) {
    case S_IFLNK:
        if (readlink(path, target, sizeof(target) - 1) < 0)
            return keep_format("link that can't be read");
        return keep_format("link to %s", target);
    case S_IFDIR:
        return keep_format("dir %o %u:%u", st.st_mode & 07777, st.st_uid,
                           st.st_gid);
    case S_IFREG:
        return keep_format("file %o %u:%u %s", st.st_mode & 07777, st.st_uid,
                           st.st_gid, file_read(path));
    case S_IFIFO:
        return keep_format("fifo %o %u:%u", st.st_mode & 07777, st.st_uid,
                           st.st_gid);
    default:
        return keep_format("%s %u,%u", S_ISCHR(st.st_mode) ? "char" : "block",
                           major(st.st_rdev), minor(st.st_rdev));
    }
}

char *seen(const struct container *c, const char *path)
{
    return told(keep_format("/proc/%d/root%s", c->init, path));
}

char *listed(const struct container *c, const char *path)
{
    const char *directory = keep_format("/proc/%d/root%s", c->init, path);
    struct dirent **entries = NULL;
    int count = scandir(directory, &entries, NULL, alphasort);
    char *names = keep_format("%s", "");

    for (int i = 0; i < count; i++) {
        if (strcmp(entries[i]->d_name, ".") != 0 &&
            strcmp(entries[i]->d_name, "..") != 0)
            names = keep_format("%s%s%s", names, names[0] == '\0' ? "" : " ",
                                entries[i]->d_name);
        free(entries[i]);
    }
    free(entries);
    return names;
}

char *shared_store(const char *state)
{
    char *lines = tree_record(state), *line;
    char *all = keep_zeroed(strlen(lines) + 2), *end = all;

    while ((line = strsep(&lines, "\n")) != NULL) {
        bool is_renewed = strstr(line, " mode 4") != NULL ||
                          strncmp(line, "/_images/index.json ", 20) == 0;
        char *changed = strstr(line, " changed "), *sum;

        if (is_renewed && changed != NULL) {
            sum = strstr(changed, " sum ");
            if (sum != NULL)
                memmove(changed, sum, strlen(sum) + 1);
            else
                *changed = '\0';
        }
        if (line[0] != '\0')
            end = stpcpy(stpcpy(end, line), "\n");
    }
    return all;
}

char *shared_tree(const char *state, struct bytes layer)
{
    return keep_format("%s/_images/layers/%s", state, pack_sha256(layer));
}

char *shared_images(const char *state)
{
    struct program *p = duct("images", "--state", state);
    char *text, *line, *all = keep_format("%s", "");

    expect_exit(p, 0);
    expect_str("stderr of duct images", "", p->err);
    text = p->out;
    (void)strsep(&text, "\n");
    while (text != NULL && (line = strsep(&text, "\n"))[0] != '\0') {
        char name[64] = "", tag[64] = "", id[64] = "";

        (void)sscanf(line, "%63s %63s %63s", name, tag, id);
        all = keep_format("%s%s %s %s\n", all, name, tag, id);
    }
    return all;
}

char *shared_blob(const char *state, const char *hex)
{
    return file_read(keep_format("%s/_images/blobs/sha256/%s", state, hex));
}

char *shared_index(const char *state)
{
    char *text = file_read(keep_format("%s/_images/index.json", state));

    expect_that(text != NULL, "an index.json in the store", "none");
    return text;
}

char *canary(void)
{
    char *directory = tree_fresh_dir(0);

    tree_make(directory, "file", "of the host\n");
    return directory;
}

/* A small image beside the one that is refused. */
char *kept(void)
{
    return LOADED(.layers = LAYERS(TAR(F("kept", "x\n"))));
}

const struct recipe *small(void)
{
    static struct recipe r;

    r = (struct recipe){.layers = keep_zeroed(2 * sizeof(struct bytes)),
                        .tags = "[\"bad\"]",
                        .annotations =
                            "{\"org.opencontainers.image.ref.name\":\"bad\"}"};
    ((struct bytes *)r.layers)[0] = TAR(F("x", "x\n"));
    return &r;
}

const struct program *refuses(const char *state, struct bytes archive)
{
    const char *before = shared_store(state);
    const struct program *p =
        duct("load", "--state", state, "-i", pack_write(archive));

    expect_refused(p, "");
    expect_same_store(before, state);
    return p;
}

void says(const struct program *p, const char *words)
{
    expect_contains("what duct says", words, p->err);
}
