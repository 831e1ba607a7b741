/*
 * Chapter: COPY, from the context into the image.
 */
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "suite.h"

/* d/ with a file, a directory, links and a FIFO, and three files w*. */
static struct site *furnished(void)
{
    struct site *site = site_new();

    site_file(site, "a", "a\n");
    site_file(site, "b", "b\n");
    site_file(site, "d/x", "x\n");
    site_file(site, "d/sub/y", "y\n");
    site_file(site, "d/w3.txt", "w3\n");
    site_file(site, "w1.txt", "w1\n");
    site_file(site, "w2.txt", "w2\n");
    expect_call(mkdir(site_path(site, "d/empty"), 0711));
    expect_call(chmod(site_path(site, "d/empty"), 0711));
    expect_call(symlink("x", site_path(site, "d/link")));
    expect_call(symlink("/nowhere", site_path(site, "d/dangling")));
    expect_call(mkfifo(site_path(site, "d/fifo"), 0600));
    return site;
}

/* An image in which this prints that. */
struct copied {
    const char *lines, *script, *printed;
};

static void expect_copied(const struct site *site, const struct copied *cases)
{
    for (; cases->lines != NULL; cases++) {
        trial_note("the Dockerfile: FROM busybox, %s",
                   expect_quoted(cases->lines, strlen(cases->lines)));
        (void)built(site, keep_format(DOCKERFILE("%s\n"), cases->lines));
        expect_inside(site, cases->script, cases->printed);
    }
}

static void a_file(void)
{
    expect_copied(furnished(),
                  (const struct copied[]){
                      {"COPY a /x", "cat /x", "a\n"},
                      {"COPY a /etc", "cat /etc/a", "a\n"},
                      {"COPY a /q/", "cat /q/a", "a\n"},
                      {"COPY a /p/q/r", "cat /p/q/r; stat -c %a:%u /p /p/q",
                       "a\n755:0\n755:0\n"},
                      {"COPY a b /q/", "cat /q/a /q/b", "a\nb\n"},
                      {"COPY a /q\nCOPY b /q", "cat /q", "b\n"},
                      {"COPY d/sub/y /q/", "cat /q/y", "y\n"},
                      {0},
                  });
}

static void a_directory(void)
{
    expect_copied(
        furnished(),
        (const struct copied[]){
            {"COPY d /q",
             "cd /q; ls -A | xargs; cat x sub/y; readlink link; readlink "
             "dangling; stat "
             "-c %a empty; stat -c %F fifo",
             "dangling empty fifo link sub w3.txt x\nx\ny\nx\n/nowhere\n711\n"
             "fifo\n"},
            {"COPY d/ /q/\n", "cat /q/x /q/sub/y", "x\ny\n"},
            {"COPY d/sub d/empty /q/", "ls -A /q", "y\n"},
            {"COPY . /q", "cat /q/a /q/d/x; readlink /q/d/link", "a\nx\nx\n"},
            {"COPY d/sub /etc", "cat /etc/y; ls /etc/passwd",
             "y\n/etc/passwd\n"},
            {0},
        });
}

static void merged(void)
{
    expect_copied(
        furnished(),
        (const struct copied[]){
            {"RUN mkdir -m 700 -p /q/sub && echo old >/q/old && echo o >/q/x "
             "&& chmod 705 /q && echo z >/q/sub/z\nCOPY d/ /q/",
             "cat /q/old /q/x /q/sub/y /q/sub/z; stat -c %a /q /q/sub",
             "old\nx\ny\nz\n705\n755\n"},
            {"COPY d /q\nCOPY d/sub /q", "cat /q/x /q/y /q/sub/y", "x\ny\ny\n"},
            {"RUN mkdir /q; ln -s /target /q/x; echo t >/target\nCOPY d /q",
             "cat /target /q/x", "t\nx\n"},
            {0},
        });
}

static void where_to(void)
{
    const struct site *site = furnished();

    expect_copied(
        site,
        (const struct copied[]){
            {"WORKDIR /w\nCOPY a .\nCOPY a ./b\nCOPY a x/..\nCOPY a "
             "/w/y/.\nCOPY a ../up\nCOPY a ../../../top",
             "cat /w/a /w/b /w/y/a /up /top; ls -A /w | xargs",
             "a\na\na\na\na\na b y\n"},
            {"COPY a up", "cat /up", "a\n"},
            {"WORKDIR /w\nCOPY a \"\"", "cat /w/a", "a\n"},
            {"WORKDIR /w\nCOPY a /\nCOPY d /", "cat /a /x", "a\nx\n"},
            {"COPY a b .", "cat /a /b", "a\nb\n"},
            {"COPY . /\nCOPY . .\nCOPY a /bin", "cat /bin/a /d/x", "a\nx\n"},
            {0},
        });
}

static void quoted_words(void)
{
    const struct site *site = furnished();

    site_file(site, "e m/f g", "s\n");
    site_file(site, "nl\nname", "n\n");
    site_file(site, "d/\xc3\xa9", "accent\n");
    expect_copied(
        site,
        (const struct copied[]){
            {"COPY [\"e m/f g\", \"/j s/\"]\nCOPY \"e m\" /k\nCOPY e\\ m /l",
             "cat '/j s/f g' '/k/f g' '/l/f g'", "s\ns\ns\n"},
            {"ARG s=a t=/tt\nENV u=uu\nCOPY $s ${t}/$u", "cat /tt/uu", "a\n"},
            {"COPY . /q", "cat '/q/nl\nname' /q/d/\xc3\xa9", "n\naccent\n"},
            {"COPY d/\xc3\xa9 /q/\xc3\xa9", "cat /q/\xc3\xa9", "accent\n"},
            {0},
        });
}

static void patterns(void)
{
    const struct site *site = furnished();

    site_file(site, "s*r", "star\n");
    expect_copied(
        site, (const struct copied[]){
                  {"COPY *.txt d/*.txt /g/",
                   "cat /g/w1.txt /g/w2.txt "
                   "/g/w3.txt; ls /g | wc -l",
                   "w1\nw2\nw3\n3\n"},
                  {"COPY d*/w[1-3].txt /g", "cat /g", "w3\n"},
                  {"COPY ? /g/", "ls -A /g | xargs",
                   "a b dangling empty fifo link sub w3.txt x\n"},
                  {"COPY [^a] /g/", "ls -A /g | xargs",
                   "b dangling empty fifo link sub w3.txt x\n"},
                  {"COPY [\"s\\\\\\\\*r\", \"/g\"]", "cat /g", "star\n"},
                  {"COPY d/*/y */w3.txt /h/", "ls /h | xargs", "w3.txt y\n"},
                  {0},
              });
}

static void leading_slashes(void)
{
    expect_copied(furnished(), (const struct copied[]){
                                   {"COPY /a ./b d/../d//x /e/",
                                    "cat /e/a /e/b /e/x", "a\nb\nx\n"},
                                   {"COPY d/../a /e", "cat /e", "a\n"},
                                   {"COPY / /e/", "cat /e/a", "a\n"},
                                   {0},
                               });
}

static void outside(void)
{
    const struct site *site = furnished();
    const char *const *source =
        ARGV("../a", "d/../../a", "..", "/..", "/../a", "d/../../*");

    for (; *source != NULL; source++) {
        const char *line = keep_format("COPY %s /e", *source);

        expect_blamed(build(site, keep_format(DOCKERFILE("%s\n"), line)), 125,
                      2, line, "outside the build context",
                      keep_format("\"%s\"", *source));
    }
    expect_nothing_left(site);
}

static void not_there(void)
{
    const struct site *site = furnished();
    static const struct {
        const char *line, *said;
    } cases[] = {
        {"COPY none /g/", "find \"none\" in the context"},
        {"COPY a none /g/", "find \"none\" in the context"},
        {"COPY a/b /g/", "find \"a/b\" in the context"},
        {"COPY *.none /g/", "find \"*.none\""},
        {"COPY */y /g/", "find \"*/y\""},
        {"COPY a *.none /g/", "find \"*.none\""},
        {"COPY a b /g", "several sources"},
        {"COPY *.txt /etc", "several sources"},
        {"COPY http://h/x /g", "\"http://h/x\""},
        {"ADD https://h/x /g", "\"https://h/x\""},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        expect_blamed(
            build(site, keep_format(DOCKERFILE("%s\n"), cases[i].line)), 125, 2,
            cases[i].line, cases[i].said);
    expect_nothing_left(site);
}

static void in_the_way(void)
{
    const struct site *site = furnished();

    expect_blamed(build(site, DOCKERFILE("COPY a /q\nCOPY d /q\n")), 125, 3,
                  "COPY d /q", "/q");
    expect_blamed(build(site, DOCKERFILE("COPY a /q\nCOPY b /q/\n")), 125, 3,
                  "COPY b /q/", "/q");
    expect_blamed(build(site, DOCKERFILE("COPY a /q\nCOPY b /q/r/s\n")), 125, 3,
                  "COPY b /q/r/s", "/q", "(ENOTDIR)");
    expect_blamed(build(site, DOCKERFILE("RUN mkdir -p /q/a/b\nCOPY a /q/\n")),
                  125, 3, "COPY a /q/", "replace");
    expect_blamed(build(site, DOCKERFILE("RUN mkdir -p /q/a\nCOPY a /q/\n")),
                  125, 3, "COPY a /q/", "replace");
    expect_blamed(build(site, DOCKERFILE("WORKDIR /etc/passwd\n")), 125, 2,
                  "WORKDIR /etc/passwd", "/etc/passwd");
    expect_nothing_left(site);
}

static void file_in_the_way(void)
{
    const struct site *site = furnished();

    expect_blamed(
        build(site, DOCKERFILE("RUN mkdir /q; touch /q/sub\nCOPY d /q\n")), 125,
        3, "COPY d /q", "sub");
    expect_nothing_left(site);
}

static void odd_files(void)
{
    const struct site *site = furnished();
    struct sockaddr_un name = {.sun_family = AF_UNIX};
    int fd = keep_fd(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));

    (void)snprintf(name.sun_path, sizeof(name.sun_path), "%s",
                   site_path(site, "d/sock"));
    expect_call(bind(fd, (const struct sockaddr *)&name, sizeof(name)));
    expect_call(mknod(site_path(site, "d/null"), S_IFCHR | 0600, 0x103));
    site_file(site, "d/bad\xff\xfename", "bad\n");
    expect_copied(site,
                  (const struct copied[]){
                      {"COPY d /q",
                       "cd /q; ls sock 2>/dev/null; stat -c '%F %t %T' null; "
                       "cat bad*",
                       "character special file 1 3\nbad\n"},
                      {0},
                  });
    expect_call(mknod(site_path(site, "d/white"), S_IFCHR | 0600, 0));
    expect_blamed(build(site, DOCKERFILE("COPY d /q\n")), 125, 2, "COPY d /q",
                  "white");
    expect_call(unlink(site_path(site, "d/white")));
    site_file(site, "e/.wh.foo", "");
    expect_blamed(build(site, DOCKERFILE("COPY e /q\n")), 125, 2, "COPY e /q",
                  ".wh.foo");
    expect_tidy(site);
}

/* By now the suite's files are there, and a socket; nothing waits. */
static void fifos_do_not_block(void)
{
    const struct site *site = furnished();

    (void)built(site, DOCKERFILE("COPY d/fifo /q\n"));
    expect_inside(site, "stat -c '%F %a' /q", "fifo 600\n");
}

static void large_files(void)
{
    const struct site *site = site_new();
    size_t size = (1 << 20) + 12345;
    char *bytes = keep_zeroed(size);

    for (size_t i = 0; i < size; i++)
        bytes[i] = (char)(i * 7 + (i >> 9));
    file_write_bytes(site_path(site, "big"), bytes, size);
    (void)built(site, DOCKERFILE("COPY big Dockerfile /q/\n"
                                 "RUN cp /q/big /q/again\n"));
    expect_exit(on(site, "save", "-o", site_path(site, "t.tar"), "t"), 0);
    expect_inside(site, "cmp /q/big /q/again; wc -c </q/big",
                  keep_format("%zu\n", size));
    expect_contains(
        "sum of the file inside",
        keep_copy(spawn_run(&(struct spawn){
                                .argv = ARGV("md5sum", site_path(site, "big"))})
                      ->out,
                  32),
        in_image(site, "md5sum /q/big")->out);
}

static const struct trial trials[] = {
    {.name = "copy_takes_a_file",
     .claim =
         "COPY makes a file of that name, or in a directory that is there, or "
         "that the / says",
     .usual_cause = "a directory of that name is not looked for",
     .reread = "#copy",
     .feature = true,
     .depends = "build_makes_an_image",
     .body = a_file},
    {.name = "copy_takes_a_directory",
     .claim = "of a directory COPY takes what is in it, links, FIFOs and empty "
              "directories as they are",
     .usual_cause = "the directory itself is copied, or links are "
                    "followed",
     .reread = "#copy",
     .feature = true,
     .depends = "copy_takes_a_file",
     .body = a_directory},
    {.name = "copy_merges",
     .claim =
         "a directory is merged into one that is there, which keeps its mode; "
         "files and links in it are replaced",
     .usual_cause = "what is there is removed, or a "
                    "link written through",
     .reread = "#copy",
     .feature = true,
     .depends = "copy_takes_a_directory",
     .body = merged},
    {.name = "copy_is_below_workdir",
     .claim = "a destination without / is below WORKDIR; .. ends at the root",
     .usual_cause = "the text is used as it is",
     .reread = "#copy",
     .feature = true,
     .depends = "copy_takes_a_directory",
     .body = where_to},
    {.name = "copy_reads_words",
     .claim = "names may have blanks, in quotes or in JSON",
     .usual_cause = "words are parted at all blanks",
     .reread = "#copy",
     .feature = true,
     .depends = "copy_takes_a_directory",
     .body = quoted_words},
    {.name = "copy_takes_patterns",
     .claim = "* ? [] stand for names, and do not cross a /",
     .usual_cause =
         "fnmatch() without FNM_PATHNAME, or a * that matches a begin",
     .reread = "#context",
     .feature = true,
     .depends = "copy_takes_a_directory",
     .body = patterns},
    {.name = "copy_begins_at_the_context",
     .claim = "a source is below the context, with a / in front as without",
     .usual_cause = "an absolute path is one of the host's",
     .reread = "#context",
     .feature = true,
     .depends = "copy_takes_a_directory",
     .body = leading_slashes},
    {.name = "copy_stays_in_the_context",
     .claim = "a source above the context is refused",
     .usual_cause = ".. is looked up before it is looked at",
     .reread = "#context",
     .feature = true,
     .depends = "copy_takes_a_file",
     .body = outside},
    {.name = "copy_misses_nothing",
     .claim = "what is not there, or can't be meant, is refused by name",
     .usual_cause = "a pattern without a match copies nothing",
     .reread = "#context",
     .feature = true,
     .depends = "copy_takes_a_file",
     .body = not_there},
    {.name = "copy_finds_its_way_barred",
     .claim = "a file where a directory has to be, or the other way round, "
              "is refused",
     .usual_cause = "what is in the way is removed",
     .reread = "#copy",
     .feature = true,
     .depends = "copy_takes_a_file",
     .body = in_the_way},
    {.name = "copy_replaces_no_file",
     .claim = "nor does a directory take a file's place where directories "
              "are merged",
     .usual_cause = "a path that ends in a slash is never a file's",
     .reread = "#copy",
     .feature = true,
     .depends = "copy_takes_a_directory",
     .body = file_in_the_way},
    {.name = "copy_takes_odd_files",
     .claim = "devices are copied, sockets left out, and what an image "
              "can't hold is "
              "refused",
     .usual_cause = "a name that begins with .wh. removes another one",
     .reread = "#pack",
     .feature = true,
     .depends = "copy_takes_a_directory",
     .body = odd_files},
    {.name = "copy_does_not_block",
     .claim = "a FIFO is made, not read",
     .usual_cause = "open() waits for a writer",
     .reread = "#context",
     .feature = true,
     .depends = "copy_takes_a_file",
     .body = fifos_do_not_block},
    {.name = "copy_takes_large_files",
     .claim = "a large file arrives as it was",
     .usual_cause = "a short write is taken for the end",
     .reread = "#copy",
     .feature = true,
     .depends = "copy_takes_a_file",
     .body = large_files},
};

const struct chapter chapter_copy = {"COPY", TRIALS(trials)};
