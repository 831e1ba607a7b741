/*
 * Chapter: from a Dockerfile to an image.
 */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "suite.h"

static void makes_an_image(void)
{
    const struct site *site = site_new();

    (void)built(site, DOCKERFILE("RUN echo hello >/made\n"));
    expect_inside(site, "cat /made", "hello\n");
    expect_tidy(site);
}

static void steps_build_on_each_other(void)
{
    const struct site *site = site_new();

    site_file(site, "a", "a\n");
    (void)built(site, DOCKERFILE("WORKDIR /w\n"
                                 "COPY a b\n"
                                 "RUN cat b >c; echo more >>b\n"
                                 "RUN rm /etc/issue; cat b c >d\n"));
    expect_inside(site, "cat /w/d; ls /w; test ! -e /etc/issue",
                  "a\nmore\na\nb\nc\nd\n");
}

static void tells_how_it_goes(void)
{
    const struct site *site = site_new();
    const char *id;
    const char *out = built(site, DOCKERFILE("# a comment\n"
                                             "ENV a=1\n"
                                             "RUN echo spoken\n"));

    id = shared_id(out);
    expect_contains("stdout", "Step 1/3 : FROM busybox\n", out);
    expect_contains("stdout", "\nStep 2/3 : ENV a=1\n", out);
    expect_contains("stdout", "\nStep 3/3 : RUN echo spoken\nspoken\n", out);
    expect_contains("stdout",
                    keep_format("\nSuccessfully built %s\n"
                                "Successfully tagged t:latest\n",
                                id),
                    out);
    expect_contains("duct images", keep_format("t latest %s\n", id),
                    shared_images(site));
    expect_int("steps said to be CACHED", 0, shared_hits(out));
}

/* An instruction over several lines is told in one. */
static void tells_whole_lines(void)
{
    const struct site *site = site_new();

    expect_contains("stdout", "Step 2/2 : RUN true   a b\n",
                    built(site, DOCKERFILE("RUN true \\\n  a\\\n b\n")));
}

static void without_a_name(void)
{
    const struct site *site = site_new();
    struct program *p;

    file_write(site_path(site, "Dockerfile"), DOCKERFILE("ENV a=1\n"));
    p = on(site, "build", site->context);
    expect_lacks("stdout", "tagged", shared_built(p));
    expect_contains("duct images",
                    keep_format("<none> <none> %s\n", shared_id(p->out)),
                    shared_images(site));
}

static void names_are_moved(void)
{
    const struct site *site = site_new();
    const char *old, *new, *other;
    struct program *p;

    old = shared_id(built(site, DOCKERFILE("ENV a=1\n")));
    new = shared_id(built(site, DOCKERFILE("ENV a=2\n")));
    expect_contains("duct images", keep_format("t latest %s\n", new),
                    shared_images(site));
    expect_contains("duct images: the older one has no name",
                    keep_format("<none> <none> %s\n", old),
                    shared_images(site));
    p = build(site, DOCKERFILE("ENV a=3\n"), "--tag", "Some");
    expect_refused(p, "\"Some\"");
    p = build(site, DOCKERFILE("ENV a=3\n"), "--tag=some/where:v1");
    other = shared_id(shared_built(p));
    expect_contains("stdout", "Successfully tagged some/where:v1\n", p->out);
    expect_contains("duct images", keep_format("some/where v1 %s\n", other),
                    shared_images(site));
    expect_contains("duct images", keep_format("t latest %s\n", new),
                    shared_images(site));
}

static void images_between_are_not_listed(void)
{
    const struct site *site = site_new();
    const char *before = shared_images(site);
    const char *id = shared_id(
        built(site, DOCKERFILE("ENV a=1\nRUN true\nENV b=1\nENV c=1\n")));

    expect_str("duct images", keep_format("t latest %s\n%s", id, before),
               shared_images(site));
    expect_exit(on(site, "rmi", "t"), 0);
    expect_str("duct images", before, shared_images(site));
}

static void from_alone(void)
{
    const struct site *site = site_new();
    const char *before = shared_images(site), *id;

    id = shared_id(built(site, DOCKERFILE("")));
    expect_str("the base image, by both names",
               keep_format("t latest %s\n%s", id, before), shared_images(site));
    expect_str("duct images: the base image as it was",
               keep_format("busybox latest %s\n", id), before);
    expect_inside(site, "echo $0", "/bin/sh\n");
}

static void from_names(void)
{
    const struct site *site = site_new();
    const char *id;

    expect_exit(on(site, "tag", "busybox", "base/is:v1"), 0);
    (void)built(site, "FROM base/is:v1\nENV made=1\nRUN echo 1 >/made\n");
    id = shared_id(built(site, "FROM t\nRUN echo $made 2 >>/made\n"));
    (void)built(site, keep_format("FROM %s\nRUN echo 3 >>/made\n", id));
    (void)built(site, "FROM t AS last\nRUN echo 4 >>/made\n");
    (void)built(site, "FROM t as again\nRUN echo 5 >>/made\n");
    expect_inside(site, "cat /made", "1\n1 2\n3\n4\n5\n");
}

static void from_nothing(void)
{
    const struct site *site = site_new();

    site_file(site, "a", "a\n");
    (void)built(site, "FROM scratch\nCOPY a /d/b\n");
    expect_str("names in the layer", "d/\nd/b\n", saved_names(site));
    expect_str("what the image's steps were", "layer",
               keep_copy(saved_history(site), 5));
    expect_contains("its rootfs", "\"type\":\"layers\"",
                    saved_top(site, "rootfs"));
    expect_str("its os", "\"linux\"", saved_top(site, "os"));
    expect_str("its Env",
               "[\"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/"
               "sbin:/bin\"]",
               saved_member(site, "Env"));
    expect_tidy(site);
}

/* There is a whole image, of settings alone. */
static void from_nothing_but_words(void)
{
    const struct site *site = site_new();

    (void)built(site, "FROM scratch\nENV a=1\nCMD [\"/x\"]\n");
    expect_str("its Cmd", "[\"/x\"]", saved_member(site, "Cmd"));
    expect_str("its history",
               "empty /bin/sh -c #(nop)  ENV a=1\n"
               "empty /bin/sh -c #(nop)  CMD [\"/x\"]\n",
               saved_history(site));
    expect_str("its diff_ids", "{\"diff_ids\":[],\"type\":\"layers\"}",
               saved_top(site, "rootfs"));
}

static void from_scratch_runs(void)
{
    const struct site *site = site_new();

    expect_exit(spawn_run(&(struct spawn){
                    .argv = ARGV("cp", keep_format("%s/bin/busybox", rootfs()),
                                 site_path(site, "busybox"))}),
                0);
    (void)built(site, "FROM scratch\n"
                      "COPY busybox /\n"
                      "RUN [\"/busybox\", \"mkdir\", \"/bin\"]\n"
                      "RUN [\"/busybox\", \"true\"]\n"
                      "RUN [\"/busybox\", \"ln\", \"/busybox\", \"/bin/sh\"]\n"
                      "USER 5\nRUN /busybox ls /bin/sh\n");
    expect_inside(site, "echo works", "works\n");
    expect_contains("its history", "empty /busybox true\n",
                    saved_history(site));
}

static void refused_bases(void)
{
    const struct site *site = site_new();

    expect_blamed(build(site, "FROM nosuch\nENV a=1\n"), 125, 1, "FROM nosuch",
                  "nosuch");
    expect_blamed(build(site, "FROM busybox:v9\n"), 125, 1, "FROM busybox:v9",
                  "busybox:v9");
    expect_blamed(build(site, "FROM BUSYBOX\n"), 125, 1, "FROM BUSYBOX",
                  "BUSYBOX");
    expect_blamed(build(site, "FROM ${none}\n"), 125, 1, "FROM ${none}",
                  "\"\"");
    expect_blamed(build(site, "FROM busybox IS it\n"), 125, 1,
                  "FROM busybox IS it", "FROM needs an IMAGE");
    expect_failed(build(site, "FROM scratch\n"), "Dockerfile", "makes nothing");
    expect_nothing_left(site);
}

static void file_elsewhere(void)
{
    const struct site *site = site_new();
    const char *other = tree_fresh_dir(0);

    site_file(site, "a", "of the context\n");
    tree_make(other, "My.file", DOCKERFILE("COPY a /made\n"));
    tree_make(other, "a", "of elsewhere\n");
    (void)built(site, "no Dockerfile", "-f", keep_format("%s/My.file", other));
    expect_inside(site, "cat /made", "of the context\n");
    tree_make(other, "My.file", DOCKERFILE("FORM\n"));
    expect_failed(build(site, "", "--file", keep_format("%s/My.file", other)),
                  keep_format("duct: %s/My.file:2: ", other));
}

static void file_on_stdin(void)
{
    const struct site *site = site_new();
    static const char text[] = DOCKERFILE("COPY a /made\nRUN cat >/read\n");
    const struct spawn spawn = {
        .argv = shared_build(site, ARGV("no Dockerfile", "-f", "-")),
        .input = text,
        .input_size = strlen(text),
    };

    site_file(site, "a", "a\n");
    expect_exit(spawn_run(&spawn), 0);
    expect_inside(site, "cat /made /read", "a\n");
}

static void context_is_relative(void)
{
    const struct site *site = site_new();
    const struct spawn spawn = {
        .argv = DUCT("build", "--network", "none", "--state", site->state, "-t",
                     "t", "."),
        .cwd = site->context,
    };

    site_file(site, "d/a", "a\n");
    file_write(site_path(site, "Dockerfile"), DOCKERFILE("COPY d/a /made\n"));
    expect_exit(spawn_run(&spawn), 0);
    expect_inside(site, "cat /made", "a\n");
}

static void failing_moves_no_name(void)
{
    const struct site *site = site_new();
    const char *before;

    (void)built(site, DOCKERFILE("ENV a=1\n"));
    before = shared_images(site);
    expect_blamed(build(site, DOCKERFILE("RUN false\n")), 1, 2, "RUN false",
                  "returned a non-zero code: 1");
    expect_str("duct images", before, shared_images(site));
    expect_tidy(site);
}

static void nothing_is_left_of_failures(void)
{
    const struct site *site = site_new();

    expect_blamed(
        build(site, DOCKERFILE("RUN echo x >/x; exit 3\nRUN touch /y\n")), 3, 2,
        "RUN echo x >/x; exit 3", "'/bin/sh -c echo x >/x; exit 3'");
    expect_nothing_left(site);
    expect_blamed(build(site, DOCKERFILE("COPY none /\n")), 125, 2,
                  "COPY none /", "find \"none\" in the context", "(ENOENT)");
    expect_nothing_left(site);
}

static const struct trial trials[] = {
    {.name = "build_makes_an_image",
     .claim = "duct build makes an image that duct run can start",
     .usual_cause = "the layer's files are not where the image says",
     .reread = "#commit",
     .feature = true,
     .body = makes_an_image},
    {.name = "steps_build_on_each_other",
     .claim = "each step finds the files that those before it have made",
     .usual_cause = "each step begins with the base image",
     .reread = "#commit",
     .feature = true,
     .depends = "build_makes_an_image",
     .body = steps_build_on_each_other},
    {.name = "build_tells_how_it_goes",
     .claim = "duct build tells each step, what it prints and the image's id",
     .usual_cause = "stdout is a pipe, and what is printed waits in a buffer",
     .reread = "#build",
     .feature = true,
     .depends = "build_makes_an_image",
     .body = tells_how_it_goes},
    {.name = "build_tells_whole_lines",
     .claim = "an instruction over several lines is told in one",
     .usual_cause = "the line as it was read is told",
     .reread = "#build",
     .feature = true,
     .depends = "build_tells_how_it_goes",
     .body = tells_whole_lines},
    {.name = "tag_may_be_left_out",
     .claim = "without -t the image has no name, and is listed by its id",
     .usual_cause = "the index gets names only",
     .reread = "#build_verb",
     .feature = true,
     .depends = "build_tells_how_it_goes",
     .body = without_a_name},
    {.name = "tag_is_moved",
     .claim = "a name goes over to the image built last; -t takes a tag",
     .usual_cause = "the same name is in the index twice",
     .reread = "#build_verb",
     .feature = true,
     .depends = "build_tells_how_it_goes",
     .body = names_are_moved},
    {.name = "images_between_are_not_listed",
     .claim = "of a build duct images lists the last image alone, and duct rmi "
              "removes it",
     .usual_cause = "each step's image gets into the index, and stays there",
     .reread = "#commit",
     .feature = true,
     .depends = "build_tells_how_it_goes",
     .body = images_between_are_not_listed},
    {.name = "from_alone_is_the_base",
     .claim = "FROM alone makes no new image: the base gets one more name",
     .usual_cause = "a config that was read and written is another one",
     .reread = "#build",
     .feature = true,
     .depends = "build_tells_how_it_goes",
     .body = from_alone},
    {.name = "from_takes_names_and_ids",
     .claim = "FROM takes a name, a name with a tag, an id; AS NAME may follow",
     .usual_cause = "only names are looked up",
     .reread = "#build",
     .feature = true,
     .depends = "build_makes_an_image",
     .body = from_names},
    {.name = "from_scratch_has_nothing",
     .claim = "FROM scratch begins without a layer, and with PATH alone",
     .usual_cause = "overlay wants a lower directory: give it an empty one, "
                    "and leave it out of the image",
     .reread = "#commit",
     .feature = true,
     .depends = "build_makes_an_image",
     .body = from_nothing},
    {.name = "from_scratch_without_files",
     .claim = "an image of settings alone is an image",
     .usual_cause = "a manifest needs a layer, it is thought",
     .reread = "#commit",
     .feature = true,
     .depends = "from_scratch_has_nothing",
     .body = from_nothing_but_words},
    {.name = "from_scratch_runs",
     .claim = "what was copied into scratch can be run",
     .usual_cause = "directories that a container mounts on are taken for "
                    "changes, or are missing",
     .reread = "#run_step",
     .feature = true,
     .depends = "from_scratch_has_nothing",
     .body = from_scratch_runs},
    {.name = "from_refuses",
     .claim = "a base that is not there, or is no name, is refused",
     .usual_cause = "the result of the search is not looked at",
     .reread = "#build",
     .feature = true,
     .depends = "build_makes_an_image",
     .body = refused_bases},
    {.name = "file_may_be_elsewhere",
     .claim = "-f takes a Dockerfile from anywhere; COPY still means CONTEXT",
     .usual_cause = "paths are looked up beside the Dockerfile",
     .reread = "#build_verb",
     .feature = true,
     .depends = "build_makes_an_image",
     .body = file_elsewhere},
    {.name = "file_from_stdin",
     .claim = "-f - reads it from stdin, and a RUN has nothing to read",
     .usual_cause = "the container inherits stdin",
     .reread = "#build_verb",
     .feature = true,
     .depends = "build_makes_an_image",
     .body = file_on_stdin},
    {.name = "context_may_be_relative",
     .claim = "CONTEXT may be a relative path, such as .",
     .usual_cause = "the path is used in a child that is elsewhere by then",
     .reread = "#context",
     .feature = true,
     .depends = "build_makes_an_image",
     .body = context_is_relative},
    {.name = "failing_moves_no_name",
     .claim = "a build that fails leaves names as they were, and ends with "
              "the command's status",
     .usual_cause = "the name is given to each step's image",
     .reread = "#build",
     .feature = true,
     .depends = "build_makes_an_image",
     .body = failing_moves_no_name},
    {.name = "failing_leaves_nothing",
     .claim = "a build that fails leaves no name, no container and no mount",
     .usual_cause = "an error path returns before the layer is closed",
     .reread = "#commit",
     .feature = true,
     .depends = "build_makes_an_image",
     .body = nothing_is_left_of_failures},
};

const struct chapter chapter_first = {"From a Dockerfile", TRIALS(trials)};
