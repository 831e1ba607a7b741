#pragma once
/*
 * image_lists: images and history, for people.
 */
#include <stdbool.h>

#include "failure.h"
#include "store.h"

/**
 * image_lists_images - print a line for each image
 * @store: a store
 * @quiet: only the ids
 * @whole: nothing cut off
 * @why:   filled in when one of them is damaged, once the others are printed
 *
 * Returns: 0, or -1 with @why.
 */
int image_lists_images(const struct store *store, bool quiet, bool whole,
                       struct failure *why);

/**
 * image_lists_history - print what an image was made of, latest first
 * @store: a store
 * @text:  what a user calls the image
 * @whole: nothing cut off
 * @why:   filled in when there is none, or it is damaged
 *
 * Returns: 0, or -1 with @why.
 */
int image_lists_history(const struct store *store, const char *text, bool whole,
                        struct failure *why);
