/*
 * text.h - a growing string for canonical JSON, and strict reading of numbers
 *
 * Canonical means that equal values give equal bytes: no blanks, ASCII, one way to escape each character.
 */
#ifndef AIF_TEXT_H
#define AIF_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct aif_text {
    char *data; /* NUL-terminated as soon as something was appended; NULL before */
    size_t length;
    size_t size;
};

/* All return 0, or -1 when memory is out. The content so far stays. */
int aif_text_append(struct aif_text *text, const char *data, size_t length);
int aif_text_printf(struct aif_text *text, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* Append number in decimal. */
int aif_text_number(struct aif_text *text, uint64_t number);

/* Make room for more bytes and a NUL, so that text->data may be written to directly. */
int aif_text_reserve(struct aif_text *text, size_t more);

/* Write number in decimal (at most 20 digits, no NUL) to place; the end of it. */
char *aif_text_digits(char *place, uint64_t number);

/* Whether all of length bytes are printable ASCII. */
bool aif_text_printable(const char *data, size_t length);

/* Append value as a JSON string with its quotes; -1 also for bytes that are not UTF-8. */
int aif_text_json(struct aif_text *text, const char *value);

/* Frees the content and makes text usable again. */
void aif_text_free(struct aif_text *text);

/* Decimal digits only, no sign, no leading zero but "0" itself, no overflow; else -1. */
int aif_text_to_u64(const char *digits, uint64_t *ret_number);

#endif
