#pragma once
/*
 * quote: a text as it would stand in a program, so that all of it is seen.
 */

/**
 * quote - put a text between double quotes, as docker's messages and %q do
 * @text: anything
 *
 * Returns: the quoted text, which the caller frees; or NULL: no memory.
 * Source:  The Go Programming Language Specification, "String literals".
 */
char *quote(const char *text);
