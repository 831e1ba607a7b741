/*
 * expect: say what the kernel should show; end the trial if it does not.
 *
 * Each macro names the thing (@what, printf words for a person: "exit
 * status", "uid_map of the container"), then gives the expected value, then
 * the found one: the order in which the verdict prints them.
 */
#pragma once
#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "keep.h"
#include "trial.h"

/** expect_that - anything else: two texts (keep_format) tell the verdict */
#define expect_that(holds, expected, found)                                    \
    do {                                                                       \
        if (!(holds))                                                          \
            trial_failed(__FILE__, __LINE__, (expected), (found));             \
    } while (0)

/** expect_int - two whole numbers are equal */
#define expect_int(what, expected, found)                                      \
    expect_int_(__FILE__, __LINE__, (what), (expected), (found))

/** expect_hex - two masks are equal; printed in hexadecimal */
#define expect_hex(what, expected, found)                                      \
    expect_hex_(__FILE__, __LINE__, (what), (expected), (found))

/** expect_between - @least <= @found <= @most */
#define expect_between(what, least, most, found)                               \
    expect_between_(__FILE__, __LINE__, (what), (least), (most), (found))

/** expect_str - two texts are equal; found may be NULL ("nothing") */
#define expect_str(what, expected, found)                                      \
    expect_str_(__FILE__, __LINE__, (what), (expected), (found))

/** expect_bytes - two byte strings are equal, NUL bytes and all */
#define expect_bytes(what, expected, expected_size, found, found_size)         \
    expect_bytes_(__FILE__, __LINE__, (what),                                  \
                  (struct bytes){(expected), (expected_size)},                 \
                  (struct bytes){(found), (found_size)})

/** expect_contains - @part occurs in @whole */
#define expect_contains(what, part, whole)                                     \
    expect_contains_(__FILE__, __LINE__, (what), (part), (whole))

/** expect_lacks - @part does not occur in @whole */
#define expect_lacks(what, part, whole)                                        \
    expect_lacks_(__FILE__, __LINE__, (what), (part), (whole))

/** expect_same - two inode numbers (or other ids) are one and the same */
#define expect_same(what, expected, found)                                     \
    expect_same_(__FILE__, __LINE__, (what), true, (expected), (found))

/** expect_differ - two inode numbers (or other ids) are not the same */
#define expect_differ(what, other, found)                                      \
    expect_same_(__FILE__, __LINE__, (what), false, (other), (found))

/**
 * expect_soon - @holds(@arg) becomes true within @ms milliseconds
 *
 * Reads what running programs print meanwhile (spawn_wait_until).
 */
#define expect_soon(holds, arg, ms, expected, found)                           \
    expect_that(spawn_wait_until((holds), (arg), (ms)), (expected), (found))

/** expect_call - a call of the harness's own succeeded (-1 is failure) */
#define expect_call(call)                                                      \
    expect_that((call) != -1, "the suite's own " #call " to succeed",          \
                strerror(errno))

struct bytes {
    const void *at;
    size_t size;
};

void expect_int_(const char *file, int line, const char *what,
                 long long expected, long long found);
void expect_hex_(const char *file, int line, const char *what,
                 uint64_t expected, uint64_t found);
void expect_between_(const char *file, int line, const char *what, double least,
                     double most, double found);
void expect_str_(const char *file, int line, const char *what,
                 const char *expected, const char *found);
void expect_bytes_(const char *file, int line, const char *what,
                   struct bytes expected, struct bytes found);
void expect_contains_(const char *file, int line, const char *what,
                      const char *part, const char *whole);
void expect_lacks_(const char *file, int line, const char *what,
                   const char *part, const char *whole);
void expect_same_(const char *file, int line, const char *what, bool same,
                  uint64_t expected, uint64_t found);

/** expect_quoted - @text as a person can read it: "a\n", at most ~600 bytes */
char *expect_quoted(const void *text, size_t size);
