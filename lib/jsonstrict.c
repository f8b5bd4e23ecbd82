/* jsonstrict.c - see jsonstrict.h */
#include "jsonstrict.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

struct verdict {
    enum json_tokener_error reason;
    size_t offset;
};

static json_object *fail(enum json_tokener_error reason, size_t offset, struct verdict *verdict)
{
    verdict->reason = reason;
    verdict->offset = offset;
    return NULL;
}

static json_object *feed(json_tokener *tokener, const char *text, size_t length,
                         struct verdict *verdict)
{
    json_object *object = json_tokener_parse_ex(tokener, text, (int)length);

    verdict->reason = json_tokener_get_error(tokener);
    verdict->offset = json_tokener_get_parse_end(tokener);
    if (verdict->reason != json_tokener_continue)
        return object;
    /* Only a NUL tells json-c that nothing more comes. */
    object = json_tokener_parse_ex(tokener, "", 1);
    verdict->reason = json_tokener_get_error(tokener);
    verdict->offset = length;
    return object;
}

static json_object *parse(const char *text, size_t length, int depth, int flags,
                          struct verdict *verdict)
{
    json_tokener *tokener = json_tokener_new_ex(depth);
    json_object *object;

    if (!tokener)
        return fail(json_tokener_continue, 0, verdict);
    json_tokener_set_flags(tokener, flags);
    object = feed(tokener, text, length, verdict);
    json_tokener_free(tokener);
    return object;
}

static bool is_ascii(const char *text, size_t length)
{
    for (size_t i = 0; i < length; i++)
        if ((unsigned char)text[i] > 127)
            return false;
    return true;
}

/* Outside of strings the mask is as wrong as what it hides. */
static char *mask(const char *text, size_t length)
{
    char *copy = malloc(length);

    for (size_t i = 0; copy && i < length; i++)
        copy[i] = (unsigned char)text[i] > 127 ? '?' : text[i];
    return copy;
}

static json_object *parse_masked(const char *text, size_t length, int depth,
                                 struct verdict *verdict)
{
    char *masked = mask(text, length);

    if (!masked)
        return fail(json_tokener_continue, 0, verdict);
    json_object_put(parse(masked, length, depth, JSON_TOKENER_STRICT, verdict));
    free(masked);
    if (verdict->reason != json_tokener_success)
        return NULL;
    return parse(text, length, depth, 0, verdict);
}

json_object *aif_jsonstrict_parse(const char *text, size_t length, int depth,
                                  enum json_tokener_error *ret_reason, size_t *ret_offset)
{
    struct verdict verdict;
    json_object *object;

    if (length > INT32_MAX)
        object = fail(json_tokener_error_size, 0, &verdict);
    else if (is_ascii(text, length))
        object = parse(text, length, depth, JSON_TOKENER_STRICT, &verdict);
    else
        object = parse_masked(text, length, depth, &verdict);
    if (ret_reason)
        *ret_reason = verdict.reason;
    if (ret_offset)
        *ret_offset = verdict.offset;
    return object;
}
