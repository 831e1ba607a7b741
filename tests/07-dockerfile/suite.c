/*
 * Suite of step 07-dockerfile: an image is made as a file says, and not again
 * when nothing has changed.
 */
#include <fcntl.h>

#include "afterwards.h"
#include "cgroups.h"
#include "suite.h"

#define CONTAINERS "10.209.0.0/16"

static const struct chapter *const chapters[] = {
    &chapter_first,      &chapter_lines,
    &chapter_refused,    &chapter_expand,
    &chapter_args,       &chapter_config,
    &chapter_run,        &chapter_copy,
    &chapter_owners,     &chapter_add,
    &chapter_links,      &chapter_ignore,
    &chapter_layers,     &chapter_cache,
    &chapter_store,      &chapter_again,
    &chapter_words,      &chapter_users,
    &chapter_explain,    &chapter_killed,
    &chapter_races,      &chapter_fails,
    &chapter_end,        &chapter_real,
    &chapter_afterwards, NULL,
};

static void settle_in(void)
{
    cgroups_settle_in();
    tree_settle_in();
    lan_settle_in(CONTAINERS);
}

static void clean_up(void)
{
    lan_fresh();
    cgroups_move_out();
}

int main(int argc, char *argv[])
{
    /* Before the fence is up. */
    shared_machine = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
    return suite_main(argc, argv,
                      &(struct suite){
                          .step = "07-dockerfile",
                          .chapters = chapters,
                          .prepare = settle_in,
                          .cleanup = clean_up,
                      });
}
