/*
 * Suite of step 04-overlay: containers share a tree, and each writes to a
 * layer of its own.
 */
#include "suite.h"
#include "afterwards.h"
#include "cgroups.h"

static const struct chapter *const chapters[] = {
    &chapter_overlay,
    &chapter_lowers,
    &chapter_names,
    &chapter_state,
    &chapter_diff,
    &chapter_volumes,
    &chapter_tmpfs,
    &chapter_words,
    &chapter_rootless,
    &chapter_explain,
    &chapter_end,
    &chapter_afterwards,
    NULL,
};

static void settle_in(void)
{
    cgroups_settle_in();
    tree_settle_in();
}

int main(int argc, char *argv[])
{
    return suite_main(argc, argv,
                      &(struct suite){
                          .step = "04-overlay",
                          .chapters = chapters,
                          .leaks_are = "nothing_is_mounted_on_the_host",
                          .prepare = settle_in,
                          .cleanup = cgroups_move_out,
                      });
}
