/*
 * ids: numbers that nobody else has, and names for who has none.
 */
#include "ids.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>

static const char hexadecimal[] = "0123456789abcdef";

void id_make(char id[ID_LENGTH + 1])
{
    unsigned char bytes[ID_LENGTH / 2];

    /* Up to 256 bytes come whole and without fail once the machine is up. */
    (void)!getrandom(bytes, sizeof(bytes), 0);
    for (size_t i = 0; i < sizeof(bytes); i++) {
        id[2 * i] = hexadecimal[bytes[i] >> 4];
        id[2 * i + 1] = hexadecimal[bytes[i] & 15];
    }
    id[ID_LENGTH] = '\0';
}

bool id_is_prefix(const char *text)
{
    size_t length = strspn(text, hexadecimal);

    return length > 0 && length <= ID_LENGTH && text[length] == '\0';
}

bool id_is(const char *text)
{
    return strlen(text) == ID_LENGTH && id_is_prefix(text);
}

static const char *const manners[] = {
    "able",   "agile",    "amber",  "brave",  "bright",  "brisk",  "calm",
    "candid", "clever",   "cosy",   "crisp",  "eager",   "early",  "fair",
    "famous", "fearless", "fond",   "frank",  "gentle",  "glad",   "golden",
    "grand",  "happy",    "hardy",  "honest", "humble",  "jolly",  "keen",
    "kind",   "lively",   "loyal",  "lucid",  "lucky",   "mellow", "merry",
    "mighty", "modest",   "nimble", "noble",  "patient", "placid", "plucky",
    "polite", "proud",    "quick",  "quiet",  "ready",   "rapid",  "serene",
    "sharp",  "silent",   "silver", "smart",  "sober",   "steady", "sunny",
    "swift",  "tidy",     "tender", "trusty", "vivid",   "warm",   "wise",
    "witty",
};

static const char *const things[] = {
    "anvil",   "badger", "beacon",  "beaver",  "birch",   "bridge", "canoe",
    "castle",  "cedar",  "comet",   "compass", "coral",   "crane",  "cricket",
    "dolphin", "eagle",  "falcon",  "ferry",   "finch",   "forge",  "fox",
    "garden",  "geyser", "glacier", "hammer",  "harbour", "hare",   "heron",
    "island",  "kettle", "lantern", "lark",    "lemur",   "lynx",   "magnet",
    "maple",   "meadow", "mill",    "oak",     "orchid",  "otter",  "owl",
    "panda",   "pebble", "pelican", "pilot",   "pine",    "planet", "puffin",
    "quail",   "raven",  "river",   "robin",   "rocket",  "sailor", "seal",
    "sparrow", "stork",  "sundial", "tulip",   "violin",  "walrus", "willow",
    "wren",
};

char *name_make(int attempt)
{
    unsigned short chance[3];
    char *name = NULL;

    (void)!getrandom(chance, sizeof(chance), 0);
    const char *manner = manners[chance[0] % 64];
    const char *thing = things[chance[1] % 64];
    int length = attempt < 5
                     ? asprintf(&name, "%s_%s", manner, thing)
                     : asprintf(&name, "%s_%s%u", manner, thing, chance[2]);
    return length < 0 ? NULL : name;
}

bool name_is_valid(const char *name)
{
    if (!isalnum((unsigned char)*name) || name[1] == '\0')
        return false;
    for (; *name != '\0'; name++)
        if (!isalnum((unsigned char)*name) && strchr("_.-", *name) == NULL)
            return false;
    return true;
}

void time_now(char text[TIME_LENGTH + 1])
{
    struct timespec now;
    struct tm parts;
    char date[32];

    clock_gettime(CLOCK_REALTIME, &now);
    gmtime_r(&now.tv_sec, &parts);
    strftime(date, sizeof(date), "%Y-%m-%dT%H:%M:%S", &parts);
    snprintf(text, TIME_LENGTH + 1, "%.19s.%09ldZ", date, now.tv_nsec);
}
