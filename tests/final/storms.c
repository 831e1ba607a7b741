/*
 * Chapter: many at once, who all want the same thing, or its opposite.
 *
 * What each of them is told depends on who was first. Afterwards there must be
 * nothing that nobody can see, and nothing that nobody can remove.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "suite.h"

enum {
    STORM_MS = 60000, /* nobody waits for ever: not one of them, not for all */
    MOST = 100,
};

/* All of it where there is time, else so many. */
static int crowd(int whole, int usually)
{
    return getenv("DUCT_TEST_SLOW") != NULL ? whole : usually;
}

static struct program *start_sh(const char *script)
{
    return spawn_start(&(struct spawn){
        .argv = ARGV("sh", "-c", keep_format("d=$0; %s", script), duct_path()),
        .timeout_ms = STORM_MS,
    });
}

/* "$d" is duct, and $i counts. */
static struct program *again_and_again(int times, const char *script)
{
    return start_sh(keep_format(
        "i=0; while [ $i -lt %d ]; do %s; i=$((i + 1)); done", times, script));
}

/* Starts all of these, a number of times each, and waits for all. Returns what
 * they have said on stderr. */
static char *storm(int times, const char *const *scripts)
{
    struct program *all[MOST];
    char *said = keep_format("%s", "");
    int count = 0;

    for (; scripts[count] != NULL; count++)
        all[count] = again_and_again(times, scripts[count]);
    for (int i = 0; i < count; i++) {
        spawn_finish(all[i]);
        said = keep_format("%s%s", said, all[i]->err);
    }
    return said;
}

/* Not what a user can do anything about. */
static void expect_orderly(char *said)
{
    static const char *const strange[] = {"damaged",  "went away", "EBUSY",
                                          "ENOENT",   "EEXIST",    "ENOTEMPTY",
                                          "ECONNREF", "ESRCH",     "stuck"};

    for (char *line; (line = strsep(&said, "\n")) != NULL;)
        for (size_t i = 0; i < sizeof(strange) / sizeof(strange[0]); i++)
            expect_lacks("stderr", strange[i], line);
}

static char *lines_of(const char *script)
{
    const struct program *p = spawn_run(
        &(struct spawn){.argv = ARGV("sh", "-c", script), .aside = true});

    return p->out;
}

/* Whatever has a name, or a directory, is listed: so all of its files are
 * whole. And each list answers. */
static void expect_whole(void)
{
    (void)ok("volume", "ls");
    (void)ok("network", "ls");
    (void)ok("images", "-a");
    (void)ok("events", "--since", "1h", "--until", "0s");
    expect_str("names that lead to a container",
               lines_of("ls -1 " DATA_ROOT "/names | sort"),
               lines_of(keep_format("%s ps -a --format '{{.Names}}' | sort",
                                    duct_path())));
    expect_str(
        "directories that are a container's",
        lines_of("ls -1 " DATA_ROOT "/containers | sort"),
        lines_of(keep_format("%s ps -aq --no-trunc | sort", duct_path())));
    expect_str("files that nobody has finished", "",
               lines_of("find " DATA_ROOT " " RUN_ROOT
                        " -name '.*.json.*'; ls -A " DATA_ROOT "/trash"));
}

/* After this there is nothing left to be told of. */
static void remove_all(void)
{
    char *ids = ok("ps", "-aq", "--no-trunc"), *id;

    expect_whole();
    while ((id = strsep(&ids, "\n"))[0] != '\0')
        (void)ok("rm", "-f", "-v", id);
}

static int by_text(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* As host_differences() wants it. */
static char *sorted(char *text)
{
    size_t room = strlen(text), count = 0;
    char **lines = keep_zeroed((room + 1) * sizeof(*lines)), *line;
    char *result = keep_zeroed(room + 2), *end = result;

    while ((line = strsep(&text, "\n")) != NULL)
        if (*line != '\0')
            lines[count++] = line;
    qsort(lines, count, sizeof(*lines), by_text);
    for (size_t i = 0; i < count; i++)
        end = stpcpy(stpcpy(end, lines[i]), "\n");
    return result;
}

/* All files and directories but events, and those of images that somebody has
 * used; and what else a host can be left with. */
static char *all_left(void)
{
    return sorted(keep_format(
        "%s%s%s",
        lines_of("find " DATA_ROOT " " RUN_ROOT " -mindepth 2 "
                 "-path '*/images/users/*' -type d -o -path '*/events/*' -o "
                 "-path '*/layers/*/*' -o -print"),
        cgroups_left(),
        host_look(HOST_MOUNTS | HOST_PROCESSES | HOST_NETWORK)));
}

static bool is_unplugged(void *arg)
{
    (void)arg;
    return strstr(all_left(), "nft rule") == NULL &&
           strstr(all_left(), "/nat/") == NULL;
}

/* Without a bridge, which stays for a second, and without its table. */
static char *unplugged(void)
{
    expect_soon(is_unplugged, NULL, SPAWN_SOON_MS, "no rule of nft's", "some");
    return all_left();
}

/* A bridge stays for a second, with its janitor. */
static bool is_as_before(void *arg)
{
    return *host_differences(arg, all_left()) == '\0';
}

static void expect_as_before(const char *before)
{
    char *as_it_was = keep_format("%s", before);

    if (!spawn_wait_until(is_as_before, as_it_was, SPAWN_SOON_MS))
        expect_str("what is left", "", host_differences(before, all_left()));
}

/* ------------------------------------------------------------ many at once */

static void crowd_of_runs(void)
{
    const int runs = crowd(100, 30);
    struct program *all[2 * MOST];
    char *before;

    expect_output(duct("run", "--rm", "bb", "echo", "hi"), "hi\n");
    (void)sh("true");
    before = unplugged();
    for (int i = 0; i < 2 * runs; i++)
        all[i] = spawn_start(
            &(struct spawn){.argv = DUCT("run", "--rm", "--network",
                                         i % 2 == 0 ? "none" : "bridge", "bb",
                                         "echo", keep_format("%d", i)),
                            .timeout_ms = STORM_MS});
    for (int i = 0; i < 2 * runs; i++) {
        spawn_finish(all[i]);
        expect_output(all[i], keep_format("%d\n", i));
    }
    expect_whole();
    expect_as_before(before);
}

static void same_name(void)
{
    struct program *racers[MOST];
    int winner = -1;
    char *id;

    for (int i = 0; i < MOST; i++)
        racers[i] = spawn_start(&(struct spawn){
            .argv = DUCT("create", "--name", "same", "bb", "true"),
            .timeout_ms = STORM_MS});
    for (int i = 0; i < MOST; i++) {
        spawn_finish(racers[i]);
        if (racers[i]->exit_status != 0)
            continue;
        expect_int("the first that won", -1, winner);
        winner = i;
    }
    expect_that(winner >= 0, "one that wins", "none");
    id = racers[winner]->out;
    id[strcspn(id, "\n")] = '\0';
    for (int i = 0; i < MOST; i++)
        if (i != winner)
            expect_contains(
                "stderr",
                keep_format("Conflict. The container name \"/same\" is already "
                            "in use by container \"%s\". You have to remove "
                            "(or rename) that container to be able to reuse "
                            "that name.",
                            id),
                racers[i]->err);
    remove_all();
    expect_str("pins", "", lines_of("find " DATA_ROOT "/images/users -type f"));
}

static void crowd_of_containers(void)
{
    const int created = crowd(1000, 60), running = crowd(300, 20);
    struct program *makers[4];
    char *before;

    (void)sh("true");
    before = all_left();
    for (int i = 0; i < 4; i++)
        makers[i] = again_and_again(
            (i < 2 ? created : running) / 2,
            i < 2 ? "$d create bb true >/dev/null || exit 9"
                  : "$d run -d --network none bb sleep 4711 >/dev/null || "
                    "exit 9");
    for (int i = 0; i < 4; i++) {
        spawn_finish(makers[i]);
        expect_output(makers[i], "");
    }
    expect_str("all of them", keep_format("%d\n", created + running),
               lines_of(keep_format("%s ps -aq | wc -l", duct_path())));
    expect_str("those that run", keep_format("%d\n", running),
               lines_of(keep_format("%s ps -q | wc -l", duct_path())));
    expect_whole();
    expect_output(
        spawn_run(&(struct spawn){
            .argv = ARGV("sh", "-c", "\"$0\" rm -f $(\"$0\" ps -aq) >/dev/null",
                         duct_path()),
            .timeout_ms = STORM_MS}),
        "");
    expect_as_before(before);
}

/* ------------------------------------------------------- one that all want */

static void one_life(void)
{
    char *before, *said;

    (void)sh("true");
    before = all_left();
    said = storm(
        crowd(60, 12),
        ARGV("$d create --network none --name one bb sleep 4711 >/dev/null",
             "$d run -d --network none --name one bb sleep 4711 >/dev/null",
             "$d start one >/dev/null", "$d start one >/dev/null",
             "$d restart -t 0 one >/dev/null", "$d stop -t 0 one >/dev/null",
             "$d kill one >/dev/null", "$d kill -s TERM one >/dev/null",
             "$d pause one >/dev/null", "$d unpause one >/dev/null",
             "$d exec one true", "$d rename one two", "$d rename two one",
             "$d rm one >/dev/null", "$d rm -f one >/dev/null",
             "$d inspect one >/dev/null", "$d ps -a >/dev/null"));
    expect_orderly(said);
    remove_all();
    expect_as_before(before);
}

static void one_network(void)
{
    char *before, *said;

    (void)duct("run", "--rm", "bb", "true");
    (void)ok("network", "create", "ours");
    (void)duct("run", "--rm", "--network", "ours", "bb", "true");
    (void)ok("network", "rm", "ours");
    before = unplugged();
    said = storm(
        crowd(40, 8),
        ARGV("$d network create ours >/dev/null",
             "$d network rm ours >/dev/null",
             "$d create --network ours --name one bb sleep 4711 >/dev/null",
             "$d run -d --name one bb sleep 4711 >/dev/null",
             "$d start one >/dev/null", "$d rm -f one >/dev/null",
             "$d network connect ours one", "$d network disconnect ours one",
             "$d network connect --alias other bridge one",
             "$d network disconnect bridge one", "$d rename one two",
             "$d rename two one", "$d network inspect ours >/dev/null"));
    expect_orderly(said);
    remove_all();
    (void)duct("network", "rm", "ours");
    expect_as_before(before);
}

/* ---------------------------------------------- those who wait for its end */

static void waited_for(void)
{
    struct program *waits[2], *attached, *logs;
    char *before;

    (void)sh("true");
    before = all_left();
    (void)detached("one", "bb", "sh", "-c", "echo hi; exec sleep 4711");
    logs_become("one", "hi");
    for (int i = 0; i < 2; i++)
        waits[i] = duct_start("wait", "one");
    attached = duct_start("attach", "one");
    logs = duct_start("logs", "-f", "one");
    expect_that(spawn_printed(logs, "hi", SPAWN_SOON_MS), "the log", "nothing");
    spawn_sleep_ms(50);
    (void)ok("rm", "-f", "one");
    for (int i = 0; i < 2; i++) {
        spawn_finish(waits[i]);
        expect_output(waits[i], "137\n");
    }
    spawn_finish(attached);
    expect_exit(attached, 137);
    spawn_finish(logs);
    expect_output(logs, "hi\n");
    expect_as_before(before);
}

/* --------------------------------------------- what is taken from below it */

/* After a prune nobody has used it yet, as far as files can tell. */
static void use_image_again(void)
{
    (void)sh("true");
}

static void pruned_meanwhile(void)
{
    char *before, *said;

    (void)sh("true");
    before = all_left();
    said =
        storm(crowd(60, 15), ARGV("$d create --network none bb true >/dev/null",
                                  "$d run --rm --network none bb true",
                                  "$d run -d --network none bb true >/dev/null",
                                  "$d container prune -f >/dev/null",
                                  "$d image prune -f >/dev/null",
                                  "$d network prune -f >/dev/null",
                                  "$d volume prune -f >/dev/null"));
    expect_lacks("stderr", "No such image", said);
    expect_orderly(said);
    remove_all();
    expect_as_before(before);
    use_image_again();
}

static void image_from_below(void)
{
    const char *tar = scratch_path("below.tar");
    char *before, *said, *ids, *id;

    expect_exit(spawn_run(&(struct spawn){
                    .argv = ARGV("tar", "-C", rootfs(), "-cf", tar, "bin"),
                    .aside = true}),
                0);
    (void)sh("true");
    before = all_left();
    said = storm(crowd(40, 8),
                 ARGV(keep_format("$d import %s below >/dev/null", tar),
                      "$d create --network none below /bin/true >/dev/null",
                      "$d create --network none below /bin/true >/dev/null",
                      "$d image rm below >/dev/null",
                      "$d image rm -f below >/dev/null",
                      "$d image prune -f >/dev/null"));
    expect_orderly(said);
    /* Who was made has its image still. */
    ids = ok("ps", "-aq");
    while ((id = strsep(&ids, "\n"))[0] != '\0')
        expect_output(duct("start", "-a", id), "");
    remove_all();
    (void)duct("image", "rm", "below");
    (void)duct("image", "prune", "-f");
    expect_as_before(before);
    use_image_again();
}

static void volume_from_below(void)
{
    char *before, *said, *ids, *id;

    (void)sh("true");
    before = all_left();
    said = storm(
        crowd(40, 10),
        ARGV("$d create --network none -v ours:/v bb touch /v/x >/dev/null",
             "$d create --network none -v ours:/v bb touch /v/y >/dev/null",
             "$d run --rm --network none -v ours:/v bb touch /v/z",
             "$d volume create ours >/dev/null", "$d volume rm ours >/dev/null",
             "$d volume rm ours >/dev/null",
             "$d container prune -f >/dev/null"));
    expect_orderly(said);
    ids = ok("ps", "-aq");
    while ((id = strsep(&ids, "\n"))[0] != '\0')
        expect_output(duct("start", "-a", id), "");
    remove_all();
    (void)duct("volume", "rm", "ours");
    expect_as_before(before);
}

static const struct trial trials[] = {
    {.name = "crowd_of_runs",
     .claim = "a crowd of runs, with and without a bridge, leaves nothing",
     .usual_cause = "two tidy up what a third one is about to use",
     .body = crowd_of_runs},
    {.name = "same_name",
     .claim = "of a hundred creates with one name one wins, and all others are "
              "told by whom it is taken",
     .usual_cause = "the name is looked for, then taken",
     .body = same_name},
    {.name = "crowd_of_containers",
     .claim = "a crowd of containers is made, listed and removed",
     .usual_cause = "something is counted, opened or searched once for each",
     .body = crowd_of_containers},
    {.name = "one_life",
     .claim = "whatever is done to one container at once, it can be removed",
     .usual_cause = "a state is read, and acted upon after it has changed",
     .body = one_life},
    {.name = "one_network",
     .claim = "a container that is plugged in and out, started, renamed and "
              "removed at once leaves no cable",
     .usual_cause = "the network is changed without the container's lock",
     .body = one_network},
    {.name = "waited_for",
     .claim = "wait, attach and logs -f end with the container they are for, "
              "and know how",
     .usual_cause = "they read how it ended from files that are gone by then",
     .body = waited_for},
    {.name = "pruned_meanwhile",
     .claim = "prune takes nothing away that somebody is about to make",
     .usual_cause = "what is half made looks like what is left",
     .body = pruned_meanwhile},
    {.name = "image_from_below",
     .claim = "an image is removed, or a container made from it: not both",
     .usual_cause = "its users are looked for before it is locked",
     .body = image_from_below},
    {.name = "volume_from_below",
     .claim = "a volume is removed, or a container made with it: not both",
     .usual_cause = "its users are looked for before it is locked",
     .body = volume_from_below},
};

const struct chapter chapter_storms = {"Storms", TRIALS(trials)};
