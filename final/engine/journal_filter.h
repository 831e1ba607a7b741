#pragma once
/*
 * journal_filter: which events somebody wants to hear of.
 */
#include <jansson.h>
#include <stdbool.h>

#include "failure.h"

/**
 * journal_filter_check - are these filters?
 * @filters: {"key":{"value":true}} or {"key":["value"]}; NULL: none
 * @why:     filled in when they are not (FAILURE_BAD_PARAMETER)
 *
 * Returns: 0, or -1 with @why.
 */
int journal_filter_check(const json_t *filters, struct failure *why);

/**
 * journal_filter_is_record - is it an event, with all that we rely on?
 * @record: any JSON, or NULL
 */
bool journal_filter_is_record(const json_t *record);

/**
 * journal_filter_matches - does somebody want to hear of it?
 * @filters: from journal_filter_check()
 * @record:  an event
 */
bool journal_filter_matches(const json_t *filters, const json_t *record);
