/* text.c - see text.h */
#include "text.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int reserve(struct aif_text *text, size_t more)
{
    size_t size = text->size ? text->size : 256;
    char *data;

    if (more > SIZE_MAX / 4 - text->length)
        return -1;
    while (size <= text->length + more)
        size *= 2;
    if (size == text->size)
        return 0;
    data = realloc(text->data, size);
    if (!data)
        return -1;
    text->data = data;
    text->size = size;
    return 0;
}

int aif_text_append(struct aif_text *text, const char *data, size_t length)
{
    if (reserve(text, length + 1) < 0)
        return -1;
    memcpy(text->data + text->length, data, length);
    text->length += length;
    text->data[text->length] = '\0';
    return 0;
}

int aif_text_printf(struct aif_text *text, const char *fmt, ...)
{
    va_list args;
    int length;

    va_start(args, fmt);
    length = vsnprintf(NULL, 0, fmt, args);
    va_end(args);
    if (length < 0 || reserve(text, (size_t)length + 1) < 0)
        return -1;
    va_start(args, fmt);
    vsnprintf(text->data + text->length, (size_t)length + 1, fmt, args);
    va_end(args);
    text->length += (size_t)length;
    return 0;
}

/* Length of the UTF-8 sequence at p and its code point; 0 if it is none (RFC 3629: no overlong, no surrogate). */
static size_t decode(const unsigned char *p, uint32_t *ret_code)
{
    static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
    size_t length = *p < 0x80 ? 1 : *p < 0xc0 ? 0 : *p < 0xe0 ? 2 : *p < 0xf0 ? 3 : *p < 0xf8 ? 4 : 0;
    uint32_t code = length == 1 ? *p : *p & (0xffU >> (length + 1));

    for (size_t i = 1; i < length; i++) {
        if ((p[i] & 0xc0) != 0x80)
            return 0;
        code = code << 6 | (p[i] & 0x3f);
    }
    if (!length || code < least[length] || code > 0x10ffff || (code >= 0xd800 && code < 0xe000))
        return 0;
    *ret_code = code;
    return length;
}

static int append_code(struct aif_text *text, uint32_t code)
{
    char plain = (char)code;

    if (code == '"' || code == '\\')
        return aif_text_printf(text, "\\%c", plain);
    if (code >= ' ' && code < 127)
        return aif_text_append(text, &plain, 1);
    if (code < 0x10000)
        return aif_text_printf(text, "\\u%04x", code);
    code -= 0x10000;
    return aif_text_printf(text, "\\u%04x\\u%04x", 0xd800 + (code >> 10), 0xdc00 + (code & 0x3ff));
}

int aif_text_json(struct aif_text *text, const char *value)
{
    const unsigned char *p = (const unsigned char *)value;
    uint32_t code = 0;

    if (aif_text_append(text, "\"", 1) < 0)
        return -1;
    while (*p) {
        size_t length = decode(p, &code);

        if (!length || append_code(text, code) < 0)
            return -1;
        p += length;
    }
    return aif_text_append(text, "\"", 1);
}

void aif_text_free(struct aif_text *text)
{
    free(text->data);
    *text = (struct aif_text){0};
}

int aif_text_to_u64(const char *digits, uint64_t *ret_number)
{
    uint64_t number = 0;

    if (!*digits || (digits[0] == '0' && digits[1]))
        return -1;
    for (; *digits; digits++) {
        if (*digits < '0' || *digits > '9' || number > (UINT64_MAX - (uint64_t)(*digits - '0')) / 10)
            return -1;
        number = number * 10 + (uint64_t)(*digits - '0');
    }
    *ret_number = number;
    return 0;
}
