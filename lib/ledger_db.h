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
    Q_LATEST_SET,
    Q_ALL,
    Q_ALL_LATEST,
    Q_TOTALS,
    Q_LATEST_WRONG,
    Q_GUARDS,
    Q_STATE_GET,
    Q_STATE_SET,
    Q_SEND_GET,
    Q_SEND_SET,
    Q_BAD_GET,
    Q_BAD_SET,
    Q_BAD_CLEAR,
    Q_COUNT
};

struct aif_ledger {
    sqlite3 *db;
    char *path;
    struct aif_chain chain; /* as of the open transaction */
    sqlite3_stmt *statements[Q_COUNT];
};

/*
 * The prepared statement, reset and bound: one letter of types per parameter, 't' const char *, 'i' int64_t.
 * NULL when that fails. Texts must live until the statement was stepped.
 */
sqlite3_stmt *aif_ledger_query(struct aif_ledger *ledger, enum ledger_query query,
                               struct aif_error *err, const char *types, ...);

/* Step a statement that returns nothing; reset it. */
int aif_ledger_run(struct aif_ledger *ledger, sqlite3_stmt *statement, struct aif_error *err);

/* Step a statement: 1 a row, 0 no more (it was reset), -1. */
int aif_ledger_step(struct aif_ledger *ledger, sqlite3_stmt *statement, struct aif_error *err);

int aif_ledger_exec(struct aif_ledger *ledger, const char *sql, struct aif_error *err);

/* Column as text, "" for NULL. */
const char *aif_ledger_text(sqlite3_stmt *statement, int column);

/* Fill err from SQLite's last failure; -1. */
int aif_ledger_fail(struct aif_ledger *ledger, struct aif_error *err);

/* Begin unless a transaction is open; *ret_own tells finish what to do with it. */
int aif_ledger_enter(struct aif_ledger *ledger, bool *ret_own, struct aif_error *err);
int aif_ledger_leave(struct aif_ledger *ledger, bool own, int rc, struct aif_error *err);

#endif
