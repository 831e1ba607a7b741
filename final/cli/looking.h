#pragma once
/*
 * looking: verbs that look at containers, and at the engine.
 */
#include "verb.h"

extern const struct verb looking_verbs[];

extern const struct flag ps_flags[];
int verb_ps(const struct call *call, struct failure *why);

/**
 * ps_row - one of docker's items as texts, for a listing
 * @item:     of container_list()
 * @is_whole: is nothing shortened?
 *
 * Returns: an object with a member for each column that ps knows.
 */
json_t *ps_row(const json_t *item, bool is_whole);

extern const struct flag logs_flags[];
int verb_logs(const struct call *call, struct failure *why);

extern const struct flag inspect_flags[];
extern const struct flag container_inspect_flags[];
int verb_inspect(const struct call *call, struct failure *why);
extern const struct flag network_inspect_flags[];
int verb_container_inspect(const struct call *call, struct failure *why);
int verb_image_inspect(const struct call *call, struct failure *why);
int verb_network_inspect(const struct call *call, struct failure *why);

int verb_top(const struct call *call, struct failure *why);
int verb_port(const struct call *call, struct failure *why);
int verb_diff(const struct call *call, struct failure *why);

extern const struct flag stats_flags[];
int verb_stats(const struct call *call, struct failure *why);

extern const struct flag events_flags[];
int verb_events(const struct call *call, struct failure *why);

extern const struct flag info_flags[];
int verb_info(const struct call *call, struct failure *why);
int verb_version(const struct call *call, struct failure *why);

extern const struct flag disk_flags[];
int verb_disk(const struct call *call, struct failure *why);
