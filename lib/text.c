/* text.c - see text.h */
#include "text.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DIGITS_MAX 20 /* of a uint64_t */

int aif_text_reserve(struct aif_text *text, size_t more)
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
    if (aif_text_reserve(text, length + 1) < 0)
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
    if (length < 0 || aif_text_reserve(text, (size_t)length + 1) < 0)
        return -1;
    va_start(args, fmt);
    vsnprintf(text->data + text->length, (size_t)length + 1, fmt, args);
    va_end(args);
    text->length += (size_t)length;
    return 0;
}

/* Two digits at a time, from the end. */
char *aif_text_digits(char *place, uint64_t number)
{
    static const char pairs[] = "00010203040506070809101112131415161718192021222324252627282930313233343536373839404142434445464748"
                                "49505152535455565758596061626364656667686970717273747576777879808182838485868788899091929394959697"
                                "9899";
    char digits[DIGITS_MAX], *p = digits + sizeof(digits);
    size_t length;

    for (; number >= 100; number /= 100) {
        p -= 2;
        memcpy(p, pairs + number % 100 * 2, 2);
    }
    p -= 2;
    memcpy(p, pairs + number * 2, 2);
    p += number < 10;
    length = (size_t)(digits + sizeof(digits) - p);
    memcpy(place, p, length);
    return place + length;
}

int aif_text_number(struct aif_text *text, uint64_t number)
{
    if (aif_text_reserve(text, DIGITS_MAX) < 0)
        return -1;
    text->length = (size_t)(aif_text_digits(text->data + text->length, number) - text->data);
    text->data[text->length] = '\0';
    return 0;
}

/* Eight bytes at a time: of the lowest byte that is not printable the upper bit is set in one of the three terms. */
bool aif_text_printable(const char *data, size_t length)
{
    const uint64_t ones = 0x0101010101010101ULL;
    uint64_t bytes, bad = 0;

    for (; length >= sizeof(bytes); data += sizeof(bytes), length -= sizeof(bytes)) {
        memcpy(&bytes, data, sizeof(bytes));
        bad |= bytes | (bytes - ones * ' ') | ((bytes ^ ones * 127) - ones);
    }
    bytes = ones * ' ';
    memcpy(&bytes, data, length);
    bad |= bytes | (bytes - ones * ' ') | ((bytes ^ ones * 127) - ones);
    return !(bad & ones * 128);
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

/* How many bytes from p on stand for themselves. */
static size_t plain_length(const unsigned char *p)
{
    size_t length = 0;

    while (p[length] >= ' ' && p[length] < 127 && p[length] != '"' && p[length] != '\\')
        length++;
    return length;
}

int aif_text_json(struct aif_text *text, const char *value)
{
    const unsigned char *p = (const unsigned char *)value;
    uint32_t code = 0;

    if (aif_text_append(text, "\"", 1) < 0)
        return -1;
    while (*p) {
        size_t length = plain_length(p);

        if (length) { /* most texts are one such run */
            if (aif_text_append(text, (const char *)p, length) < 0)
                return -1;
            p += length;
            continue;
        }
        length = decode(p, &code);
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
