/*
 * Suite of step 06-images: containers are made of what others have packed,
 * and nothing that was packed reaches further than that.
 */
#include "suite.h"
#include "afterwards.h"
#include "cgroups.h"

static const struct chapter *const chapters[] = {
    &chapter_import,     &chapter_run,
    &chapter_users,      &chapter_load,
    &chapter_archives,   &chapter_layers,
    &chapter_files,      &chapter_references,
    &chapter_lists,      &chapter_names,
    &chapter_store,      &chapter_save,
    &chapter_peers,      &chapter_hostile,
    &chapter_liars,      &chapter_damaged,
    &chapter_rootless,   &chapter_words,
    &chapter_explain,    &chapter_failures,
    &chapter_races,      &chapter_killed,
    &chapter_end,        &chapter_bounds,
    &chapter_afterwards, NULL,
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
                          .step = "06-images",
                          .chapters = chapters,
                          .prepare = settle_in,
                          .cleanup = cgroups_move_out,
                      });
}
