/* quota_rows.c - see quota_rows.h */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>

#include <json-c/json.h>

#include "common.h"
#include "message.h"
#include "quota_rows.h"
#include "table.h"

struct aif_quota_rows {
    enum aif_quota_format format;
    const struct aif_snapshot *snapshot;
    time_t now;
    struct aif_table *table;
    struct json_object *array;
    size_t count;
};

/* Scripts count columns: new ones go to the end. The aligned table leaves out what nobody has
 * ('?'). */
static const char *const titles[] = {
    "ALLOCATION",   "MODE",      "UNIT",        ">AMOUNT", ">USED",       ">RESERVED",  ">LEFT",
    "END",          ">DAYS",     "STATE",       "?PACING", "?>PACE",      "?>LEFT NOW", "?>MONTH",
    "?>MONTH USED", "?>PENDING", "?>FREE USED", "?>FREE",  "?>INFERENCE", "?>OF",       NULL};

struct aif_quota_rows *aif_quota_rows_create(enum aif_quota_format format,
                                             const struct aif_snapshot *snapshot, time_t now)
{
    struct aif_quota_rows *rows = aif_tool_alloc(1, sizeof(*rows));

    rows->format = format;
    rows->snapshot = snapshot;
    rows->now = now;
    rows->table = aif_table_create(titles);
    rows->array = json_object_new_array();
    return rows;
}

void aif_quota_rows_destroy(struct aif_quota_rows *rows)
{
    if (!rows)
        return;
    aif_table_destroy(rows->table);
    json_object_put(rows->array);
    free(rows);
}

static const char *state_text(const struct aif_alloc *alloc, time_t now)
{
    if (alloc->state != AIF_STATE_OK)
        return aif_alloc_state_name(alloc->state);
    if (now < alloc->start)
        return "not started";
    return now > alloc->end ? "ended" : "ok";
}

static long days_left(const struct aif_alloc *alloc, time_t now)
{
    return now > alloc->end ? 0 : (long)((alloc->end - now) / 86400);
}

/* ---- columns ---- */

static char *hours(bool known, uint64_t secs)
{
    char text[AIF_AMOUNT_TEXT];

    if (!known)
        return NULL;
    aif_message_hours(secs, text);
    return aif_tool_strdup(text);
}

static void add(struct aif_quota_rows *rows, char *text)
{
    aif_table_add(rows->table, text);
}

static void add_amounts(struct aif_quota_rows *rows, const struct aif_alloc *alloc,
                        const struct aif_standing *s)
{
    add(rows, hours(true, alloc->amount_secs));
    add(rows, hours(s->known, s->used));
    add(rows, hours(s->known, s->reserved));
    add(rows, hours(s->known, s->left));
}

/* What depends on months that are not known says so rather than showing a number. */
static char *month_hours(const struct aif_standing *s, uint64_t secs)
{
    if (!s->pace.has_month || !s->known)
        return NULL;
    return s->months_known ? hours(true, secs) : aif_tool_strdup("unknown");
}

static void add_pace(struct aif_quota_rows *rows, const struct aif_alloc *alloc,
                     const struct aif_standing *s)
{
    bool paced = alloc->pacing.kind != AIF_PACING_NONE;
    bool now = paced || rows->snapshot->policy->count_pending;

    add(rows, paced ? aif_tool_strdup(aif_pacing_name(alloc->pacing.kind)) : NULL);
    add(rows, paced && s->known ? aif_tool_format("%d%%", (int)s->pace.percent) : NULL);
    add(rows, hours(now && s->known, s->left_now));
    add(rows, month_hours(s, s->pace.month_grant_secs));
    add(rows, month_hours(s, s->pace.month_used_secs));
}

static void add_row(struct aif_quota_rows *rows, const struct aif_alloc *alloc,
                    const struct aif_standing *s)
{
    bool has_free = s->known && alloc->free_qos;
    bool inference = s->known && s->has_inference;
    char end[AIF_DATE_TEXT];

    aif_message_date(alloc->end, end);
    add(rows, aif_tool_strdup(alloc->id));
    add(rows, aif_tool_strdup(alloc->mode->name));
    add(rows, aif_tool_strdup(aif_unit_name(alloc->unit)));
    add_amounts(rows, alloc, s);
    add(rows, aif_tool_strdup(end));
    add(rows, aif_tool_format("%ld", days_left(alloc, rows->now)));
    add(rows, aif_tool_strdup(state_text(alloc, rows->now)));
    add_pace(rows, alloc, s);
    add(rows, hours(s->known && rows->snapshot->policy->count_pending, s->pending));
    add(rows, hours(has_free, s->free_used));
    add(rows, hours(has_free, s->pace.free_secs));
    add(rows, hours(inference, s->inference_used));
    add(rows, hours(inference, s->inference_limit));
}

/* ---- JSON ---- */

static void put_text(struct json_object *object, const char *key, const char *text)
{
    json_object_object_add(object, key, json_object_new_string(text));
}

static void put_number(struct json_object *object, const char *key, int64_t number)
{
    json_object_object_add(object, key, json_object_new_int64(number));
}

static void put_amount(struct json_object *object, const char *key, uint64_t secs)
{
    struct json_object *amount = json_object_new_object();

    put_number(amount, "seconds", secs > INT64_MAX ? INT64_MAX : (int64_t)secs);
    json_object_object_add(amount, "hours", json_object_new_double((double)secs / 3600.0));
    json_object_object_add(object, key, amount);
}

static void put_pace(struct json_object *object, const struct aif_alloc *alloc,
                     const struct aif_standing *s)
{
    struct json_object *pace = json_object_new_object();

    put_text(pace, "kind", aif_pacing_name(alloc->pacing.kind));
    put_number(pace, "percent", s->pace.percent);
    put_number(pace, "priority", s->pace.priority);
    put_amount(pace, "limit", s->pace.limit_secs);
    json_object_object_add(pace, "months_known", json_object_new_boolean(s->months_known));
    if (s->pace.has_month && s->months_known) {
        put_amount(pace, "month_grant", s->pace.month_grant_secs);
        put_amount(pace, "month_used", s->pace.month_used_secs);
    }
    json_object_object_add(object, "pacing", pace);
}

static void put_parts(struct aif_quota_rows *rows, struct json_object *object,
                      const struct aif_alloc *alloc, const struct aif_standing *s)
{
    if (rows->snapshot->policy->count_pending)
        put_amount(object, "pending", s->pending);
    if (alloc->free_qos) {
        put_text(object, "free_qos", alloc->free_qos);
        put_amount(object, "free_used", s->free_used);
        put_amount(object, "free_reserved", s->free_reserved);
        put_amount(object, "free_limit", s->pace.free_secs);
    }
    if (s->has_inference) {
        put_amount(object, "inference_used", s->inference_used);
        put_amount(object, "inference_limit", s->inference_limit);
    }
}

static void put_numbers(struct aif_quota_rows *rows, struct json_object *object,
                        const struct aif_alloc *alloc, const struct aif_standing *s)
{
    put_amount(object, "used", s->used);
    put_amount(object, "reserved", s->reserved);
    put_amount(object, "left", s->left);
    put_amount(object, "left_now", s->left_now);
    put_pace(object, alloc, s);
    put_parts(rows, object, alloc, s);
    if (rows->snapshot->balances)
        put_number(object, "ledger_at", (int64_t)aif_balances_at(rows->snapshot->balances));
}

static void add_json(struct aif_quota_rows *rows, const struct aif_alloc *alloc,
                     const struct aif_standing *s)
{
    struct json_object *object = json_object_new_object();

    put_text(object, "allocation", alloc->id);
    put_text(object, "account", alloc->account);
    put_text(object, "qos", alloc->qos);
    put_text(object, "mode", alloc->mode->name);
    put_text(object, "unit", aif_unit_name(alloc->unit));
    put_text(object, "state", state_text(alloc, rows->now));
    put_amount(object, "amount", alloc->amount_secs);
    if (s->known)
        put_numbers(rows, object, alloc, s);
    put_number(object, "start", (int64_t)alloc->start);
    put_number(object, "end", (int64_t)alloc->end);
    put_number(object, "days_left", days_left(alloc, rows->now));
    json_object_array_add(rows->array, object);
}

void aif_quota_rows_add(struct aif_quota_rows *rows, const struct aif_alloc *alloc,
                        const struct aif_standing *standing)
{
    rows->count++;
    if (rows->format == AIF_QUOTA_JSON)
        add_json(rows, alloc, standing);
    else
        add_row(rows, alloc, standing);
}

void aif_quota_rows_print(const struct aif_quota_rows *rows)
{
    if (rows->format == AIF_QUOTA_JSON)
        puts(json_object_to_json_string_ext(rows->array, JSON_C_TO_STRING_PRETTY |
                                                             JSON_C_TO_STRING_NOSLASHESCAPE));
    else if (rows->count)
        aif_table_print(rows->table, rows->format == AIF_QUOTA_PARSABLE);
}
