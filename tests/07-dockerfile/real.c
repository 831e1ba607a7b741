/*
 * Chapter: what people build: a web server, a Debian, images of other tools.
 */
#include <arpa/inet.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <unistd.h>

#include "suite.h"

/* Asks as a browser would, from another machine: all of the answer. */
struct visit {
    int fd;
    struct sockaddr_in door;
};

/* A server runs before it listens. */
static bool is_let_in(void *arg)
{
    const struct visit *visit = arg;

    return connect(visit->fd, (const struct sockaddr *)&visit->door,
                   sizeof(visit->door)) == 0;
}

static char *fetched(int place, const char *path)
{
    const char *question = keep_format("GET %s HTTP/1.0\r\n\r\n", path);
    struct visit visit = {
        .door = {.sin_family = AF_INET, .sin_port = htons(8080)}};
    char *answer = keep_zeroed(4097);
    size_t size = 0;
    ssize_t part;
    int fd;

    expect_int("inet_pton", 1,
               inet_pton(AF_INET, LAN_HOST, &visit.door.sin_addr));
    expect_call(setns(place, CLONE_NEWNET));
    fd = keep_fd(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    expect_call(setns(lan_host(), CLONE_NEWNET));
    expect_call(setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO,
                           &(struct timeval){.tv_sec = 5},
                           sizeof(struct timeval)));
    visit.fd = fd;
    expect_that(spawn_wait_until(is_let_in, &visit, SPAWN_SOON_MS),
                "the port to be answered", "nobody does");
    expect_call(write(fd, question, strlen(question)));
    while ((part = read(fd, answer + size, 4096 - size)) > 0)
        size += (size_t)part;
    return answer;
}

static void web_server(void)
{
    const struct site *site = site_new();
    const char *before;
    struct container *c;

    site_file(site, "www/index.html", "<h1>built</h1>\n");
    site_file(site, "www/draft.html", "not yet\n");
    site_file(site, ".dockerignore", "www/draft*\n");
    (void)built(site, "ARG BASE=busybox\n"
                      "FROM $BASE\n"
                      "LABEL what=\"a web server\"\n"
                      "ENV ROOT=/srv/www PORT=8000\n"
                      "WORKDIR $ROOT\n"
                      "COPY www/ .\n"
                      "RUN echo \"port $PORT\" >port.txt && ls\n"
                      "EXPOSE $PORT\n"
                      "USER 1000:1000\n"
                      "CMD exec httpd -f -p $PORT -h $ROOT\n");
    before = lan_look();
    c = container("--state", site->state, "-p", "8080:8000", "t");
    (void)kernel_find(c->init, "httpd -f -p 8000 -h /srv/www");
    expect_contains("what another machine gets at the host's port",
                    "\r\n\r\n<h1>built</h1>\n", fetched(lan_peer(), "/"));
    expect_contains("what it gets of a file that a RUN has made",
                    "\r\n\r\nport 8000\n", fetched(lan_peer(), "/port.txt"));
    expect_str("uid of the server", "1000\t1000\t1000\t1000",
               kernel_status(c->init, "Uid"));
    expect_that(access(keep_format("/proc/%d/root/srv/www/draft.html", c->init),
                       F_OK) < 0,
                "no draft in the image", "it is there");
    container_end(c);
    expect_str("links, routes, rules, forwarding of the host", before,
               lan_look());
}

static bool has_knocked(void *server)
{
    struct pollfd polled = {.fd = *(int *)server, .events = POLLIN};

    return poll(&polled, 1, 0) > 0;
}

static void run_on_the_bridge(void)
{
    const struct site *site = site_new();
    const char *before = lan_look();
    int server = lan_serve(lan_host(), TCP_DOOR("0.0.0.0", 8080)), fd;
    struct program *p;
    char heard[64] = "";

    file_write(site_path(site, "Dockerfile"),
               DOCKERFILE("RUN ip -o -4 addr show eth0; echo hello | "
                          "nc " LAN_HOST " 8080 >/answer\n"));
    p = spawn_start(
        &(struct spawn){.argv = DUCT("build", "--state", site->state, "-t", "t",
                                     site->context)});
    expect_soon(has_knocked, &server, SPAWN_SOON_MS,
                "the RUN to reach a server of the host",
                expect_quoted(p->err, p->err_size));
    fd = keep_fd(accept4(server, NULL, NULL, SOCK_CLOEXEC));
    expect_call(fd);
    expect_call(read(fd, heard, sizeof(heard) - 1));
    expect_str("what the server has heard", "hello\n", heard);
    expect_call(write(fd, "of the host\n", 12));
    expect_call(shutdown(fd, SHUT_RDWR));
    spawn_finish(p);
    expect_contains("address of the RUN's eth0", "inet 10.209.",
                    shared_built(p));
    expect_inside(site, "cat /answer", "of the host\n");
    expect_str("links, routes, rules, forwarding of the host", before,
               lan_look());
    expect_tidy(site);
}

/* What make rootfs-debian has made, beside ROOTFS. */
static char *debian(void)
{
    return keep_format("%s/../debian", getenv("ROOTFS"));
}

/* The suite has a network of its own; packages come by the machine's. */
static struct spawn outside(const char *const *argv)
{
    return (struct spawn){
        .argv = argv,
        .prepare = lan_enter,
        .prepare_arg = &shared_machine,
        .timeout_ms = 300000,
    };
}

static const char *needs_packages(void)
{
    struct spawn look = outside(
        ARGV("sh", "-c",
             "set -- $(sed -n 's/^deb \\(\\[.*\\] \\)\\{0,1\\}//p' "
             "\"$0/etc/apt/sources.list\" | head -n 1); "
             "proxy=$(apt-config dump --format '%v' Acquire::http::Proxy); "
             "case $proxy in http*) export http_proxy=$proxy;; esac; "
             "exec wget -q -O /dev/null -T 5 -t 1 \"$1/dists/$2/Release\"",
             debian()));

    if (access(keep_format("%s/etc/apt/sources.list", debian()), R_OK) < 0)
        return "no Debian root file system: sudo make rootfs-debian";
    if (!spawn_have("apt-config") || !spawn_have("wget"))
        return "apt-config and wget are not both installed";
    look.aside = true;
    return spawn_run(&look)->exit_status == 0
               ? NULL
               : "the package archive can't be reached from here";
}

static void packages(void)
{
    const struct site *site = site_new();
    const char *tar = site_path(site, "debian.tar");
    struct spawn build;

    expect_exit(spawn_run(&(struct spawn){
                    .argv = ARGV("tar", "-C", debian(), "-cf", tar, "."),
                    .timeout_ms = 60000}),
                0);
    expect_exit(
        spawn_run(&(struct spawn){
            .argv = DUCT("import", "--state", site->state, tar, "debian"),
            .timeout_ms = 120000}),
        0);
    expect_call(unlink(tar));
    expect_exit(spawn_run(&(struct spawn){
                    .argv = ARGV("sh", "-c",
                                 "apt-config dump --format '%F \"%v\";%n' | "
                                 "grep -E '^Acquire::(http|https|Check)' "
                                 ">apt.conf; true"),
                    .cwd = site->context}),
                0);
    build = outside(shared_build(
        site,
        ARGV("FROM debian\n"
             "COPY apt.conf /etc/apt/apt.conf.d/99caller\n"
             "RUN apt-get update && \\\n"
             "    apt-get install -y --no-install-recommends hello && \\\n"
             "    rm -rf /var/lib/apt/lists/*\n"
             "CMD [\"hello\"]\n",
             "--network", "host")));
    expect_exit(spawn_run(&build), 0);
    expect_output(duct("run", "--network", "none", "--state", site->state, "t"),
                  "Hello, world!\n");
    expect_int("steps that are CACHED the next time", 3,
               shared_hits(spawn_run(&build)->out));
}

static const char *needs_umoci(void)
{
    return spawn_have("umoci") ? NULL : "umoci is not installed";
}

static const char *needs_skopeo(void)
{
    return spawn_have("skopeo") ? NULL : "skopeo is not installed";
}

static const char *needs_both(void)
{
    return needs_umoci() != NULL ? needs_umoci() : needs_skopeo();
}

static void shell(const struct site *site, const char *script)
{
    const struct program *p = spawn_run(
        &(struct spawn){.argv = ARGV("sh", "-ec", script, "sh", rootfs()),
                        .cwd = site->context,
                        .timeout_ms = 30000});

    expect_exit(p, 0);
    shared_forget_skopeo();
}

static void on_an_image_of_umoci(void)
{
    const struct site *site = site_new();

    shell(site, "umoci init --layout l; umoci new --image l:v; "
                "umoci unpack --image l:v b >/dev/null 2>&1; "
                "cp -a \"$1\"/. b/rootfs; rm -r b/rootfs/inside; "
                "umoci repack --image l:v b >/dev/null 2>&1; "
                "echo 2 >b/rootfs/two; rm b/rootfs/etc/issue; "
                "umoci unpack --image l:v c >/dev/null 2>&1; "
                "rm c/rootfs/etc/issue; echo 2 >c/rootfs/two; "
                "umoci repack --image l:v c >/dev/null 2>&1; "
                "umoci config --image l:v --config.env A=umoci "
                "--config.workingdir /etc; "
                "tar -C l -cf l.tar .; rm -r b c");
    expect_exit(on(site, "load", "-i", site_path(site, "l.tar")), 0);
    (void)built(site, "FROM v\nRUN echo $A; pwd >/where; cp /two /three; rm "
                      "/two\nCOPY Dockerfile here\n");
    expect_inside(site,
                  "cat /where /three; test ! -e /two; test ! -e issue; echo "
                  "$A; grep -c FROM here",
                  "/etc\n2\numoci\n1\n");
}

static void on_an_image_of_skopeo(void)
{
    const struct site *site = site_new();

    (void)built(site, DOCKERFILE("ENV A=1\nRUN mkdir /o; touch /o/1\n"
                                 "RUN rm -r /o; mkdir /o; touch /o/2\n"));
    expect_exit(on(site, "save", "-o", site_path(site, "t.tar"), "t"), 0);
    shell(site,
          "skopeo --tmpdir . copy -q --insecure-policy docker-archive:t.tar "
          "oci-archive:o.tar:of/oci:1; "
          "skopeo --tmpdir . copy -q --insecure-policy docker-archive:t.tar "
          "dir:d; skopeo --tmpdir . copy -q --insecure-policy dir:d "
          "docker-archive:d.tar:of/docker:1");
    expect_exit(on(site, "load", "-i", site_path(site, "o.tar")), 0);
    expect_exit(on(site, "load", "-i", site_path(site, "d.tar")), 0);
    (void)built(site, "FROM of/oci:1\nRUN touch /o/3\n");
    expect_inside(site, "ls /o | xargs; echo $A", "2 3\n1\n");
    (void)saved(site);
    (void)built(site, "FROM of/docker:1\nRUN touch /o/4\n");
    expect_inside(site, "ls /o | xargs; echo $A", "2 4\n1\n");
}

/* The other way round: what we say is gone is gone for others. */
static void others_unpack_it(void)
{
    const struct site *site = site_new();

    (void)built(site, DOCKERFILE("RUN mkdir -p /o/d; touch /o/1; echo x >/x; "
                                 "ln /x /y; chown 5:6 /x; chmod 4711 /x\n"
                                 "RUN rm -r /o /etc/issue; mkdir /o; touch "
                                 "/o/2\n"
                                 "CMD [\"/x\"]\n"));
    expect_exit(on(site, "save", "-o", site_path(site, "t.tar"), "t"), 0);
    shell(site,
          "skopeo --tmpdir . copy -q --insecure-policy docker-archive:t.tar "
          "oci:l:v; umoci unpack --image l:v b >/dev/null 2>&1; "
          "cd b/rootfs; { ls o; stat -c '%a %u:%g %h' x y; "
          "test ! -e etc/issue; } >../../seen");
    expect_str("what umoci has unpacked", "2\n4711 5:6 2\n4711 5:6 2\n",
               file_read(site_path(site, "seen")));
}

static const struct trial trials[] = {
    {.name = "a_web_server",
     .claim = "a web server that was built answers at a published port",
     .usual_cause =
         "one of EXPOSE, USER, WORKDIR, ENV or CMD does not reach duct run",
     .reread = "#run-it-look-at-it",
     .feature = true,
     .depends = "build_makes_an_image",
     .body = web_server},
    {.name = "a_run_on_the_bridge",
     .claim =
         "without --network a RUN is on the bridge, and leaves nothing of it",
     .usual_cause = "the network of a step that has ended stays",
     .reread = "#run_step",
     .feature = true,
     .depends = "build_makes_an_image",
     .body = run_on_the_bridge},
    {.name = "debian_gets_a_package",
     .claim = "on a real Debian a RUN installs a package",
     .usual_cause =
         "what apt-get needs is more than a shell does: users, /tmp, /dev, a "
         "resolver",
     .reread = "#run-it-look-at-it",
     .feature = true,
     .depends = "build_makes_an_image",
     .needs = needs_packages,
     .body = packages},
    {.name = "on_an_image_of_umoci",
     .claim = "FROM takes an image that umoci has written",
     .usual_cause = "gzip, OCI's media types, or its names are not expected",
     .reread = "#commit",
     .feature = true,
     .depends = "build_makes_an_image",
     .needs = needs_umoci,
     .body = on_an_image_of_umoci},
    {.name = "on_an_image_of_skopeo",
     .claim = "so it does with skopeo's, of both kinds",
     .usual_cause = "the base's layers are described with the wrong type",
     .reread = "#commit",
     .feature = true,
     .depends = "build_makes_an_image",
     .needs = needs_skopeo,
     .body = on_an_image_of_skopeo},
    {.name = "umoci_unpacks_it",
     .claim = "umoci unpacks what duct has built, as it was",
     .usual_cause = "whiteouts, links or owners are not as others expect them",
     .reread = "#pack",
     .feature = true,
     .depends = "build_makes_an_image",
     .needs = needs_both,
     .body = others_unpack_it},
};

const struct chapter chapter_real = {"Real ones", TRIALS(trials)};
