/* error.c - see error.h */
#include "error.h"

#include <stdarg.h>
#include <stdio.h>

int aif_error_set(struct aif_error *err, int code, const char *fmt, ...)
{
    va_list args;

    if (!err)
        return -1;
    err->code = code;
    va_start(args, fmt);
    vsnprintf(err->text, sizeof(err->text), fmt, args);
    va_end(args);
    for (unsigned char *p = (unsigned char *)err->text; *p; p++)
        if (*p < ' ' || *p == 127)
            *p = '?';
    return -1;
}
