/* recordpack.c - see recordpack.h */
#include "recordpack.h"

#include <stdbool.h>
#include <string.h>

#include "record_fields.h"

#define SEPARATOR '\n'

static uint64_t number_of(const struct aif_record *record, const struct record_field *field)
{
    const void *value = aif_record_member(record, field);

    if (field->type == FIELD_JOBID)
        return *(const uint32_t *)value;
    return field->type == FIELD_TIME ? (uint64_t)*(const int64_t *)value : *(const uint64_t *)value;
}

int aif_recordpack_write(const struct aif_record *record, struct aif_text *text)
{
    static const char separator = SEPARATOR;

    for (size_t i = 0; i < AIF_RECORD_FIELDS; i++) {
        const struct record_field *field = &aif_record_fields[i];
        const char *value = aif_record_member(record, field);
        int rc = field->type == FIELD_TEXT ? aif_text_append(text, value, strlen(value))
                                           : aif_text_number(text, number_of(record, field));

        if (rc < 0 || aif_text_append(text, &separator, 1) < 0)
            return -1;
    }
    return 0;
}

/* Only what aif_text_number writes: no leading zero, in the range of the member. */
static bool set_number(struct aif_record *record, const struct record_field *field, const char *digits)
{
    char *member = (char *)record + field->offset;
    const uint64_t most = field->type == FIELD_JOBID ? UINT32_MAX : field->type == FIELD_TIME ? INT64_MAX : UINT64_MAX;
    uint64_t number;
    uint32_t small;

    if (aif_text_to_u64(digits, &number) < 0 || number > most || (digits[0] == '0' && digits[1]))
        return false;
    small = (uint32_t)number;
    memcpy(member, field->type == FIELD_JOBID ? (const void *)&small : &number, field->size);
    return true;
}

/* One value, the cursor past its line. */
static bool take(const char **cursor, struct aif_record *record, const struct record_field *field)
{
    const char *end = strchr(*cursor, SEPARATOR);
    const size_t length = end ? (size_t)(end - *cursor) : 0;
    char value[sizeof(record->residency)];

    if (!end || length >= sizeof(value) || (field->type == FIELD_TEXT && length >= field->size))
        return false;
    memcpy(value, *cursor, length);
    value[length] = '\0';
    *cursor = end + 1;
    if (field->type != FIELD_TEXT)
        return set_number(record, field, value);
    memcpy((char *)record + field->offset, value, length + 1);
    return true;
}

int aif_recordpack_parse(const char *packed, struct aif_record *ret_record, struct aif_error *err)
{
    struct aif_record record = {0};
    const char *cursor = packed;

    for (size_t i = 0; i < AIF_RECORD_FIELDS; i++)
        if (!take(&cursor, &record, &aif_record_fields[i]))
            return aif_error_set(err, AIF_ESYNTAX, "packed record: \"%s\" is not what it must be", aif_record_fields[i].key);
    if (*cursor)
        return aif_error_set(err, AIF_ESYNTAX, "packed record: more than a record");
    *ret_record = record;
    return 0;
}

int aif_recordpack_parse_any(const char *text, struct aif_record *ret_record, struct aif_error *err)
{
    return text[0] == '{' ? aif_record_parse(text, ret_record, err) : aif_recordpack_parse(text, ret_record, err);
}
