/*
 * Mounts: how they are said, and that they come to lie inside of a root.
 *
 * Those which mount do it as root, in a mount namespace of their own, on a
 * tmpfs that ends with it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#undef fail /* duct has its own */

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <time.h>

#include "cleanup.h"
#include "copy_up.h"
#include "mounts.h"

/* In a child, where cmocka's own can't be used. */
static void check(bool is_so, int line, const char *what)
{
    if (is_so)
        return;
    fprintf(stderr, "%s:%d: not so: %s (%s)\n", __FILE__, line, what,
            strerrorname_np(errno));
    _exit(1);
}

#define CHECK(condition) check(condition, __LINE__, #condition)

/* -- words ---------------------------------------------------------------- */

static void a_path_is_said_in_the_shortest_way(void **state)
{
    static const char *const pairs[][2] = {
        {"/", "/"},
        {"//", "/"},
        {"/a//b/", "/a/b"},
        {"/a/../b", "/b"},
        {"/..", "/"},
        {"/../../a", "/a"},
        {"/a/./b/.", "/a/b"},
        {"a/../..", ".."},
        {"a/..", "."},
        {"", "."},
        {"../a", "../a"},
        {"/a/b/../..", "/"},
        {"../../a/..", "../.."},
        {"/...", "/..."},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
        char *clean = mounts_clean(pairs[i][0]);

        assert_string_equal(clean, pairs[i][1]);
        free(clean);
    }
}

static void a_volume_has_a_source_a_target_and_a_mode(void **state)
{
    struct mounts m = {0};
    struct failure why;

    (void)state;
    assert_int_equal(mounts_volume(&m, "/a/../b:/c//d:ro,rslave", &why), 0);
    assert_int_equal(mounts_volume(&m, "name:/x", &why), 0);
    assert_int_equal(mounts_volume(&m, "/x", &why), 0);
    assert_string_equal(m.list[0].source, "/b");
    assert_string_equal(m.list[0].target, "/c/d");
    assert_true(m.list[0].read_only);
    assert_int_equal(m.list[0].propagation, MS_SLAVE | MS_REC);
    assert_string_equal(m.list[1].source, "name");
    assert_false(m.list[1].read_only);
    assert_null(m.list[2].source);
    mounts_release(&m);
}

static void a_volume_that_is_nonsense_is_refused_in_dockers_words(void **state)
{
    static const char *const pairs[][2] = {
        {"", "invalid volume specification: ''"},
        {":/x", "invalid volume specification: ':/x'"},
        {"/a:", "invalid volume specification: '/a:'"},
        {"/a:ro", "invalid volume specification: '/a:ro'"},
        {"/a:/b:ro:x", "invalid volume specification: '/a:/b:ro:x'"},
        {"/a:/b:ro,rw", "invalid mode: ro,rw"},
        {"/a:/b:rslave,shared", "invalid mode: rslave,shared"},
        {"/a:/b:dev", "invalid mode: dev"},
        {"/a:/b:ro,", "invalid mode: ro,"},
        {"/a:b/c",
         "invalid volume specification: '/a:b/c': invalid mount config for "
         "type \"bind\": invalid mount path: 'b/c' mount path must be "
         "absolute"},
        {"v:/x/..",
         "invalid volume specification: 'v:/x/..': invalid mount config for "
         "type \"volume\": invalid specification: destination can't be '/'"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
        struct mounts m = {0};
        struct failure why;

        assert_int_equal(mounts_volume(&m, pairs[i][0], &why), -1);
        assert_string_equal(why.message, pairs[i][1]);
        assert_int_equal(why.kind, FAILURE_BAD_PARAMETER);
        assert_int_equal(m.count, 0);
    }
}

static void a_tmpfs_has_flags_and_options(void **state)
{
    struct mounts m = {0};
    struct failure why;

    (void)state;
    assert_int_equal(mounts_tmpfs(&m, "/run:exec,size=64k,mode=755", &why), 0);
    assert_int_equal(mounts_tmpfs(&m, "/x", &why), 0);
    assert_int_equal(m.list[0].attributes,
                     MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV);
    assert_string_equal(m.list[0].options, "size=64k,mode=755");
    assert_int_equal(m.list[1].attributes,
                     MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC);
    mounts_release(&m);
    assert_int_equal(mounts_tmpfs(&m, "/run:size=1,loop", &why), -1);
    assert_string_equal(why.message, "invalid tmpfs option [\"loop\"]");
    assert_int_equal(mounts_tmpfs(&m, "/run:size", &why), -1);
    assert_int_equal(mounts_tmpfs(&m, "/run:sizes=1", &why), -1);
    assert_int_equal(mounts_tmpfs(&m, "run", &why), -1);
    assert_int_equal(mounts_tmpfs(&m, "/run/..", &why), -1);
    assert_int_equal(m.count, 0);
}

/* -- mounts ---------------------------------------------------------------- */

static void put(const char *path, const char *text)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);

    CHECK(fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text));
    close(fd);
}

static bool holds(const char *path, const char *text)
{
    char buffer[256] = "";
    int fd = open(path, O_RDONLY | O_CLOEXEC);

    if (fd < 0 || read(fd, buffer, sizeof(buffer) - 1) < 0)
        buffer[0] = '\0';
    close_fd(&fd);
    return str_eq(buffer, text);
}

/* /mnt is a tmpfs with root/ in it, where we are, and things of the host. */
static void settle_in(void)
{
    CHECK(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0);
    CHECK(mount("tmpfs", "/mnt", "tmpfs", 0, "mode=755") == 0);
    CHECK(mkdir("/mnt/root", 0755) == 0 && mkdir("/mnt/canary", 0755) == 0);
    CHECK(mkdir("/mnt/src", 0755) == 0 && mkdir("/mnt/root/proc", 0755) == 0);
    put("/mnt/canary/file", "canary");
    put("/mnt/src/file", "source");
    CHECK(mount("proc", "/mnt/root/proc", "proc", 0, NULL) == 0);
    CHECK(chdir("/mnt/root") == 0);
}

static void in_a_namespace(void (*body)(void))
{
    int status;

    if (geteuid() != 0)
        skip(); /* needs root */
    pid_t child = fork();
    if (child == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        CHECK(unshare(CLONE_NEWNS) == 0);
        settle_in();
        body();
        _exit(0);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
}

static int attach(const char *volume, const char *tmpfs)
{
    struct mounts m = {0};
    struct failure why = {0};
    int status = 0;

    if (volume != NULL)
        status = mounts_volume(&m, volume, &why);
    if (status == 0 && tmpfs != NULL)
        status = mounts_tmpfs(&m, tmpfs, &why);
    if (status == 0)
        status = mounts_attach(&m, &why);
    mounts_release(&m);
    return status;
}

/* Nothing was mounted on the canary, and nothing put in it. */
static void check_canary(void)
{
    struct stat st;
    struct stat host;

    CHECK(stat("/mnt/canary", &st) == 0 && stat("/mnt", &host) == 0);
    CHECK(st.st_dev == host.st_dev && st.st_nlink == 2);
    CHECK(holds("/mnt/canary/file", "canary"));
    CHECK(access("/mnt/canary/x", F_OK) < 0);
}

static void bind_and_look(void)
{
    struct stat st;

    umask(077);
    CHECK(attach("/mnt/src:/a/b", NULL) == 0);
    CHECK(holds("/mnt/root/a/b/file", "source"));
    put("/mnt/root/a/b/new", "new");
    CHECK(holds("/mnt/src/new", "new"));
    CHECK(attach("/mnt/src/file:/f/g", NULL) == 0);
    CHECK(holds("/mnt/root/f/g", "source"));
    CHECK(stat("f", &st) == 0 && (st.st_mode & 07777) == 0755);
}

static void a_directory_or_file_is_bound_where_nothing_was(void **state)
{
    (void)state;
    in_a_namespace(bind_and_look);
}

static void write_below_read_only(void)
{
    CHECK(mkdir("/mnt/src/sub", 0755) == 0);
    CHECK(mount("tmpfs", "/mnt/src/sub", "tmpfs", 0, NULL) == 0);
    CHECK(attach("/mnt/src:/ro:ro", NULL) == 0);
    CHECK(open("ro/new", O_CREAT | O_WRONLY | O_CLOEXEC, 0644) < 0 &&
          errno == EROFS);
    CHECK(open("ro/sub/new", O_CREAT | O_WRONLY | O_CLOEXEC, 0644) < 0 &&
          errno == EROFS);
    put("/mnt/src/sub/new", "the host's own can be written to");
}

static void read_only_is_read_only_all_the_way_down(void **state)
{
    (void)state;
    in_a_namespace(write_below_read_only);
}

static void lead_out(void)
{
    CHECK(symlink("/mnt/canary", "data") == 0 && mkdir("a", 0755) == 0);
    CHECK(symlink("../../..", "a/b") == 0);
    CHECK(attach("/mnt/src:/data", NULL) < 0); /* it leads nowhere in there */
    check_canary();
    CHECK(mkdir("mnt", 0755) == 0 && mkdir("mnt/canary", 0755) == 0);
    CHECK(attach("/mnt/src:/data", NULL) == 0);
    check_canary();
    CHECK(holds("/mnt/root/mnt/canary/file", "source"));
    CHECK(attach(NULL, "/a/b/x") == 0);
    CHECK(access("/x", F_OK) < 0 && access("/mnt/x", F_OK) < 0);
    CHECK(access("/mnt/root/x", F_OK) == 0);
    CHECK(attach("/mnt/src:/data/x/y", NULL) == 0);
    check_canary();
}

static void links_in_the_root_do_not_lead_out_of_it(void **state)
{
    (void)state;
    in_a_namespace(lead_out);
}

static void cover_proc(void)
{
    CHECK(symlink("/proc/self", "me") == 0 && symlink("/", "top") == 0);
    CHECK(attach("/mnt/src:/proc", NULL) < 0);
    CHECK(attach("/mnt/src:/proc/self", NULL) < 0);
    CHECK(attach("/mnt/src/file:/proc/version", NULL) < 0);
    CHECK(attach("/mnt/src:/me/attr", NULL) < 0);
    CHECK(attach(NULL, "/proc/sys") < 0);
    CHECK(attach("/mnt/src:/proc/none", NULL) < 0);
    CHECK(attach("/mnt/src:/top", NULL) < 0);
    CHECK(holds("proc/1/comm", "") || access("proc/version", R_OK) == 0);
    CHECK(!holds("proc/version", "source"));
}

static void nothing_is_mounted_in_proc_or_on_the_root(void **state)
{
    (void)state;
    in_a_namespace(cover_proc);
}

static void open_devices(void)
{
    CHECK(mknod("/mnt/src/null", S_IFCHR | 0666, makedev(1, 3)) == 0);
    CHECK(attach("/mnt/src:/v", NULL) == 0);
    CHECK(open("v/null", O_RDWR | O_CLOEXEC) < 0 && errno == EACCES);
    CHECK(attach("/mnt/src/null:/null", NULL) == 0);
    CHECK(open("null", O_RDWR | O_CLOEXEC) >= 0);
}

static void a_device_works_only_if_it_was_named(void **state)
{
    if (geteuid() == 0 &&
        mknod("/dev/shm/duct-test", S_IFCHR | 0666, makedev(1, 3)) < 0)
        skip(); /* may not make devices */
    (void)unlink("/dev/shm/duct-test");
    (void)state;
    in_a_namespace(open_devices);
}

static void look_like_the_hidden(void)
{
    struct stat st;
    struct statvfs fs;

    CHECK(mkdir("run", 0750) == 0 && chmod("run", 0750) == 0);
    CHECK(attach(NULL, "/run:size=64k") == 0);
    CHECK(stat("run", &st) == 0 && (st.st_mode & 07777) == 0750);
    CHECK(statvfs("run", &fs) == 0 && fs.f_blocks * fs.f_frsize == 65536);
    CHECK((fs.f_flag & (ST_NOSUID | ST_NODEV | ST_NOEXEC)) ==
          (ST_NOSUID | ST_NODEV | ST_NOEXEC));
    CHECK(attach(NULL, "/new:exec") == 0);
    CHECK(stat("new", &st) == 0 && (st.st_mode & 07777) == 01777);
    CHECK(statvfs("new", &fs) == 0 && !(fs.f_flag & ST_NOEXEC));
    CHECK(attach(NULL, "/run:mode=700,ro") == 0);
    CHECK(stat("run", &st) == 0 && (st.st_mode & 07777) == 0700);
    CHECK(statvfs("run", &fs) == 0 && fs.f_flag & ST_RDONLY);
}

static void a_tmpfs_looks_like_what_it_hides(void **state)
{
    (void)state;
    in_a_namespace(look_like_the_hidden);
}

static void lock_the_root(void)
{
    struct mounts m = {.read_only_root = true};
    struct failure why = {0};

    CHECK(mount("/mnt/root", "/mnt/root", NULL, MS_BIND | MS_REC, NULL) == 0);
    CHECK(chdir("/mnt/root") == 0);
    CHECK(mounts_tmpfs(&m, "/tmp/made", &why) == 0);
    CHECK(mounts_attach(&m, &why) == 0);
    CHECK(open("new", O_CREAT | O_WRONLY | O_CLOEXEC, 0644) < 0 &&
          errno == EROFS);
    put("tmp/made/new", "tmpfs");
    put("/mnt/new", "the host");
    mounts_release(&m);
}

static void a_read_only_root_has_targets_that_can_be_written_to(void **state)
{
    (void)state;
    in_a_namespace(lock_the_root);
}

static void open_below(void)
{
    struct mounts m = {0};
    struct failure why = {0};

    CHECK(mkdir("/mnt/src/sub", 0755) == 0);
    CHECK(symlink("/mnt/canary", "/mnt/src/out") == 0);
    put("/mnt/src/sub/file", "below");
    CHECK(mounts_volume(&m, "/mnt/src:/s", &why) == 0);
    m.list[0].subpath = strdup("../sub");
    CHECK(mounts_attach(&m, &why) == 0);
    CHECK(holds("s/file", "below"));
    free(m.list[0].subpath);
    m.list[0].subpath = strdup("out");
    CHECK(mounts_attach(&m, &why) < 0);
    mounts_release(&m);
}

static void a_subpath_stays_below_its_source(void **state)
{
    (void)state;
    in_a_namespace(open_below);
}

/* The host is a parent with shared mounts, the container a child of it. */
static void mount_on_the_host(const char *mode, bool is_seen)
{
    int ready[2];
    int go[2];
    char byte = 0;
    int status;

    CHECK(pipe2(ready, O_CLOEXEC) == 0 && pipe2(go, O_CLOEXEC) == 0);
    CHECK(mount(NULL, "/mnt", NULL, MS_SHARED, NULL) == 0);
    CHECK(mkdir("/mnt/src/sub", 0755) == 0 || errno == EEXIST);
    pid_t child = fork();
    if (child == 0) {
        struct mounts m = {0};
        struct failure why = {0};
        char volume[64];

        snprintf(volume, sizeof(volume), "/mnt/src:/v:%s", mode);
        CHECK(unshare(CLONE_NEWNS) == 0);
        CHECK(mounts_volume(&m, volume, &why) == 0);
        CHECK(mounts_open(&m, &why) == 0);
        CHECK(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0);
        CHECK(mounts_attach(&m, &why) == 0);
        mounts_release(&m);
        CHECK(write(ready[1], "", 1) == 1 && read(go[0], &byte, 1) == 1);
        CHECK((access("v/sub/mounted", F_OK) == 0) == is_seen);
        _exit(0);
    }
    CHECK(read(ready[0], &byte, 1) == 1);
    CHECK(mount("tmpfs", "/mnt/src/sub", "tmpfs", 0, NULL) == 0);
    put("/mnt/src/sub/mounted", "later");
    CHECK(write(go[1], "", 1) == 1);
    CHECK(waitpid(child, &status, 0) == child && status == 0);
    CHECK(umount("/mnt/src/sub") == 0);
}

static void spread(void)
{
    struct failure why;

    mount_on_the_host("rslave", true);
    mount_on_the_host("rprivate", false);
    CHECK(mounts_can_spread("/mnt/src", MS_SHARED | MS_REC, &why) == 0);
    CHECK(mount(NULL, "/mnt", NULL, MS_PRIVATE, NULL) == 0);
    CHECK(mounts_can_spread("/mnt/src", MS_SHARED | MS_REC, &why) < 0);
    CHECK(str_eq(why.message, "path /mnt/src is mounted on /mnt but it is not "
                              "a shared mount"));
    CHECK(mounts_can_spread("/mnt/src", MS_SLAVE | MS_REC, &why) < 0);
    CHECK(mounts_can_spread("/mnt/src", MS_PRIVATE, &why) == 0);
}

static void a_slave_sees_what_the_host_mounts_later(void **state)
{
    (void)state;
    in_a_namespace(spread);
}

/* -- a new volume ---------------------------------------------------------- */

static void make_image(void)
{
    const struct timespec times[] = {{.tv_sec = 1000}, {.tv_sec = 2000}};
    int fd;

    CHECK(mkdir("img", 0755) == 0 && mkdir("img/d", 0700) == 0);
    put("img/d/one", "one");
    CHECK(chown("img/d/one", 7, 8) == 0 && chmod("img/d/one", 04751) == 0);
    CHECK(link("img/d/one", "img/two") == 0);
    CHECK(symlink("/nowhere", "img/link") == 0 &&
          lchown("img/link", 9, 9) == 0);
    CHECK(mkfifo("img/pipe", 0622) == 0 && chmod("img/pipe", 0622) == 0);
    fd = open("img/holes", O_CREAT | O_RDWR | O_CLOEXEC, 0600);
    CHECK(fd >= 0 && pwrite(fd, "end", 3, 8 << 20) == 3);
    CHECK(ftruncate(fd, 16 << 20) == 0);
    close(fd);
    (void)setxattr("img/d", "trusted.mine", "x", 1, 0);
    CHECK(utimensat(AT_FDCWD, "img/d/one", times, 0) == 0);
    CHECK(utimensat(AT_FDCWD, "img/d", times, 0) == 0);
    CHECK(chown("img", 5, 6) == 0 && chmod("img", 01770) == 0);
    CHECK(mkdir("/mnt/vol", 0700) == 0 && mkdir("/mnt/vol/_data", 0755) == 0);
}

static void fill(const char *image)
{
    struct failure why = {0};
    cleanup_close int from = open(image, O_PATH | O_CLOEXEC);
    cleanup_close int to = open("/mnt/vol/_data", O_PATH | O_CLOEXEC);
    cleanup_close int mark = open("/mnt/vol", O_RDONLY | O_CLOEXEC);

    if (copy_up_tree(from, to, mark, &why) < 0) {
        fprintf(stderr, "%s\n", why.message);
        _exit(1);
    }
    CHECK(access("/mnt/vol/filling", F_OK) < 0);
    CHECK(access("/mnt/vol/_data/.duct-filling", F_OK) < 0);
}

static struct stat look(const char *path)
{
    struct stat st;

    CHECK(lstat(path, &st) == 0);
    return st;
}

#define DATA "/mnt/vol/_data/"

static void copy_everything(void)
{
    char value[2] = "";

    make_image();
    umask(077);
    fill("img");
    CHECK(look(DATA).st_uid == 5 && (look(DATA).st_mode & 07777) == 01770);
    CHECK(holds(DATA "d/one", "one") && look(DATA "d/one").st_gid == 8);
    CHECK((look(DATA "d/one").st_mode & 07777) == 04751);
    CHECK(look(DATA "d/one").st_ino == look(DATA "two").st_ino);
    CHECK(look(DATA "two").st_nlink == 2);
    CHECK(S_ISLNK(look(DATA "link").st_mode) && look(DATA "link").st_uid == 9);
    CHECK(S_ISFIFO(look(DATA "pipe").st_mode) &&
          (look(DATA "pipe").st_mode & 0777) == 0622);
    CHECK(look(DATA "holes").st_size == 16 << 20);
    CHECK(look(DATA "holes").st_blocks < 1024);
    CHECK((look(DATA "d").st_mode & 07777) == 0700);
    CHECK(look(DATA "d/one").st_mtime == 2000 &&
          look(DATA "d").st_mtime == 2000);
    if (getxattr("img/d", "trusted.mine", value, 1) == 1)
        CHECK(getxattr(DATA "d", "trusted.mine", value, 1) == 1);
}

static void a_new_volume_gets_all_that_the_image_has(void **state)
{
    (void)state;
    in_a_namespace(copy_everything);
}

static void copy_onto_content(void)
{
    make_image();
    put(DATA "mine", "mine");
    fill("img");
    CHECK(access(DATA "two", F_OK) < 0 && holds(DATA "mine", "mine"));
    CHECK((look(DATA).st_mode & 07777) == 0755);
}

static void a_volume_with_content_is_left_alone(void **state)
{
    (void)state;
    in_a_namespace(copy_onto_content);
}

static void continue_a_copy(void)
{
    make_image();
    put("/mnt/vol/filling", "");
    put("img/whole", "whole");
    put(DATA "whole", "changed since");
    put(DATA ".duct-filling", "half");
    fill("img");
    CHECK(holds(DATA "whole", "changed since"));
    CHECK(holds(DATA "d/one", "one"));
    CHECK(S_ISFIFO(look(DATA "pipe").st_mode));
}

static void a_copy_that_was_killed_is_continued(void **state)
{
    (void)state;
    in_a_namespace(continue_a_copy);
}

static void attach_new_volume(void)
{
    struct mounts m = {0};
    struct failure why = {0};

    make_image();
    CHECK(symlink("/img", "to") == 0);
    CHECK(mounts_volume(&m, "/mnt/vol/_data:/to:ro", &why) == 0);
    m.list[0].mark_fd = open("/mnt/vol", O_RDONLY | O_CLOEXEC);
    CHECK(mounts_open(&m, &why) == 0 && mounts_attach(&m, &why) == 0);
    CHECK(holds("/mnt/vol/_data/two", "one"));
    CHECK(open("img/new", O_CREAT | O_WRONLY | O_CLOEXEC, 0644) < 0 &&
          errno == EROFS);
    mounts_release(&m);
}

static void a_volume_is_filled_before_it_is_read_only(void **state)
{
    (void)state;
    in_a_namespace(attach_new_volume);
}

/* -- somebody moves things ------------------------------------------------ */

enum {
    ROUNDS = 400,
    MOST_SECONDS = 20
};

/* Another container that has the volume too. */
static pid_t start_swapper(void)
{
    pid_t child = fork();

    if (child == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        CHECK(chdir("/mnt/src") == 0);
        for (;;)
            (void)renameat2(AT_FDCWD, "dir", AT_FDCWD, "link", RENAME_EXCHANGE);
    }
    return child;
}

static bool is_mounted_on_canary(void)
{
    cleanup_free char *line = NULL;
    size_t room = 0;
    bool is_mounted = false;
    FILE *list = fopen("/proc/self/mountinfo", "re");

    while (getline(&line, &room, list) >= 0)
        is_mounted |= strstr(line, " /mnt/canary") != NULL;
    fclose(list);
    return is_mounted;
}

/* Returns: 0 when it was mounted, 1 when it was refused. */
static int one_round(int round)
{
    char target[64];
    int status;
    pid_t child = fork();

    if (child == 0) {
        CHECK(unshare(CLONE_NEWNS) == 0);
        snprintf(target, sizeof(target), "/mnt/canary:/vol/dir/%d/x", round);
        status = attach("/mnt/src:/vol", NULL);
        CHECK(status == 0);
        status = attach(target, NULL);
        CHECK(!is_mounted_on_canary());
        _exit(status == 0 ? 0 : 3);
    }
    CHECK(waitpid(child, &status, 0) == child);
    CHECK(WIFEXITED(status) && WEXITSTATUS(status) % 3 == 0);
    return WEXITSTATUS(status) != 0;
}

static void race(void)
{
    const time_t end = time(NULL) + MOST_SECONDS;
    int refused = 0;
    int rounds = 0;

    CHECK(mkdir("/mnt/src/dir", 0755) == 0);
    CHECK(symlink("/mnt/canary", "/mnt/src/link") == 0);
    pid_t swapper = start_swapper();
    for (; rounds < ROUNDS && time(NULL) < end; rounds++) {
        refused += one_round(rounds);
        check_canary();
    }
    kill(swapper, SIGKILL);
    waitpid(swapper, NULL, 0);
    CHECK(rounds > 0 && refused < rounds);
    print_message("           %d rounds, %d refused\n", rounds, refused);
}

static void a_target_that_is_swapped_leads_nowhere_else(void **state)
{
    (void)state;
    in_a_namespace(race);
}

const struct CMUnitTest mounts_tests[] = {
    cmocka_unit_test(a_path_is_said_in_the_shortest_way),
    cmocka_unit_test(a_volume_has_a_source_a_target_and_a_mode),
    cmocka_unit_test(a_volume_that_is_nonsense_is_refused_in_dockers_words),
    cmocka_unit_test(a_tmpfs_has_flags_and_options),
    cmocka_unit_test(a_directory_or_file_is_bound_where_nothing_was),
    cmocka_unit_test(read_only_is_read_only_all_the_way_down),
    cmocka_unit_test(links_in_the_root_do_not_lead_out_of_it),
    cmocka_unit_test(nothing_is_mounted_in_proc_or_on_the_root),
    cmocka_unit_test(a_device_works_only_if_it_was_named),
    cmocka_unit_test(a_tmpfs_looks_like_what_it_hides),
    cmocka_unit_test(a_read_only_root_has_targets_that_can_be_written_to),
    cmocka_unit_test(a_subpath_stays_below_its_source),
    cmocka_unit_test(a_slave_sees_what_the_host_mounts_later),
    cmocka_unit_test(a_new_volume_gets_all_that_the_image_has),
    cmocka_unit_test(a_volume_with_content_is_left_alone),
    cmocka_unit_test(a_copy_that_was_killed_is_continued),
    cmocka_unit_test(a_volume_is_filled_before_it_is_read_only),
    cmocka_unit_test(a_target_that_is_swapped_leads_nowhere_else),
};
const size_t mounts_count = sizeof(mounts_tests) / sizeof(mounts_tests[0]);
