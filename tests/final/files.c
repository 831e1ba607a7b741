/*
 * Chapter: files of containers: cp, export, commit.
 */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "suite.h"

/* A directory of this chapter's own, empty when a trial begins. */
static char *place(void)
{
    return scratch_path("files");
}

static void begin(void)
{
    (void)file_remove_tree(place());
    expect_call(mkdir(place(), 0755));
}

/* What a script prints on the host, in that directory. */
static char *host(const char *script)
{
    const struct program *p = spawn_run(&(struct spawn){
        .argv = ARGV("sh", "-ec", script), .cwd = place(), .aside = true});

    expect_exit(p, 0);
    return p->out;
}

/* duct in that directory. */
#define here(...)                                                              \
    spawn_run(&(struct spawn){.argv = DUCT(__VA_ARGS__), .cwd = place()})

static void copied(const char *size, const char *from, const char *to)
{
    const struct program *p = here("cp", from, to);
    const char *end = keep_format("%s\n", to);

    expect_exit(p, 0);
    expect_contains("stderr", keep_format("Successfully copied %s to ", size),
                    p->err);
    expect_that(strlen(p->err) > strlen(end) &&
                    (strcmp(p->err + strlen(p->err) - strlen(end), end) == 0),
                keep_format("the line to end with %s", end), p->err);
}

static void round_trip(const char *name)
{
    copied("68.1kB", "bin1", keep_format("%s:/tmp/x", name));
    copied("68.1kB", keep_format("%s:/tmp/x", name), "back");
    expect_str("mode, owner, content", "4711 0 0\n",
               host("cmp bin1 back; stat -c '%a %u %g' back; rm back"));
    expect_exit(here("cp", "-q", "tree", keep_format("%s:/tmp", name)), 0);
    expect_exit(here("cp", "-aq", "tree", keep_format("%s:/tmp/kept", name)),
                0);
    expect_exit(here("cp", "-aq", keep_format("%s:/tmp/kept", name), "back"),
                0);
    expect_str("what came back", "",
               host("tar -c --sort=name --numeric-owner -C tree . >one;"
                    "tar -c --sort=name --numeric-owner -C back . >two;"
                    "cmp one two; [ $(du -k back/hole | cut -f1) -lt 64 ];"
                    "rm -rf back"));
}

static void both_ways(void)
{
    begin();
    (void)host("head -c 66500 /dev/urandom >bin1; chown 7:8 bin1;"
               "chmod 4711 bin1; mkdir -p tree/a/$(printf %0200d 1);"
               "echo x >tree/a/f; ln tree/a/f tree/second; ln -s /etc tree/l;"
               "mkfifo tree/pipe; truncate -s 10M tree/hole;"
               "chmod 2750 tree/a; chown -h 7:8 tree/a tree/l tree/second");
    (void)ok("create", "--name", "still", "--network", "none", "bb", "true");
    round_trip("still");
    (void)detached("runs", "bb", "sleep", "4711");
    round_trip("runs");
    expect_str("owners without -a", "0 0\n",
               ok("exec", "runs", "stat", "-c", "%u %g", "/tmp/tree/second"));
    (void)ok("pause", "runs");
    copied("68.1kB", "runs:/tmp/x", "back");
    (void)ok("rm", "-f", "still", "runs");
}

struct rule {
    const char *from, *to;
    const char *words; /* on stderr; NULL: it is copied */
    const char *then;  /* a file that is there afterwards */
};

static void docker_rules(void)
{
    static const struct rule rules[] = {
        {"f", "c1:/new", NULL, "/new"},
        {"f", "c1:/new", NULL, "/new"},
        {"f", "c1:/new/", "", NULL},
        {"f", "c1:/dir", NULL, "/dir/f"},
        {"f", "c1:/none/", "no such directory", NULL},
        {"f", "c1:/none/x", "Could not find the file /none in container c1",
         NULL},
        {"d", "c1:/d1", NULL, "/d1/in"},
        {"d", "c1:/d1", NULL, "/d1/d/in"},
        {"d/", "c1:/d2/", NULL, "/d2/in"},
        {"d/.", "c1:/d2", NULL, "/d2/in"},
        {"d/.", "c1:/d3", NULL, "/d3/in"},
        {"d", "c1:/new", "cannot copy directory", NULL},
        {"d", "c1:/link", NULL, "/dir/d/in"},
        {"f", "c1:/dangling", NULL, "/there"},
        {"l", "c1:/copied", NULL, NULL},
        {"l2/", "c1:/l2", NULL, "/l2/in"},
        {"none", "c1:/", "No such file or directory", NULL},
        {"f", "d", "must specify at least one container source", NULL},
        {"c1:/f", "c1:/d", "copying between containers is not supported", NULL},
        {"f", "nobody:/", "No such container: nobody", NULL},
        {"c1:/none", ".", "Could not find the file /none in container c1",
         NULL},
        {"c1:/dir", "f", "cannot copy directory", NULL},
        {"c1:/new", "no/x", "invalid output path: directory", NULL},
        {"same", "c1:/", "cannot overwrite non-directory", NULL},
        {"under/dir", "c1:/", "cannot overwrite directory", NULL},
    };

    begin();
    (void)host("echo f >f; mkdir -p d same under; echo in >d/in; ln -s f l;"
               "ln -s d l2; echo f >under/dir");
    (void)detached("c1", "bb", "sh", "-c",
                   "mkdir /dir; ln -s /dir /link; ln -s there /dangling;"
                   "echo f >/same; echo ready; sleep 4711");
    logs_become("c1", "ready");
    for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++) {
        const struct rule *r = &rules[i];
        const struct program *p = here("cp", r->from, r->to);

        if (r->words == NULL)
            expect_exit(p, 0);
        else
            expect_error(p, 1, r->words);
        if (r->then != NULL)
            (void)ok("exec", "c1", "ls", "-d", r->then);
    }
    expect_exit(here("cp", "-q", "l", "c1:/x1"), 0);
    expect_exit(here("cp", "-qL", "l", "c1:/x2"), 0);
    expect_exit(here("cp", "-qL", "c1:/link/", "back"), 0);
    expect_exit(here("cp", "-q", "c1:/link", "back2"), 0);
    expect_str("links are followed if asked for", "link\nfile\n",
               ok("exec", "c1", "sh", "-c",
                  "test -L /x1 && echo link; test -L /x2 || echo file"));
    expect_str("the same on the way out", "/dir\nf\n",
               host("readlink back2; ls back | tail -n 1"));
    (void)ok("rm", "-f", "c1");
}

static void streams(void)
{
    const struct program *p;
    size_t size;
    const char *tar;

    begin();
    (void)ok("create", "--name", "c1", "--network", "none", "bb", "sh", "-c",
             "stat -c '%a %u %g' /to/f /to/d; cat /to/f");
    (void)host("mkdir -p s/d; echo text >s/f; chown 7:8 s/f s/d;"
               "chmod 2751 s/d; tar -czf s.tgz -C s f d");
    tar = file_read_bytes(scratch_path("files/s.tgz"), &size);
    p = spawn_run(&(struct spawn){
        .argv = DUCT("cp", "-", "c1:/to"), .input = tar, .input_size = size});
    expect_error(p, 1, "destination \"c1:/to\" must be a directory");
    (void)host("mkdir to");
    expect_exit(here("cp", "-q", "to", "c1:/"), 0);
    p = spawn_run(&(struct spawn){
        .argv = DUCT("cp", "-", "c1:/to"), .input = tar, .input_size = size});
    expect_exit(p, 0);
    expect_str("what the container finds", "644 7 8\n2751 7 8\ntext\n",
               ok("start", "-a", "c1"));
    p = duct("cp", "c1:/to", "-");
    expect_exit(p, 0);
    expect_str("stderr", "", p->err);
    file_write_bytes(scratch_path("files/out.tar"), p->out, p->out_size);
    expect_str("names in the tar", "to/\nto/d/\nto/f\n",
               host("tar -tf out.tar"));
    p = duct("cp", "c1:/to/.", "-");
    file_write_bytes(scratch_path("files/out.tar"), p->out, p->out_size);
    expect_str("the same of what is in it", "./\n./d/\n./f\n",
               host("tar -tf out.tar; rm -rf out.tar s s.tgz to"));
    (void)ok("rm", "c1");
}

/* Directories that nothing of a container's may reach. */
static char *outside(void)
{
    return keep_format("%s%s", tree_record(scratch_path("files/canary")),
                       file_tree("/etc"));
}

static void links_stay_inside(void)
{
    const char *canary = scratch_path("files/canary");
    const char *before;

    begin();
    (void)host("mkdir canary; echo secret >canary/f; echo evil >evil");
    before = outside();
    (void)detached("c1", "bb", "sh", "-c",
                   keep_format("mkdir -p /w %s; echo own >%s/f; cd /w;"
                               "ln -s / root; ln -s ../../../../../.. up;"
                               "ln -s %s abs; ln -s /proc/1/root magic;"
                               "ln -s /proc/1/cwd magic2;"
                               "echo ready; sleep 4711",
                               canary, canary, canary));
    logs_become("c1", "ready");
    for (int running = 1; running >= 0; running--) {
        expect_exit(here("cp", "-q", "evil", "c1:/w/abs/new"), 0);
        expect_exit(here("cp", "-q", "evil", "c1:/w/root/etc/evil"), 0);
        expect_exit(here("cp", "-q", "evil", "c1:/w/up/etc/evil2"), 0);
        expect_exit(
            here("cp", "-q", "evil", "c1:/w/../../../../../../../etc/evil3"),
            0);
        (void)here("cp", "-q", "evil", "c1:/w/magic/etc/evil4");
        (void)here("cp", "-q", "evil", "c1:/w/magic2/etc/evil5");
        expect_exit(here("cp", "-q", "c1:/w/abs/f", "got"), 0);
        expect_str("whose file it is", "own\n", host("cat got; rm got"));
        expect_exit(here("cp", "-qL", "c1:/w/abs", "got"), 0);
        expect_str("the same with -L", "own\n", host("cat got/f; rm -r got"));
        expect_exit(here("cp", "-q", "c1:/w", "got"), 0);
        expect_str("links are copied as links", "/\n",
                   host("readlink got/root; rm -r got"));
        expect_str("the host", before, outside());
        if (running)
            (void)ok("kill", "c1");
    }
    (void)ok("rm", "-f", "c1");
}

static void hostile_tars(void)
{
    static const char *const tars[] = {"up", "abs", "link", "hard", "dirlink"};
    const char *before;

    begin();
    (void)host(
        "mkdir canary; echo secret >canary/f; echo evil >evil; mkdir h h/l2;"
        "ln -s \"$PWD/canary\" h/l; ln -s ../../../../../../etc h/e;"
        "mkdir h/d; echo evil >h/d/f;"
        "tar -cPf up.tar --transform='s,evil,../../../evil,' evil;"
        "tar -cPf abs.tar --transform=\"s,evil,$PWD/canary/evil,\" evil;"
        "tar -cf link.tar -C h l e; echo evil >f;"
        "tar -rPf link.tar --transform='s,^f,e/evil,' f;"
        "tar -cf dirlink.tar -C h l; mkdir l; chmod 777 l; chown 7:7 l;"
        "tar -rf dirlink.tar l; ln f f2;"
        "tar -cPf hard.tar --transform='s,^f$,../../../../etc/passwd,' f f2");
    before = outside();
    (void)detached("c1", "bb", "sh", "-c", "mkdir /w; echo ready; sleep 4711");
    logs_become("c1", "ready");
    for (size_t i = 0; i < sizeof(tars) / sizeof(tars[0]); i++) {
        size_t size;
        const char *tar =
            file_read_bytes(scratch_path("files/%s.tar", tars[i]), &size);
        const struct program *p =
            spawn_run(&(struct spawn){.argv = DUCT("cp", "-", "c1:/w"),
                                      .input = tar,
                                      .input_size = size});

        if (strcmp(tars[i], "abs") != 0)
            expect_exit(p, 1);
        expect_str(tars[i], before, outside());
    }
    expect_str("files that are not below /w", "",
               ok("exec", "c1", "sh", "-c",
                  "ls -d /evil /f /etc/evil 2>/dev/null; grep evil "
                  "/etc/passwd; true"));
    (void)ok("rm", "-f", "c1");
}

/* The container's /x/d is now a directory, now a link to what on the host is
 * the canary. */
static void swapped_meanwhile(void)
{
    const char *canary = scratch_path("files/canary");
    const char *before;
    int in = 0, out = 0;

    begin();
    (void)host("mkdir -p canary in/d; echo secret >canary/f; echo new >in/d/f");
    before = outside();
    (void)detached("c1", "bb", "sh", "-c",
                   keep_format("mkdir -p /x/d; echo own >/x/d/f; cd /x;"
                               "ln -s %s l; mkdir -p %s; echo own >%s/f;"
                               "echo ready; while :; do mv d e; mv -T l d;"
                               "mv -T d l; mv -T e d; done",
                               canary, canary, canary));
    logs_become("c1", "ready");
    for (int i = 0; i < 12; i++) {
        in += here("cp", "-q", "in/d", "c1:/x")->exit_status == 0;
        in += here("cp", "-q", "in/d/f", "c1:/x/d/f")->exit_status == 0;
        out += here("cp", "-q", "c1:/x/d/f", "got")->exit_status == 0;
        out += here("cp", "-q", "c1:/x", "got2")->exit_status == 0;
    }
    expect_that(in > 0 && out > 0, "some copies to succeed", "none");
    expect_str("the host", before, outside());
    expect_str("the host's secret, taken for the container's", "",
               host("grep -rl secret got got2 2>/dev/null || true;"
                    "rm -rf got got2 in"));
    (void)ok("rm", "-f", "c1");
}

static void volumes_and_read_only(void)
{
    const char *bound = scratch_path("files/bound");

    begin();
    (void)host("mkdir bound; echo new >f");
    (void)ok("create", "--name", "c1", "--network", "none", "--read-only", "-v",
             keep_format("%s:/b", bound), "-v", keep_format("%s:/ro:ro", bound),
             "-v", "vol:/v", "bb", "sleep", "4711");
    for (int running = 0; running <= 1; running++) {
        expect_exit(here("cp", "-q", "f", "c1:/b/x"), 0);
        expect_exit(here("cp", "-q", "f", "c1:/v/x"), 0);
        expect_exit(here("cp", "-q", "c1:/ro/x", "back"), 0);
        expect_str("in the bind mount", "new\nnew\n",
                   host("cat bound/x back; rm bound/x back"));
        expect_str("in the volume", "new\n",
                   file_read(DATA_ROOT "/volumes/vol/_data/x"));
        expect_error(here("cp", "f", "c1:/tmp"), 1,
                     "container rootfs is marked read-only");
        expect_error(here("cp", "f", "c1:/ro"), 1,
                     "mounted volume is marked read-only");
        if (!running)
            (void)ok("start", "c1");
    }
    (void)ok("rm", "-f", "c1");
    (void)ok("volume", "rm", "vol");
}

static void export_import(void)
{
    const struct program *p;

    begin();
    (void)ok("create", "--name", "c1", "--network", "none", "-v", "vol:/v",
             "bb", "sh", "-c",
             "echo made >/made; ln /made /second; rm /etc/passwd;"
             "echo in >/v/hidden; chown 7:8 /made; chmod 4711 /made");
    (void)ok("start", "-a", "c1");
    expect_exit(here("export", "-o", "c.tar", "c1"), 0);
    expect_str("listed", "1\n0\n0\n",
               host("tar -tf c.tar >list; grep -c '^./made$' list;"
                    "grep -c hidden list || true;"
                    "grep -c etc/passwd list || true"));
    (void)host("chmod 644 c.tar");
    expect_exit(here("import", "c.tar", "exported"), 0);
    expect_str("what is in the image", "made\n4711 7 8 2\n",
               shared_out(__FILE__, __LINE__,
                          run("--rm", "exported", "sh", "-c",
                              "cat /made; stat -c '%a %u %g %h' /second")));
    p = spawn_run(
        &(struct spawn){.argv = DUCT("export", "c1"), .terminal = true});
    expect_exit(p, 1);
    expect_contains("on a terminal", "cowardly refusing to save to a terminal",
                    p->out);
    expect_error(duct("export", "nobody"), 1, "No such container: nobody");
    (void)ok("rm", "c1");
    (void)ok("rmi", "-f", "exported");
    (void)ok("volume", "rm", "vol");
}

static void committed(void)
{
    const char *id;

    begin();
    (void)ok("create", "--name", "c1", "--network", "none", "-e", "A=1", "bb",
             "sh", "-c",
             "echo made >/made; rm /etc/passwd; rm -r /var; mkdir /var;"
             "echo v >/var/new");
    (void)ok("start", "-a", "c1");
    id = ok("commit", "-m", "a message", "-a", "me", "-c",
            "CMD [\"sh\",\"-c\",\"cat /made; ls /var; echo $A\"]", "-c",
            "ENV B=2", "c1", "made:1");
    expect_int("length of what is printed", 72, (long long)strlen(id));
    expect_contains("what is printed", "sha256:", id);
    expect_str("run", "made\nnew\n1\n",
               shared_out(__FILE__, __LINE__, run("--rm", "made:1")));
    expect_str("what was removed", "",
               shared_out(__FILE__, __LINE__,
                          run("--rm", "made:1", "sh", "-c",
                              "ls /etc/passwd 2>/dev/null; true")));
    expect_contains("history", "a message",
                    ok("history", "--format", "{{.Comment}}", "made:1"));
    expect_str("author", "me\n",
               ok("image", "inspect", "-f", "{{.Author}}", "made:1"));
    expect_exit(here("save", "-o", "made.tar", "made:1"), 0);
    expect_str("layers in the archive", "2\n",
               host("tar -xOf made.tar manifest.json | sed 's/.*Layers//' |"
                    "grep -o blobs/sha256 | wc -l"));
    expect_error(duct("commit", "-c", "RUN x", "c1"), 1, "no change");
    expect_error(duct("commit", "nobody"), 1, "No such container: nobody");
    (void)ok("rm", "c1");
    (void)ok("rmi", "made:1");
}

static void committed_running(void)
{
    begin();
    (void)detached("c1", "bb", "sh", "-c",
                   "echo made >/made; echo ready; sleep 4711");
    logs_become("c1", "ready");
    (void)ok("commit", "c1", "made:2");
    expect_str("state afterwards", "running", told("c1", "{{.State.Status}}"));
    expect_str("events", "1\n",
               host(keep_format("grep -c '\"Action\":\"pause\"' %s",
                                DATA_ROOT "/events/journal")));
    (void)ok("commit", "--pause=false", "c1", "made:2");
    expect_str("events with --pause=false", "1\n",
               host(keep_format("grep -c '\"Action\":\"pause\"' %s",
                                DATA_ROOT "/events/journal")));
    (void)ok("pause", "c1");
    (void)ok("commit", "c1", "made:2");
    expect_str("state of one that was paused", "paused",
               told("c1", "{{.State.Status}}"));
    expect_str(
        "run", "made\n",
        shared_out(__FILE__, __LINE__, run("--rm", "made:2", "cat", "/made")));
    (void)ok("rm", "-f", "c1");
    (void)ok("rmi", "-f", "made:2");
    (void)ok("image", "prune", "-f");
    (void)sh("true"); /* the store is as it was */
}

static const struct trial trials[] = {
    {.name = "cp_both_ways",
     .claim = "cp keeps bytes, modes, links and holes; with -a owners as well",
     .usual_cause = "chown(2) comes after chmod(2) and takes set-user-ID away",
     .body = both_ways},
    {.name = "cp_rules",
     .claim = "what is copied gets the name that docker's rules give it",
     .usual_cause = "a slash at the end of a path is lost",
     .body = docker_rules},
    {.name = "cp_streams",
     .claim = "- is a tar, on standard input and output",
     .usual_cause = "the names in it begin elsewhere",
     .body = streams},
    {.name = "cp_links_stay_inside",
     .claim = "no link in a container leads cp out of it",
     .usual_cause = "a path is resolved by the host's root",
     .body = links_stay_inside},
    {.name = "cp_hostile_tars",
     .claim = "no name and no link in a tar leads out of where it goes",
     .usual_cause = "a link that came with the tar is followed",
     .body = hostile_tars},
    {.name = "cp_swapped_meanwhile",
     .claim = "a container that swaps a directory for a link changes nothing "
              "but itself",
     .usual_cause = "a path is looked at first and opened later",
     .body = swapped_meanwhile},
    {.name = "cp_volumes_and_read_only",
     .claim = "cp sees volumes, running or not, and obeys read-only",
     .usual_cause = "only the layers are looked at",
     .body = volumes_and_read_only},
    {.name = "export_import",
     .claim = "export has all files but those of volumes; import takes it",
     .usual_cause = "hard links or owners are lost",
     .body = export_import},
    {.name = "commit",
     .claim = "an image of a container has its changes, removals and settings",
     .usual_cause = "whiteouts are packed as devices",
     .body = committed},
    {.name = "commit_running",
     .claim = "commit freezes a container that runs, and leaves it as it was",
     .usual_cause = "nobody thaws it, or one that was frozen before",
     .body = committed_running},
};

const struct chapter chapter_files = {"Files", TRIALS(trials)};
