/*
 * jsontext.h - what json-c does not tell about a JSON text: comments, repeated keys, where
 * something stands
 *
 * json-c parses; this module only finds places in the text. Nothing here trusts the text: every
 * function stays inside length bytes whatever they hold. Pure and thread-safe.
 */
#ifndef AIF_JSONTEXT_H
#define AIF_JSONTEXT_H

#include <stddef.h>

#define AIF_JSONTEXT_DEPTH 32 /* nesting that is taken */

/*
 * Prepare a text for a strict parser, in place: overwrite // and block comments with blanks, so
 * that every offset and line number stays. Refuses NUL, invalid UTF-8 (RFC 3629), control
 * characters within strings, unterminated strings and comments, anything but words, numbers,
 * brackets, colons and commas outside of strings: then -1, *ret_offset is where, *ret_what a
 * constant saying what.
 */
int aif_jsontext_clean(char *text, size_t length, size_t *ret_offset, const char **ret_what);

/* Line (from 1) of an offset. */
size_t aif_jsontext_line(const char *text, size_t offset);

/* Column (from 1) of an offset, in characters of UTF-8, as editors count. */
size_t aif_jsontext_column(const char *text, size_t offset);

#define AIF_JSONTEXT_TWICE 1
#define AIF_JSONTEXT_ESCAPED 2

/*
 * Look for an object key that is given twice, or written with an escape sequence, which could hide
 * a repetition. Returns which of both with the place of the (later) key and a constant saying what;
 * 0 if there is none; -1 when memory is out.
 */
int aif_jsontext_repeated(const char *text, size_t length, size_t *ret_offset,
                          const char **ret_what);

/* Write the key path of an offset ("modes.fast-lane.code", "allocations[3]"), cut to size; "" for
 * the root. */
void aif_jsontext_path(const char *text, size_t length, size_t offset, char *ret_path, size_t size);

/* One step of a key path: into an object (key) or an array (key NULL, index). */
struct aif_jsontext_step {
    const char *key;
    size_t index;
};

/*
 * Offset of the key or array element that the steps from the root lead to; of the last one found if
 * the rest is not there. The text must have passed a parser.
 */
size_t aif_jsontext_find(const char *text, size_t length, const struct aif_jsontext_step *steps,
                         size_t count);

#endif
