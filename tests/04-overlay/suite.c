/*
 * Suite of step 04-overlay: containers share a tree, and each writes to a
 * layer of its own.
 */
#include <unistd.h>

#include "cgroups.h"
#include "suite.h"

static const struct chapter *const chapters[] = {
    &chapter_overlay,  &chapter_lowers,  &chapter_names, &chapter_state,
    &chapter_diff,     &chapter_volumes, &chapter_tmpfs, &chapter_words,
    &chapter_rootless, &chapter_explain, NULL,
};

/* Where layers are when nobody says otherwise: to be empty, then gone. */
static void forget_usual_places(void)
{
    (void)rmdir(scratch_path("var-lib/duct/steps"));
    (void)rmdir(scratch_path("var-lib/duct"));
    (void)rmdir(scratch_path("home-of-nobody/.local/share/duct/steps"));
    (void)rmdir(scratch_path("home-of-nobody/.local/share/duct"));
    (void)rmdir(scratch_path("home-of-nobody/.local/share"));
    (void)rmdir(scratch_path("home-of-nobody/.local"));
}

static void settle_in(void)
{
    cgroups_settle_in();
    tree_settle_in();
}

static void clean_up(void)
{
    cgroups_move_out();
    forget_usual_places();
}

int main(int argc, char *argv[])
{
    return suite_main(argc, argv,
                      &(struct suite){
                          .step = "04-overlay",
                          .chapters = chapters,
                          .leaks_are = "nothing_is_mounted_on_the_host",
                          .prepare = settle_in,
                          .cleanup = clean_up,
                      });
}
