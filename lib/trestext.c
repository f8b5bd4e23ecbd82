/* trestext.c - see trestext.h */
#include "trestext.h"

#include <string.h>

#include "text.h"

/* Digits up to end, which is stepped over; "" at the end of the text counts as end ','. */
static int read_number(const char **cursor, char end, uint64_t *ret_number)
{
    char digits[24];
    size_t length = strspn(*cursor, "0123456789");

    if (!length || length >= sizeof(digits))
        return -1;
    memcpy(digits, *cursor, length);
    digits[length] = '\0';
    *cursor += length;
    if (**cursor == end)
        (*cursor)++;
    else if (end != ',' || **cursor)
        return -1;
    return aif_text_to_u64(digits, ret_number);
}

int aif_trestext_count(const char *text, uint32_t id, uint64_t *ret_count)
{
    uint64_t found_id, count, result = 0;
    int found = 0;

    while (text && *text) {
        if (read_number(&text, '=', &found_id) < 0 || read_number(&text, ',', &count) < 0)
            return -1;
        if (found_id != id)
            continue;
        if (found)
            return -1;
        found = 1;
        result = count;
    }
    *ret_count = result;
    return found;
}
