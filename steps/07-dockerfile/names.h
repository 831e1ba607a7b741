#pragma once
/*
 * names: what a container is called, and whom it asks for other names.
 */
#include "failure.h"
#include "layer.h"
#include "namespaces.h"
#include "network.h"

/**
 * names_write - write a container's hosts, hostname and resolv.conf
 * @layer:      whose directory they are kept in
 * @network:    its address, if it has one, and whether it is the host's own
 * @namespaces: what it is called, and whether that is the host's own name
 * @why:        filled in when the call fails
 *
 * Returns: 0, or -1 with @why.
 * Source:  hosts(5), hostname(5), resolv.conf(5).
 */
int names_write(const struct layer *layer, const struct network *network,
                const struct namespaces *namespaces, struct failure *why);

/**
 * names_lowerdirs - the trees below a layer, and below them one with the files
 * @layer:     names_write() has been there
 * @lowerdirs: absolute paths, top first, NULL-terminated
 *
 * So there is something to mount them on when no other tree has it, and
 * nothing has to be made, which would be a change.
 *
 * Returns: a list, to be freed as one and before @lowerdirs, or NULL.
 */
char **names_lowerdirs(const struct layer *layer, char **lowerdirs);

/**
 * names_attach - show them in /etc of the container
 * @layer: names_write() has been there
 * @why:   filled in when the call fails
 *
 * The working directory is the container's root.
 *
 * Returns: 0, or -1 with @why.
 * Source:  mount(2), MS_BIND.
 */
int names_attach(const struct layer *layer, struct failure *why);
