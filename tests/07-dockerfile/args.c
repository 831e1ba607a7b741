/*
 * Chapter: ARG, which only the build sees.
 */
#include <string.h>

#include "suite.h"

static void seen_by_runs(void)
{
    const struct site *site = site_new();

    (void)built(site, DOCKERFILE("RUN echo \"<$V>\" >/x\n"
                                 "ARG V=1 W=\"2 3\"\n"
                                 "RUN echo \"<$V><$W>\" >>/x\n"));
    expect_inside(site, "cat /x; env | grep -c -e ^V= -e ^W=; true",
                  "<>\n<1><2 3>\n0\n");
    expect_lacks("Env", "V=", saved_member(site, "Env"));
}

static void given(void)
{
    const struct site *site = site_new();

    (void)built(site,
                DOCKERFILE("ARG V\nARG W=own\nARG X=x\nARG Y\n"
                           "RUN echo \"<$V><$W><$X><${Y-unset}>\" >/x\n"),
                "--build-arg", "V=a=b c", "--build-arg=W=w", "--build-arg",
                "X=");
    expect_inside(site, "cat /x", "<a=b c><w><><unset>\n");
}

static void before_from(void)
{
    const struct site *site = site_new();

    (void)built(site,
                "ARG V=global\nARG W=global\nARG B=none\nFROM $B\n"
                "RUN echo \"<$V><$W><$B>\" >/x\n"
                "ARG V\nARG W=own\nARG B\n"
                "RUN echo \"<$V><$W><$B>\" >>/x\n",
                "--build-arg", "B=busybox");
    expect_inside(site, "cat /x", "<><><>\n<global><own><busybox>\n");
}

static void one_sees_another(void)
{
    const struct site *site = site_new();

    (void)built(site, "ARG A=busy\nARG B=${A}box\nFROM ${B}\n"
                      "ARG C=c\nARG D=$C$C E=$C\nRUN echo $D $E >/x\n");
    expect_inside(site, "cat /x", "cc c\n");
}

static void env_is_stronger(void)
{
    const struct site *site = site_new();

    (void)built(site,
                DOCKERFILE("ENV V=env\nARG V=later\nRUN echo $V >/x\n"
                           "LABEL v=$V\nARG W=arg\nENV W=env$W\n"
                           "RUN echo $W >>/x\n"),
                "--build-arg", "V=given");
    expect_inside(site, "cat /x; echo $V $W", "env\nenvarg\nenv envarg\n");
    expect_str("Labels", "{\"v\":\"env\"}", saved_member(site, "Labels"));
}

static void said_again(void)
{
    const struct site *site = site_new();

    (void)built(site, DOCKERFILE("ARG V=1\nRUN echo $V >/x\nARG V=2\n"
                                 "RUN echo $V >>/x\nARG V\n"
                                 "RUN echo \"<$V>\" >>/x\n"));
    expect_inside(site, "cat /x", "1\n2\n<>\n");
}

static struct program *with_caller(const struct site *site, const char *text,
                                   const char *name)
{
    return spawn_run(&(struct spawn){
        .argv = shared_build(site, ARGV(text, "--build-arg", name)),
        .env = ARGV("PATH=/usr/bin:/bin", "LC_ALL=C", "FROM_CALLER=c 1",
                    keep_format("HOME=%s", scratch_path("home"))),
    });
}

static void taken_from_the_caller(void)
{
    const struct site *site = site_new();
    static const char text[] =
        DOCKERFILE("ARG FROM_CALLER=d\nARG NONE=d\n"
                   "RUN echo \"<$FROM_CALLER><$NONE>\" >/x\n");

    (void)shared_built(with_caller(site, text, "FROM_CALLER"));
    expect_inside(site, "cat /x", "<c 1><d>\n");
    (void)shared_built(with_caller(site, text, "NONE"));
    expect_inside(site, "cat /x", "<d><d>\n");
}

static void nobody_asks(void)
{
    const struct site *site = site_new();
    struct program *p = build(site, DOCKERFILE("ARG A=1\nRUN true\n"),
                              "--build-arg", "NO=1", "--build-arg", "A=2");

    expect_exit(p, 0);
    expect_str("stderr", "duct: --build-arg NO: no ARG asks for it\n", p->err);
    expect_refused(build(site, DOCKERFILE(""), "--build-arg", "=1"), "\"=1\"");
    expect_refused(build(site, DOCKERFILE(""), "--build-arg", ""), "\"\"");
}

static void shown_in_history(void)
{
    const struct site *site = site_new();

    (void)built(site, DOCKERFILE("ARG A=1\nARG B=2\nRUN true\n"));
    expect_contains("its history", "\nempty |2 A=1 B=2 /bin/sh -c true\n",
                    saved_history(site));
    expect_contains("its history", "\nempty /bin/sh -c #(nop)  ARG A=1\n",
                    saved_history(site));
}

static const struct trial trials[] = {
    {.name = "args_are_for_runs",
     .claim = "an ARG is in the environment of the RUNs behind it, and not in "
              "the image",
     .usual_cause = "ARG is done as ENV is",
     .reread = "#args",
     .feature = true,
     .depends = "build_makes_an_image",
     .body = seen_by_runs},
    {.name = "args_are_given",
     .claim = "--build-arg gives an ARG its value, whatever its default; "
              "without either there is none",
     .usual_cause = "the default is set last",
     .reread = "#args",
     .feature = true,
     .depends = "args_are_for_runs",
     .body = given},
    {.name = "args_before_from",
     .claim = "an ARG before FROM is for FROM, and for those that ask for it "
              "again",
     .usual_cause = "the values are dropped, or seen without asking",
     .reread = "#args",
     .feature = true,
     .depends = "args_are_for_runs",
     .body = before_from},
    {.name = "args_see_each_other",
     .claim = "an ARG's default may have those before it in it",
     .usual_cause = "defaults are not expanded",
     .reread = "#args",
     .feature = true,
     .depends = "args_before_from",
     .body = one_sees_another},
    {.name = "env_is_stronger",
     .claim = "ENV wins over an ARG of the same name, wherever it stands",
     .usual_cause = "the environment has both, and the last one counts",
     .reread = "#arg-and-env",
     .feature = true,
     .depends = "args_are_given",
     .body = env_is_stronger},
    {.name = "args_are_said_again",
     .claim = "an ARG that is said again has its new default, or none",
     .usual_cause = "the first one stays",
     .reread = "#args",
     .feature = true,
     .depends = "args_are_for_runs",
     .body = said_again},
    {.name = "args_of_the_caller",
     .claim = "--build-arg NAME takes the caller's variable; if there is none, "
              "the default stays",
     .usual_cause = "getenv() may return NULL",
     .reread = "#args",
     .feature = true,
     .depends = "args_are_given",
     .body = taken_from_the_caller},
    {.name = "args_nobody_asks_for",
     .claim = "a --build-arg that no ARG asks for is told, one without a name "
              "refused",
     .usual_cause = "a word with a spelling mistake goes unnoticed",
     .reread = "#args",
     .feature = true,
     .depends = "args_are_given",
     .body = nobody_asks},
    {.name = "args_show_in_history",
     .claim = "the image's history tells what a RUN was given, as docker's",
     .usual_cause = "only the command is told",
     .reread = "#args",
     .feature = true,
     .depends = "args_are_for_runs",
     .body = shown_in_history},
};

const struct chapter chapter_args = {"ARG", TRIALS(trials)};
