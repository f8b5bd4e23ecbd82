/* ledger_db.c - see ledger_db.h */
#include "ledger_db.h"

#include <stdarg.h>
#include <stdlib.h>

static const char *const queries[Q_COUNT] = {
    [Q_HEAD] = "SELECT seq, hash FROM events ORDER BY seq DESC LIMIT 1",
    [Q_APPEND] = "INSERT INTO events (seq, kind, cluster, db_index, at, body, prev_hash, hash)"
                 " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
    [Q_LATEST_BODY] = "SELECT body FROM latest JOIN events USING (seq)"
                      " WHERE latest.cluster = ?1 AND latest.db_index = ?2",
    [Q_LATEST_SET] = "INSERT INTO latest (cluster, db_index, seq, end_at, allocation)"
                     " VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT (cluster, db_index) DO UPDATE"
                     " SET seq = ?3, end_at = ?4, allocation = ?5",
    [Q_ALL] = "SELECT seq, kind, cluster, db_index, at, body, prev_hash, hash FROM events ORDER BY seq",
    [Q_ALL_LATEST] = "SELECT seq, kind, e.cluster, e.db_index, at, body, prev_hash, hash"
                     " FROM events AS e JOIN latest USING (seq) ORDER BY seq",
    [Q_TOTALS] = "SELECT latest.allocation, body FROM latest JOIN events USING (seq)"
                 " WHERE end_at > ?1 ORDER BY latest.allocation",
    /* The index of latest events must be what the events themselves say. */
    [Q_LATEST_WRONG] =
        "WITH truth AS (SELECT cluster, db_index, max(seq) AS seq FROM events"
        " WHERE kind IN ('job', 'correction') GROUP BY cluster, db_index)"
        " SELECT seq FROM truth WHERE NOT EXISTS (SELECT 1 FROM latest AS l JOIN events AS e USING (seq)"
        "  WHERE l.seq = truth.seq AND l.cluster = truth.cluster AND l.db_index = truth.db_index"
        "  AND l.end_at = json_extract(e.body, '$.end')"
        "  AND l.allocation = json_extract(e.body, '$.allocation'))"
        " UNION ALL SELECT seq FROM latest WHERE seq NOT IN (SELECT seq FROM truth) LIMIT 1",
    [Q_GUARDS] = "SELECT count(*) FROM sqlite_schema WHERE type = 'trigger' AND tbl_name = 'events'"
                 " AND name IN ('events_no_update', 'events_no_delete', 'events_in_order')",
    [Q_STATE_GET] = "SELECT value FROM state WHERE key = ?1",
    [Q_STATE_SET] = "INSERT INTO state (key, value) VALUES (?1, ?2)"
                    " ON CONFLICT (key) DO UPDATE SET value = ?2",
    [Q_SEND_GET] = "SELECT amount, at, status FROM sends WHERE resource = ?1 AND component = ?2 AND month = ?3",
    [Q_SEND_SET] = "INSERT INTO sends (resource, component, month, amount, at, status)"
                   " VALUES (?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT (resource, component, month)"
                   " DO UPDATE SET amount = ?4, at = ?5, status = ?6",
    [Q_BAD_GET] = "SELECT reason FROM quarantine WHERE cluster = ?1 AND db_index = ?2",
    [Q_BAD_SET] = "INSERT INTO quarantine (cluster, db_index, job_id, reason, first_seen)"
                  " VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT (cluster, db_index)"
                  " DO UPDATE SET reason = ?4, job_id = ?3",
    [Q_BAD_CLEAR] = "DELETE FROM quarantine WHERE cluster = ?1 AND db_index = ?2",
};

int aif_ledger_fail(struct aif_ledger *ledger, struct aif_error *err)
{
    return aif_error_set(err, AIF_EIO, "%s: %s", ledger->path, sqlite3_errmsg(ledger->db));
}

static int bind_all(sqlite3_stmt *statement, const char *types, va_list args)
{
    int rc = SQLITE_OK;

    for (int i = 0; types[i] && rc == SQLITE_OK; i++)
        if (types[i] == 't')
            rc = sqlite3_bind_text(statement, i + 1, va_arg(args, const char *), -1, SQLITE_STATIC);
        else
            rc = sqlite3_bind_int64(statement, i + 1, va_arg(args, int64_t));
    return rc;
}

sqlite3_stmt *aif_ledger_query(struct aif_ledger *ledger, enum ledger_query query,
                               struct aif_error *err, const char *types, ...)
{
    sqlite3_stmt **statement = &ledger->statements[query];
    va_list args;
    int rc = SQLITE_OK;

    if (!*statement)
        rc = sqlite3_prepare_v3(ledger->db, queries[query], -1, SQLITE_PREPARE_PERSISTENT, statement,
                                NULL);
    else
        sqlite3_reset(*statement);
    if (rc == SQLITE_OK) {
        va_start(args, types);
        rc = bind_all(*statement, types, args);
        va_end(args);
    }
    if (rc == SQLITE_OK)
        return *statement;
    aif_ledger_fail(ledger, err);
    return NULL;
}

int aif_ledger_step(struct aif_ledger *ledger, sqlite3_stmt *statement, struct aif_error *err)
{
    int rc = sqlite3_step(statement);

    if (rc == SQLITE_ROW)
        return 1;
    if (rc != SQLITE_DONE)
        aif_ledger_fail(ledger, err);
    sqlite3_reset(statement);
    return rc == SQLITE_DONE ? 0 : -1;
}

int aif_ledger_run(struct aif_ledger *ledger, sqlite3_stmt *statement, struct aif_error *err)
{
    return statement ? aif_ledger_step(ledger, statement, err) : -1;
}

int aif_ledger_exec(struct aif_ledger *ledger, const char *sql, struct aif_error *err)
{
    if (sqlite3_exec(ledger->db, sql, NULL, NULL, NULL) != SQLITE_OK)
        return aif_ledger_fail(ledger, err);
    return 0;
}

const char *aif_ledger_text(sqlite3_stmt *statement, int column)
{
    const unsigned char *text = sqlite3_column_text(statement, column);

    return text ? (const char *)text : "";
}

int aif_ledger_enter(struct aif_ledger *ledger, bool *ret_own, struct aif_error *err)
{
    *ret_own = sqlite3_get_autocommit(ledger->db) != 0;
    return *ret_own ? aif_ledger_begin(ledger, err) : 0;
}

int aif_ledger_leave(struct aif_ledger *ledger, bool own, int rc, struct aif_error *err)
{
    if (own && rc == 0)
        return aif_ledger_commit(ledger, err);
    if (own)
        aif_ledger_rollback(ledger);
    return rc;
}
