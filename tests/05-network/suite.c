/*
 * Suite of step 05-network: containers are connected, with each other and with
 * the rest of the world, as far as somebody asked for it.
 */
#include "suite.h"
#include "afterwards.h"
#include "cgroups.h"

static const struct chapter *const chapters[] = {
    &chapter_modes,     &chapter_links, &chapter_addresses,  &chapter_outside,
    &chapter_ports,     &chapter_walls, &chapter_names,      &chapter_resolvers,
    &chapter_firewalls, &chapter_words, &chapter_explain,    &chapter_failures,
    &chapter_killed,    &chapter_end,   &chapter_afterwards, NULL,
};

static void settle_in(void)
{
    cgroups_settle_in();
    tree_settle_in();
    lan_settle_in(NETWORK);
}

static void clean_up(void)
{
    lan_fresh();
    cgroups_move_out();
}

int main(int argc, char *argv[])
{
    return suite_main(argc, argv,
                      &(struct suite){
                          .step = "05-network",
                          .chapters = chapters,
                          .prepare = settle_in,
                          .before_each = lan_fresh,
                          .cleanup = clean_up,
                      });
}
