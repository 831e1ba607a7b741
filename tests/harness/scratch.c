/*
 * scratch: a directory of the suite's own, and root file systems in it.
 */
#include "scratch.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "expect.h"
#include "kernel.h"
#include "spawn.h"

/* Set once by scratch_make(), before the first trial. */
static char *directory, *program_path, *rootfs_path, *nobody_path;
static bool nobody_made;
static unsigned fresh_count;

static int failed(const char *what)
{
    perror(what);
    exit(2);
}

/* What is judged is run from there. */
static void check_place(const char *tmp)
{
    struct statvfs fs;

    if (statvfs(tmp, &fs) < 0)
        failed(tmp);
    if (fs.f_flag & ST_NOEXEC) {
        fprintf(stderr,
                "suite: nothing can be executed in %s: set TMPDIR to another "
                "directory\n",
                tmp);
        exit(2);
    }
}

void scratch_make(void)
{
    const char *tmp = getenv("TMPDIR");

    if (tmp == NULL || tmp[0] != '/')
        tmp = "/tmp";
    check_place(tmp);
    directory = keep_format("%s/duct-suite-XXXXXX", tmp);
    if (mkdtemp(directory) == NULL || chmod(directory, 0755) < 0)
        failed(directory);
    program_path = keep_format("%s/duct", directory);
    rootfs_path = keep_format("%s/rootfs", directory);
    nobody_path = keep_format("%s/rootfs-of-nobody", directory);
    if (mkdir(scratch_path("home"), 0700) < 0 ||
        mkdir(scratch_path("var-lib"), 0755) < 0 ||
        mkdir(scratch_path("run"), 0755) < 0 ||
        mkdir(scratch_path("home-of-nobody"), 0700) < 0 ||
        chown(scratch_path("home-of-nobody"), NOBODY, NOBODY) < 0)
        failed(directory);
}

const char *scratch_program(void)
{
    return program_path;
}

const char *scratch_dir(void)
{
    return directory;
}

char *scratch_path(const char *format, ...)
{
    va_list words;
    char *name;

    va_start(words, format);
    name = keep_vformat(format, words);
    va_end(words);
    return keep_format("%s/%s", directory, name);
}

static void must_run(const char *const *argv)
{
    const struct program *p = spawn_run(
        &(struct spawn){.argv = argv, .aside = true, .timeout_ms = 120000});

    expect_that(p->exit_status == 0,
                keep_format("the suite's own %s to succeed", argv[0]), p->err);
}

static void make_rootfs(const char *path)
{
    const char *inside = inside_program("");

    must_run(ARGV("cp", "-ax", "--reflink=auto", getenv("ROOTFS"), path));
    expect_call(chmod(path, 0755));
    if (access(inside, F_OK) == 0)
        must_run(ARGV("cp", "-a", inside, keep_format("%s/inside", path)));
}

const char *rootfs(void)
{
    return rootfs_path;
}

/* The original may lie where other users can't get at it. */
void scratch_fill(void)
{
    must_run(ARGV("cp", "-L", getenv("DUCT"), program_path));
    expect_call(chmod(program_path, 0755));
    make_rootfs(rootfs_path);
}

const char *rootfs_of_nobody(void)
{
    if (!nobody_made) {
        make_rootfs(nobody_path);
        must_run(ARGV("chown", "-R", "-h", "65534:65534", nobody_path));
        nobody_made = true;
    }
    return nobody_path;
}

char *rootfs_fresh(void)
{
    char *path = scratch_path("fresh-%u", fresh_count++);

    make_rootfs(path);
    return path;
}

char *rootfs_linked(void)
{
    char *path = scratch_path("fresh-%u", fresh_count++);

    must_run(ARGV("cp", "-al", rootfs_path, path));
    return path;
}

/* Beside the suite's own binary: build/tests/inside/NAME. */
char *inside_program(const char *name)
{
    const char *self = kernel_link("0/exe");

    expect_that(self != NULL, "the suite's own /proc/self/exe", "none");
    return keep_format("%.*s/inside/%s", (int)(strrchr(self, '/') - self), self,
                       name);
}

char *file_read_bytes(const char *path, size_t *size)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    char *bytes;
    int errnum;

    if (fd < 0)
        return NULL;
    bytes = kernel_read_fd(fd, size);
    errnum = errno;
    (void)close(fd); /* it was only read */
    errno = errnum;
    return bytes;
}

char *file_read(const char *path)
{
    return file_read_bytes(path, NULL);
}

void file_write_bytes(const char *path, const void *bytes, size_t size)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    ssize_t put;

    expect_that(fd >= 0, keep_format("the suite can write %s", path),
                strerror(errno));
    put = write(fd, bytes, size);
    (void)close(fd); /* the write has told */
    expect_that(put == (ssize_t)size,
                keep_format("the suite can write %s", path), strerror(errno));
}

void file_write(const char *path, const char *text)
{
    file_write_bytes(path, text, strlen(text));
}

static int remove_entry(const char *path, const struct stat *st, int type,
                        struct FTW *at)
{
    (void)st;
    (void)type;
    (void)at;
    return remove(path);
}

int file_remove_tree(const char *path)
{
    return nftw(path, remove_entry, 32, FTW_DEPTH | FTW_PHYS | FTW_MOUNT);
}

/* nftw has no argument to pass on. */
static FILE *tree_list;
static size_t tree_prefix;

static int tell_entry(const char *path, const struct stat *st, int type,
                      struct FTW *at)
{
    (void)type;
    if (at->level > 0)
        fprintf(tree_list, "%s %o %ld\n", path + tree_prefix + 1,
                (unsigned)st->st_mode,
                S_ISREG(st->st_mode) ? (long)st->st_size : 0L);
    return 0;
}

char *file_tree(const char *path)
{
    char *text = NULL;
    size_t size = 0;

    tree_list = open_memstream(&text, &size);
    expect_that(tree_list != NULL, "memory for a list of files", "none");
    tree_prefix = strlen(path);
    (void)nftw(path, tell_entry, 32, FTW_PHYS | FTW_MOUNT);
    fclose(tree_list);
    return keep(text);
}

void scratch_sweep(void)
{
    while (fresh_count > 0)
        (void)file_remove_tree(scratch_path("fresh-%u", --fresh_count));
}

void scratch_remove(void)
{
    const char *want = getenv("KEEP");

    if (want != NULL && want[0] != '\0') {
        printf("kept for a look: %s\n", directory);
        return;
    }
    if (file_remove_tree(directory) < 0)
        perror(directory);
}
