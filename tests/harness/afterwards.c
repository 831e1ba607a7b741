/*
 * afterwards: what was killed must not leave anything for ever.
 *
 * A trial that ends kills the ducts that still run, so they can't tidy up.
 * From step 03 on a run tidies up after them: this chapter, the last of a
 * suite, makes one happen before the host is looked at.
 */
#include "afterwards.h"

#include <unistd.h>

#include "duct.h"
#include "expect.h"
#include "scratch.h"

/* Where layers are when nobody says otherwise: empty by now, or else found. */
static void remove_usual_places(void)
{
    static const char *const places[] = {
        "var-lib/duct/steps",
        "var-lib/duct",
        "home-of-nobody/.local/share/duct/steps",
        "home-of-nobody/.local/share/duct",
        "home-of-nobody/.local/share",
        "home-of-nobody/.local",
    };

    for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++)
        (void)rmdir(scratch_path("%s", places[i]));
}

static void next_run_tidies_up(void)
{
    expect_output(duct("run", rootfs(), "echo", "tidy"), "tidy\n");
    /* Step 01 refuses who isn't root, and leaves nothing of theirs. */
    (void)spawn_run(&(struct spawn){
        .argv = DUCT("run", rootfs(), "true"),
        .uid = NOBODY,
    });
    remove_usual_places();
}

static const struct trial trials[] = {
    {.name = "next_run_tidies_up",
     .claim = "a run works after others were killed",
     .usual_cause = "what they have left stands in its way",
     .reread = "#break-it",
     .body = next_run_tidies_up},
};

const struct chapter chapter_afterwards = {"Afterwards", TRIALS(trials)};
