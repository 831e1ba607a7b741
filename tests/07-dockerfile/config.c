/*
 * Chapter: what an image says of itself.
 */
#include <stdio.h>
#include <string.h>

#include "suite.h"

#define USUAL_PATH                                                             \
    "\"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin\""

/* A Dockerfile makes an image whose config has this. */
struct config {
    const char *lines, *member, *json;
};

static void expect_configs(const struct site *site,
                           const struct config *configs)
{
    for (const struct config *c = configs; c->lines != NULL; c++) {
        trial_note("the Dockerfile: FROM busybox, %s",
                   expect_quoted(c->lines, strlen(c->lines)));
        (void)built(site, keep_format(DOCKERFILE("%s"), c->lines));
        expect_str(c->member, c->json, saved_member(site, c->member));
    }
}

static void env(void)
{
    expect_configs(site_new(),
                   (const struct config[]){
                       {"ENV a=1 c=old\nENV b=\"$a x\" c=new\n", "Env",
                        "[" USUAL_PATH ",\"a=1\",\"c=new\",\"b=1 x\"]"},
                       {"ENV ab=1\nENV a=2\nENV PATH=/x:$PATH\n", "Env",
                        "[\"PATH=/x:/usr/local/sbin:/usr/local/bin:/usr/sbin:"
                        "/usr/bin:/sbin:/bin\",\"ab=1\",\"a=2\"]"},
                       {"ENV a=1\nENV a=\n", "Env", "[" USUAL_PATH ",\"a=\"]"},
                       {0},
                   });
}

static void labels(void)
{
    const struct site *site = site_new();

    expect_configs(site, (const struct config[]){
                             {"LABEL a=1 b=2\nLABEL b=3 c=4\n", "Labels",
                              "{\"a\":\"1\",\"b\":\"3\",\"c\":\"4\"}"},
                             {"MAINTAINER me <x@y>  \n", "Labels", "null"},
                             {0},
                         });
    expect_str("author", "\"me <x@y>\"", saved_top(site, "author"));
}

static void commands(void)
{
    expect_configs(
        site_new(),
        (const struct config[]){
            {"CMD echo  $a \"q\"\n", "Cmd",
             "[\"/bin/sh\",\"-c\",\"echo  $a \\\"q\\\"\"]"},
            {"CMD x\nCMD [\"a\",\"b\"]\n", "Cmd", "[\"a\",\"b\"]"},
            {"CMD x\nCMD []\n", "Cmd", "[]"},
            {"ENTRYPOINT foo bar\n", "Entrypoint",
             "[\"/bin/sh\",\"-c\",\"foo bar\"]"},
            {"ENTRYPOINT a\nENTRYPOINT [\"b\"]\n", "Entrypoint", "[\"b\"]"},
            {"ENTRYPOINT a\nENTRYPOINT []\n", "Entrypoint", "[]"},
            {"CMD [\"c\"]\nENTRYPOINT [\"e\"]\n", "Cmd", "[\"c\"]"},
            {"ENTRYPOINT [\"e\"]\nCMD [\"c\"]\n", "Cmd", "[\"c\"]"},
            {0},
        });
}

static void command_runs(void)
{
    const struct site *site = site_new();
    const char *const *run =
        DUCT("run", "--network", "none", "--state", site->state, "t");

    (void)built(site, DOCKERFILE("ENTRYPOINT [\"/bin/echo\", \"a\"]\n"
                                 "CMD [\"b\", \"c d\"]\n"));
    expect_output(spawn_run(&(struct spawn){.argv = run}), "a b c d\n");
    expect_output(
        spawn_run(&(struct spawn){.argv = argv_of(run, ARGV("e"), NULL)}),
        "a e\n");
    (void)built(site, DOCKERFILE("ENV a=1\nCMD echo $a\n"));
    expect_output(spawn_run(&(struct spawn){.argv = run}), "1\n");
}

/* What the base would have run was for its own entry point. */
static void entrypoint_clears(void)
{
    const struct site *site = site_new();

    (void)built(site, DOCKERFILE("CMD [\"c\"]\n"));
    expect_exit(on(site, "tag", "t", "base"), 0);
    (void)built(site, "FROM base\nENTRYPOINT [\"e\"]\n");
    expect_str("Cmd", "null", saved_member(site, "Cmd"));
    (void)built(site, "FROM base\nENV a=1\n");
    expect_str("Cmd", "[\"c\"]", saved_member(site, "Cmd"));
    (void)built(site, "FROM base\nCMD [\"d\"]\nENV a=1\nENTRYPOINT [\"e\"]\n");
    expect_str("Cmd", "[\"d\"]", saved_member(site, "Cmd"));
}

static void ports(void)
{
    expect_configs(
        site_new(),
        (const struct config[]){
            {"ARG p=\"7  8/udp\"\nEXPOSE 80 53/UDP $p\nEXPOSE 9/sctp 80/tcp\n"
             "EXPOSE 1 65535\n",
             "ExposedPorts",
             "{\"1/tcp\":{},\"53/udp\":{},\"65535/tcp\":{},\"7/tcp\":{},"
             "\"8/udp\":{},\"80/tcp\":{},\"9/sctp\":{}}"},
            {0},
        });
}

static void wrong_ports(void)
{
    const char *const *port =
        ARGV("9-8", "80/icmp", "0", "65536", "1-65536", "80:80", "/tcp", "x",
             "80-", "-80", "80/", "80/tcp/udp", "8 0x");
    const struct site *site = site_new();

    for (; *port != NULL; port++)
        expect_blamed(
            build(site, keep_format(DOCKERFILE("EXPOSE 1 \"%s\"\n"), *port)),
            125, 2, keep_format("EXPOSE 1 \"%s\"", *port), "is no port");
    expect_blamed(build(site, DOCKERFILE("EXPOSE 70/tcp/x\n")), 125, 2,
                  "EXPOSE 70/tcp/x", "\"70/tcp/x\" is no port");
}

static void users_and_volumes(void)
{
    expect_configs(
        site_new(),
        (const struct config[]){
            {"USER one\nUSER two:3\n", "User", "\"two:3\""},
            {"USER \"a b\"\n", "User", "\"a b\""},
            {"VOLUME /a\nVOLUME [\"/b c\", \"/d\"]\nVOLUME /a /e\n", "Volumes",
             "{\"/a\":{},\"/b c\":{},\"/d\":{},\"/e\":{}}"},
            {0},
        });
}

static void workdirs(void)
{
    const struct site *site = site_new();

    expect_configs(site,
                   (const struct config[]){
                       {"WORKDIR /a\nWORKDIR b/../c\nWORKDIR d//x/.\n",
                        "WorkingDir", "\"/a/c/d/x\""},
                       {"WORKDIR rel\n", "WorkingDir", "\"/rel\""},
                       {"WORKDIR /etc\nWORKDIR ../..\n", "WorkingDir", "\"/\""},
                       {"WORKDIR \"/a b\"\n", "WorkingDir", "\"/a b\""},
                       {0},
                   });
    expect_inside(site, "pwd", "/a b\n");
}

static void volumes_keep_files(void)
{
    const struct site *site = site_new();

    (void)built(site, DOCKERFILE("RUN mkdir /v; echo 1 >/v/one\n"
                                 "VOLUME /v\n"));
    expect_inside(site, "cat /v/one", "1\n");
}

static void history(void)
{
    const struct site *site = site_new();

    site_file(site, "a", "a\n");
    (void)built(site, DOCKERFILE("LABEL a=1 b=\"2 3\"\n"
                                 "RUN echo x >/x\n"
                                 "RUN true\n"
                                 "RUN [\"touch\", \"/y z\"]\n"
                                 "CMD [\"a\", \"b\"]\n"
                                 "CMD c d\n"
                                 "EXPOSE 80 81\n"
                                 "USER \"u\"\n"
                                 "WORKDIR /etc\n"
                                 "WORKDIR /new\n"
                                 "MAINTAINER me\n"));
    expect_contains("its history",
                    "empty /bin/sh -c #(nop)  LABEL a=1 b=2 3\n"
                    "layer /bin/sh -c echo x >/x\n"
                    "empty /bin/sh -c true\n"
                    "layer touch /y z\n"
                    "empty /bin/sh -c #(nop)  CMD [\"a\", \"b\"]\n"
                    "empty /bin/sh -c #(nop)  CMD c d\n"
                    "empty /bin/sh -c #(nop)  EXPOSE 80 81\n"
                    "empty /bin/sh -c #(nop)  USER u\n"
                    "empty /bin/sh -c #(nop)  WORKDIR /etc\n"
                    "layer /bin/sh -c #(nop)  WORKDIR /new\n"
                    "empty /bin/sh -c #(nop)  MAINTAINER me\n",
                    saved_history(site));
    (void)built(site, DOCKERFILE("COPY a Dockerfile /d/\nADD a /\n"));
    expect_contains("its history", "\nlayer /bin/sh -c #(nop) COPY file:",
                    saved_history(site));
    expect_contains("its history", " in /d \n", saved_history(site));
    expect_contains("its history",
                    "\nlayer /bin/sh -c #(nop) ADD file:", saved_history(site));
    expect_contains("its history", " in / \n", saved_history(site));
}

static void history_verb(void)
{
    const struct site *site = site_new();
    const struct program *p;

    (void)built(site, DOCKERFILE("RUN echo x >/x\nENV a=1\n"));
    p = on(site, "history", "--no-trunc", "t");
    expect_exit(p, 0);
    expect_contains("duct history", "/bin/sh -c #(nop)  ENV a=1", p->out);
    expect_contains("duct history", "/bin/sh -c echo x >/x", p->out);
}

/* Of the base image, and of what this step does not know. */
static void the_rest_is_kept(void)
{
    const struct site *site = site_new();

    (void)built(site, DOCKERFILE("ENV a=1\nUSER 5\nWORKDIR /w\nLABEL l=1\n"
                                 "EXPOSE 1\nVOLUME /v\nMAINTAINER me\n"));
    saved_load(site,
               "{\"StopSignal\":\"SIGINT\",\"Healthcheck\":{\"Test\":[\"NONE\"]"
               "},\"Own\":[1]}",
               "base:1");
    (void)built(site, "FROM base:1\nENV b=2\nLABEL m=2\nEXPOSE 2\n");
    expect_str("StopSignal", "\"SIGINT\"", saved_member(site, "StopSignal"));
    expect_str("Healthcheck", "{\"Test\":[\"NONE\"]}",
               saved_member(site, "Healthcheck"));
    expect_str("Own", "[1]", saved_member(site, "Own"));
    expect_str("Env", "[" USUAL_PATH ",\"a=1\",\"b=2\"]",
               saved_member(site, "Env"));
    expect_str("User", "\"5\"", saved_member(site, "User"));
    expect_str("WorkingDir", "\"/w\"", saved_member(site, "WorkingDir"));
    expect_str("Labels", "{\"l\":\"1\",\"m\":\"2\"}",
               saved_member(site, "Labels"));
    expect_str("ExposedPorts", "{\"1/tcp\":{},\"2/tcp\":{}}",
               saved_member(site, "ExposedPorts"));
    expect_str("Volumes", "{\"/v\":{}}", saved_member(site, "Volumes"));
    expect_str("author", "\"me\"", saved_top(site, "author"));
}

/* Where other tools have written null, or nothing at all. */
static void odd_bases(void)
{
    const struct site *site = site_new();

    (void)built(site, DOCKERFILE("ENV a=1\n"));
    saved_load(site,
               "{\"Env\":null,\"Labels\":null,\"ExposedPorts\":[],"
               "\"Volumes\":null,\"Cmd\":null,\"WorkingDir\":\"\",\"User\":"
               "null}",
               "base:1");
    (void)built(site, "FROM base:1\nENV b=2\nLABEL m=2\nEXPOSE 2\nVOLUME /v\n"
                      "WORKDIR w\nRUN id -u; pwd >/x\n");
    expect_str("Env", "[" USUAL_PATH ",\"b=2\"]", saved_member(site, "Env"));
    expect_str("Labels", "{\"m\":\"2\"}", saved_member(site, "Labels"));
    expect_str("ExposedPorts", "{\"2/tcp\":{}}",
               saved_member(site, "ExposedPorts"));
    expect_str("Volumes", "{\"/v\":{}}", saved_member(site, "Volumes"));
    expect_inside(site, "cat /x", "/w\n");
}

static void bare_bases(void)
{
    const struct site *site = site_new();

    (void)built(site, DOCKERFILE("ENV a=1\n"));
    saved_load_without(site, "history", "base:1");
    saved_load_without(site, "config", "base:2");
    (void)built(site, "FROM base:1\nENV b=2\n");
    expect_str("its history", "empty /bin/sh -c #(nop)  ENV b=2\n",
               saved_history(site));
    (void)built(site, "FROM base:2\nENV b=2\nRUN echo $b >/x\n");
    expect_str("Env", "[" USUAL_PATH ",\"b=2\"]", saved_member(site, "Env"));
    expect_inside(site, "cat /x", "2\n");
}

static void shell_of_the_base(void)
{
    const struct site *site = site_new();

    (void)built(site, DOCKERFILE("ENV a=1\n"));
    saved_load(site, "{\"Shell\":[\"/bin/sh\",\"-e\",\"-c\"]}", "base:1");
    expect_blamed(build(site, "FROM base:1\nRUN false; true\n"), 1, 2,
                  "RUN false; true", "'/bin/sh -e -c false; true'");
    (void)built(site, "FROM base:1\nCMD x\n");
    expect_str("Cmd", "[\"/bin/sh\",\"-e\",\"-c\",\"x\"]",
               saved_member(site, "Cmd"));
}

static void triggers_of_the_base(void)
{
    const struct site *site = site_new();

    (void)built(site, DOCKERFILE("ENV a=1\n"));
    saved_load(site, "{\"OnBuild\":[\"RUN true\"]}", "base:1");
    expect_blamed(build(site, "FROM base:1\nENV b=1\n"), 125, 1, "FROM base:1",
                  "base:1", "ONBUILD");
    saved_load(site, "{\"OnBuild\":[]}", "base:2");
    (void)built(site, "FROM base:2\nENV b=1\n");
}

static const struct trial trials[] = {
    {.name = "env_sets_variables",
     .claim = "ENV sets variables of the image, in place where they are there",
     .usual_cause =
         "a variable is there twice, or one is taken for another that begins "
         "like it",
     .reread = "#instructions",
     .feature = true,
     .depends = "build_makes_an_image",
     .body = env},
    {.name = "label_and_maintainer",
     .claim = "LABEL adds labels, MAINTAINER says whose",
     .usual_cause = "a LABEL replaces all those before it",
     .reread = "#instructions",
     .feature = true,
     .depends = "build_makes_an_image",
     .body = labels},
    {.name = "cmd_and_entrypoint",
     .claim =
         "of CMD and ENTRYPOINT the last one counts; without JSON it is for "
         "/bin/sh -c",
     .usual_cause = "words are expanded, or parted, that are the shell's",
     .reread = "#cmd-and-entrypoint",
     .feature = true,
     .depends = "build_makes_an_image",
     .body = commands},
    {.name = "cmd_and_entrypoint_run",
     .claim = "duct run starts ENTRYPOINT with CMD, or with what it is given",
     .usual_cause = "they are stored where nobody looks",
     .reread = "#cmd-and-entrypoint",
     .feature = true,
     .depends = "build_makes_an_image",
     .body = command_runs},
    {.name = "entrypoint_clears_cmd",
     .claim = "ENTRYPOINT clears the CMD of the base, not one of its own file",
     .usual_cause = "nobody remembers whose CMD it is",
     .reread = "#cmd-and-entrypoint",
     .feature = true,
     .depends = "build_makes_an_image",
     .body = entrypoint_clears},
    {.name = "expose_notes_ports",
     .claim = "EXPOSE notes ports and protocols; a variable may have "
              "several",
     .usual_cause = "an expanded value is taken for one word",
     .reread = "#instructions",
     .feature = true,
     .depends = "build_makes_an_image",
     .body = ports},
    {.name = "expose_checks_ports",
     .claim = "EXPOSE refuses what is no port",
     .usual_cause = "strtol() is happy with a part of it",
     .reread = "#instructions",
     .feature = true,
     .depends = "build_makes_an_image",
     .body = wrong_ports},
    {.name = "user_and_volume",
     .claim = "USER is stored as written, VOLUMEs add up",
     .usual_cause = "names are looked up when nobody needs them yet",
     .reread = "#volumes",
     .feature = true,
     .depends = "build_makes_an_image",
     .body = users_and_volumes},
    {.name = "workdirs_add_up",
     .claim = "a WORKDIR without / is below the one before",
     .usual_cause = "the text is stored as it is",
     .reread = "#instructions",
     .feature = true,
     .depends = "build_makes_an_image",
     .body = workdirs},
    {.name = "volumes_keep_files",
     .claim = "files below a VOLUME are part of the image, here",
     .usual_cause = "the volume hides them",
     .reread = "#volumes",
     .feature = true,
     .depends = "build_makes_an_image",
     .body = volumes_keep_files},
    {.name = "history_is_dockers",
     .claim = "each step has a line in the image's history, in docker's words; "
              "what changes no file is empty there",
     .usual_cause = "layers and lines do not go together any more",
     .reread = "#commit",
     .feature = true,
     .depends = "build_makes_an_image",
     .body = history},
    {.name = "history_shows_it",
     .claim = "duct history shows them",
     .usual_cause = "the history is not in the config",
     .reread = "#commit",
     .feature = true,
     .depends = "build_makes_an_image",
     .body = history_verb},
    {.name = "the_rest_is_kept",
     .claim =
         "what the base says of itself stays, even what duct does not know",
     .usual_cause = "the config is written anew, from what is known",
     .reread = "#commit",
     .feature = true,
     .depends = "build_makes_an_image",
     .body = the_rest_is_kept},
    {.name = "nulls_are_nothing",
     .claim =
         "null, or an empty list, in a base's config is as good as nothing",
     .usual_cause =
         "a member that is there is taken for one that can be added to",
     .reread = "#commit",
     .feature = true,
     .depends = "build_makes_an_image",
     .body = odd_bases},
    {.name = "bare_bases_will_do",
     .claim = "a base without a history, or without any settings, will do",
     .usual_cause = "json_array_append() does nothing to NULL",
     .reread = "#commit",
     .feature = true,
     .depends = "build_makes_an_image",
     .body = bare_bases},
    {.name = "shell_of_the_base",
     .claim = "a base's own Shell is used",
     .usual_cause = "/bin/sh is written into the code",
     .reread = "#run_step",
     .feature = true,
     .depends = "build_makes_an_image",
     .body = shell_of_the_base},
    {.name = "triggers_of_the_base",
     .claim = "a base with ONBUILD instructions is refused, not half done",
     .usual_cause = "they are passed over",
     .reread = "#instructions",
     .feature = true,
     .only_here = true,
     .depends = "build_makes_an_image",
     .body = triggers_of_the_base},
};

const struct chapter chapter_config = {"The image's config", TRIALS(trials)};
