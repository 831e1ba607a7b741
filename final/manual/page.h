#pragma once
/*
 * page: duct(1), for man.
 */
#include <stdio.h>

/**
 * page_write - write the page, of the tables of verbs
 * @out: whoever closes it finds out whether it could be written
 *
 * Source: man(7).
 */
void page_write(FILE *out);
