/*
 * record_fields.h - the members of a record in their canonical order; for record*.c only
 */
#ifndef AIF_RECORD_FIELDS_H
#define AIF_RECORD_FIELDS_H

#include <stddef.h>

#include "record.h"

#define AIF_RECORD_VERSION 5 /* the one that is written */
#define AIF_RECORD_EPOCH_MAX 253402300799LL /* year 9999 */
#define AIF_RECORD_FIELDS 27

enum record_field_type { FIELD_TEXT, FIELD_TIME, FIELD_COUNT, FIELD_JOBID, FIELD_INDEX };

struct record_field {
    const char *key;
    const char *prefix; /* ,"key": */
    size_t prefix_length;
    enum record_field_type type;
    size_t offset;
    size_t size;
    unsigned since; /* version */
};

extern const struct record_field aif_record_fields[AIF_RECORD_FIELDS];

static inline const void *aif_record_member(const struct aif_record *record, const struct record_field *field)
{
    return (const char *)record + field->offset;
}

#endif
