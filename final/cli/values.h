#pragma once
/*
 * values: what stands behind a flag, in the shape of docker's API.
 *
 * Each reads one text and puts what it means into a JSON object. When it is
 * nonsense, @why says so in docker's words.
 */
#include <jansson.h>

#include "failure.h"

/**
 * value_label - "KEY=VALUE", "KEY": into {"KEY": "VALUE"}
 * @into: receives the member
 * @text: a label
 * @why:  filled in when the key is empty, or has spaces
 *
 * Returns: 0, or -1 with @why; so do all others here.
 */
int value_label(json_t *into, const char *text, struct failure *why);

/**
 * value_env - "NAME=VALUE", or "NAME" for our own value: added to an array
 *
 * A NAME that we have none of stays alone: it takes the image's away.
 */
int value_env(json_t *array, const char *text, struct failure *why);

/**
 * value_filter - "name=x": into {"name": ["x"]}
 *
 * Source:  Engine API, "filters".
 */
int value_filter(json_t *into, const char *text, struct failure *why);

/**
 * value_ulimit - "nofile=1024[:2048]": added to an array, in which it takes
 * the place of one of the same name
 *
 * A limit of -1 is none.  Source: getrlimit(2).
 */
int value_ulimit(json_t *array, const char *text, struct failure *why);

/**
 * value_restart - "on-failure:3": into {"Name": ..., "MaximumRetryCount": ...}
 *
 * Which policies there are, the engine knows.
 */
int value_restart(json_t *into, const char *text, struct failure *why);

/**
 * value_host - "name:1.2.3.4", "name=[::1]", "name:host-gateway": added to an
 * array as "name:1.2.3.4"
 */
int value_host(json_t *array, const char *text, struct failure *why);

/**
 * value_address - an address of IPv4 or IPv6: added to an array
 */
int value_address(json_t *array, const char *text, struct failure *why);

/**
 * value_domain - "example.com", or "." for none: added to an array
 */
int value_domain(json_t *array, const char *text, struct failure *why);

/**
 * value_sysctl - "net.ipv4.ip_forward=1": into {"net.ipv4.ip_forward": "1"}
 *
 * Only names that begin as those do which a container may have for itself;
 * the engine looks closer.
 */
int value_sysctl(json_t *into, const char *text, struct failure *why);
