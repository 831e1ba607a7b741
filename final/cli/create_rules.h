#pragma once
/*
 * create_rules: which flag becomes which member of a request.
 */
#include "verb.h"

/**
 * create_rules_apply - turn all flags that stand for themselves into members
 * @body: the request; receives them
 * @call: what was said
 * @why:  names the flag whose value is nonsense
 *
 * Returns: 0, or -1 with @why.
 */
int create_rules_apply(json_t *body, const struct call *call,
                       struct failure *why);

/**
 * create_rules_values - the same for those that have a value; no switches
 */
int create_rules_values(json_t *body, const struct call *call,
                        struct failure *why);

/**
 * create_rules_blame - say which flag a mistake is in, as docker does
 * @name: of the flag
 * @text: its value
 * @why:  what is wrong with it
 *
 * Returns: -1.
 */
int create_rules_blame(const char *name, const char *text, struct failure *why);
