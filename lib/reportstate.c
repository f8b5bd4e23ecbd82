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

int aif_reportstate_forget(struct aif_ledger *ledger, const char *key, struct aif_error *err)
{
    return aif_ledger_run(ledger, aif_ledger_query(ledger, Q_STATE_DROP, err, "t", key), err);
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

int aif_reportstate_each_bad(struct aif_ledger *ledger, aif_badrow_visit *visit, void *data, struct aif_error *err)
{
    sqlite3_stmt *row = aif_ledger_query(ledger, Q_BAD_ALL, err, "");
    int rc = row ? 1 : -1;

    while (rc == 1 && (rc = aif_ledger_step(ledger, row, err)) == 1) {
        const struct aif_badrow bad = {
            .cluster = aif_ledger_text(row, 0),
            .db_index = (uint64_t)sqlite3_column_int64(row, 1),
            .job_id = (uint32_t)sqlite3_column_int64(row, 2),
            .reason = aif_ledger_text(row, 3),
            .since = sqlite3_column_int64(row, 4),
        };

        if (visit(&bad, data, err) < 0)
            rc = -1;
    }
    sqlite3_reset(row);
    return rc;
}

/* ---- sinks ---- */

#define SINK_KEY_SIZE 64

static void sink_key(const char *name, char *ret_key)
{
    snprintf(ret_key, SINK_KEY_SIZE, "sink/%s", name);
}

int aif_reportstate_sink_get(struct aif_ledger *ledger, const char *name, struct aif_sinkstate *ret_state,
                             struct aif_error *err)
{
    char key[SINK_KEY_SIZE];
    struct aif_sinkstate state = {0};
    sqlite3_stmt *row;
    char *end;
    int rc;

    sink_key(name, key);
    row = aif_ledger_query(ledger, Q_STATE_GET, err, "t", key);
    rc = row ? aif_ledger_step(ledger, row, err) : -1;
    if (rc < 0)
        return -1;
    if (rc) {
        state.cursor = strtoull(aif_ledger_text(row, 0), &end, 10);
        state.success = strtoll(end, &end, 10);
        state.failure = strtoll(end, &end, 10);
        snprintf(state.why, sizeof(state.why), "%s", *end ? end + 1 : "");
    }
    sqlite3_reset(row);
    *ret_state = state;
    return 0;
}

int aif_reportstate_sink_set(struct aif_ledger *ledger, const char *name, const struct aif_sinkstate *state,
                             struct aif_error *err)
{
    char key[SINK_KEY_SIZE], value[sizeof(state->why) + 80];

    sink_key(name, key);
    snprintf(value, sizeof(value), "%llu %lld %lld %s", (unsigned long long)state->cursor, (long long)state->success,
             (long long)state->failure, state->why);
    return aif_ledger_run(ledger, aif_ledger_query(ledger, Q_STATE_SET, err, "tt", key, value), err);
}

int aif_reportstate_resend(struct aif_ledger *ledger, const char *name, struct aif_error *err)
{
    struct aif_sinkstate state;
    bool own;
    int rc;

    if (aif_ledger_enter(ledger, &own, err) < 0)
        return -1;
    rc = aif_reportstate_sink_get(ledger, name, &state, err);
    state.cursor = 0;
    if (rc == 0)
        rc = aif_reportstate_sink_set(ledger, name, &state, err);
    if (rc == 0)
        rc = aif_ledger_run(ledger, aif_ledger_query(ledger, Q_SEND_OLD, err, ""), err);
    return aif_ledger_leave(ledger, own, rc, err);
}

int aif_reportstate_backlog(struct aif_ledger *ledger, uint64_t cursor, uint64_t *ret_count, uint64_t *ret_last,
                            struct aif_error *err)
{
    sqlite3_stmt *row = aif_ledger_query(ledger, Q_AFTER_COUNT, err, "i", (int64_t)cursor);
    int rc = row ? aif_ledger_step(ledger, row, err) : -1;

    if (rc < 0)
        return -1;
    *ret_count = (uint64_t)sqlite3_column_int64(row, 0);
    *ret_last = (uint64_t)sqlite3_column_int64(row, 1);
    if (*ret_last < cursor)
        *ret_last = cursor;
    sqlite3_reset(row);
    return 0;
}
