#pragma once
/*
 * names: what a container is called, and whom it asks for other names.
 */
#include <jansson.h>

#include "endpoints.h"
#include "failure.h"

/* What stands in three files in /etc, each to be freed. */
struct names_texts {
    char *hosts;
    char *hostname;
    char *resolv_conf;
};

/**
 * names_texts - write a container's hosts, hostname and resolv.conf
 * @e:      from endpoints_create(), of kind ENDPOINTS_OWN or ENDPOINTS_HOST;
 *          with another's network go also its three files. Only its kind,
 *          engine and id are looked at: after endpoints_connect() one with
 *          these will do, to write resolv.conf and hosts again
 * @config: Config.Hostname, HostConfig.Dns, DnsOptions, DnsSearch, ExtraHosts
 * @texts:  receives them; release it with names_free()
 * @why:    filled in when the call fails
 *
 * Returns: 0, or -1 with @why.
 * Source:  hosts(5), hostname(5), resolv.conf(5).
 */
int names_texts(const struct endpoints *e, const json_t *config,
                struct names_texts *texts, struct failure *why);

/**
 * names_free - free the three texts
 * @texts: may be half made, or all zero
 */
void names_free(struct names_texts *texts);
