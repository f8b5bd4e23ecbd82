/* record.c - see record.h */
#include "record.h"

#include <stdbool.h>
#include <string.h>

#include "record_fields.h"

static bool printable(const char *text)
{
    for (const unsigned char *p = (const unsigned char *)text; *p; p++)
        if (*p < ' ' || *p == 127)
            return false;
    return true;
}

static int check_texts(const struct aif_record *record, struct aif_error *err)
{
    for (size_t i = 0; i < AIF_RECORD_FIELDS; i++)
        if (aif_record_fields[i].type == FIELD_TEXT && !printable(aif_record_member(record, &aif_record_fields[i])))
            return aif_error_set(err, AIF_EINVAL, "%s has control characters", aif_record_fields[i].key);
    return 0;
}

static int check_times(const struct aif_record *record, struct aif_error *err)
{
    const int64_t last = record->end ? record->end : AIF_RECORD_EPOCH_MAX;

    if (record->submit < 0 || record->start < 0 || record->end < 0 || record->eligible < 0 ||
        record->submit > AIF_RECORD_EPOCH_MAX || record->start > AIF_RECORD_EPOCH_MAX ||
        record->end > AIF_RECORD_EPOCH_MAX || record->eligible > AIF_RECORD_EPOCH_MAX)
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

static int check_asked(const struct aif_record *record, struct aif_error *err)
{
    if (record->cpus > AIF_RECORD_BILLING_MAX || record->req_cpus > AIF_RECORD_BILLING_MAX ||
        record->req_gpus > AIF_RECORD_BILLING_MAX || record->req_nodes > AIF_RECORD_BILLING_MAX ||
        record->req_billing > AIF_RECORD_BILLING_MAX || record->timelimit > AIF_RECORD_BILLING_MAX)
        return aif_error_set(err, AIF_EINVAL, "CPUs, or what was asked for, over the limit of %llu",
                             AIF_RECORD_BILLING_MAX);
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
    if (record->billing > AIF_RECORD_BILLING_MAX)
        return aif_error_set(err, AIF_EINVAL, "billing %llu, limit %llu",
                             (unsigned long long)record->billing, AIF_RECORD_BILLING_MAX);
    if (check_asked(record, err) < 0 || check_times(record, err) < 0)
        return -1;
    return check_texts(record, err);
}

/*
 * What one of two records does not know, because it is of an older version, is no difference. One that knows what was allocated
 * and not what was asked for was read before slurmdbd had the job's start.
 */
static bool known_differs(const struct aif_record *before, const struct aif_record *now)
{
    if (before->cpus && !before->req_cpus && now->req_cpus)
        return true;
    return (before->eligible && now->eligible && before->eligible != now->eligible) ||
           (before->cpus && now->cpus && before->cpus != now->cpus);
}

int aif_record_differs(const struct aif_record *before, const struct aif_record *now)
{
    return before->job_id != now->job_id || before->submit != now->submit ||
           before->start != now->start || before->end != now->end ||
           before->elapsed != now->elapsed || before->gpus != now->gpus ||
           before->nodes != now->nodes || before->billing != now->billing ||
           known_differs(before, now) ||
           strcmp(before->allocation, now->allocation) || strcmp(before->account, now->account) ||
           strcmp(before->purpose, now->purpose) || strcmp(before->state, now->state);
}

/* Quantities that are kept to be compared with: slurmdbd may have forgotten them, as it forgets names. */
static bool fades(const struct record_field *field)
{
    return field->type == FIELD_COUNT && field->since >= 5;
}

void aif_record_inherit(struct aif_record *record, const struct aif_record *before)
{
    for (size_t i = 0; i < AIF_RECORD_FIELDS; i++) {
        const struct record_field *field = &aif_record_fields[i];
        char *target = (char *)record + field->offset;

        if (field->type == FIELD_TEXT ? !*target : fades(field) && !*(const uint64_t *)aif_record_member(record, field))
            memcpy(target, aif_record_member(before, field), field->size);
    }
    if (!record->eligible)
        record->eligible = before->eligible;
}

int64_t aif_record_wait(const struct aif_record *record)
{
    int64_t since = record->eligible > record->submit ? record->eligible : record->submit;
    int64_t until = record->start ? record->start : record->end;

    if (!until)
        return -1;
    return until > since ? until - since : 0;
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

static uint64_t count_of(const struct aif_record *record, enum aif_charge_tres tres)
{
    switch (tres) {
    case AIF_CHARGE_NODE:
        return record->nodes;
    case AIF_CHARGE_BILLING:
        return record->billing;
    case AIF_CHARGE_GPU:
        break;
    }
    return record->gpus;
}

static uint64_t multiplied(uint64_t a, uint64_t b)
{
    uint64_t product;

    return __builtin_mul_overflow(a, b, &product) ? UINT64_MAX : product;
}

uint64_t aif_record_tres_secs(const struct aif_record *record, enum aif_charge_tres tres)
{
    return record->start ? multiplied(count_of(record, tres), record->elapsed) : 0;
}

uint64_t aif_record_tres_secs_between(const struct aif_record *record, enum aif_charge_tres tres,
                                      int64_t from, int64_t until, int64_t now)
{
    return multiplied(count_of(record, tres), aif_record_secs_between(record, from, until, now));
}

uint64_t aif_record_centihours(uint64_t secs)
{
    /* 36 s are a hundredth of an hour. Not (x + 18) / 36, which could overflow. */
    return secs / 36 + (secs % 36 >= 18);
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

