/*
 * quote: a text as it would stand in a program, so that all of it is seen.
 */
#include "quote.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char named[] = "\a\b\f\n\r\t\v\\\"";
static const char names[] = "abfnrtv\\\"";

char *quote(const char *text)
{
    char *quoted = NULL;
    size_t size;
    FILE *out = open_memstream(&quoted, &size);

    if (out == NULL)
        return NULL;
    fputc('"', out);
    for (; *text != '\0'; text++) {
        unsigned char byte = (unsigned char)*text;
        const char *special = strchr(named, byte);

        if (special != NULL)
            fprintf(out, "\\%c", names[special - named]);
        else if (byte < ' ' || byte == 0x7f)
            fprintf(out, "\\x%02x", byte);
        else
            fputc(byte, out);
    }
    fputc('"', out);
    return fclose(out) == 0 ? quoted : NULL;
}
