/*
 * network_events: what happened to networks, for the journal.
 *
 * Side           host
 * Look at it     duct events --filter type=network
 */
#include "network_events.h"

#include "cleanup.h"
#include "failure.h"
#include "journal.h"
#include "wiring.h"

void network_tell(const struct engine *engine, const char *action,
                  const char *id, const char *name, const char *driver,
                  const char *container)
{
    json_auto_t *attributes = json_pack("{s:s, s:s, s:s*}", "name", name,
                                        "type", driver, "container", container);
    struct failure ignored;

    (void)journal_add(engine, "network", action, id, attributes, &ignored);
}

void network_tell_of(const struct engine *engine, const char *action,
                     const json_t *network, const char *container)
{
    network_tell(engine, action, wiring_text(network, "Id"),
                 wiring_text(network, "Name"), wiring_text(network, "Driver"),
                 container);
}
