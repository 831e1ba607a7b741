#pragma once
/*
 * images: verbs that are about images.
 */
#include "verb.h"

extern const struct verb image_verbs[];
extern const struct verb filter_verbs[]; /* archive/filter_verb.c */

/**
 * images_tell_removed - print and note down what went with an image
 * @call: the verb's
 * @told: [{"Untagged": "NAME"}, {"Deleted": "sha256:..."}]
 */
void images_tell_removed(const struct call *call, const json_t *told);

/* These are in archive/image_verbs.c. */
int load_verb(const struct call *call, struct failure *why);
int save_verb(const struct call *call, struct failure *why);
int import_verb(const struct call *call, struct failure *why);
