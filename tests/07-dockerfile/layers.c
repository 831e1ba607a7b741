/*
 * Chapter: what a step has changed becomes a layer, which others can read.
 */
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "suite.h"

static const char *names_of(const char *layer)
{
    const struct program *p =
        spawn_run(&(struct spawn){.argv = ARGV("tar", "-tf", layer)});

    expect_exit(p, 0);
    return p->out;
}

static const char *names_sorted(const char *layer)
{
    const struct program *p = spawn_run(&(struct spawn){
        .argv = ARGV("sh", "-c", "tar -tf \"$1\" | sort", "sh", layer)});

    expect_exit(p, 0);
    return p->out;
}

static void only_changes(void)
{
    const struct site *site = site_new();

    (void)built(site, DOCKERFILE("RUN mkdir /d; echo a >/d/a; echo b >/d/b\n"
                                 "RUN echo more >>/d/a\n"));
    expect_str("names in the layer", "d/\nd/a\n", saved_names(site));
    expect_str("names in the one below", "d/\nd/a\nd/b\n",
               names_of(saved_layer(site, 1)));
}

static void removed(void)
{
    const struct site *site = site_new();

    (void)built(site, DOCKERFILE("RUN mkdir -p /d/e; touch /d/a /d/e/f /top\n"
                                 "RUN rm -r /d/a /d/e /top; touch /d/.hidden "
                                 "/d/.wha\n"));
    expect_str("names in the layer",
               ".wh.top\nd/\nd/.hidden\nd/.wh.a\nd/.wh.e\nd/.wha\n",
               names_sorted(saved_layer(site, 0)));
    expect_inside(site, "ls -A /d | xargs; test ! -e /top", ".hidden .wha\n");
}

static void made_again(void)
{
    const struct site *site = site_new();
    const char *other = tree_fresh_dir(0);

    (void)built(site, DOCKERFILE("RUN mkdir -p /o/d; touch /o/1 /o/2; ln /o/1 "
                                 "/hl; ln -s x /sl; mkdir /dir\n"
                                 "RUN rm -r /o /hl /sl /dir; mkdir /o /sl; "
                                 "echo 3 >/o/3; ln -s x /hl; echo f >/dir\n"));
    expect_inside(site, "ls /o; readlink /hl; test -d /sl; cat /dir",
                  "3\nx\nf\n");
    expect_contains("names in the layer", "o/\no/.wh..wh..opq\no/3\n",
                    saved_names(site));
    expect_exit(on(site, "save", "-o", keep_format("%s/t.tar", other), "t"), 0);
    expect_exit(
        duct("load", "--state", other, "-i", keep_format("%s/t.tar", other)),
        0);
    expect_output(duct("run", "--network", "none", "--state", other, "t",
                       "/bin/sh", "-c",
                       "ls /o; readlink /hl; test -d /sl; cat /dir"),
                  "3\nx\nf\n");
}

static void sorted(void)
{
    const struct site *site = site_new();

    (void)built(site, DOCKERFILE("RUN mkdir /n; cd /n; touch z A a _ 0 a.b ab\n"
                                 "RUN touch /n/b\n"));
    expect_str("names in the layer",
               "n/\nn/0\nn/A\nn/_\nn/a\nn/a.b\nn/ab\nn/z\n",
               names_of(saved_layer(site, 1)));
}

static void long_names(void)
{
    const struct site *site = site_new();

    (void)built(site,
                DOCKERFILE("RUN mkdir /n; cd /n; "
                           "l=$(printf 'l%.0s' $(seq 200)); mkdir $l; "
                           "touch $l/$l; ln -s $l$l $l/link; "
                           "touch $(printf '\\303\\251') $(printf 'b\\377d')\n"
                           "RUN cd /n/l*; test -L link; "
                           "readlink link | wc -c; ls /n/b*d | wc -l; "
                           "test -e $(printf '/n/\\303\\251')\n"));
    expect_inside(site, "readlink /n/l*/link | wc -c; ls /n | wc -l",
                  "401\n3\n");
}

/* Only of a name that is none does a tar say that its letters are bytes. */
static void names_in_utf8(void)
{
    const struct site *site = site_new();

    (void)built(site, DOCKERFILE("RUN touch /$(printf '\\303\\251')\n"));
    expect_str(
        "lines of the layer's tar with hdrcharset", "0\n",
        spawn_run(&(struct spawn){.argv = ARGV("grep", "-a", "-c", "hdrcharset",
                                               saved_layer(site, 0))})
            ->out);
    expect_inside(site, "test -e /\xc3\xa9; echo $?", "0\n");
}

/* Where a file has holes is up to the disk it is on. */
static void holes(void)
{
    const struct site *site = site_new();

    expect_exit(spawn_run(&(struct spawn){.argv = ARGV("truncate", "-s", "3M",
                                                       site_path(site, "a"))}),
                0);
    (void)built(site, DOCKERFILE("COPY a /a\nRUN truncate -s 3M /b; "
                                 "echo end >>/b\n"));
    for (size_t i = 0; i < 2; i++)
        expect_str("lines of a layer's tar with GNU.sparse", "0\n",
                   spawn_run(&(struct spawn){
                                 .argv = ARGV("grep", "-a", "-c", "GNU.sparse",
                                              saved_layer(site, i))})
                       ->out);
    expect_inside(site, "stat -c %s /a /b; tail -n 1 /b | tail -c 4",
                  "3145728\n3145732\nend\n");
}

static void no_tools_files(void)
{
    const struct site *site = site_new();

    expect_blamed(build(site, DOCKERFILE("RUN touch /etc/.wh.passwd\n")), 125,
                  2, "RUN touch /etc/.wh.passwd", "/etc/.wh.passwd");
    expect_blamed(build(site, DOCKERFILE("RUN mkdir /.wh.d\n")), 125, 2,
                  "RUN mkdir /.wh.d", "/.wh.d");
    expect_nothing_left(site);
}

static void sockets_are_left_out(void)
{
    const struct site *site = site_new();

    expect_exit(spawn_run(&(struct spawn){
                    .argv = ARGV("cp", inside_program("unixsocket"),
                                 site_path(site, "make"))}),
                0);
    (void)built(site, DOCKERFILE("COPY make /\n"
                                 "RUN /make /s; test -S /s; touch /x\n"));
    expect_str("names in the layer", "x\n", saved_names(site));
    expect_inside(site, "ls /x; test ! -e /s", "/x\n");
}

static void many_layers(void)
{
    const struct site *site = site_new();
    const struct program *p;

    (void)built(site, DOCKERFILE("RUN touch /x\n"));
    saved_load_layers(site, 126, "many:1");
    (void)built(site, "FROM many:1\nRUN echo 1 >/1\nENV a=1\nRUN true\n");
    expect_inside(site, "cat /1", "1\n");
    p = build(site, "FROM many:1\nRUN echo 1 >/1\nENV a=1\nRUN touch /2\n");
    expect_blamed(p, 125, 4, "RUN touch /2", "127 layers");
    expect_tidy(site);
}

/* As the digests in its config and its manifest say. */
static void sums_are_right(void)
{
    const struct site *site = site_new();
    const struct program *p;

    site_file(site, "a", "a\n");
    (void)built(site, DOCKERFILE("COPY a /\nRUN echo b >/b\n"));
    p = spawn_run(&(struct spawn){
        .argv = ARGV("sh", "-c",
                     "cd \"$1/_images/blobs/sha256\"; for f in *; do echo "
                     "\"$f  $f\"; done | sha256sum -c --quiet",
                     "sh", site->state)});
    expect_exit(p, 0);
    expect_contains(
        "its diff_ids: the sum of the layer's tar",
        keep_copy(spawn_run(&(struct spawn){.argv = ARGV("sha256sum",
                                                         saved_layer(site, 0))})
                      ->out,
                  64),
        saved_top(site, "rootfs"));
}

static void layers_of_a_base(void)
{
    const struct site *site = site_new();
    static const char *const kinds[] = {"gzip", "zstd"};

    for (size_t i = 0; i < 2; i++) {
        const char *packed = site_path(site, kinds[i]);

        if (!spawn_have(kinds[i]))
            continue;
        expect_exit(spawn_run(&(struct spawn){
                        .argv = ARGV("sh", "-c",
                                     "tar -C \"$1\" --exclude=./inside -c . | "
                                     "$3 >\"$2\"",
                                     "sh", rootfs(), packed, kinds[i])}),
                    0);
        expect_exit(on(site, "import", packed, "base"), 0);
        (void)built(site, "FROM base\nRUN echo x >/x\n");
        expect_inside(site, "cat /x", "x\n");
        expect_str("names in the layer", "x\n", saved_names(site));
    }
}

static const struct trial trials[] = {
    {.name = "layers_have_changes_alone",
     .claim = "a layer has what its step has changed",
     .usual_cause = "all of the image is packed",
     .reread = "#pack",
     .feature = true,
     .depends = "build_makes_an_image",
     .body = only_changes},
    {.name = "layers_tell_what_is_gone",
     .claim = "what a step removes is a file .wh.NAME in its layer",
     .usual_cause = "overlay's own mark is packed, a device 0,0",
     .reread = "#pack",
     .feature = true,
     .depends = "layers_have_changes_alone",
     .body = removed},
    {.name = "layers_tell_what_is_new",
     .claim =
         "a directory that was made again hides what was in the old one, after "
         "duct save and duct load as well",
     .usual_cause = "trusted.overlay.opaque is not looked "
                    "for",
     .reread = "#pack",
     .feature = true,
     .depends = "layers_have_changes_alone",
     .body = made_again},
    {.name = "layers_are_sorted",
     .claim = "names in a layer are in the order of their bytes",
     .usual_cause = "readdir() tells them in an order of its own",
     .reread = "#pack",
     .feature = true,
     .depends = "layers_have_changes_alone",
     .body = sorted},
    {.name = "layers_take_long_names",
     .claim = "names may be long, and of any bytes",
     .usual_cause =
         "ustar's 100 bytes; or a name that is not in the locale is dropped",
     .reread = "#pack",
     .feature = true,
     .depends = "layers_have_changes_alone",
     .body = long_names},
    {.name = "layers_have_names_in_utf8",
     .claim = "a name in UTF-8 is written as such",
     .usual_cause =
         "in the locale C each letter beyond ASCII is a byte of its own",
     .reread = "#pack",
     .feature = true,
     .depends = "layers_have_changes_alone",
     .body = names_in_utf8},
    {.name = "layers_have_no_holes",
     .claim = "a file with holes is all there, as any tar tells it",
     .usual_cause = "libarchive looks for holes, and GNU's tar alone reads it",
     .reread = "#pack",
     .feature = true,
     .depends = "build_makes_an_image",
     .body = holes},
    {.name = "layers_refuse_whiteouts",
     .claim = "a file whose name begins with .wh. is refused: it would "
              "remove another",
     .usual_cause = "names are not looked at",
     .reread = "#pack",
     .feature = true,
     .depends = "layers_have_changes_alone",
     .body = no_tools_files},
    {.name = "layers_have_no_sockets",
     .claim = "a socket is left out",
     .usual_cause = "a tar has no such type",
     .reread = "#pack",
     .feature = true,
     .depends = "layers_have_changes_alone",
     .body = sockets_are_left_out},
    {.name = "layers_have_a_limit",
     .claim = "an image may have 127 layers; the step that makes one more "
              "is refused",
     .usual_cause = "the mount fails, and says too little",
     .reread = "#commit",
     .feature = true,
     .depends = "layers_have_changes_alone",
     .body = many_layers},
    {.name = "layers_have_their_sums",
     .claim =
         "each blob is called by its sum, each layer is in diff_ids by its own",
     .usual_cause = "the sum is made of something else than what is written",
     .reread = "#commit",
     .feature = true,
     .depends = "layers_have_changes_alone",
     .body = sums_are_right},
    {.name = "layers_of_a_base_stay",
     .claim = "the base's layers may be compressed, and stay so",
     .usual_cause = "their media type is forgotten",
     .reread = "#commit",
     .feature = true,
     .depends = "layers_have_changes_alone",
     .body = layers_of_a_base},
};

const struct chapter chapter_layers = {"Layers", TRIALS(trials)};
