/*
 * Suite of step 02-namespaces: a container has a view of the system that is
 * its own.
 *
 * What step 01 promised and still holds is judged by step 01's suite, run
 * with LATER=1.
 */
#include "suite.h"
#include "afterwards.h"

static const struct chapter *const chapters[] = {
    &chapter_namespaces, &chapter_mounts,     &chapter_devices,
    &chapter_processes,  &chapter_settings,   &chapter_rights,
    &chapter_users,      &chapter_exec,       &chapter_refusals,
    &chapter_explain,    &chapter_afterwards, NULL,
};

int main(int argc, char *argv[])
{
    return suite_main(argc, argv,
                      &(struct suite){.step = "02-namespaces",
                                      .chapters = chapters,
                                      .leaks_are = "mounts_stay_inside"});
}
