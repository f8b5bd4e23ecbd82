/* aif-reportd-reconcile.c - slurmdbd, the ledger and Slurm's counters held against each other; see aif-reportd-reconcile.h */
#include "config.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "aif-reportd-reconcile.h"
#include "charge.h"
#include "common.h"
#include "message.h"

/* Slurm counts each job by itself: seconds of the TRES by which the two may differ per job. */
#define SLACK_SECS 64
/* How long slurmdbd may need to learn of an end. */
#define DELAY_SECS 60

const char *aif_place_name(const struct aif_place_finding *finding)
{
    switch (finding->kind) {
    case AIF_PLACE_SLURMDBD:
        return "slurmdbd";
    case AIF_PLACE_COUNTER:
        return "slurmctld";
    default:
        return finding->sink->name;
    }
}

uint64_t aif_place_difference(const struct aif_place_finding *finding)
{
    return finding->there_secs > finding->ledger_secs ? finding->there_secs - finding->ledger_secs
                                                      : finding->ledger_secs - finding->there_secs;
}

struct aif_place_finding *aif_findings_add(struct aif_reconciling *reconciling, size_t alloc, enum aif_place_kind kind)
{
    struct aif_findings *findings = reconciling->findings;
    struct aif_place_finding *finding;

    if (findings->count == findings->room) {
        size_t room = findings->room ? findings->room * 2 : 64;
        struct aif_place_finding *items = aif_tool_alloc(room, sizeof(*items));

        if (findings->count)
            memcpy(items, findings->items, findings->count * sizeof(*items));
        free(findings->items);
        findings->items = items;
        findings->room = room;
    }
    finding = &findings->items[findings->count++];
    *finding = (struct aif_place_finding){
        .alloc = aif_alloctable_at(reconciling->reportd->snapshot->allocs, alloc), .kind = kind};
    if (kind != AIF_PLACE_COUNTER)
        aif_record_month_name(reconciling->span.from, finding->month);
    return finding;
}

void aif_findings_free(struct aif_findings *findings)
{
    free(findings->items);
    *findings = (struct aif_findings){0};
}

void aif_place_say(struct aif_place_finding *finding, const char *fmt, ...)
{
    size_t used = strlen(finding->why);
    va_list args;

    if (used)
        used += (size_t)snprintf(finding->why + used, sizeof(finding->why) - used, "; ");
    if (used >= sizeof(finding->why))
        return;
    va_start(args, fmt);
    vsnprintf(finding->why + used, sizeof(finding->why) - used, fmt, args);
    va_end(args);
}

/* ---- rows ---- */

static int take_row(const struct aif_record *record, bool usable, void *data, struct aif_error *err)
{
    struct aif_reconciling *reconciling = data;

    if (reconciling->only && strcmp(record->allocation, reconciling->only->id))
        return 0;
    return aif_reconcile_add(reconciling->rows, usable ? AIF_RECONCILE_SLURMDBD : AIF_RECONCILE_UNUSABLE, record, err);
}

static int take_event(const struct aif_event *event, void *data, struct aif_error *err)
{
    struct aif_reconciling *reconciling = data;
    struct aif_record record;

    if (aif_record_parse(event->body, &record, err) < 0)
        return -1;
    if (strcmp(record.cluster, reconciling->reportd->snapshot->policy->cluster) ||
        (reconciling->only && strcmp(record.allocation, reconciling->only->id)))
        return 0;
    return aif_reconcile_add(reconciling->rows, AIF_RECONCILE_LEDGER, &record, err);
}

/* ---- what slurmdbd has ---- */

static void say_part(struct aif_place_finding *finding, const struct aif_reconcile_part *part, const char *what)
{
    char hours[AIF_AMOUNT_TEXT];

    if (!part->rows)
        return;
    aif_message_hours(aif_charge_cost(&finding->alloc->charge, part->secs), hours);
    aif_place_say(finding, "%llu row%s %s (%s h)", (unsigned long long)part->rows, part->rows == 1 ? "" : "s", what,
                  hours);
}

static void add_slurmdbd(struct aif_reconciling *reconciling, size_t i)
{
    const struct aif_reconcile_item *item = aif_reconcile_item(reconciling->rows, i);
    struct aif_place_finding *finding;

    if (!item->slurmdbd.rows && !item->ledger.rows && !item->unusable.rows)
        return;
    finding = aif_findings_add(reconciling, i, AIF_PLACE_SLURMDBD);
    finding->there_secs = aif_charge_cost(&finding->alloc->charge, item->slurmdbd.secs);
    finding->ledger_secs = aif_charge_cost(&finding->alloc->charge, item->ledger.secs);
    say_part(finding, &item->fresh, "ended since slurmdbd was read");
    say_part(finding, &item->late, "not in the ledger");
    say_part(finding, &item->older, "from before the ledger's begin");
    say_part(finding, &item->more, "longer at slurmdbd");
    say_part(finding, &item->less, "shorter at slurmdbd");
    say_part(finding, &item->extra, "no more at slurmdbd");
    say_part(finding, &item->unusable, "in quarantine, as far as the ledger had them");
    finding->bad = item->late.rows || item->older.rows || item->more.rows || item->less.rows || item->extra.rows ||
                   item->unusable.rows;
    if (finding->why[0] && finding->alloc->charge.millionths != 1000000)
        aif_place_say(finding, "hours are Slurm's x %g", finding->alloc->charge.millionths / 1e6);
}

/* ---- what slurmctld counts ---- */

/*
 * Only a counter that is too high is a fault: one that is too low was lost or reset, and the ledger's number counts then.
 * It has what runs, up to its last update, and what has ended since slurmdbd was read.
 */
static void judge_counter(struct aif_reconciling *reconciling, size_t i, struct aif_place_finding *finding, uint64_t jobs)
{
    const struct aif_reconcile_item *item = aif_reconcile_item(reconciling->rows, i);
    const struct aif_charge *charge = &finding->alloc->charge;
    const uint64_t slack = aif_charge_cost(charge, (jobs + item->running.rows) * SLACK_SECS);
    const uint64_t coming = aif_charge_cost(charge, item->running.secs + item->fresh.secs + item->late.secs);

    if (aif_place_difference(finding) == 0)
        return;
    if (finding->there_secs + slack < finding->ledger_secs)
        aif_place_say(finding, "the counter began later or was reset; the greater of both counts");
    else if (finding->there_secs <= finding->ledger_secs + slack)
        aif_place_say(finding, "Slurm counts the seconds of each job by itself");
    else if (finding->there_secs <= finding->ledger_secs + slack + coming)
        aif_place_say(finding, "jobs that run, or whose rows are not in the ledger yet");
    else {
        finding->bad = true;
        aif_place_say(finding, "Slurm counted jobs of which the ledger has no rows: lost or purged at slurmdbd, or moved");
    }
}

static int compare_totals(const void *key, const void *item)
{
    return strcmp(key, ((const struct aif_ledger_total *)item)->allocation);
}

static void add_counter(struct aif_reconciling *reconciling, size_t i, const struct aif_ledger_total *totals, size_t count)
{
    const struct aif_snapshot *snapshot = reconciling->reportd->snapshot;
    const struct aif_alloc *alloc = aif_alloctable_at(snapshot->allocs, i);
    const struct aif_ledger_total *total = NULL;
    struct aif_place_finding *finding;
    struct aif_usage usage;

    aif_live_usage(reconciling->live, snapshot->policy, alloc, &usage);
    if (count)
        total = bsearch(alloc->id, totals, count, sizeof(*totals), compare_totals);
    if (!usage.known || (!total && !usage.used_secs))
        return;
    finding = aif_findings_add(reconciling, i, AIF_PLACE_COUNTER);
    finding->there_secs = usage.used_secs;
    if (total)
        finding->ledger_secs = aif_charge_cost(&alloc->charge, total->tres_secs[alloc->charge.tres]);
    judge_counter(reconciling, i, finding, total ? total->jobs : 0);
}

static bool wanted(const struct aif_reconciling *reconciling, size_t i)
{
    return !reconciling->only || aif_alloctable_at(reconciling->reportd->snapshot->allocs, i) == reconciling->only;
}

static int add_counters(struct aif_reconciling *reconciling, struct aif_error *err)
{
    const struct aif_alloctable *allocs = reconciling->reportd->snapshot->allocs;
    struct aif_ledger_total *totals = NULL;
    size_t count = 0;

    if (aif_ledger_totals(reconciling->reportd->ledger, allocs, 0, INT64_MAX, &totals, &count, err) < 0)
        return -1;
    for (size_t i = 0; i < aif_alloctable_count(allocs); i++)
        if (wanted(reconciling, i))
            add_counter(reconciling, i, totals, count);
    free(totals);
    return 0;
}

/* ---- a month ---- */

/* The ledger first: what the reporter records meanwhile is fresh then, and not left over. */
static int read_rows(struct aif_reconciling *reconciling, struct aif_error *err)
{
    const int64_t from = reconciling->span.from;

    if (aif_ledger_iterate_since(reconciling->reportd->ledger, from, take_event, reconciling, err) < 0)
        return -1;
    if (aif_reportd_each_row(reconciling->reportd, from > 1 ? from : 1, take_row, reconciling) < 0)
        return aif_error_set(err, AIF_ENOENT, "slurmdbd was not read");
    aif_reconcile_compare(reconciling->rows);
    return 0;
}

static int read_span(struct aif_reconciling *reconciling, struct aif_error *err)
{
    struct aif_ledger *ledger = reconciling->reportd->ledger;

    if (aif_reportstate_get(ledger, AIF_REPORTSTATE_COLLECTED, &reconciling->span.collected, err) < 0)
        return -1;
    reconciling->span.collected -= DELAY_SECS;
    return aif_ledger_begun(ledger, &reconciling->span.begin, err);
}

static int compare_month(struct aif_reconciling *reconciling, struct aif_error *err)
{
    const struct aif_alloctable *allocs = reconciling->reportd->snapshot->allocs;
    int rc;

    if (read_span(reconciling, err) < 0)
        return -1;
    reconciling->rows = aif_reconcile_create(allocs, &reconciling->span);
    if (!reconciling->rows)
        return aif_error_set(err, AIF_ENOMEM, "out of memory");
    rc = read_rows(reconciling, err);
    for (size_t i = 0; rc == 0 && i < aif_alloctable_count(allocs); i++)
        if (wanted(reconciling, i))
            add_slurmdbd(reconciling, i);
    if (rc == 0 && reconciling->live)
        rc = add_counters(reconciling, err);
    if (rc == 0)
        rc = aif_reconcile_sinks(reconciling, err);
    aif_reconcile_destroy(reconciling->rows);
    return rc;
}

int aif_reconcile_month(struct aif_reportd *reportd, const struct aif_live *live, const struct aif_alloc *only,
                        int64_t start, struct aif_findings *findings, struct aif_error *err)
{
    struct aif_reconciling reconciling = {
        .reportd = reportd,
        .live = live,
        .only = only,
        .span = {.from = start, .until = aif_record_month_start(start, 1)},
        .findings = findings,
    };
    struct aif_chain head;
    int rc = aif_ledger_view(reportd->ledger, &head, err);

    if (rc == 0) {
        rc = compare_month(&reconciling, err);
        aif_ledger_rollback(reportd->ledger);
    }
    return rc;
}
