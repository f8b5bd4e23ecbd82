/* ledger_db.c - see ledger_db.h */
#include "ledger_db.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "recordpack.h"

#define COLUMNS "seq, kind, cluster, db_index, at, body, prev_hash, hash"

/* LEFT, so that a row of the index without an event makes reading fail, and is not just left out. */
#define BODIES " LEFT JOIN events AS e ON e.seq = l.seq LEFT JOIN kept AS k ON k.seq = l.seq"
#define BODY "coalesce(e.body, k.body)"

static const char *const queries[Q_COUNT] = {
    [Q_HEAD] = "SELECT seq, hash FROM events ORDER BY seq DESC LIMIT 1",
    [Q_APPEND] = "INSERT OR FAIL INTO events (seq, kind, cluster, db_index, at, body, prev_hash, hash)"
                 " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
    [Q_LATEST_BODY] = "SELECT " BODY ", l.seq FROM latest AS l" BODIES
                      " WHERE l.cluster = ?1 AND l.db_index = ?2",
    [Q_LATEST_ADD] = "INSERT INTO latest (cluster, db_index, seq, end_at, allocation)"
                     " VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT DO NOTHING",
    [Q_LATEST_CHANGE] = "UPDATE latest SET seq = ?3, end_at = ?4, allocation = ?5"
                        " WHERE cluster = ?1 AND db_index = ?2",
    [Q_SUPERSEDE] = "INSERT INTO superseded (seq) VALUES (?1)",
    [Q_ALL] = "SELECT " COLUMNS " FROM events ORDER BY seq",
    [Q_ALL_LATEST] = "SELECT " COLUMNS " FROM events AS e WHERE kind IN ('job', 'correction')"
                     " AND NOT EXISTS (SELECT 1 FROM superseded AS s WHERE s.seq = e.seq) ORDER BY seq",
    [Q_KEPT_LATEST] = "SELECT " COLUMNS " FROM kept AS k WHERE kind IN ('job', 'correction')"
                      " AND NOT EXISTS (SELECT 1 FROM superseded AS s WHERE s.seq = k.seq) ORDER BY seq",
    [Q_KEPT] = "SELECT " COLUMNS ", EXISTS (SELECT 1 FROM superseded AS s WHERE s.seq = k.seq) FROM kept AS k ORDER BY seq",
    [Q_KEPT_ADD] = "INSERT INTO kept (seq, kind, cluster, db_index, at, body, prev_hash, hash)"
                   " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
    [Q_KEPT_OF] = "SELECT " COLUMNS " FROM kept WHERE seq = ?1",
    [Q_KEPT_LATER] = "SELECT 1 FROM kept WHERE seq > ?1 AND cluster = ?2 AND db_index = ?3 LIMIT 1",
    [Q_KEPT_ROWS] = "SELECT count(*) FROM kept WHERE seq >= ?1 AND kind IN ('job', 'correction')",
    [Q_KEPT_KEYS] = "SELECT " COLUMNS " FROM kept WHERE kind = 'key' ORDER BY seq",
    [Q_ONE] = "SELECT " COLUMNS " FROM events WHERE seq = ?1",
    [Q_REACH] = "SELECT seq FROM events WHERE at >= ?1 ORDER BY seq LIMIT 1",
    [Q_PREFIX] = "SELECT coalesce(sum(kind IN ('job', 'correction')), 0), coalesce(sum(length(body)), 0),"
                 " (SELECT hash FROM events WHERE seq = ?1) FROM events WHERE seq <= ?1",
    [Q_LACKS] = "SELECT count(*) FROM events WHERE seq > ?1 AND seq <= ?2 AND kind IN ('job', 'correction')",
    [Q_LATEST_SINCE] = "SELECT l.seq, coalesce(e.kind, k.kind), l.cluster, l.db_index, coalesce(e.at, k.at), " BODY ","
                       " coalesce(e.prev_hash, k.prev_hash), coalesce(e.hash, k.hash) FROM latest AS l" BODIES " WHERE l.end_at >= ?1",
    [Q_TOTALS] = "SELECT l.allocation, " BODY " FROM latest AS l" BODIES " WHERE l.end_at > ?1",
    [Q_RANGE] = "SELECT " COLUMNS " FROM events WHERE seq BETWEEN ?1 AND ?2 ORDER BY seq",
    [Q_RANGE_SUPERSEDED] = "SELECT seq FROM superseded WHERE seq BETWEEN ?1 AND ?2 ORDER BY seq",
    [Q_LATEST_OF] = "SELECT seq, end_at, allocation FROM latest WHERE cluster = ?1 AND db_index = ?2",
    [Q_LATEST_COUNT] = "SELECT count(*) FROM latest",
    [Q_GUARD] = "SELECT sql FROM sqlite_schema WHERE type = 'trigger' AND name = ?1",
    [Q_STATE_GET] = "SELECT value FROM state WHERE key = ?1",
    [Q_STATE_SET] = "INSERT INTO state (key, value) VALUES (?1, ?2)"
                    " ON CONFLICT (key) DO UPDATE SET value = ?2",
    [Q_STATE_DROP] = "DELETE FROM state WHERE key = ?1",
    [Q_SEND_GET] = "SELECT amount, at, status FROM sends WHERE resource = ?1 AND component = ?2 AND month = ?3",
    [Q_SEND_SET] = "INSERT INTO sends (resource, component, month, amount, at, status)"
                   " VALUES (?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT (resource, component, month)"
                   " DO UPDATE SET amount = ?4, at = ?5, status = ?6",
    [Q_SEND_OLD] = "UPDATE sends SET at = 0",
    [Q_BAD_GET] = "SELECT reason FROM quarantine WHERE cluster = ?1 AND db_index = ?2",
    [Q_BAD_SET] = "INSERT INTO quarantine (cluster, db_index, job_id, reason, first_seen)"
                  " VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT (cluster, db_index)"
                  " DO UPDATE SET reason = ?4, job_id = ?3",
    [Q_BAD_CLEAR] = "DELETE FROM quarantine WHERE cluster = ?1 AND db_index = ?2",
    [Q_BAD_ALL] = "SELECT cluster, db_index, job_id, reason, first_seen FROM quarantine"
                  " ORDER BY first_seen, cluster, db_index",
    [Q_AFTER] = "SELECT seq, kind, cluster, db_index, at, body, prev_hash, hash FROM events"
                " WHERE seq > ?1 AND kind IN ('job', 'correction') ORDER BY seq LIMIT ?2",
    [Q_BEFORE] = "SELECT body FROM events WHERE seq < ?1 AND cluster = ?2 AND db_index = ?3"
                 " AND kind IN ('job', 'correction') ORDER BY seq DESC LIMIT 1",
    [Q_BEFORE_KEPT] = "SELECT body FROM kept WHERE seq < ?1 AND cluster = ?2 AND db_index = ?3"
                      " AND kind IN ('job', 'correction') ORDER BY seq DESC LIMIT 1",
    [Q_FINDINGS_KEPT] = "SELECT " COLUMNS " FROM kept WHERE kind IN ('sent', 'refused', 'anomaly') ORDER BY seq",
    [Q_FINDINGS] = "SELECT " COLUMNS " FROM events WHERE kind IN ('sent', 'refused', 'anomaly') ORDER BY seq",
    [Q_AFTER_COUNT] = "SELECT count(*), coalesce(max(seq), 0) FROM events"
                      " WHERE seq > ?1 AND kind IN ('job', 'correction')",
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

static int column_copy(sqlite3_stmt *row, int column, char *ret_text, size_t size)
{
    const char *text = aif_ledger_text(row, column);
    size_t length = (size_t)sqlite3_column_bytes(row, column);

    if (sqlite3_column_type(row, column) != SQLITE_TEXT || length >= size || memchr(text, '\0', length))
        return -1;
    memcpy(ret_text, text, length + 1);
    return 0;
}

/* Whatever was put there behind our back must not be taken for something else. */
int aif_ledger_event(sqlite3_stmt *row, struct aif_event *ret_event, struct aif_error *err)
{
    ret_event->seq = (uint64_t)sqlite3_column_int64(row, 0);
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

int aif_ledger_show(struct aif_ledger *ledger, sqlite3_stmt *row, struct aif_event *ret_event, struct aif_error *err)
{
    struct aif_record record;

    if (aif_ledger_event(row, ret_event, err) < 0)
        return -1;
    if (ret_event->body[0] == '{')
        return 0;
    ledger->shown.length = 0;
    if (aif_recordpack_parse(ret_event->body, &record, err) < 0 || aif_record_write(&record, &ledger->shown, err) < 0)
        return -1;
    ret_event->body = ledger->shown.data;
    return 0;
}

int aif_ledger_head(struct aif_ledger *ledger, struct aif_chain *ret_chain, struct aif_error *err)
{
    sqlite3_stmt *row = aif_ledger_query(ledger, Q_HEAD, err, "");
    int rc = row ? aif_ledger_step(ledger, row, err) : -1;
    struct aif_chain chain;

    aif_chain_start(&chain);
    if (rc == 1 && column_copy(row, 1, chain.head, sizeof(chain.head)) < 0)
        rc = aif_error_set(err, AIF_ECHAIN, "%s: a head of the wrong type or length", ledger->path);
    if (rc == 1)
        chain.count = (uint64_t)sqlite3_column_int64(row, 0);
    sqlite3_reset(row);
    if (rc < 0)
        return -1;
    *ret_chain = chain;
    return 0;
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
