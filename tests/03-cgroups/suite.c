/*
 * Suite of step 03-cgroups: a container gets its share of the machine.
 *
 * Each flag is judged by the kernel's file, and the important ones by their
 * effect as well. Works on version 1, version 2 and both: see cgroups.h.
 */
#include "suite.h"
#include "afterwards.h"

static const struct chapter *const chapters[] = {
    &chapter_limits,  &chapter_place,      &chapter_end,
    &chapter_words,   &chapter_verbs,      &chapter_hosts,
    &chapter_stats,   &chapter_delegation, &chapter_explain,
    &chapter_effects, &chapter_afterwards, NULL,
};

int main(int argc, char *argv[])
{
    return suite_main(argc, argv,
                      &(struct suite){
                          .step = "03-cgroups",
                          .chapters = chapters,
                          .prepare = cgroups_settle_in,
                          .cleanup = cgroups_move_out,
                      });
}
