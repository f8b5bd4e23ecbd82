/* record_text.c - records as canonical JSON and back; see record.h */
#include <json-c/json.h>
#include <stdbool.h>
#include <string.h>

#include "record_fields.h"

const struct record_field aif_record_fields[AIF_RECORD_FIELDS] = {
/* The order never changes: hashes of old ledgers depend on it. New fields go to the end. */
#define FIELD(name, type, since)                                                                   \
    {#name, ",\"" #name "\":", sizeof(",\"" #name "\":") - 1, type, offsetof(struct aif_record, name),                    \
     sizeof(((struct aif_record *)0)->name), since}
    FIELD(cluster, FIELD_TEXT, 1),    FIELD(db_index, FIELD_INDEX, 1), FIELD(job_id, FIELD_JOBID, 1),
    FIELD(allocation, FIELD_TEXT, 1), FIELD(account, FIELD_TEXT, 1),   FIELD(user, FIELD_TEXT, 1),
    FIELD(qos, FIELD_TEXT, 1),        FIELD(mode, FIELD_TEXT, 1),      FIELD(residency, FIELD_TEXT, 1),
    FIELD(partition, FIELD_TEXT, 1),  FIELD(state, FIELD_TEXT, 1),     FIELD(submit, FIELD_TIME, 1),
    FIELD(start, FIELD_TIME, 1),      FIELD(end, FIELD_TIME, 1),       FIELD(elapsed, FIELD_COUNT, 1),
    FIELD(gpus, FIELD_COUNT, 1),      FIELD(nodes, FIELD_COUNT, 1),    FIELD(billing, FIELD_COUNT, 2),
    FIELD(purpose, FIELD_TEXT, 2),    FIELD(eligible, FIELD_TIME, 3),  FIELD(score, FIELD_TEXT, 4),
    FIELD(cpus, FIELD_COUNT, 5),      FIELD(req_cpus, FIELD_COUNT, 5), FIELD(req_gpus, FIELD_COUNT, 5),
    FIELD(req_nodes, FIELD_COUNT, 5), FIELD(req_billing, FIELD_COUNT, 5), FIELD(timelimit, FIELD_COUNT, 5),
#undef FIELD
};

/* Longest text of what is not text itself: a prefix, and a number in quotation marks. */
#define FIELD_ROOM 48

static char *write_number(char *place, const struct record_field *field, const void *value)
{
    switch (field->type) {
    case FIELD_TIME: /* not negative, see aif_record_check */
        return aif_text_digits(place, (uint64_t)*(const int64_t *)value);
    case FIELD_JOBID:
        return aif_text_digits(place, *(const uint32_t *)value);
    case FIELD_INDEX:
        *place = '"';
        place = aif_text_digits(place + 1, *(const uint64_t *)value);
        *place = '"';
        return place + 1;
    case FIELD_COUNT:
    case FIELD_TEXT:
        break;
    }
    return aif_text_digits(place, *(const uint64_t *)value);
}

static int write_field(struct aif_text *text, const struct aif_record *record, const struct record_field *field)
{
    const void *value = aif_record_member(record, field);
    char *place;

    if (aif_text_reserve(text, FIELD_ROOM) < 0)
        return -1;
    place = text->data + text->length;
    memcpy(place, field->prefix, field->prefix_length);
    place += field->prefix_length;
    if (field->type != FIELD_TEXT)
        place = write_number(place, field, value);
    text->length = (size_t)(place - text->data);
    return field->type == FIELD_TEXT ? aif_text_json(text, value) : 0;
}

int aif_record_write(const struct aif_record *record, struct aif_text *text, struct aif_error *err)
{
    static const char head[] = "{\"v\":";

    if (aif_text_append(text, head, sizeof(head) - 1) < 0 || aif_text_number(text, AIF_RECORD_VERSION) < 0)
        return aif_error_set(err, AIF_ENOMEM, "out of memory");
    for (size_t i = 0; i < AIF_RECORD_FIELDS; i++)
        if (write_field(text, record, &aif_record_fields[i]) < 0)
            return aif_error_set(err, AIF_EINVAL, "%s is not UTF-8 text", aif_record_fields[i].key);
    if (aif_text_append(text, "}", 1) < 0)
        return aif_error_set(err, AIF_ENOMEM, "out of memory");
    return 0;
}

int aif_record_canonical(const struct aif_record *record, char **ret_text, struct aif_error *err)
{
    struct aif_text text = {0};

    if (aif_record_write(record, &text, err) < 0) {
        aif_text_free(&text);
        return -1;
    }
    *ret_text = text.data;
    return 0;
}

/* ---- reading what was written here, without building a tree; whatever looks otherwise is left to json-c ---- */

static bool quick_text(const char **cursor, char *target, size_t size)
{
    const char *p = *cursor;
    size_t length = 0;

    if (*p++ != '"')
        return false;
    for (; *p != '"'; p++) {
        if (*p < ' ' || *p == 127 || *p == '\\' || length + 1 >= size)
            return false;
        target[length++] = *p;
    }
    target[length] = '\0';
    *cursor = p + 1;
    return true;
}

static bool quick_number(const char **cursor, uint64_t max, uint64_t *ret_number)
{
    const char *p = *cursor;
    uint64_t number = 0;

    if (*p == '0' && p[1] >= '0' && p[1] <= '9')
        return false;
    for (; *p >= '0' && *p <= '9'; p++) {
        if (p - *cursor >= 18) /* no overflow below that */
            return false;
        number = number * 10 + (uint64_t)(*p - '0');
    }
    if (p == *cursor || number > max)
        return false;
    *cursor = p;
    *ret_number = number;
    return true;
}

static bool quick_index(const char **cursor, uint64_t *ret_index)
{
    char digits[24];

    return quick_text(cursor, digits, sizeof(digits)) && aif_text_to_u64(digits, ret_index) == 0;
}

static bool quick_field(const char **cursor, const struct record_field *field, struct aif_record *record)
{
    void *target = (char *)record + field->offset;
    uint64_t number = 0;

    switch (field->type) {
    case FIELD_TEXT:
        return quick_text(cursor, target, field->size);
    case FIELD_INDEX:
        return quick_index(cursor, target);
    case FIELD_JOBID:
        if (!quick_number(cursor, UINT32_MAX, &number))
            return false;
        *(uint32_t *)target = (uint32_t)number;
        return true;
    case FIELD_TIME:
        if (!quick_number(cursor, AIF_RECORD_EPOCH_MAX, &number))
            return false;
        *(int64_t *)target = (int64_t)number;
        return true;
    case FIELD_COUNT:
        break;
    }
    return quick_number(cursor, INT64_MAX, target);
}

/* Into a zeroed record; false leaves it half filled. */
static bool quick_parse(const char *text, struct aif_record *record)
{
    static const char head[] = "{\"v\":";
    uint64_t version;

    if (strncmp(text, head, sizeof(head) - 1))
        return false;
    text += sizeof(head) - 1;
    if (!quick_number(&text, AIF_RECORD_VERSION, &version) || !version)
        return false;
    for (size_t i = 0; i < AIF_RECORD_FIELDS && aif_record_fields[i].since <= version; i++) {
        const struct record_field *field = &aif_record_fields[i];

        if (strncmp(text, field->prefix, field->prefix_length))
            return false;
        text += field->prefix_length;
        if (!quick_field(&text, field, record))
            return false;
    }
    return !strcmp(text, "}");
}

/* ---- reading any other form ---- */

static int read_number(json_object *value, uint64_t max, uint64_t *ret_number)
{
    int64_t number;

    if (!json_object_is_type(value, json_type_int))
        return -1;
    number = json_object_get_int64(value);
    if (number < 0 || (uint64_t)number > max)
        return -1;
    *ret_number = (uint64_t)number;
    return 0;
}

static int read_text(json_object *value, char *ret_text, size_t size)
{
    size_t length;

    if (!json_object_is_type(value, json_type_string))
        return -1;
    length = (size_t)json_object_get_string_len(value);
    if (length >= size || strlen(json_object_get_string(value)) != length)
        return -1;
    memcpy(ret_text, json_object_get_string(value), length + 1);
    return 0;
}

static int read_index(json_object *value, uint64_t *ret_index)
{
    char digits[24];

    if (read_text(value, digits, sizeof(digits)) < 0)
        return -1;
    return aif_text_to_u64(digits, ret_index);
}

static int read_field(json_object *value, const struct record_field *field, struct aif_record *record)
{
    void *target = (char *)record + field->offset;
    uint64_t number = 0;

    switch (field->type) {
    case FIELD_TEXT:
        return read_text(value, target, field->size);
    case FIELD_INDEX:
        return read_index(value, target);
    case FIELD_JOBID:
        if (read_number(value, UINT32_MAX, &number) < 0)
            return -1;
        *(uint32_t *)target = (uint32_t)number;
        return 0;
    case FIELD_TIME:
        if (read_number(value, AIF_RECORD_EPOCH_MAX, &number) < 0)
            return -1;
        *(int64_t *)target = (int64_t)number;
        return 0;
    case FIELD_COUNT:
        break;
    }
    return read_number(value, INT64_MAX, target);
}

static int read_version(json_object *object, uint64_t *ret_version)
{
    json_object *value;

    if (!json_object_object_get_ex(object, "v", &value) ||
        read_number(value, AIF_RECORD_VERSION, ret_version) < 0)
        return -1;
    return *ret_version ? 0 : -1;
}

/* With the version itself. */
static int keys_of(uint64_t version)
{
    int keys = 1;

    for (size_t i = 0; i < AIF_RECORD_FIELDS; i++)
        keys += aif_record_fields[i].since <= version;
    return keys;
}

static int read_object(json_object *object, struct aif_record *record, struct aif_error *err)
{
    json_object *value;
    uint64_t version;

    if (read_version(object, &version) < 0)
        return aif_error_set(err, AIF_ESCHEMA, "not a usage record of version 1 to %d",
                             AIF_RECORD_VERSION);
    if (json_object_object_length(object) != keys_of(version))
        return aif_error_set(err, AIF_ESCHEMA, "usage record with %d keys instead of %d",
                             json_object_object_length(object), keys_of(version));
    for (size_t i = 0; i < AIF_RECORD_FIELDS; i++)
        if (aif_record_fields[i].since <= version &&
            (!json_object_object_get_ex(object, aif_record_fields[i].key, &value) ||
             read_field(value, &aif_record_fields[i], record) < 0))
            return aif_error_set(err, AIF_ESCHEMA, "usage record without a valid \"%s\"",
                                 aif_record_fields[i].key);
    return 0;
}

int aif_record_parse(const char *text, struct aif_record *ret_record, struct aif_error *err)
{
    struct aif_record record = {0};
    json_object *object;
    int rc = -1;

    if (quick_parse(text, &record)) {
        *ret_record = record;
        return 0;
    }
    record = (struct aif_record){0};
    object = json_tokener_parse(text);
    if (!json_object_is_type(object, json_type_object))
        aif_error_set(err, AIF_ESYNTAX, "usage record is not a JSON object");
    else
        rc = read_object(object, &record, err);
    json_object_put(object);
    if (rc == 0)
        *ret_record = record;
    return rc;
}
