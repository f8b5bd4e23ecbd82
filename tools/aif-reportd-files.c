/* aif-reportd-files.c - what allocations have used or left, in one file: FURMS and Open OnDemand; see aif-reportd-sink.h */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "aif-reportd-sink.h"
#include "charge.h"
#include "furms.h"
#include "oodbalances.h"

struct totals {
    struct aif_ledger_total *items;
    size_t count;
};

static int compare(const void *key, const void *item)
{
    return strcmp(key, ((const struct aif_ledger_total *)item)->allocation);
}

/* Seconds of its unit that an allocation has used since its start. */
static uint64_t used_secs(const struct totals *totals, const struct aif_alloc *alloc)
{
    const struct aif_ledger_total *total = NULL;

    if (totals->count)
        total = bsearch(alloc->id, totals->items, totals->count, sizeof(*total), compare);
    return total ? aif_charge_cost(&alloc->charge, total->tres_secs[alloc->charge.tres]) : 0;
}

static int read_totals(struct aif_sink *sink, struct totals *ret_totals)
{
    struct aif_error err = {0};
    int rc;

    aif_reportd_ledger_take(sink->reportd);
    rc = aif_ledger_totals(sink->reportd->ledger, sink->snapshot->allocs, 0, INT64_MAX, &ret_totals->items,
                           &ret_totals->count, &err);
    aif_reportd_ledger_give(sink->reportd);
    return rc < 0 ? aif_sink_fail(sink, "%.390s", err.text) : 0;
}

typedef int write_text(struct aif_sink *sink, const struct totals *totals, struct aif_text *text);

/* The files follow the allocations, too, so they are written anew in each round; receivers go by their time. */
static int write_totals(struct aif_sink *sink, mode_t mode, write_text *write)
{
    struct totals totals = {0};
    struct aif_text text = {0};
    int rc;

    if (read_totals(sink, &totals) < 0)
        return -1;
    rc = write(sink, &totals, &text);
    if (rc < 0)
        aif_sink_fail(sink, "an id or a name cannot be written as text");
    else
        rc = aif_sink_write_file(sink, sink->conf->path, mode, &text);
    aif_text_free(&text);
    free(totals.items);
    return rc;
}

/* ---- FURMS ---- */

static int write_furms(struct aif_sink *sink, const struct totals *totals, struct aif_text *text)
{
    const struct aif_alloctable *allocs = sink->snapshot->allocs;
    const int64_t now = (int64_t)time(NULL);
    int rc = aif_text_printf(text, "[");

    for (size_t i = 0; rc == 0 && i < aif_alloctable_count(allocs); i++) {
        const struct aif_alloc *alloc = aif_alloctable_at(allocs, i);

        rc = aif_text_printf(text, "%s\n", i ? "," : "");
        if (rc == 0)
            rc = aif_furms_message(text, alloc->account, alloc->id,
                                   aif_record_centihours(used_secs(totals, alloc)), now);
    }
    return rc < 0 ? -1 : aif_text_printf(text, "\n]\n");
}

int aif_sink_furms(struct aif_sink *sink)
{
    return write_totals(sink, 0640, write_furms);
}

/* ---- Open OnDemand ---- */

/* One word for the whole file: the unit of all allocations, or none in particular. */
static const char *unit_of(const struct aif_alloctable *allocs)
{
    static const char *const words[] = {"hour", "GPU-hour", "node-hour", "hour"};
    unsigned seen = 0;

    for (size_t i = 0; i < aif_alloctable_count(allocs); i++)
        seen |= aif_alloctable_at(allocs, i)->unit == AIF_UNIT_NODE_HOUR ? 2 : 1;
    return words[seen];
}

static bool is_open(const struct aif_alloc *alloc, time_t now)
{
    return alloc->state != AIF_STATE_TERMINATED && now >= alloc->start && now <= alloc->end;
}

/* Of open allocations with a list of members: nobody else's name is known here. */
static int write_ood(struct aif_sink *sink, const struct totals *totals, struct aif_text *text)
{
    const struct aif_alloctable *allocs = sink->snapshot->allocs;
    const time_t now = time(NULL);
    int rc = aif_oodbalances_begin(text, (int64_t)now, unit_of(allocs));
    bool first = true;

    for (size_t i = 0; rc == 0 && i < aif_alloctable_count(allocs); i++) {
        const struct aif_alloc *alloc = aif_alloctable_at(allocs, i);
        const uint64_t used = used_secs(totals, alloc);

        for (char **member = alloc->members; rc == 0 && member && *member && is_open(alloc, now); member++) {
            rc = aif_oodbalances_entry(text, first, *member, alloc->id, alloc->amount_secs, used);
            first = false;
        }
    }
    return rc < 0 ? -1 : aif_oodbalances_end(text);
}

int aif_sink_ood(struct aif_sink *sink)
{
    /* Open OnDemand reads it as the user who looks. */
    return write_totals(sink, 0644, write_ood);
}
