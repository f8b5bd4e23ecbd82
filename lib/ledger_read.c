/* ledger_read.c - reading, verifying and adding up; see ledger.h */
#include "ledger.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ledger_db.h"

static int column_copy(sqlite3_stmt *row, int column, char *ret_text, size_t size)
{
    const char *text = aif_ledger_text(row, column);

    if (sqlite3_column_type(row, column) != SQLITE_TEXT || strlen(text) >= size ||
        strlen(text) != (size_t)sqlite3_column_bytes(row, column))
        return -1;
    memcpy(ret_text, text, strlen(text) + 1);
    return 0;
}

/* Columns as in Q_ALL. Whatever was put there behind our back must not be taken for something else. */
static int event_read(sqlite3_stmt *row, struct aif_event *ret_event, struct aif_error *err)
{
    *ret_event = (struct aif_event){.seq = (uint64_t)sqlite3_column_int64(row, 0)};
    if (column_copy(row, 1, ret_event->kind, sizeof(ret_event->kind)) < 0 ||
        column_copy(row, 2, ret_event->cluster, sizeof(ret_event->cluster)) < 0 ||
        sqlite3_column_type(row, 3) != SQLITE_INTEGER || sqlite3_column_type(row, 4) != SQLITE_INTEGER ||
        sqlite3_column_type(row, 5) != SQLITE_TEXT ||
        strlen(aif_ledger_text(row, 5)) != (size_t)sqlite3_column_bytes(row, 5) ||
        column_copy(row, 6, ret_event->prev, sizeof(ret_event->prev)) < 0 ||
        column_copy(row, 7, ret_event->hash, sizeof(ret_event->hash)) < 0)
        return aif_error_set(err, AIF_ECHAIN, "event %llu: a column of the wrong type or length",
                             (unsigned long long)ret_event->seq);
    ret_event->db_index = (uint64_t)sqlite3_column_int64(row, 3);
    ret_event->at = sqlite3_column_int64(row, 4);
    ret_event->body = aif_ledger_text(row, 5);
    return 0;
}

static int iterate(struct aif_ledger *ledger, enum ledger_query query, aif_ledger_visit *visit,
                   void *data, struct aif_error *err)
{
    sqlite3_stmt *row = aif_ledger_query(ledger, query, err, "");
    struct aif_event event;
    int rc = row ? 1 : -1;

    while (rc == 1 && (rc = aif_ledger_step(ledger, row, err)) == 1)
        if (event_read(row, &event, err) < 0 || visit(&event, data, err) < 0)
            rc = -1;
    sqlite3_reset(row);
    return rc;
}

int aif_ledger_iterate(struct aif_ledger *ledger, aif_ledger_visit *visit, void *data,
                       struct aif_error *err)
{
    return iterate(ledger, Q_ALL, visit, data, err);
}

int aif_ledger_iterate_latest(struct aif_ledger *ledger, aif_ledger_visit *visit, void *data,
                              struct aif_error *err)
{
    return iterate(ledger, Q_ALL_LATEST, visit, data, err);
}

static int check_event(const struct aif_event *event, void *data, struct aif_error *err)
{
    return aif_chain_check(data, event, err);
}

static int check_structure(struct aif_ledger *ledger, struct aif_error *err)
{
    sqlite3_stmt *row = NULL;
    int rc = sqlite3_prepare_v2(ledger->db, "PRAGMA integrity_check(1)", -1, &row, NULL);

    if (rc == SQLITE_OK)
        rc = sqlite3_step(row);
    if (rc != SQLITE_ROW)
        aif_error_set(err, AIF_ECHAIN, "%s: %s", ledger->path, sqlite3_errmsg(ledger->db));
    else if (strcmp(aif_ledger_text(row, 0), "ok")) {
        aif_error_set(err, AIF_ECHAIN, "%s: damaged file: %s", ledger->path, aif_ledger_text(row, 0));
        rc = SQLITE_CORRUPT;
    }
    sqlite3_finalize(row);
    return rc == SQLITE_ROW ? 0 : -1;
}

static int check_guards(struct aif_ledger *ledger, struct aif_error *err)
{
    sqlite3_stmt *row = aif_ledger_query(ledger, Q_GUARDS, err, "");
    int rc = row ? aif_ledger_step(ledger, row, err) : -1;
    int found = rc == 1 ? sqlite3_column_int(row, 0) : 0;

    sqlite3_reset(row);
    if (rc == 1 && found != 3)
        return aif_error_set(err, AIF_ECHAIN, "%s: the triggers that guard the events are gone",
                             ledger->path);
    return rc < 0 ? -1 : 0;
}

static int check_latest(struct aif_ledger *ledger, struct aif_error *err)
{
    sqlite3_stmt *row = aif_ledger_query(ledger, Q_LATEST_WRONG, err, "");
    int rc = row ? aif_ledger_step(ledger, row, err) : -1;
    long long seq = rc == 1 ? sqlite3_column_int64(row, 0) : 0;

    sqlite3_reset(row);
    if (rc == 1)
        return aif_error_set(err, AIF_ECHAIN, "event %lld: the index of latest events does not agree",
                             seq);
    return rc;
}

static int verify(struct aif_ledger *ledger, struct aif_chain *chain, struct aif_error *err)
{
    if (aif_ledger_iterate(ledger, check_event, chain, err) < 0)
        return -1;
    if (check_structure(ledger, err) < 0 || check_guards(ledger, err) < 0)
        return -1;
    return check_latest(ledger, err);
}

int aif_ledger_verify(struct aif_ledger *ledger, struct aif_chain *ret_chain, struct aif_error *err)
{
    int rc;

    aif_chain_start(ret_chain);
    /* One view of the file throughout, even while a reporter appends. */
    if (aif_ledger_exec(ledger, "BEGIN", err) < 0)
        return -1;
    rc = verify(ledger, ret_chain, err);
    aif_ledger_rollback(ledger);
    return rc;
}

struct totals {
    struct aif_ledger_total *items;
    size_t count;
    size_t size;
};

/* Rows come in order of allocation, so only the last item can be the one to add to. */
static struct aif_ledger_total *totals_item(struct totals *totals, const char *allocation)
{
    struct aif_ledger_total *items = totals->items;

    if (totals->count && !strcmp(items[totals->count - 1].allocation, allocation))
        return &items[totals->count - 1];
    if (totals->count == totals->size) {
        size_t size = totals->size ? totals->size * 2 : 64;

        items = reallocarray(items, size, sizeof(*items));
        if (!items)
            return NULL;
        totals->items = items;
        totals->size = size;
    }
    items[totals->count] = (struct aif_ledger_total){0};
    snprintf(items[totals->count].allocation, sizeof(items[0].allocation), "%s", allocation);
    return &items[totals->count++];
}

static int totals_add(struct totals *totals, sqlite3_stmt *row, int64_t from, int64_t until,
                      struct aif_error *err)
{
    struct aif_record record;
    struct aif_ledger_total *total;

    if (aif_record_parse(aif_ledger_text(row, 1), &record, err) < 0)
        return -1;
    if (strcmp(record.allocation, aif_ledger_text(row, 0)))
        return aif_error_set(err, AIF_ECHAIN, "row %llu of %s: the index of latest events does not agree",
                             (unsigned long long)record.db_index, record.cluster);
    if (!record.start || record.start >= until)
        return 0;
    total = totals_item(totals, record.allocation);
    if (!total)
        return aif_error_set(err, AIF_ENOMEM, "out of memory");
    total->jobs++;
    total->gpu_secs += aif_record_gpu_secs_between(&record, from, until, record.end);
    total->node_secs += aif_record_node_secs_between(&record, from, until, record.end);
    return 0;
}

int aif_ledger_totals(struct aif_ledger *ledger, int64_t from, int64_t until,
                      struct aif_ledger_total **ret_totals, size_t *ret_count, struct aif_error *err)
{
    sqlite3_stmt *row = aif_ledger_query(ledger, Q_TOTALS, err, "i", from);
    struct totals totals = {0};
    int rc = row ? 1 : -1;

    while (rc == 1 && (rc = aif_ledger_step(ledger, row, err)) == 1)
        if (totals_add(&totals, row, from, until, err) < 0)
            rc = -1;
    sqlite3_reset(row);
    if (rc < 0) {
        free(totals.items);
        return -1;
    }
    *ret_totals = totals.items;
    *ret_count = totals.count;
    return 0;
}
