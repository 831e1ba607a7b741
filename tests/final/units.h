#pragma once
/*
 * units: what there is of unit tests, one list for each file in units/.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

struct unit {
    const char *name;
    const struct CMUnitTest *tests;
    const size_t *count;
};

/* Made by tests/Makefile; ends with a name of NULL. */
extern const struct unit units[];
