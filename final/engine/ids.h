#pragma once
/*
 * ids: numbers that nobody else has, and names for who has none.
 */
#include <stdbool.h>
#include <stddef.h>

enum {
    ID_LENGTH = 64,
    ID_SHORT = 12
};

/**
 * id_make - a new id: 64 hexadecimal digits, of which 12 are mostly enough
 * @id: receives it and a NUL
 *
 * Source:  getrandom(2).
 */
void id_make(char id[ID_LENGTH + 1]);

/**
 * id_is - is this an id in full?
 * id_is_prefix - could it be the beginning of one?
 */
bool id_is(const char *text);
bool id_is_prefix(const char *text);

/**
 * name_make - a name of two words, for a container that was given none
 * @attempt: how many of them were taken already; later ones have a number
 *
 * Returns: the name, which the caller frees, or NULL.
 */
char *name_make(int attempt);

/**
 * name_is_valid - docker's [a-zA-Z0-9][a-zA-Z0-9_.-]+
 * @name: a name
 */
bool name_is_valid(const char *name);

/**
 * time_now - the time of day as RFC 3339 with nanoseconds, in UTC
 * @text: receives it and a NUL
 */
enum {
    TIME_LENGTH = 30
};
void time_now(char text[TIME_LENGTH + 1]);

/* What docker shows for what has not happened yet. */
#define TIME_NEVER "0001-01-01T00:00:00Z"
