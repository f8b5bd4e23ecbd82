/* aif-reportd-reconcile-daily.c - the reporter's own look at whether all places agree; see aif-reportd-reconcile.h */
#include "config.h"

#include <stdio.h>

#include <string.h>

#include "aif-reportd-reconcile.h"

/* What the metrics tell of a place; 0 where all is well again. */
static int save_place(struct aif_ledger *ledger, const struct aif_findings *findings, const char *place,
                      struct aif_error *err)
{
    char key[AIF_RECONCILE_KEY_SIZE];
    uint64_t secs = 0;

    for (size_t i = 0; i < findings->count; i++)
        if (findings->items[i].bad && !strcmp(aif_place_name(&findings->items[i]), place) &&
            __builtin_add_overflow(secs, aif_place_difference(&findings->items[i]), &secs))
            secs = UINT64_MAX;
    snprintf(key, sizeof(key), AIF_RECONCILE_STATE_PLACE, place);
    return aif_reportstate_set(ledger, key, secs > INT64_MAX ? INT64_MAX : (int64_t)secs, err);
}

static int save(struct aif_reportd *reportd, const struct aif_findings *findings, int64_t now, struct aif_error *err)
{
    const struct aif_report_conf *conf = &reportd->snapshot->policy->report;
    struct aif_ledger *ledger = reportd->ledger;

    if (save_place(ledger, findings, "slurmdbd", err) < 0 || save_place(ledger, findings, "slurmctld", err) < 0)
        return -1;
    for (size_t i = 0; i < conf->sink_count; i++)
        if (save_place(ledger, findings, conf->sinks[i].name, err) < 0)
            return -1;
    return aif_reportstate_set(ledger, AIF_RECONCILE_STATE, now, err);
}

/* The first is named, so that the line says where to look. */
static void say(const struct aif_findings *findings)
{
    const struct aif_place_finding *first = NULL;
    unsigned count = 0;

    for (size_t i = 0; i < findings->count; i++)
        if (findings->items[i].bad && !count++)
            first = &findings->items[i];
    if (!first)
        aif_reportd_log_fine(TOPIC_RECONCILE);
    else
        aif_reportd_log_change(TOPIC_RECONCILE, "%u amounts differ from the ledger's, the first at %s: %s, %s: %s; see \"aif "
                               "report reconcile\"", count, aif_place_name(first), first->alloc->id,
                               first->month[0] ? first->month : "in all", first->why);
}

/* The ledger is opened once more for that: slurmdbd and slurmctld are asked while it is read, and nobody shall wait for them. */
static int compare(struct aif_reportd *reportd, int64_t now, struct aif_findings *findings, struct aif_error *err)
{
    struct aif_reportd reader = {.snapshot = reportd->snapshot};
    struct aif_live *live = NULL;
    int rc;

    if (aif_ledger_open(reportd->snapshot->policy->report.ledger, AIF_LEDGER_READ, &reader.ledger, err) < 0)
        return -1;
    /* Without slurmctld all the rest can be compared. */
    if (aif_live_try("", &live))
        live = NULL;
    rc = aif_reconcile_month(&reader, NULL, NULL, aif_record_month_start(now, -1), findings, err);
    if (rc == 0)
        rc = aif_reconcile_month(&reader, live, NULL, aif_record_month_start(now, 0), findings, err);
    aif_live_free(live);
    aif_ledger_close(reader.ledger);
    return rc;
}

static int read_last(struct aif_reportd *reportd, int64_t *ret_last, struct aif_error *err)
{
    int rc;

    aif_reportd_ledger_take(reportd);
    rc = aif_reportstate_get(reportd->ledger, AIF_RECONCILE_STATE, ret_last, err);
    aif_reportd_ledger_give(reportd);
    return rc;
}

static int save_locked(struct aif_reportd *reportd, const struct aif_findings *findings, int64_t now, struct aif_error *err)
{
    int rc;

    aif_reportd_ledger_take(reportd);
    rc = save(reportd, findings, now, err);
    aif_reportd_ledger_give(reportd);
    return rc;
}

void aif_reportd_reconcile(struct aif_reportd *reportd)
{
    const uint32_t interval = reportd->snapshot->policy->report.reconcile;
    const int64_t now = (int64_t)time(NULL);
    struct aif_findings findings = {0};
    struct aif_error err = {0};
    int64_t last;
    int rc = read_last(reportd, &last, &err);

    if (rc == 0 && (!interval || (now >= last && now < last + (int64_t)interval)))
        return;
    if (rc == 0)
        rc = compare(reportd, now, &findings, &err);
    if (rc == 0)
        rc = save_locked(reportd, &findings, now, &err);
    if (rc == 0)
        say(&findings);
    else if (err.code != AIF_ENOENT) /* that has been said */
        aif_reportd_log_change(TOPIC_RECONCILE, "cannot reconcile: %s", err.text);
    aif_findings_free(&findings);
}
