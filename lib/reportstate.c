/* reportstate.c - see reportstate.h */
#include "reportstate.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ledger_db.h"

static const char *const status_names[] = {
    [AIF_SEND_NONE] = "none",
    [AIF_SEND_OK] = "ok",
    [AIF_SEND_REFUSED] = "refused",
    [AIF_SEND_ANOMALY] = "anomaly",
};

int aif_reportstate_get(struct aif_ledger *ledger, const char *key, int64_t *ret_value,
                        struct aif_error *err)
{
    sqlite3_stmt *row = aif_ledger_query(ledger, Q_STATE_GET, err, "t", key);
    int rc = row ? aif_ledger_step(ledger, row, err) : -1;

    if (rc < 0)
        return -1;
    *ret_value = rc ? strtoll(aif_ledger_text(row, 0), NULL, 10) : 0;
    sqlite3_reset(row);
    return 0;
}

int aif_reportstate_set(struct aif_ledger *ledger, const char *key, int64_t value,
                        struct aif_error *err)
{
    char text[24];

    snprintf(text, sizeof(text), "%lld", (long long)value);
    return aif_ledger_run(ledger, aif_ledger_query(ledger, Q_STATE_SET, err, "tt", key, text), err);
}

static enum aif_send_status status_parse(const char *name)
{
    for (int i = AIF_SEND_OK; i <= AIF_SEND_ANOMALY; i++)
        if (!strcmp(name, status_names[i]))
            return (enum aif_send_status)i;
    return AIF_SEND_NONE;
}

int aif_reportstate_send_get(struct aif_ledger *ledger, struct aif_send *send, struct aif_error *err)
{
    sqlite3_stmt *row = aif_ledger_query(ledger, Q_SEND_GET, err, "ttt", send->resource,
                                         send->component, send->month);
    int rc = row ? aif_ledger_step(ledger, row, err) : -1;

    if (rc < 0)
        return -1;
    send->amount = rc ? (uint64_t)sqlite3_column_int64(row, 0) : 0;
    send->at = rc ? sqlite3_column_int64(row, 1) : 0;
    send->status = rc ? status_parse(aif_ledger_text(row, 2)) : AIF_SEND_NONE;
    sqlite3_reset(row);
    return 0;
}

int aif_reportstate_send_set(struct aif_ledger *ledger, const struct aif_send *send,
                             struct aif_error *err)
{
    return aif_ledger_run(ledger,
                          aif_ledger_query(ledger, Q_SEND_SET, err, "tttiit", send->resource,
                                           send->component, send->month, (int64_t)send->amount,
                                           send->at, status_names[send->status]),
                          err);
}

int aif_reportstate_quarantine(struct aif_ledger *ledger, const char *cluster, uint64_t db_index,
                               uint32_t job_id, const char *reason, int64_t at, bool *ret_new,
                               struct aif_error *err)
{
    sqlite3_stmt *row = aif_ledger_query(ledger, Q_BAD_GET, err, "ti", cluster, (int64_t)db_index);
    int rc = row ? aif_ledger_step(ledger, row, err) : -1;

    if (rc < 0)
        return -1;
    *ret_new = !rc || strcmp(aif_ledger_text(row, 0), reason);
    sqlite3_reset(row);
    if (!*ret_new)
        return 0;
    return aif_ledger_run(ledger,
                          aif_ledger_query(ledger, Q_BAD_SET, err, "tiiti", cluster,
                                           (int64_t)db_index, (int64_t)job_id, reason, at),
                          err);
}

int aif_reportstate_clear(struct aif_ledger *ledger, const char *cluster, uint64_t db_index,
                          struct aif_error *err)
{
    return aif_ledger_run(
        ledger, aif_ledger_query(ledger, Q_BAD_CLEAR, err, "ti", cluster, (int64_t)db_index), err);
}
