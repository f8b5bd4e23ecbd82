/* ledger_read.c - reading and adding up; see ledger.h */
#include "ledger.h"

#include <search.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "ledger_db.h"
#include "recordpack.h"

int aif_ledger_each(struct aif_ledger *ledger, sqlite3_stmt *row, aif_ledger_visit *visit, void *data, struct aif_error *err)
{
    struct aif_event event;
    int rc = row ? 1 : -1;

    while (rc == 1 && (rc = aif_ledger_step(ledger, row, err)) == 1)
        if (aif_ledger_show(ledger, row, &event, err) < 0 || visit(&event, data, err) < 0)
            rc = -1;
    sqlite3_reset(row);
    return rc;
}

int aif_ledger_view(struct aif_ledger *ledger, struct aif_chain *ret_head, struct aif_error *err)
{
    if (aif_ledger_exec(ledger, "BEGIN", err) < 0)
        return -1;
    if (aif_ledger_head(ledger, ret_head, err) == 0)
        return 0;
    aif_ledger_rollback(ledger);
    return -1;
}

int aif_ledger_iterate(struct aif_ledger *ledger, aif_ledger_visit *visit, void *data,
                       struct aif_error *err)
{
    return aif_ledger_each(ledger, aif_ledger_query(ledger, Q_ALL, err, ""), visit, data, err);
}

int aif_ledger_iterate_latest(struct aif_ledger *ledger, aif_ledger_visit *visit, void *data,
                              struct aif_error *err)
{
    if (aif_ledger_each(ledger, aif_ledger_query(ledger, Q_KEPT_LATEST, err, ""), visit, data, err) < 0)
        return -1;
    return aif_ledger_each(ledger, aif_ledger_query(ledger, Q_ALL_LATEST, err, ""), visit, data, err);
}

int aif_ledger_iterate_since(struct aif_ledger *ledger, int64_t from, aif_ledger_visit *visit,
                             void *data, struct aif_error *err)
{
    return aif_ledger_each(ledger, aif_ledger_query(ledger, Q_LATEST_SINCE, err, "i", from), visit, data, err);
}

int aif_ledger_iterate_after(struct aif_ledger *ledger, uint64_t seq, uint32_t max, aif_ledger_visit *visit,
                             void *data, struct aif_error *err)
{
    return aif_ledger_each(ledger, aif_ledger_query(ledger, Q_AFTER, err, "ii", (int64_t)seq, (int64_t)max), visit, data, err);
}

int aif_ledger_iterate_findings(struct aif_ledger *ledger, aif_ledger_visit *visit, void *data, struct aif_error *err)
{
    if (aif_ledger_each(ledger, aif_ledger_query(ledger, Q_FINDINGS_KEPT, err, ""), visit, data, err) < 0)
        return -1;
    return aif_ledger_each(ledger, aif_ledger_query(ledger, Q_FINDINGS, err, ""), visit, data, err);
}

static int before(struct aif_ledger *ledger, enum ledger_query query, const struct aif_record *key, uint64_t seq,
                  struct aif_record *ret_record, struct aif_error *err)
{
    sqlite3_stmt *row = aif_ledger_query(ledger, query, err, "iti", (int64_t)seq, key->cluster, (int64_t)key->db_index);
    int rc = row ? aif_ledger_step(ledger, row, err) : -1;

    if (rc == 1 && aif_recordpack_parse_any(aif_ledger_text(row, 0), ret_record, err) < 0)
        rc = -1;
    sqlite3_reset(row);
    return rc;
}

int aif_ledger_iterate_keys(struct aif_ledger *ledger, aif_ledger_visit *visit, void *data, struct aif_error *err)
{
    return aif_ledger_each(ledger, aif_ledger_query(ledger, Q_KEPT_KEYS, err, ""), visit, data, err);
}

int aif_ledger_before(struct aif_ledger *ledger, const struct aif_record *key, uint64_t seq,
                      struct aif_record *ret_record, struct aif_error *err)
{
    int rc = before(ledger, Q_BEFORE, key, seq, ret_record, err);

    return rc ? rc : before(ledger, Q_BEFORE_KEPT, key, seq, ret_record, err);
}

/* Sorted here: SQLite would sort whole rows, and put them, with the names of people in them, into a file elsewhere. */
struct totals {
    const struct aif_alloctable *allocs;
    void *tree; /* of struct aif_ledger_total, by allocation */
    struct aif_ledger_total *items;
    size_t count;
};

static int compare_totals(const void *a, const void *b)
{
    return strcmp(((const struct aif_ledger_total *)a)->allocation, ((const struct aif_ledger_total *)b)->allocation);
}

static struct aif_ledger_total *totals_item(struct totals *totals, const char *allocation)
{
    struct aif_ledger_total *fresh = calloc(1, sizeof(*fresh));
    struct aif_ledger_total **found = NULL;

    if (fresh) {
        snprintf(fresh->allocation, sizeof(fresh->allocation), "%s", allocation);
        found = tsearch(fresh, &totals->tree, compare_totals);
    }
    if (found && *found == fresh)
        totals->count++;
    else
        free(fresh);
    return found ? *found : NULL;
}

static void totals_append(const void *node, VISIT visit, void *data)
{
    struct totals *totals = data;

    if (visit == postorder || visit == leaf)
        totals->items[totals->count++] = **(const struct aif_ledger_total *const *)node;
}

/* From the tree to the array. */
static int totals_list(struct totals *totals, struct aif_error *err)
{
    if (!totals->count)
        return 0;
    totals->items = calloc(totals->count, sizeof(*totals->items));
    if (!totals->items)
        return aif_error_set(err, AIF_ENOMEM, "out of memory");
    totals->count = 0;
    twalk_r(totals->tree, totals_append, totals);
    return 0;
}

bool aif_ledger_free(const struct aif_record *record, const struct aif_alloc *alloc)
{
    return alloc && alloc->free_qos && !strcasecmp(record->qos, alloc->free_qos);
}

static void total_grow(struct aif_ledger_total *total, const struct aif_record *record, int64_t from,
                       int64_t until)
{
    total->jobs++;
    for (int tres = 0; tres < AIF_CHARGE_TRES; tres++) {
        uint64_t secs = aif_record_tres_secs_between(record, (enum aif_charge_tres)tres, from, until,
                                                     record->end);

        if (__builtin_add_overflow(total->tres_secs[tres], secs, &total->tres_secs[tres]))
            total->tres_secs[tres] = UINT64_MAX;
    }
}

static bool charged(const struct totals *totals, const struct aif_record *record)
{
    return !totals->allocs ||
           !aif_ledger_free(record, aif_alloctable_by_id(totals->allocs, record->allocation));
}

static int totals_add(struct totals *totals, sqlite3_stmt *row, int64_t from, int64_t until,
                      struct aif_error *err)
{
    struct aif_record record;
    struct aif_ledger_total *total;

    if (aif_recordpack_parse_any(aif_ledger_text(row, 1), &record, err) < 0)
        return -1;
    if (strcmp(record.allocation, aif_ledger_text(row, 0)))
        return aif_error_set(err, AIF_ECHAIN, "row %llu of %s: the index of latest events does not agree",
                             (unsigned long long)record.db_index, record.cluster);
    if (!record.start || record.start >= until || !charged(totals, &record))
        return 0;
    total = totals_item(totals, record.allocation);
    if (!total)
        return aif_error_set(err, AIF_ENOMEM, "out of memory");
    total_grow(total, &record, from, until);
    return 0;
}

int aif_ledger_totals(struct aif_ledger *ledger, const struct aif_alloctable *allocs, int64_t from,
                      int64_t until, struct aif_ledger_total **ret_totals, size_t *ret_count, struct aif_error *err)
{
    sqlite3_stmt *row = aif_ledger_query(ledger, Q_TOTALS, err, "i", from);
    struct totals totals = {.allocs = allocs};
    int rc = row ? 1 : -1;

    while (rc == 1 && (rc = aif_ledger_step(ledger, row, err)) == 1)
        if (totals_add(&totals, row, from, until, err) < 0)
            rc = -1;
    sqlite3_reset(row);
    if (rc == 0)
        rc = totals_list(&totals, err);
    tdestroy(totals.tree, free);
    if (rc < 0)
        return -1;
    *ret_totals = totals.items;
    *ret_count = totals.count;
    return 0;
}
