/*
 * scarce: too little memory, at one place of the judged program; see scarce.h.
 */
#include "scarce.h"

#include <sys/stat.h>
#include <unistd.h>

#include "expect.h"
#include "scratch.h"

bool scarce_run(const char *const *argv, int number, struct program **p)
{
    return scarce_run_of("", argv, number, p);
}

bool scarce_run_of(const char *function, const char *const *argv, int number,
                   struct program **p)
{
    struct stat status = {0};
    const char *told = scratch_path("home/scarce");
    const char *library = scratch_path("home/scarce.so"); /* without blanks */

    expect_call(symlink(inside_program("../preload/scarce.so"), library));
    *p = spawn_run(&(struct spawn){
        .argv = argv,
        .env = ARGV("PATH=/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL=C",
                    keep_format("HOME=%s", scratch_path("home")),
                    keep_format("LD_PRELOAD=%s", library),
                    keep_format("SCARCE=%d", number),
                    keep_format("SCARCE_OF=%s", function),
                    keep_format("SCARCE_TOLD=%s", told)),
    });
    expect_call(unlink(library));
    if (stat(told, &status) == 0) /* if it is not linked statically */
        expect_call(unlink(told));
    return status.st_size > 0;
}
