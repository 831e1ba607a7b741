#pragma once
/*
 * numbers: from the command line, whole and within their bounds.
 */

/**
 * numbers_parse - read a decimal number that is all there is in a text
 * @text: digits, perhaps after one '-'; no spaces, no '+', nothing behind
 * @min:  the smallest that is allowed
 * @max:  the largest
 * @out:  receives the number
 *
 * Returns: 0, or -1 when it is none, or out of bounds.
 */
int numbers_parse(const char *text, long long min, long long max,
                  long long *out);
