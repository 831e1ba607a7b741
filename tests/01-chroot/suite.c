/*
 * Suite of step 01-chroot: a program runs inside another root directory.
 *
 * Judges everything that a container's outside promises (command line, exit
 * status, environment, streams, signals, terminal, --explain), which later
 * steps keep: run it with LATER=1 against their programs. What only chroot
 * does, and should not, is in weakness.c.
 */
#include "suite.h"
#include "afterwards.h"

static const struct chapter *const chapters[] = {
    &chapter_start,
    &chapter_status,
    &chapter_environment,
    &chapter_workdir,
    &chapter_words,
    &chapter_streams,
    &chapter_signals,
    &chapter_terminal,
    &chapter_refusals,
    &chapter_explain,
    &chapter_weakness,
    &chapter_afterwards,
    NULL,
};

int main(int argc, char *argv[])
{
    return suite_main(
        argc, argv, &(struct suite){.step = "01-chroot", .chapters = chapters});
}
