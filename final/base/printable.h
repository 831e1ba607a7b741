#pragma once
/*
 * printable: text from strangers, on a terminal that obeys what it reads.
 */

/**
 * printable - replace what a terminal would take for an order by "?"
 * @text: changed in place
 *
 * Returns: @text.  Source: console_codes(4); ECMA-48, C0 and C1.
 */
char *printable(char *text);
