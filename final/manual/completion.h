#pragma once
/*
 * completion: what bash needs in order to finish a command line of duct's.
 */
#include <stdio.h>

/**
 * completion_write - write the script, of the tables of verbs
 * @out: whoever closes it finds out whether it could be written
 *
 * Source: "Programmable Completion" of bash(1).
 */
void completion_write(FILE *out);
