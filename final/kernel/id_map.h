#pragma once
/*
 * id_map: who the users of a container are on the host.
 */
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "failure.h"

enum {
    ID_RANGES_MOST = 8 /* of one user; others are left unused */
};

struct id_range {
    unsigned first;
    unsigned count;
};

/**
 * id_map_parse - read what somebody may use from the text of subuid(5)
 * @text:   lines of OWNER:FIRST:COUNT
 * @name:   the owner's name, or NULL
 * @uid:    and number: either may stand in a line
 * @ranges: receives them, in the order of the lines
 *
 * A line that is none, or reaches beyond what ids there are, is left out.
 *
 * Returns: how many there are.
 * Source:  subuid(5).
 */
size_t id_map_parse(const char *text, const char *name, uid_t uid,
                    struct id_range ranges[ID_RANGES_MOST]);

/**
 * id_map_trouble - why does a container of ours have one user only?
 * @trouble: receives a sentence, which the caller frees; or NULL: it has many
 *
 * Returns: 0, or -1 when there is no memory.
 */
int id_map_trouble(char **trouble);

/**
 * id_map_write - in the parent: say who the users of a child are out here
 * @child: in a user namespace of its own
 * @why:   filled in when the call fails
 *
 * User and group 0 inside are the caller's own; 1, 2, ... those that the
 * system has set aside for the caller, if it has: see id_map_trouble().
 *
 * Returns: 0, or -1 with @why.
 * Source:  user_namespaces(7), "User and group ID mappings"; newuidmap(1).
 */
int id_map_write(pid_t child, struct failure *why);

/**
 * id_map_last - the last group that exists, in our own user namespace
 *
 * Returns: its number: 0 means that there is nobody else.
 */
unsigned id_map_last(void);
