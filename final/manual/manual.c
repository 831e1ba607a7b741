/*
 * manual: the manual page and the shell's completion, of the tables of verbs.
 *
 *     manual page          duct.1, for man(1)
 *     manual completion    duct.bash, for bash(1)
 *
 * A program of its own, run when duct is built: what a table says of a verb
 * is said once, and these two can't forget a flag.
 */
#include <stdio.h>
#include <stdlib.h>

#include "cleanup.h"
#include "completion.h"
#include "page.h"

int main(int argc, char **argv)
{
    if (argc == 2 && str_eq(argv[1], "page"))
        page_write(stdout);
    else if (argc == 2 && str_eq(argv[1], "completion"))
        completion_write(stdout);
    else {
        fprintf(stderr, "Usage:  manual page|completion\n");
        return EXIT_FAILURE;
    }
    return fclose(stdout) == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
