/*
 * Chapter: skopeo and umoci write what duct reads, and read what duct writes.
 */
#include <string.h>
#include <unistd.h>

#include "suite.h"

static const char *needs_skopeo(void)
{
    return spawn_have("skopeo") ? NULL
                                : "skopeo is not installed: see make doctor";
}

static const char *needs_umoci(void)
{
    return spawn_have("umoci") ? NULL
                               : "umoci is not installed: see make doctor";
}

/* All but the scratch directory is read-only here. */
static struct program *peer(const char *const *argv)
{
    const char *tmp = tree_fresh_dir(0);
    struct program *p = spawn_run(&(struct spawn){
        .argv = argv,
        .env = ARGV("PATH=/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin",
                    keep_format("HOME=%s", tmp), keep_format("TMPDIR=%s", tmp),
                    keep_format("XDG_RUNTIME_DIR=%s", tmp)),
        .timeout_ms = 30000,
    });

    expect_exit(p, 0);
    (void)file_remove_tree("/var/lib/containers"); /* what skopeo remembers */
    return p;
}

#define PEER(...) peer(ARGV(__VA_ARGS__))
#define COPY(...)                                                              \
    PEER("skopeo", "--tmpdir", tree_fresh_dir(0), "--insecure-policy", "copy", \
         "-q", __VA_ARGS__)
#define INSPECT(...)                                                           \
    PEER("skopeo", "--tmpdir", tree_fresh_dir(0), "inspect", "--config",       \
         "--raw", __VA_ARGS__)

static const struct recipe *two_layers(void)
{
    static struct recipe r;

    r = (struct recipe){.layers = keep_zeroed(3 * sizeof(struct bytes)),
                        .config =
                            "{\"Cmd\":[\"/bin/cat\",\"/d/low\",\"/d/new\"],"
                            "\"Env\":[\"PATH=/bin\"]}",
                        .tags = "[\"docker.io/me/box:v1\"]"};
    ((struct bytes *)r.layers)[0] = pack_base();
    ((struct bytes *)r.layers)[1] =
        TAR(D("d"), F("d/low", "top\n"), F("d/new", "new\n", .uid = 7),
            F("d/.wh.gone", ""), D("o"), F("o/.wh..wh..opq", ""));
    return &r;
}

static void expect_whole(const char *state, const char *image)
{
    struct container *c;

    expect_output(run(state, image), "top\nnew\n");
    c = box(state, image, "/bin/sleep", "4711");
    expect_str("/d", "low new", listed(c, "/d"));
    expect_str("/d/new", "file 644 7:0 new\n", seen(c, "/d/new"));
    expect_str("/o", "", listed(c, "/o"));
    container_end(c);
}

/* @to is how skopeo calls the kind of archive. */
static void skopeo_writes(const char *to, const char *name,
                          const char *compression)
{
    const char *state = tree_fresh_dir(0), *in = archive(two_layers());
    const char *file = keep_format("%s/out.tar", tree_fresh_dir(0));
    const char *layout = tree_fresh_dir(0);

    if (compression != NULL) {
        COPY("--format", "oci", "--dest-compress", "--dest-compress-format",
             compression, keep_format("docker-archive:%s", in),
             keep_format("dir:%s", layout));
        COPY(keep_format("dir:%s", layout),
             keep_format("%s:%s:%s", to, file, name));
    } else {
        COPY(keep_format("docker-archive:%s", in),
             keep_format("%s:%s:%s", to, file, name));
    }
    expect_output(load(state, file), "Loaded image: me/box:v1\n");
    expect_whole(state, "me/box:v1");
}

static void skopeos_archives(void)
{
    skopeo_writes("docker-archive", "docker.io/me/box:v1", NULL);
    skopeo_writes("oci-archive", "docker.io/me/box:v1", NULL);
    skopeo_writes("oci-archive", "docker.io/me/box:v1", "gzip");
    skopeo_writes("oci-archive", "docker.io/me/box:v1", "zstd");
}

static void skopeo_reads(void)
{
    const char *state = tree_fresh_dir(0), *config;
    const char *file = keep_format("%s/saved.tar", tree_fresh_dir(0));
    const char *const *from;
    const struct program *p;

    (void)load(state, archive(two_layers()));
    expect_exit(duct("save", "--state", state, "-o", file, "me/box:v1"), 0);
    config = pack_config(two_layers()).at;
    from = ARGV(keep_format("docker-archive:%s", file),
                keep_format("docker-archive:%s:me/box:v1", file),
                keep_format("oci-archive:%s", file),
                keep_format("oci-archive:%s:v1", file));
    for (; *from != NULL; from++) {
        COPY(*from, keep_format("dir:%s", tree_fresh_dir(0)));
        p = INSPECT(*from);
        expect_str("the config, as skopeo has it", config, p->out);
    }
    /* The store is such a layout, too. */
    p = INSPECT(keep_format("oci:%s/_images:docker.io/me/box:v1", state));
    expect_str("the config, as skopeo has it from the store", config, p->out);
}

static void umocis_archive(void)
{
    const char *state = tree_fresh_dir(0), *top = tree_fresh_dir(0);
    const char *image = keep_format("%s/layout:v1", top);
    const char *bundle = keep_format("%s/bundle", top);
    const char *tree = keep_format("%s/rootfs", bundle);
    const char *tar = keep_format("%s/out.tar", top);

    PEER("umoci", "init", "--layout", keep_format("%s/layout", top));
    PEER("umoci", "new", "--image", image);
    PEER("umoci", "unpack", "--image", image, bundle);
    PEER("cp", "-a", keep_format("%s/bin", rootfs()), tree);
    tree_make(tree, "d/low", "of umoci\n");
    tree_make(tree, "d/gone", "x\n");
    PEER("umoci", "repack", "--refresh-bundle", "--image", image, bundle);
    expect_call(unlink(keep_format("%s/d/gone", tree)));
    PEER("umoci", "repack", "--image", image, bundle);
    PEER("umoci", "config", "--image", image, "--config.cmd", "/bin/sh",
         "--config.cmd", "-c", "--config.cmd", "cat /d/*; echo $A",
         "--config.env", "A=of the image", "--config.user", "7:8");
    PEER("tar", "-cf", tar, "-C", keep_format("%s/layout", top), ".");
    expect_output(load(state, tar), "Loaded image: v1:latest\n");
    expect_output(run(state, "v1"), "of umoci\nof the image\n");
    expect_contains("user", "Uid:\t7\t",
                    run(state, "v1", "/bin/cat", "/proc/self/status")->out);
}

static void umoci_reads(void)
{
    const char *state = tree_fresh_dir(0), *layout = tree_fresh_dir(0);
    const char *file = keep_format("%s/saved.tar", tree_fresh_dir(0));
    const char *bundle = keep_format("%s/bundle", tree_fresh_dir(0));

    (void)load(state, archive(two_layers()));
    expect_exit(duct("save", "--state", state, "-o", file, "me/box:v1"), 0);
    PEER("tar", "-xf", file, "-C", layout);
    PEER("umoci", "unpack", "--image", keep_format("%s:v1", layout), bundle);
    expect_str("a file that umoci has unpacked", "top\n",
               file_read(keep_format("%s/rootfs/d/low", bundle)));
    expect_that(access(keep_format("%s/rootfs/d/gone", bundle), F_OK) < 0,
                "no file that a layer hides", "one");
}

static const struct trial trials[] = {
    {.name = "skopeos_archives",
     .claim = "duct loads and runs what skopeo writes, of either kind, with "
              "gzip and zstd",
     .usual_cause = "a media type, or a name, that only one tool writes",
     .reread = "#archive_load",
     .feature = true,
     .depends = "oci_archive",
     .needs = needs_skopeo,
     .body = skopeos_archives},
    {.name = "skopeo_reads",
     .claim = "skopeo finds every digest in what duct saves, and in the store, "
              "to be true",
     .usual_cause = "a size or digest in a descriptor is another blob's",
     .reread = "#archive_save",
     .feature = true,
     .depends = "saved_both_ways",
     .needs = needs_skopeo,
     .body = skopeo_reads},
    {.name = "umocis_archive",
     .claim = "duct loads and runs what umoci writes",
     .usual_cause = "tar(1) puts ./ in front of names",
     .reread = "#archive_load",
     .feature = true,
     .depends = "oci_archive",
     .needs = needs_umoci,
     .body = umocis_archive},
    {.name = "umoci_reads",
     .claim = "umoci unpacks what duct saves",
     .usual_cause = "a descriptor without a media type",
     .reread = "#archive_save",
     .feature = true,
     .depends = "saved_both_ways",
     .needs = needs_umoci,
     .body = umoci_reads},
};

const struct chapter chapter_peers = {"Peers", TRIALS(trials)};
