/*
 * jsonfile.h - a JSON file of ours, read strictly
 *
 * Strict JSON (RFC 8259) by json-c, plus comments. Refused: what is no regular file or too large,
 * NUL bytes, invalid UTF-8, nesting deeper than AIF_JSONTEXT_DEPTH, repeated keys, anything after
 * the value. Of numbers json-c takes a few more forms (01, 1., NaN); readers check the value. The
 * text is kept, so that every later message can name the line.
 */
#ifndef AIF_JSONFILE_H
#define AIF_JSONFILE_H

#include <stddef.h>

#include "error.h"
#include "jsontext.h"

#define AIF_JSONFILE_MAX (64u * 1024 * 1024) /* bytes; room for AIF_ALLOC_MAX long entries */

struct json_object;

struct aif_jsonfile {
    char *name; /* for messages: the path */
    char *text; /* comments blanked */
    size_t length;
    struct json_object *root; /* an object */
    void *context;            /* for the readers of jsonschema.h; not owned */
};

/* Read a whole file into memory, which the caller frees; a NUL follows its last byte. Rule id
 * AIF-C001. */
int aif_jsonfile_read(const char *path, char **ret_text, size_t *ret_length, struct aif_error *err);

/* Parse; name stands for the path in messages. The caller owns the result. Rule ids AIF-C002,
 * -C004, -C006. */
int aif_jsonfile_parse(const char *text, size_t length, const char *name,
                       struct aif_jsonfile **ret_file, struct aif_error *err);

void aif_jsonfile_destroy(struct aif_jsonfile *file);

#endif
