/*
 * verbs: all that one can say, file by file.
 *
 * Compiled once for each program: what is heavy is only in duct-archive.
 */
#include "help.h"

#include "exec_verb.h"
#include "files.h"
#include "images.h"
#include "living.h"
#include "looking.h"
#include "network_verbs.h"
#include "pruning.h"
#include "update_verb.h"
#include "volume.h"

const struct verb *const verb_tables[] = {
    living_verbs, looking_verbs, exec_verbs,    update_verbs, file_verbs,
    image_verbs,  volume_verbs,  network_verbs, prune_verbs,
#ifdef ARCHIVE
    filter_verbs,
#endif
    NULL,
};
