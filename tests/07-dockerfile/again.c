/*
 * Chapter: the same again, to the last bit.
 */
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "suite.h"

static struct program *build_at(const struct site *site, const char *epoch,
                                const char *text)
{
    return spawn_run(&(struct spawn){
        .argv = shared_build(site, ARGV(text, "--no-cache")),
        .env = ARGV("PATH=/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL=C",
                    keep_format("HOME=%s", scratch_path("home")),
                    keep_format("SOURCE_DATE_EPOCH=%s", epoch)),
    });
}

static const char usual[] =
    DOCKERFILE("COPY d /d\n"
               "RUN mkdir /q; echo hi >/q/f; ln /q/f /q/g; touch /q/b /q/a\n"
               "WORKDIR /w\nRUN touch x\nENV a=1\n");

static void one_digest(void)
{
    const struct site *site = site_new(), *other = site_new();
    const char *id;

    site_file(site, "d/f", "f\n");
    site_file(other, "d/f", "f\n");
    id = shared_id(shared_built(build_at(site, "1000000000", usual)));
    spawn_sleep_ms(1100);
    site_file(site, "d/f", "f\n");
    expect_str("id of the second image", id,
               shared_id(shared_built(build_at(site, "1000000000", usual))));
    expect_str("id of one made elsewhere", id,
               shared_id(shared_built(build_at(other, "1000000000", usual))));
}

static void no_later_times(void)
{
    const struct site *site = site_new();
    const struct timespec times[2] = {{.tv_sec = 500000000},
                                      {.tv_sec = 500000000}};

    site_file(site, "d/old", "f\n");
    site_file(site, "d/new", "f\n");
    expect_call(utimensat(AT_FDCWD, site_path(site, "d/old"), times, 0));
    (void)shared_built(build_at(site, "1000000000", usual));
    expect_inside(site, "stat -c %Y /d/old /d/new /q /q/f /w",
                  "500000000\n1000000000\n1000000000\n1000000000\n"
                  "1000000000\n");
    expect_str("created", "\"2001-09-09T01:46:40Z\"",
               saved_top(site, "created"));
    expect_contains("its history",
                    "\"created\":\"2001-09-09T01:46:40Z\",\"created_by\":\""
                    "/bin/sh -c mkdir /q;",
                    saved_top(site, "history"));
}

static void times_that_are_none(void)
{
    const char *const *epoch =
        ARGV("x", "-1", "1.5", "99999999999", " 1", "1x");
    const struct site *site = site_new();

    for (; *epoch != NULL; epoch++)
        expect_refused(build_at(site, *epoch, usual), "SOURCE_DATE_EPOCH",
                       keep_format("\"%s\"", *epoch));
    expect_exit(build_at(site, "", DOCKERFILE("ENV a=1\n")), 0);
    expect_exit(build_at(site, "0", DOCKERFILE("ENV a=1\nRUN touch /x\n")), 0);
    expect_str("created", "\"1970-01-01T00:00:00Z\"",
               saved_top(site, "created"));
    expect_inside(site, "stat -c %Y /x", "0\n");
}

static void now_otherwise(void)
{
    const struct site *site = site_new();
    char *created;
    time_t before = time(NULL);
    char text[2][32];

    (void)built(site, DOCKERFILE("ENV a=1\n"));
    created = saved_top(site, "created");
    for (int i = 0; i < 2; i++) {
        time_t then = i == 0 ? before : time(NULL);

        (void)strftime(text[i], sizeof(text[i]), "\"%FT%TZ\"", gmtime(&then));
    }
    expect_that(strcmp(text[0], created) <= 0 && strcmp(created, text[1]) <= 0,
                keep_format("created between %s and %s", text[0], text[1]),
                created);
}

static const struct trial trials[] = {
    {.name = "one_digest",
     .claim =
         "with SOURCE_DATE_EPOCH two builds of the same make the same image",
     .usual_cause =
         "a time, an order of readdir() or a name of the host is in the tar",
     .reread = "#pack",
     .feature = true,
     .depends = "build_makes_an_image",
     .body = one_digest},
    {.name = "no_later_times",
     .claim = "files and the image are no younger than that, and may be older",
     .usual_cause = "every file gets that time",
     .reread = "#pack",
     .feature = true,
     .depends = "build_makes_an_image",
     .body = no_later_times},
    {.name = "epochs_are_checked",
     .claim = "a SOURCE_DATE_EPOCH that is no time is refused",
     .usual_cause = "atoi() takes a word for 0",
     .reread = "#build",
     .feature = true,
     .depends = "build_makes_an_image",
     .body = times_that_are_none},
    {.name = "created_now",
     .claim = "without it an image is as old as its last step",
     .usual_cause = "local time in place of UTC",
     .reread = "#commit",
     .feature = true,
     .depends = "build_makes_an_image",
     .body = now_otherwise},
};

const struct chapter chapter_again = {"Reproducible", TRIALS(trials)};
