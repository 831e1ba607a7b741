/*
 * Chapter: all of it without root.
 */
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "suite.h"

static struct site *furnished(void)
{
    struct site *site = site_of_nobody();

    site_file(site, "d/f", "f\n");
    expect_call(chmod(site_path(site, "d/f"), 0600));
    expect_exit(
        spawn_run(&(struct spawn){.argv = ARGV("tar", "-C", site->context,
                                               "--owner=7", "--group=8", "-cf",
                                               site_path(site, "l.tar"), "d")}),
        0);
    expect_exit(spawn_run(&(struct spawn){
                    .argv = ARGV("chown", "-R", "65534:65534", site->context)}),
                0);
    return site;
}

static const char usual[] =
    DOCKERFILE("ENV A=b\n"
               "WORKDIR /srv\n"
               "COPY d www\n"
               "ADD l.tar /l/\n"
               "RUN id -u >/id; rm /etc/issue; mkdir /o; touch /o/1\n"
               "RUN rm -r /o; mkdir /o; touch /o/2; chmod 0 /o/2; "
               "test ! -e /etc/issue\n"
               "COPY d/f /o/3\n");

static void all_of_it(void)
{
    const struct site *site = furnished();

    (void)built(site, usual);
    expect_inside(site,
                  "cat /id /srv/www/f /l/d/f; ls /o | xargs; test ! -e "
                  "/etc/issue; stat -c '%a %u:%g' /o/3 /srv /o/2; pwd",
                  "0\nf\nf\n2 3\n600 0:0\n755 0:0\n0 0:0\n/srv\n");
    expect_hits(7, build(site, usual));
    expect_tidy(site);
}

static void others_can_read_it(void)
{
    const struct site *site = furnished();
    const char *state = tree_fresh_dir(0), *tar;

    (void)built(site, usual);
    tar = keep_format("%s/t.tar", saved(site));
    expect_exit(duct("load", "--state", state, "-i", tar), 0);
    expect_output(duct("run", "--network", "none", "--state", state, "t",
                       "/bin/sh", "-c",
                       "ls /o | xargs; test ! -e /etc/issue; stat -c '%a "
                       "%u:%g' /o/3 /srv/www/f /l/d/f"),
                  "2 3\n600 0:0\n600 0:0\n600 0:0\n");
}

static void same_image_as_roots(void)
{
    const struct site *site = furnished(), *roots = site_new();
    static const char text[] = DOCKERFILE("COPY d /d\nRUN mkdir /q; touch "
                                          "/q/x; rm /etc/issue\n");
    const char *const *env =
        ARGV("PATH=/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL=C",
             keep_format("HOME=%s", scratch_path("home-of-nobody")),
             "SOURCE_DATE_EPOCH=1000000000");
    const char *sums[2];

    site_file(roots, "d/f", "f\n");
    expect_call(chmod(site_path(roots, "d/f"), 0600));
    for (int i = 0; i < 2; i++) {
        const struct site *where = i == 0 ? site : roots;

        (void)shared_built(
            spawn_run(&(struct spawn){.argv = shared_build(where, ARGV(text)),
                                      .env = env,
                                      .uid = where->uid}));
        sums[i] = keep_format("%s", saved_layer(where, 0));
        sums[i] = strrchr(sums[i], '/');
    }
    expect_str("sum of the last layer, as of root's", sums[1], sums[0]);
}

static void nobody_else_there(void)
{
    const struct site *site = furnished();
    const struct program *p = build(site, DOCKERFILE("COPY --chown=5 d /w\n"));

    expect_failed(p, "Dockerfile:2: ");
    expect_contains("the hint", "without root", p->err);
    expect_exit(build(site, DOCKERFILE("USER 5\nRUN id\n")), 125);
    expect_nothing_left(site);
}

static void from_scratch(void)
{
    const struct site *site = furnished();

    (void)built(site, "FROM scratch\nADD l.tar /\n");
    expect_str("names in the layer", "d/\nd/f\n", saved_names(site));
}

static void no_devices(void)
{
    const struct site *site = furnished();

    expect_call(mknod(site_path(site, "null"), S_IFCHR | 0666, 0x103));
    expect_call(mknod(site_path(site, "loop"), S_IFBLK | 0666, 0x700));
    expect_exit(
        spawn_run(&(struct spawn){.argv = ARGV("tar", "-C", site->context,
                                               "-cf", site_path(site, "n.tar"),
                                               "loop", "null", "d/f")}),
        0);
    (void)built(site, DOCKERFILE("ADD n.tar /n/\n"));
    expect_inside(site, "cat /n/d/f; ls /n", "f\nd\n");
}

static void host_network(void)
{
    const struct site *site = furnished();
    const char *here = keep_format(
        "net:[%llu]", (unsigned long long)kernel_namespace(0, "net"));

    expect_contains("network namespace of a RUN with --network host", here,
                    built(site, DOCKERFILE("RUN readlink /proc/self/ns/net\n"),
                          "--network", "host"));
    expect_exit(build(site, DOCKERFILE("RUN true\n"), "--network", "bridge"),
                125);
}

static void unreadable_files(void)
{
    const struct site *site = furnished();

    site_file(site, "d/secret", "x\n"); /* of root's */
    expect_call(chmod(site_path(site, "d/secret"), 0600));
    expect_blamed(build(site, DOCKERFILE("COPY d /d\n")), 125, 2, "COPY d /d",
                  "d/secret", "(EACCES)");
    expect_nothing_left(site);
}

static const struct trial trials[] = {
    {.name = "users_can_build",
     .claim = "a user can build without root, and has the cache",
     .usual_cause = "a directory can't be mounted, or an owner not be set, "
                    "outside of a user "
                    "namespace",
     .reread = "#copy",
     .feature = true,
     .depends = "build_makes_an_image",
     .body = all_of_it},
    {.name = "users_images_are_whole",
     .claim = "root can load what a user has built, whiteouts and all",
     .usual_cause =
         "user.overlay.opaque is not looked for; or files are nobody's",
     .reread = "#pack",
     .feature = true,
     .depends = "users_can_build",
     .body = others_can_read_it},
    {.name = "users_layers_are_roots",
     .claim = "with SOURCE_DATE_EPOCH a user's layer is root's to the last bit",
     .usual_cause = "owners in the tar are the host's",
     .reread = "#pack",
     .feature = true,
     .depends = "users_can_build",
     .body = same_image_as_roots},
    {.name = "users_have_no_others",
     .claim = "without root a file can't be given away, and duct says why",
     .usual_cause = "EINVAL is all that is told",
     .reread = "#copy",
     .feature = true,
     .depends = "users_can_build",
     .body = nobody_else_there},
    {.name = "users_begin_with_scratch",
     .claim = "FROM scratch works without root as well",
     .usual_cause = "the empty directory belongs to nobody",
     .reread = "#commit",
     .feature = true,
     .depends = "users_can_build",
     .body = from_scratch},
    {.name = "users_have_no_devices",
     .claim = "a tar's devices are left out without root, not all the rest",
     .usual_cause = "mknod() is called, and EPERM ends the build",
     .reread = "#copy",
     .feature = true,
     .depends = "users_can_build",
     .body = no_devices},
    {.name = "users_have_the_hosts_network",
     .claim = "--network host works without root, a bridge is refused",
     .usual_cause =
         "the bridge is made in the user's own namespace, and leads nowhere",
     .reread = "#build_verb",
     .feature = true,
     .depends = "users_can_build",
     .body = host_network},
    {.name = "users_read_their_files",
     .claim = "what a user may not read is refused by name",
     .usual_cause = "the file is made empty",
     .reread = "#context",
     .feature = true,
     .depends = "users_can_build",
     .body = unreadable_files},
};

const struct chapter chapter_users = {"Without root", TRIALS(trials)};
