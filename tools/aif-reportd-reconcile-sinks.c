/* aif-reportd-reconcile-sinks.c - what each sink acknowledged, against the ledger; see aif-reportd-reconcile.h */
#include "config.h"

#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "aif-reportd-reconcile.h"
#include "charge.h"
#include "common.h"
#include "waldur.h"

/* What is known of one allocation at one sink. */
struct standing {
    bool told;       /* Waldur: there is a finding */
    bool accepted;   /* the last one was a success */
    uint64_t amount; /* hundredths that it has */
    struct aif_reconcile_part waiting; /* rows after the cursor; seconds of those that are new */
    struct aif_reconcile_part aside;   /* rows that it cannot take */
};

struct look {
    struct aif_reconciling *reconciling;
    const struct aif_sink_conf *sink;
    struct aif_sinkstate state;
    struct standing *standings; /* by allocation */
    uint64_t *bad; /* numbers of the rows that the sink cannot take, sorted */
    size_t bad_count;
    size_t bad_room;
};

static const struct aif_alloctable *allocs_of(const struct look *look)
{
    return look->reconciling->reportd->snapshot->allocs;
}

/* ---- sinks that get each row ---- */

static uint64_t secs_of(const struct look *look, const struct aif_alloc *alloc, const struct aif_record *record)
{
    const struct aif_reconcile_span *span = &look->reconciling->span;

    return aif_record_tres_secs_between(record, alloc->charge.tres, span->from, span->until, record->end);
}

/* The allocation of a row that counts in this month. NULL: it does not. */
static const struct aif_alloc *counted(const struct look *look, const struct aif_record *record)
{
    const struct aif_alloc *alloc = aif_alloctable_by_id(allocs_of(look), record->allocation);

    if (!alloc || aif_ledger_free(record, alloc) || !aif_reconcile_counts(&look->reconciling->span, record))
        return NULL;
    return alloc;
}

static int take_waiting(const struct aif_event *event, void *data, struct aif_error *err)
{
    struct look *look = data;
    const struct aif_alloc *alloc;
    struct aif_reconcile_part *waiting;
    struct aif_record record;

    if (aif_record_parse(event->body, &record, err) < 0)
        return -1;
    alloc = counted(look, &record);
    if (!alloc)
        return 0;
    waiting = &look->standings[aif_alloctable_index(allocs_of(look), alloc)].waiting;
    waiting->rows++;
    if (!strcmp(event->kind, "job"))
        waiting->secs += secs_of(look, alloc, &record);
    return 0;
}

static int compare_bad(const void *a, const void *b)
{
    const uint64_t *left = a, *right = b;

    return *left < *right ? -1 : *left > *right;
}

static int take_bad(const struct aif_badrow *row, void *data, struct aif_error *err)
{
    struct look *look = data;
    const size_t length = strlen(AIF_BADROW_SINK);

    (void)err;
    if (strncmp(row->cluster, AIF_BADROW_SINK, length) || strcmp(row->cluster + length, look->sink->name))
        return 0;
    if (look->bad_count == look->bad_room) {
        size_t room = look->bad_room ? look->bad_room * 2 : 64;
        uint64_t *bad = aif_tool_alloc(room, sizeof(*bad));

        if (look->bad_count)
            memcpy(bad, look->bad, look->bad_count * sizeof(*bad));
        free(look->bad);
        look->bad = bad;
        look->bad_room = room;
    }
    look->bad[look->bad_count++] = row->db_index;
    return 0;
}

static int take_aside(const struct aif_event *event, void *data, struct aif_error *err)
{
    struct look *look = data;
    const struct aif_alloc *alloc;
    struct aif_reconcile_part *aside;
    struct aif_record record;

    if (!bsearch(&event->db_index, look->bad, look->bad_count, sizeof(*look->bad), compare_bad))
        return 0;
    if (aif_record_parse(event->body, &record, err) < 0)
        return -1;
    alloc = counted(look, &record);
    if (!alloc || event->seq > look->state.cursor)
        return 0;
    aside = &look->standings[aif_alloctable_index(allocs_of(look), alloc)].aside;
    aside->rows++;
    aside->secs += secs_of(look, alloc, &record);
    return 0;
}

static int read_rows(struct look *look, struct aif_error *err)
{
    struct aif_ledger *ledger = look->reconciling->reportd->ledger;

    if (aif_ledger_iterate_after(ledger, look->state.cursor, UINT32_MAX, take_waiting, look, err) < 0 ||
        aif_reportstate_each_bad(ledger, take_bad, look, err) < 0)
        return -1;
    if (!look->bad_count)
        return 0;
    qsort(look->bad, look->bad_count, sizeof(*look->bad), compare_bad);
    return aif_ledger_iterate_since(ledger, look->reconciling->span.from, take_aside, look, err);
}

/* ---- Waldur ---- */

static const char *text_of(json_object *body, const char *key)
{
    const char *text = json_object_get_string(json_object_object_get(body, key));

    return text ? text : "";
}

static const char *component_of(const struct look *look, const struct aif_alloc *alloc)
{
    if (alloc->unit == AIF_UNIT_NODE_HOUR && look->sink->node_component)
        return look->sink->node_component;
    return look->sink->component;
}

static void note_finding(struct look *look, const char *kind, json_object *body)
{
    const struct aif_alloc *alloc = aif_alloctable_by_id(allocs_of(look), text_of(body, "allocation"));
    char month[AIF_MONTH_SIZE];
    struct standing *standing;
    uint64_t amount;

    aif_record_month_name(look->reconciling->span.from, month);
    if (!alloc || strcmp(text_of(body, "sink"), look->sink->name) || strcmp(text_of(body, "month"), month) ||
        strcmp(text_of(body, "component"), component_of(look, alloc)) ||
        aif_waldur_amount_parse(text_of(body, "amount"), &amount) < 0)
        return;
    standing = &look->standings[aif_alloctable_index(allocs_of(look), alloc)];
    standing->told = true;
    standing->accepted = !strcmp(kind, "sent");
    if (standing->accepted)
        standing->amount = amount;
}

static int take_finding(const struct aif_event *event, void *data, struct aif_error *err)
{
    json_object *body = json_tokener_parse(event->body);

    if (!body)
        return aif_error_set(err, AIF_EINVAL, "event %llu of the ledger cannot be read", (unsigned long long)event->seq);
    note_finding(data, event->kind, body);
    json_object_put(body);
    return 0;
}

/* Seconds that make an amount of the sink's unit. */
static uint64_t secs_of_amount(const struct look *look, uint64_t amount)
{
    static const uint64_t secs[] = {[AIF_SINK_HOURS] = 3600, [AIF_SINK_MINUTES] = 60, [AIF_SINK_KHOURS] = 3600000};

    return amount / 100 * secs[look->sink->unit] + amount % 100 * secs[look->sink->unit] / 100;
}

static bool still_sent(const struct look *look)
{
    return look->reconciling->span.from >= aif_record_month_start((int64_t)time(NULL), -1);
}

static void add_waldur(struct look *look, size_t i)
{
    const struct aif_reconcile_item *item = aif_reconcile_item(look->reconciling->rows, i);
    const struct aif_alloc *alloc = aif_alloctable_at(allocs_of(look), i);
    const struct standing *standing = &look->standings[i];
    const uint64_t secs = aif_charge_cost(&alloc->charge, item->ledger.secs);
    const uint64_t amount = aif_waldur_amount(secs, look->sink->unit);
    struct aif_place_finding *finding;

    /* Of an allocation without a resource the service is not told. */
    if (!standing->told && (!amount || !alloc->waldur_resource))
        return;
    finding = aif_findings_add(look->reconciling, i, AIF_PLACE_SINK);
    finding->sink = look->sink;
    finding->ledger_secs = secs;
    finding->there_secs = secs_of_amount(look, standing->amount);
    if (amount == standing->amount) {
        if (finding->there_secs != secs)
            aif_place_say(finding, "rounded to two decimals");
        return;
    }
    finding->bad = true;
    if (standing->told && !standing->accepted)
        aif_place_say(finding, "the service refused the amount, or has more");
    else if (look->state.why[0])
        aif_place_say(finding, "not sent: %.300s", look->state.why);
    else if (!still_sent(look))
        aif_place_say(finding, "changed after its month was closed: only this and the previous one are sent");
    else {
        finding->bad = false;
        aif_place_say(finding, "to be sent by the next round");
    }
}

/* ---- any sink ---- */

static void add_rows(struct look *look, size_t i)
{
    const struct aif_reconcile_item *item = aif_reconcile_item(look->reconciling->rows, i);
    const struct aif_charge *charge = &aif_alloctable_at(allocs_of(look), i)->charge;
    const struct standing *standing = &look->standings[i];
    const uint64_t missing = standing->waiting.secs + standing->aside.secs;
    struct aif_place_finding *finding;

    if (!item->ledger.rows)
        return;
    finding = aif_findings_add(look->reconciling, i, AIF_PLACE_SINK);
    finding->sink = look->sink;
    finding->ledger_secs = aif_charge_cost(charge, item->ledger.secs);
    finding->there_secs = missing < item->ledger.secs ? aif_charge_cost(charge, item->ledger.secs - missing) : 0;
    if (standing->waiting.rows)
        aif_place_say(finding, "%llu rows not sent yet%s%.250s", (unsigned long long)standing->waiting.rows,
                      look->state.why[0] ? ": " : "", look->state.why);
    if (standing->aside.rows)
        aif_place_say(finding, "%llu set aside, see \"aif report quarantine\"", (unsigned long long)standing->aside.rows);
    finding->bad = standing->aside.rows || (standing->waiting.rows && look->state.why[0]);
}

static int look_at(struct look *look, struct aif_error *err)
{
    const bool waldur = look->sink->type == AIF_SINK_WALDUR;
    const struct aif_alloc *only = look->reconciling->only;
    struct aif_ledger *ledger = look->reconciling->reportd->ledger;

    if (aif_reportstate_sink_get(ledger, look->sink->name, &look->state, err) < 0)
        return -1;
    if ((waldur ? aif_ledger_iterate_findings(ledger, take_finding, look, err) : read_rows(look, err)) < 0)
        return -1;
    for (size_t i = 0; i < aif_alloctable_count(allocs_of(look)); i++)
        if (!only || aif_alloctable_at(allocs_of(look), i) == only)
            (waldur ? add_waldur : add_rows)(look, i);
    return 0;
}

int aif_reconcile_sinks(struct aif_reconciling *reconciling, struct aif_error *err)
{
    const struct aif_report_conf *conf = &reconciling->reportd->snapshot->policy->report;
    int rc = 0;

    for (size_t i = 0; rc == 0 && i < conf->sink_count; i++) {
        struct look look = {.reconciling = reconciling, .sink = &conf->sinks[i]};

        look.standings = aif_tool_alloc(aif_alloctable_count(allocs_of(&look)), sizeof(*look.standings));
        rc = look_at(&look, err);
        free(look.standings);
        free(look.bad);
    }
    return rc;
}
