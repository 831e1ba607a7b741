/*
 * Chapter: whose files are, what may be done with them, and how old they are.
 */
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <time.h>
#include <unistd.h>

#include "suite.h"

#define USERS                                                                  \
    "RUN echo app:x:77:88::: >>/etc/passwd; "                                  \
    "echo lone:x:78:79::: >>/etc/passwd; "                                     \
    "echo app:x:99: >>/etc/group; echo grp:x:98: >>/etc/group\n"

static struct site *furnished(void)
{
    struct site *site = site_new();

    site_file(site, "a", "a\n");
    site_file(site, "b", "b\n");
    site_file(site, "d/x", "x\n");
    expect_call(chmod(site_path(site, "a"), 0640));
    expect_call(chmod(site_path(site, "b"), 04755));
    expect_call(symlink("x", site_path(site, "d/link")));
    expect_call(chown(site_path(site, "a"), 12, 34));
    expect_call(chown(site_path(site, "d"), 12, 34));
    expect_call(chown(site_path(site, "d/x"), 12, 34));
    return site;
}

static void expect_stats(const struct site *site, const char *format,
                         const char *paths, const char *stats)
{
    expect_inside(site, keep_format("stat -c '%s' %s", format, paths), stats);
}

static void roots(void)
{
    const struct site *site = furnished();

    (void)built(site, DOCKERFILE("COPY a b /\nCOPY d /d\n"));
    expect_stats(site, "%a %u:%g", "/a /b /d /d/x",
                 "640 0:0\n4755 0:0\n755 0:0\n644 0:0\n");
}

static void given_to_others(void)
{
    const struct site *site = furnished();

    (void)built(site,
                DOCKERFILE(USERS "COPY --chown=app a /c1\n"
                                 "COPY --chown=5 a /c2\n"
                                 "COPY --chown=app:grp d /c3\n"
                                 "COPY --chown=5:grp a /c4\n"
                                 "COPY --chown=3:4 b /n/e/w\n"
                                 "ADD --chown=lone a /c5\n"
                                 "ARG o=3\nCOPY --chown=$o:\"4\" a /c6\n"));
    expect_stats(site, "%u:%g %a",
                 "/c1 /c2 /c3 /c3/x /c3/link /c4 /n/e/w /c5 /c6",
                 "77:88 640\n5:5 640\n77:98 755\n77:98 644\n77:98 777\n"
                 "5:98 640\n3:4 4755\n78:79 640\n3:4 640\n");
}

static void unknown_others(void)
{
    const struct site *site = furnished();

    /* More than a pipe has room for: who packs it must not wait for ever. */
    file_write_bytes(site_path(site, "big"), keep_zeroed(300000), 300000);
    expect_blamed(build(site, DOCKERFILE("COPY --chown=nobodyhere big /c\n")),
                  125, 2, "COPY --chown=nobodyhere big /c", "nobodyhere");
    expect_blamed(build(site, DOCKERFILE("COPY --chown=nobodyhere a /c\n")),
                  125, 2, "COPY --chown=nobodyhere a /c", "nobodyhere");
    expect_blamed(build(site, DOCKERFILE("COPY --chown=1:nogrouphere a /c\n")),
                  125, 2, "COPY --chown=1:nogrouphere a /c", "nogrouphere");
    expect_nothing_left(site);
}

static void parents_stay(void)
{
    const struct site *site = furnished();

    (void)built(site, DOCKERFILE("RUN mkdir -m 700 /p; chown 7:8 /p\n"
                                 "COPY a /p/a\nCOPY --chown=1 a /p/b\n"
                                 "COPY --chown=5 d /p\nWORKDIR /p\n"));
    expect_stats(site, "%a %u:%g", "/p /p/b /p/x",
                 "700 7:8\n640 1:1\n644 5:5\n");
}

static void times_stay(void)
{
    const struct site *site = furnished();
    const struct timespec times[2] = {{.tv_sec = 981173106},
                                      {981173106, 500000000}};

    expect_call(utimensat(AT_FDCWD, site_path(site, "a"), times, 0));
    expect_call(utimensat(AT_FDCWD, site_path(site, "d/x"), times, 0));
    expect_call(utimensat(AT_FDCWD, site_path(site, "d/link"), times,
                          AT_SYMLINK_NOFOLLOW));
    expect_call(utimensat(AT_FDCWD, site_path(site, "d"), times, 0));
    (void)built(site, DOCKERFILE("COPY a /a\nCOPY d /d\n"));
    expect_stats(site, "%Y", "/a /d/x /d/link /d",
                 "981173106\n981173106\n981173106\n981173106\n");
}

static void workdirs_are_made(void)
{
    const struct site *site = furnished();

    (void)built(site, DOCKERFILE("RUN mkdir /r; ln -s /r /l; mkdir -m 701 /e\n"
                                 "WORKDIR /w/x\n"
                                 "WORKDIR /e\n"
                                 "WORKDIR /c\nCOPY a .\n"
                                 "WORKDIR /l/in\nRUN touch here\n"));
    expect_stats(site, "%a %u:%g", "/w /w/x /e /c /r/in",
                 "755 0:0\n755 0:0\n701 0:0\n755 0:0\n755 0:0\n");
    expect_inside(site, "ls /r/in; ls /c", "here\na\n");
}

static void careful(void *unused)
{
    (void)unused;
    (void)umask(077);
}

static void modes_are_nobodys(void)
{
    const struct site *site = furnished();
    static const char text[] = "FROM base\nRUN echo x >x; mkdir /y\n"
                               "COPY a /p/q/\nWORKDIR /w\n";

    (void)built(site, DOCKERFILE("ENV a=1\n"));
    saved_load(site, "{\"WorkingDir\": \"/v\"}", "base");
    (void)shared_built(spawn_run(&(struct spawn){
        .argv = shared_build(site, ARGV(text)), .prepare = careful}));
    expect_stats(site, "%a", "/v /v/x /y /p /p/q /p/q/a /w",
                 "755\n644\n755\n755\n755\n640\n755\n");
}

static void attributes_of_runs(void)
{
    const struct site *site = site_new();
    const char *tar;

    (void)built(site, DOCKERFILE("RUN touch /x; chown 5:6 /x; chmod 4710 /x; "
                                 "mkdir -m 1777 /y; touch -d @981173106 /x /y; "
                                 "ln /x /z; ln -s no /l; mkfifo -m 600 /p; "
                                 "mknod /c c 1 3\n"));
    expect_stats(site, "%a %u:%g %h", "/x /y /z",
                 "4710 5:6 2\n1777 0:0 2\n4710 5:6 2\n");
    expect_stats(site, "%Y %F", "/x /y",
                 "981173106 regular empty file\n981173106 directory\n");
    expect_stats(site, "%F %t,%T", "/l /p /c",
                 "symbolic link 0,0\nfifo 0,0\ncharacter special file 1,3\n");
    tar = spawn_run(&(struct spawn){.argv = ARGV("tar", "--numeric-owner",
                                                 "-tvf", saved_layer(site, 0))})
              ->out;
    expect_contains("the layer", " x\n", tar);
    expect_contains("the layer: its second name is a link", " z link to x\n",
                    tar);
    expect_contains("the layer", "-rws--x--- 5/6 ", tar);
}

static void attributes_of_tars(void)
{
    const struct site *site = site_new();
    const char *file = site_path(site, "d/x"), *tar = site_path(site, "x.tar");
    static const char capability[] = "\1\0\0\2\0\40\0\0\0\0\0\0\0\0\0\0\0\0\0";
    const struct program *p;

    site_file(site, "d/x", "x\n");
    expect_call(setxattr(file, "user.note", "hello", 5, 0));
    expect_call(setxattr(file, "security.capability", capability, 20, 0));
    expect_exit(spawn_run(&(struct spawn){
                    .argv = ARGV("tar", "--xattrs", "--xattrs-include=*", "-cf",
                                 tar, "-C", site_path(site, "d"), "x")}),
                0);
    (void)built(site, DOCKERFILE("ADD x.tar /q/\n"));
    p = spawn_run(&(struct spawn){
        .argv = ARGV("tar", "--xattrs", "--xattrs-include=*", "-xf",
                     saved_layer(site, 0), "-C", site->context)});
    expect_exit(p, 0);
    file = site_path(site, "q/x");
    expect_str("lines of the layer's tar with LIBARCHIVE.xattr", "0\n",
               spawn_run(&(struct spawn){.argv = ARGV("grep", "-a", "-c",
                                                      "LIBARCHIVE.xattr",
                                                      saved_layer(site, 0))})
                   ->out);
    {
        char note[16] = "", bytes[32];

        expect_call(getxattr(file, "user.note", note, sizeof(note)));
        expect_str("user.note of the file in the layer", "hello", note);
        expect_int("bytes of its capabilities", 20,
                   getxattr(file, "security.capability", bytes, sizeof(bytes)));
        expect_bytes("its capabilities", capability, 20, bytes, 20);
    }
}

/* Of the host's files: they may be anybody's notes. */
static void attributes_of_the_context(void)
{
    const struct site *site = furnished();
    char note[16];

    expect_call(setxattr(site_path(site, "a"), "user.note", "hello", 5, 0));
    (void)built(site, DOCKERFILE("COPY a /x\n"));
    expect_exit(spawn_run(&(struct spawn){
                    .argv = ARGV("tar", "--xattrs", "--xattrs-include=*", "-xf",
                                 saved_layer(site, 0), "-C", site->context)}),
                0);
    expect_int("getxattr() of user.note", -1,
               getxattr(site_path(site, "x"), "user.note", note, sizeof(note)));
}

static void tars_of_the_context(void)
{
    const struct site *site = furnished();

    expect_exit(spawn_run(&(struct spawn){
                    .argv = ARGV("tar", "-C", site->context,
                                 "--owner=context:7", "--group=context:8",
                                 "-cf", site_path(site, "l.tar"), "a")}),
                0);
    (void)built(site, DOCKERFILE("ADD --chown=1:2 l.tar /x\n"));
    expect_stats(site, "%u:%g", "/x/a", "7:8\n");
}

static const struct trial trials[] = {
    {.name = "copies_are_roots",
     .claim = "what is copied belongs to 0:0, with its own mode",
     .usual_cause =
         "owners of the host's are taken over; or chown() clears the "
         "setuid bit",
     .reread = "#copy",
     .feature = true,
     .depends = "build_makes_an_image",
     .body = roots},
    {.name = "modes_are_the_files_own",
     .claim = "the umask of who builds makes no difference",
     .usual_cause = "it is set in a container, after its WORKDIR was made",
     .reread = "#copy",
     .feature = true,
     .depends = "build_makes_an_image",
     .body = modes_are_nobodys},
    {.name = "chown_gives_copies",
     .claim = "--chown takes numbers, and names of the image",
     .usual_cause = "names are looked up in the host's files",
     .reread = "#copy",
     .feature = true,
     .depends = "copies_are_roots",
     .body = given_to_others},
    {.name = "chown_knows_them",
     .claim = "--chown refuses a name that the image does not have",
     .usual_cause = "an unknown name is taken for 0",
     .reread = "#copy",
     .feature = true,
     .depends = "chown_gives_copies",
     .body = unknown_others},
    {.name = "directories_stay_as_they_are",
     .claim = "a directory that is there keeps its owner and mode",
     .usual_cause = "it is treated as one that was made",
     .reread = "#copy",
     .feature = true,
     .depends = "copies_are_roots",
     .body = parents_stay},
    {.name = "copies_keep_their_times",
     .claim = "what is copied is as old as before",
     .usual_cause = "a directory's time is set before its files are made",
     .reread = "#copy",
     .feature = true,
     .depends = "copies_are_roots",
     .body = times_stay},
    {.name = "workdir_is_made",
     .claim =
         "WORKDIR makes what is missing, 755 and root's; links lead where they "
         "lead in the image",
     .usual_cause = "a directory that is there is changed",
     .reread = "#copy",
     .feature = true,
     .depends = "build_makes_an_image",
     .body = workdirs_are_made},
    {.name = "layers_keep_it_all",
     .claim = "owner, mode, time, links and devices of a RUN's files are "
              "in the layer",
     .usual_cause = "what is not in a struct stat's first members is lost",
     .reread = "#pack",
     .feature = true,
     .depends = "build_makes_an_image",
     .body = attributes_of_runs},
    {.name = "layers_keep_attributes",
     .claim =
         "so are extended attributes and capabilities of what ADD has unpacked",
     .usual_cause = "the tar is written without them, or chown() clears them",
     .reread = "#pack",
     .feature = true,
     .depends = "build_makes_an_image",
     .body = attributes_of_tars},
    {.name = "attributes_stay_behind",
     .claim = "extended attributes of the context's files are not copied",
     .usual_cause = "all that a file has is taken along",
     .reread = "#copy",
     .feature = true,
     .depends = "copies_are_roots",
     .body = attributes_of_the_context},
    {.name = "tars_keep_their_owners",
     .claim = "whatever a tar calls its owners, --chown does not change them",
     .usual_cause = "names in a tar are believed",
     .reread = "#copy",
     .feature = true,
     .depends = "copies_are_roots",
     .body = tars_of_the_context},
};

const struct chapter chapter_owners = {"Owners, modes, times", TRIALS(trials)};
