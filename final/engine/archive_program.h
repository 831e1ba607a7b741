#pragma once
/*
 * archive_program: the second program, which has what is heavy.
 */
#include "failure.h"

/**
 * archive_program_exec - become duct-archive
 * @words: its argument list, NULL-terminated
 * @why:   filled in when it can't be executed
 *
 * It is looked for beside us, as it is built, and in libexec, as it is
 * installed.
 *
 * Returns: only when it failed: -1 with @why.
 */
int archive_program_exec(char *const *words, struct failure *why);
