/*
 * ledger_db.h - SQLite under the ledger; for ledger*.c and reportstate.c only
 */
#ifndef AIF_LEDGER_DB_H
#define AIF_LEDGER_DB_H

#include <sqlite3.h>
#include <stdbool.h>

#include "ledger.h"

enum ledger_query {
    Q_HEAD,
    Q_APPEND,
    Q_LATEST_BODY,
    Q_LATEST_ADD,
    Q_LATEST_CHANGE,
    Q_SUPERSEDE,
    Q_ALL,
    Q_ALL_LATEST,
    Q_KEPT_LATEST,
    Q_KEPT,
    Q_KEPT_ADD,
    Q_KEPT_OF,
    Q_KEPT_LATER,
    Q_KEPT_ROWS,
    Q_KEPT_KEYS,
    Q_ONE,
    Q_REACH,
    Q_PREFIX,
    Q_LACKS,
    Q_LATEST_SINCE,
    Q_TOTALS,
    Q_RANGE,
    Q_RANGE_SUPERSEDED,
    Q_LATEST_OF,
    Q_LATEST_COUNT,
    Q_GUARD,
    Q_STATE_GET,
    Q_STATE_SET,
    Q_STATE_DROP,
    Q_SEND_GET,
    Q_SEND_SET,
    Q_SEND_OLD,
    Q_BAD_GET,
    Q_BAD_SET,
    Q_BAD_CLEAR,
    Q_BAD_ALL,
    Q_AFTER,
    Q_AFTER_COUNT,
    Q_BEFORE,
    Q_BEFORE_KEPT,
    Q_FINDINGS,
    Q_FINDINGS_KEPT,
    Q_COUNT
};

struct aif_ledger {
    sqlite3 *db;
    char *path;
    int version; /* of the file */
    struct aif_chain chain; /* as of the open transaction */
    struct aif_hasher *hasher;
    struct aif_text body; /* what is written next; its memory is used again */
    struct aif_text shown; /* the body of a kept row that is shown */
    sqlite3_stmt *statements[Q_COUNT];
};

/*
 * The prepared statement, reset and bound: one letter of types per parameter, 't' const char *, 'i' int64_t.
 * NULL when that fails. Texts must live until the statement was stepped.
 */
sqlite3_stmt *aif_ledger_query(struct aif_ledger *ledger, enum ledger_query query,
                               struct aif_error *err, const char *types, ...);

/* Call visit for each row of a statement with the columns of Q_ALL; NULL: err is filled. It is reset. */
int aif_ledger_each(struct aif_ledger *ledger, sqlite3_stmt *row, aif_ledger_visit *visit, void *data, struct aif_error *err);

/* Step a statement that returns nothing; reset it. */
int aif_ledger_run(struct aif_ledger *ledger, sqlite3_stmt *statement, struct aif_error *err);

/* Step a statement: 1 a row, 0 no more (it was reset), -1. */
int aif_ledger_step(struct aif_ledger *ledger, sqlite3_stmt *statement, struct aif_error *err);

int aif_ledger_exec(struct aif_ledger *ledger, const char *sql, struct aif_error *err);

/* Column as text, "" for NULL. */
const char *aif_ledger_text(sqlite3_stmt *statement, int column);

/*
 * The event of a row with the columns of Q_ALL, as it is stored; it is valid until the statement is stepped.
 */
int aif_ledger_event(sqlite3_stmt *row, struct aif_event *ret_event, struct aif_error *err);

/* The same with the canonical body where the row was kept packed; valid until the next one is shown. */
int aif_ledger_show(struct aif_ledger *ledger, sqlite3_stmt *row, struct aif_event *ret_event, struct aif_error *err);

/* Where the chain stands. */
int aif_ledger_head(struct aif_ledger *ledger, struct aif_chain *ret_chain, struct aif_error *err);

/* Fill err from SQLite's last failure; -1. */
int aif_ledger_fail(struct aif_ledger *ledger, struct aif_error *err);

/* Begin unless a transaction is open; *ret_own tells finish what to do with it. */
int aif_ledger_enter(struct aif_ledger *ledger, bool *ret_own, struct aif_error *err);
int aif_ledger_leave(struct aif_ledger *ledger, bool own, int rc, struct aif_error *err);

#endif
