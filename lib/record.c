/* record.c - see record.h */
#include "record.h"

#include <json-c/json.h>
#include <stdbool.h>
#include <string.h>

#include "text.h"

#define RECORD_VERSION 1
#define EPOCH_MAX 253402300799LL /* year 9999 */

enum field_type { FIELD_TEXT, FIELD_TIME, FIELD_COUNT, FIELD_JOBID, FIELD_INDEX };

/* The canonical order. It never changes: hashes of old ledgers depend on it. */
static const struct field {
    const char *key;
    enum field_type type;
    size_t offset;
    size_t size;
} fields[] = {
#define FIELD(name, type)                                                                          \
    {#name, type, offsetof(struct aif_record, name), sizeof(((struct aif_record *)0)->name)}
    FIELD(cluster, FIELD_TEXT),    FIELD(db_index, FIELD_INDEX), FIELD(job_id, FIELD_JOBID),
    FIELD(allocation, FIELD_TEXT), FIELD(account, FIELD_TEXT),   FIELD(user, FIELD_TEXT),
    FIELD(qos, FIELD_TEXT),        FIELD(mode, FIELD_TEXT),      FIELD(residency, FIELD_TEXT),
    FIELD(partition, FIELD_TEXT),  FIELD(state, FIELD_TEXT),     FIELD(submit, FIELD_TIME),
    FIELD(start, FIELD_TIME),      FIELD(end, FIELD_TIME),       FIELD(elapsed, FIELD_COUNT),
    FIELD(gpus, FIELD_COUNT),      FIELD(nodes, FIELD_COUNT),
#undef FIELD
};
#define FIELD_TOTAL (sizeof(fields) / sizeof(fields[0]))

static const void *member(const struct aif_record *record, const struct field *field)
{
    return (const char *)record + field->offset;
}

static bool printable(const char *text)
{
    for (const unsigned char *p = (const unsigned char *)text; *p; p++)
        if (*p < ' ' || *p == 127)
            return false;
    return true;
}

static int check_texts(const struct aif_record *record, struct aif_error *err)
{
    for (size_t i = 0; i < FIELD_TOTAL; i++)
        if (fields[i].type == FIELD_TEXT && !printable(member(record, &fields[i])))
            return aif_error_set(err, AIF_EINVAL, "%s has control characters", fields[i].key);
    return 0;
}

static int check_times(const struct aif_record *record, struct aif_error *err)
{
    const int64_t last = record->end ? record->end : EPOCH_MAX;

    if (record->submit < 0 || record->start < 0 || record->end < 0 || record->submit > EPOCH_MAX ||
        record->start > EPOCH_MAX || record->end > EPOCH_MAX)
        return aif_error_set(err, AIF_EINVAL, "a time outside of the years 1970 to 9999");
    if (record->start > last)
        return aif_error_set(err, AIF_EINVAL, "ended at %lld before it started at %lld",
                             (long long)record->end, (long long)record->start);
    if (!record->start && record->elapsed)
        return aif_error_set(err, AIF_EINVAL, "elapsed %llu s without a start",
                             (unsigned long long)record->elapsed);
    if (record->start && record->elapsed > (uint64_t)(last - record->start))
        return aif_error_set(err, AIF_EINVAL, "elapsed %llu s, but only %lld s between start and end",
                             (unsigned long long)record->elapsed, (long long)(last - record->start));
    return 0;
}

int aif_record_check(const struct aif_record *record, struct aif_error *err)
{
    if (!record->db_index)
        return aif_error_set(err, AIF_EINVAL, "no database index");
    if (!record->cluster[0])
        return aif_error_set(err, AIF_EINVAL, "no cluster name");
    if (record->gpus > AIF_RECORD_COUNT_MAX || record->nodes > AIF_RECORD_COUNT_MAX)
        return aif_error_set(err, AIF_EINVAL, "%llu GPUs and %llu nodes, limit %llu",
                             (unsigned long long)record->gpus, (unsigned long long)record->nodes,
                             AIF_RECORD_COUNT_MAX);
    if (check_times(record, err) < 0)
        return -1;
    return check_texts(record, err);
}

int aif_record_differs(const struct aif_record *before, const struct aif_record *now)
{
    return before->job_id != now->job_id || before->submit != now->submit ||
           before->start != now->start || before->end != now->end ||
           before->elapsed != now->elapsed || before->gpus != now->gpus ||
           before->nodes != now->nodes || strcmp(before->allocation, now->allocation) ||
           strcmp(before->account, now->account) || strcmp(before->state, now->state);
}

void aif_record_inherit(struct aif_record *record, const struct aif_record *before)
{
    for (size_t i = 0; i < FIELD_TOTAL; i++) {
        char *target = (char *)record + fields[i].offset;

        if (fields[i].type == FIELD_TEXT && !*target)
            memcpy(target, member(before, &fields[i]), fields[i].size);
    }
}

/* Elapsed seconds up to t, when they are spread evenly over start..last. */
static uint64_t secs_until(const struct aif_record *record, int64_t last, int64_t t)
{
    if (t <= record->start)
        return 0;
    if (t >= last)
        return record->elapsed;
    return (uint64_t)((unsigned __int128)record->elapsed * (uint64_t)(t - record->start) /
                      (uint64_t)(last - record->start));
}

uint64_t aif_record_secs_between(const struct aif_record *record, int64_t from, int64_t until,
                                 int64_t now)
{
    int64_t last = record->end ? record->end : now;

    if (!record->start || until <= from)
        return 0;
    /* Differences of one rising function: whatever is rounded off in one window turns up in the next. */
    return secs_until(record, last, until) - secs_until(record, last, from);
}

uint64_t aif_record_gpu_secs(const struct aif_record *record)
{
    return record->start ? record->gpus * record->elapsed : 0;
}

uint64_t aif_record_gpu_secs_between(const struct aif_record *record, int64_t from, int64_t until,
                                     int64_t now)
{
    return record->gpus * aif_record_secs_between(record, from, until, now);
}

uint64_t aif_record_node_secs_between(const struct aif_record *record, int64_t from, int64_t until,
                                      int64_t now)
{
    return record->nodes * aif_record_secs_between(record, from, until, now);
}

uint64_t aif_record_centihours(uint64_t gpu_secs)
{
    /* 36 s are a hundredth of an hour. Not (x + 18) / 36, which could overflow. */
    return gpu_secs / 36 + (gpu_secs % 36 >= 18);
}

int64_t aif_record_month_start(int64_t t, int offset)
{
    time_t when = (time_t)t;
    struct tm tm;

    gmtime_r(&when, &tm);
    tm.tm_mon += offset;
    tm.tm_mday = 1;
    tm.tm_hour = tm.tm_min = tm.tm_sec = 0;
    return (int64_t)timegm(&tm);
}

void aif_record_month_name(int64_t t, char ret_name[AIF_MONTH_SIZE])
{
    time_t when = (time_t)t;
    struct tm tm;

    gmtime_r(&when, &tm);
    strftime(ret_name, AIF_MONTH_SIZE, "%Y-%m", &tm);
}

static int write_field(struct aif_text *text, const struct aif_record *record,
                       const struct field *field)
{
    const void *value = member(record, field);

    if (aif_text_printf(text, ",\"%s\":", field->key) < 0)
        return -1;
    switch (field->type) {
    case FIELD_TEXT:
        return aif_text_json(text, value);
    case FIELD_TIME:
        return aif_text_printf(text, "%lld", (long long)*(const int64_t *)value);
    case FIELD_JOBID:
        return aif_text_printf(text, "%u", *(const uint32_t *)value);
    case FIELD_INDEX:
        return aif_text_printf(text, "\"%llu\"", (unsigned long long)*(const uint64_t *)value);
    case FIELD_COUNT:
        break;
    }
    return aif_text_printf(text, "%llu", (unsigned long long)*(const uint64_t *)value);
}

int aif_record_canonical(const struct aif_record *record, char **ret_text, struct aif_error *err)
{
    struct aif_text text = {0};
    int rc = aif_text_printf(&text, "{\"v\":%d", RECORD_VERSION);

    for (size_t i = 0; rc == 0 && i < FIELD_TOTAL; i++) {
        rc = write_field(&text, record, &fields[i]);
        if (rc < 0 && fields[i].type == FIELD_TEXT)
            aif_error_set(err, AIF_EINVAL, "%s is not UTF-8 text", fields[i].key);
    }
    if (rc == 0)
        rc = aif_text_printf(&text, "}");
    if (rc < 0) {
        aif_text_free(&text);
        return -1;
    }
    *ret_text = text.data;
    return 0;
}

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

static int read_field(json_object *value, const struct field *field, struct aif_record *record)
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
        if (read_number(value, EPOCH_MAX, &number) < 0)
            return -1;
        *(int64_t *)target = (int64_t)number;
        return 0;
    case FIELD_COUNT:
        break;
    }
    return read_number(value, INT64_MAX, target);
}

static int read_object(json_object *object, struct aif_record *record, struct aif_error *err)
{
    json_object *value;
    uint64_t version;

    if (!json_object_object_get_ex(object, "v", &value) ||
        read_number(value, RECORD_VERSION, &version) < 0 || version != RECORD_VERSION)
        return aif_error_set(err, AIF_ESCHEMA, "not a usage record of version %d", RECORD_VERSION);
    if (json_object_object_length(object) != (int)FIELD_TOTAL + 1)
        return aif_error_set(err, AIF_ESCHEMA, "usage record with %d keys instead of %d",
                             json_object_object_length(object), (int)FIELD_TOTAL + 1);
    for (size_t i = 0; i < FIELD_TOTAL; i++)
        if (!json_object_object_get_ex(object, fields[i].key, &value) ||
            read_field(value, &fields[i], record) < 0)
            return aif_error_set(err, AIF_ESCHEMA, "usage record without a valid \"%s\"",
                                 fields[i].key);
    return 0;
}

int aif_record_parse(const char *text, struct aif_record *ret_record, struct aif_error *err)
{
    struct aif_record record = {0};
    json_object *object = json_tokener_parse(text);
    int rc = -1;

    if (!json_object_is_type(object, json_type_object))
        aif_error_set(err, AIF_ESYNTAX, "usage record is not a JSON object");
    else
        rc = read_object(object, &record, err);
    json_object_put(object);
    if (rc == 0)
        *ret_record = record;
    return rc;
}
