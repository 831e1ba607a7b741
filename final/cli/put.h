#pragma once
/*
 * put: into a JSON object, from text that a person typed.
 *
 * JSON is UTF-8; what is typed need not be. So each of these can fail.
 */
#include <jansson.h>

#include "failure.h"

/**
 * put_new - give an object a member
 * @into:  the object
 * @key:   the member's name
 * @value: becomes the object's; may be NULL: there was no memory for it
 * @why:   filled in when the call fails
 *
 * Returns: 0, or -1 with @why.
 */
int put_new(json_t *into, const char *key, json_t *value, struct failure *why);

/**
 * put_text - give an object a member that is a text
 *
 * Returns: 0, or -1 with @why when @text is no UTF-8.
 */
int put_text(json_t *into, const char *key, const char *text,
             struct failure *why);

/**
 * put_number - give an object a member that is a number
 */
int put_number(json_t *into, const char *key, json_int_t number,
               struct failure *why);

/**
 * put_item - add a text to the array that is an object's member, made if
 * missing
 */
int put_item(json_t *into, const char *key, const char *text,
             struct failure *why);

/**
 * put_pair - add "KEY=VALUE", or "KEY" for an empty value, to the object that
 * is an object's member, made if missing
 */
int put_pair(json_t *into, const char *key, const char *text,
             struct failure *why);

/**
 * put_object - the object that is an object's member, made if missing
 * put_array - the same for an array
 *
 * Returns: the member, which is the object's; or NULL with @why.
 */
json_t *put_object(json_t *into, const char *key, struct failure *why);
json_t *put_array(json_t *into, const char *key, struct failure *why);
