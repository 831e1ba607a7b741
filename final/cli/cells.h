#pragma once
/*
 * cells: what stands in the columns of listings, as docker shortens it.
 *
 * All texts are the caller's to free; NULL without memory.
 */
#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

/**
 * cell_cut - the beginning of a text, and "…" when that is not all
 * @text: in UTF-8
 * @most: characters that there is room for, with the "…"
 */
char *cell_cut(const char *text, size_t most);

/**
 * cell_id - an id as people have it
 * @id:       "sha256:..." or 64 digits
 * @is_whole: all of it?
 */
char *cell_id(const char *id, bool is_whole);

/**
 * cell_ago - "3 minutes ago"
 * @seconds: when it was, since 1970
 */
char *cell_ago(json_int_t seconds);

/**
 * cell_time - "2026-01-31 12:00:00 +0100 CET", in our own time zone
 * @seconds: since 1970
 */
char *cell_time(json_int_t seconds);

/**
 * cell_pairs - an object of texts as "a=b,c=d"
 * @object: may be NULL
 */
char *cell_pairs(const json_t *object);

/**
 * cell_ports - which ports are published, or could be
 * @list: docker's [{"IP", "PrivatePort", "PublicPort", "Type"}]
 *
 * "0.0.0.0:8080->80/tcp, 90-92/tcp": those in a row are told at once.
 */
char *cell_ports(const json_t *list);

/**
 * cell_address - an address and a port
 * @ip:   "::1" gets brackets
 * @port: a number, or several: "80-82"
 */
char *cell_address(const char *ip, const char *port);
