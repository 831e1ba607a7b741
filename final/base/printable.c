/*
 * printable: text from strangers, on a terminal that obeys what it reads.
 *
 * A file in a layer may be called "\033[2J", and a message about it would
 * clear the screen; others set the title, or type for us.
 *
 * Look at it     printf '\033]0;mine\007'     cat -v
 */
#include "printable.h"

#include <string.h>

char *printable(char *text)
{
    for (unsigned char *c = (unsigned char *)text; *c != '\0'; c++)
        if (*c < ' ' || *c == 0x7f)
            *c = '?';
        else if (*c == 0xc2 && c[1] >= 0x80 && c[1] < 0xa0) /* C1 in UTF-8 */
            memset(c++, '?', 2);
    return text;
}
