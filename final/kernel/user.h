#pragma once
/*
 * user: who the command is, if not root.
 */
#include <sys/types.h>

#include "failure.h"

/**
 * user_find - who is that, in numbers?
 * @text: as for user_become(); a number alone is the group's as well
 * @uid:  receives the user's
 * @gid:  receives the group's
 * @why:  filled in when the container knows none
 *
 * Returns: 0, or -1 with @why.
 */
int user_find(const char *text, uid_t *uid, gid_t *gid, struct failure *why);

/**
 * user_become - stop being root, if that is asked for
 * @text:   NAME or NUMBER, perhaps followed by ":" and a group's
 * @more:   groups to be in besides, by name or number, NULL-terminated; or
 *          NULL
 * @parent: a pipe that ends with duct, and we with it; NULL: we need not
 * @home:   receives the user's home directory, which the caller frees
 * @why:    filled in when the call fails
 *
 * Call it inside, as the last thing that root does: names are those of the
 * container's own passwd(5) and group(5). The capabilities that we may have
 * stay, for caps_drop() to take; but they are out of use until caps_regain().
 *
 * Returns: 0, or -1 with @why.
 * Errors:  EINVAL (a user namespace in which this id does not exist).
 * Source:  credentials(7); setresuid(2); setgroups(2); prctl(2),
 *          PR_SET_PDEATHSIG, PR_SET_KEEPCAPS; capabilities(7), "Effect of user
 *          ID changes on capabilities".
 */
int user_become(const char *text, char *const *more, const int *parent,
                char **home, struct failure *why);
