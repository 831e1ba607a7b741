/*
 * names: what a container is called, and whom it asks for other names.
 *
 * Side           host
 * Look at it     findmnt -N PID | grep /etc
 */
#include "names.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>

#include "cleanup.h"
#include "ids.h"
#include "slirp.h"
#include "wiring.h"

static const char hosts[] = "/etc/hosts";
static const char *const resolvers[] = {"/etc/resolv.conf",
                                        "/run/systemd/resolve/resolv.conf"};

static bool has_word(const char *line, const char *word)
{
    size_t length = strlen(word);

    return strncmp(line, word, length) == 0 &&
           (line[length] == ' ' || line[length] == '\t');
}

/* A name server at 127.0.0.53 is out of a container's reach: that address is
 * the container itself. */
static bool is_loopback(const char *server)
{
    server += strspn(server, " \t");
    return strncmp(server, "127.", 4) == 0 || strncmp(server, "::1", 3) == 0;
}

/* What a container has said itself, it need not be told by the host. */
struct own {
    const json_t *servers, *search, *options;
    bool is_whole; /* it has the host's loopback, too */
};

static bool is_left_out(const struct own *own, const char *line)
{
    if (has_word(line, "nameserver"))
        return json_array_size(own->servers) > 0 ||
               (!own->is_whole && is_loopback(line + strlen("nameserver")));
    if (has_word(line, "search") || has_word(line, "domain"))
        return json_array_size(own->search) > 0;
    return has_word(line, "options") && json_array_size(own->options) > 0;
}

/* Returns how many name servers there are now. */
static int copy_lines(const char *path, FILE *out, const struct own *own)
{
    FILE *in = fopen(path, "re");
    cleanup_free char *line = NULL;
    size_t size = 0;
    int servers = 0;

    while (in != NULL && getline(&line, &size, in) > 0) {
        if (is_left_out(own, line))
            continue;
        servers += has_word(line, "nameserver");
        fputs(line, out);
        if (line[strlen(line) - 1] != '\n')
            fputc('\n', out);
    }
    if (in != NULL)
        fclose(in);
    return servers;
}

static void put_words(FILE *out, const char *key, const json_t *words)
{
    const json_t *word;
    size_t i;

    if (json_array_size(words) == 0)
        return;
    fputs(key, out);
    json_array_foreach(words, i, word)
        fprintf(out, " %s", json_string_value(word));
    fputc('\n', out);
}

/* One of our resolvers' answers for names of our own, and asks the others.
 * Returns NULL where the host's can be asked. */
static const char *resolver_of(const json_t *wiring, const json_t *servers)
{
    const json_t *endpoint;
    size_t i;

    json_array_foreach(json_object_get(wiring, "Endpoints"), i, endpoint)
        if (!str_eq(wiring_text(endpoint, "Network"), "bridge"))
            return "127.0.0.11";
        else if (str_eq(wiring_text(endpoint, "Gateway"), SLIRP_GATEWAY) &&
                 geteuid() != 0 && json_array_size(servers) == 0)
            return SLIRP_RESOLVER; /* asks the host's, also on its loopback */
    return NULL;
}

/* systemd-resolved keeps the real ones in a file of its own. */
static void put_resolvers(FILE *out, const json_t *host, const json_t *wiring,
                          bool is_whole)
{
    const char *ours = resolver_of(wiring, json_object_get(host, "Dns"));
    json_t *single = ours != NULL ? json_pack("[s]", ours) : NULL;
    const struct own own = {
        .servers = single != NULL ? single : json_object_get(host, "Dns"),
        .search = json_object_get(host, "DnsSearch"),
        .options = json_object_get(host, "DnsOptions"),
        .is_whole = is_whole,
    };
    const json_t *server;
    size_t i;

    for (size_t f = 0; f < sizeof(resolvers) / sizeof(resolvers[0]); f++) {
        rewind(out);
        if (copy_lines(resolvers[f], out, &own) > 0 ||
            json_array_size(own.servers) > 0)
            break;
    }
    json_array_foreach(own.servers, i, server)
        fprintf(out, "nameserver %s\n", json_string_value(server));
    put_words(out, "search", own.search);
    put_words(out, "options", own.options);
    if (single != NULL && json_array_size(own.options) == 0 &&
        !str_eq(ours, SLIRP_RESOLVER))
        fputs("options ndots:0\n", out);
    json_decref(single);
}

/* "NAME:IP"; host-gateway is where this host can be reached. */
static void put_extra(FILE *out, const json_t *host, const json_t *wiring)
{
    const json_t *first =
        json_array_get(json_object_get(wiring, "Endpoints"), 0);
    const json_t *entry;
    size_t i;

    json_array_foreach(json_object_get(host, "ExtraHosts"), i, entry) {
        const char *text = json_string_value(entry);
        size_t name = strcspn(text, ":=");
        const char *ip = text[name] == '\0' ? "" : text + name + 1;

        if (str_eq(ip, "host-gateway"))
            ip = first != NULL ? wiring_text(first, "Gateway") : "127.0.0.1";
        fprintf(out, "%s\t%.*s\n", ip, (int)name, text);
    }
}

static void put_hosts(FILE *out, const struct endpoints *e,
                      const json_t *config, const json_t *wiring,
                      const char *hostname)
{
    const json_t *host = json_object_get(config, "HostConfig");
    const char *domain =
        wiring_text(json_object_get(config, "Config"), "Domainname");
    const struct own nothing = {.is_whole = true};
    const json_t *list = json_object_get(wiring, "Endpoints");
    const json_t *endpoint;
    size_t i;

    if (e->kind == ENDPOINTS_HOST)
        copy_lines(hosts, out, &nothing);
    else
        fputs("127.0.0.1\tlocalhost\n"
              "::1\tlocalhost ip6-localhost ip6-loopback\n",
              out);
    put_extra(out, host, wiring);
    if (e->kind == ENDPOINTS_HOST)
        return;
    if (json_array_size(list) == 0)
        fprintf(out, "127.0.1.1\t%s\n", hostname);
    json_array_foreach(list, i, endpoint) {
        fprintf(out, "%s\t", wiring_text(endpoint, "Address"));
        if (*domain != '\0')
            fprintf(out, "%s.%s ", hostname, domain);
        fprintf(out, "%s\n", hostname);
    }
}

static void hostname_of(char name[HOST_NAME_MAX + 1], const struct endpoints *e,
                        const json_t *config)
{
    const char *chosen =
        wiring_text(json_object_get(config, "Config"), "Hostname");

    name[HOST_NAME_MAX] = '\0';
    if (*chosen != '\0')
        strncpy(name, chosen, HOST_NAME_MAX);
    else if (e->kind != ENDPOINTS_HOST || gethostname(name, HOST_NAME_MAX) < 0)
        snprintf(name, ID_SHORT + 1, "%s", e->id);
}

int names_texts(const struct endpoints *e, const json_t *config,
                struct names_texts *texts, struct failure *why)
{
    json_t *wiring = wiring_read(e->engine, e->id);
    char hostname[HOST_NAME_MAX + 1];
    size_t length;
    FILE *out;

    *texts = (struct names_texts){0};
    hostname_of(hostname, e, config);
    if (asprintf(&texts->hostname, "%s\n", hostname) < 0)
        texts->hostname = NULL;
    out = open_memstream(&texts->hosts, &length);
    if (out != NULL) {
        put_hosts(out, e, config, wiring, hostname);
        fclose(out);
    }
    out = open_memstream(&texts->resolv_conf, &length);
    if (out != NULL) {
        put_resolvers(out, json_object_get(config, "HostConfig"), wiring,
                      e->kind == ENDPOINTS_HOST);
        fclose(out);
    }
    json_decref(wiring);
    if (texts->hostname != NULL && texts->hosts != NULL &&
        texts->resolv_conf != NULL)
        return 0;
    names_free(texts);
    return fail(why, ENOMEM, "write a container's names");
}

void names_free(struct names_texts *texts)
{
    free(texts->hosts);
    free(texts->hostname);
    free(texts->resolv_conf);
    *texts = (struct names_texts){0};
}
