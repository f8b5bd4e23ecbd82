/*
 * jsonstrict.h - json-c's strict parser, for texts that are not only ASCII
 *
 * In strict mode json-c 0.18 (Debian 13) refuses every string with a byte over 127, so such a text
 * is checked strictly with these bytes masked, and then read without strictness. Pure, thread-safe.
 */
#ifndef AIF_JSONSTRICT_H
#define AIF_JSONSTRICT_H

#include <stddef.h>

#include <json-c/json.h>

/*
 * Parse exactly one value of at most depth levels, with nothing but blanks after it; NULL when text
 * is anything else or memory is out. The text needs no NUL; its length is at most INT32_MAX.
 * *ret_reason and *ret_offset (each may be NULL) get json-c's verdict and the place. A JSON null is
 * NULL with json_tokener_success. UTF-8 is not validated. The caller owns the result
 * (json_object_put).
 */
json_object *aif_jsonstrict_parse(const char *text, size_t length, int depth,
                                  enum json_tokener_error *ret_reason, size_t *ret_offset);

#endif
