/*
 * scarce: too little memory, at one place of the judged program; see scarce.h.
 */
#include "scarce.h"

#include <unistd.h>

#include "expect.h"
#include "scratch.h"

bool scarce_run(const char *const *argv, int number, struct program **p)
{
    const char *told = scratch_path("home/scarce");
    const char *library = scratch_path("home/scarce.so"); /* without blanks */

    expect_call(symlink(inside_program("../preload/scarce.so"), library));
    *p = spawn_run(&(struct spawn){
        .argv = argv,
        .env = ARGV("PATH=/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL=C",
                    keep_format("HOME=%s", scratch_path("home")),
                    keep_format("LD_PRELOAD=%s", library),
                    keep_format("SCARCE=%d", number),
                    keep_format("SCARCE_TOLD=%s", told)),
    });
    expect_call(unlink(library));
    return unlink(told) == 0;
}
