/* ledger.c - opening and appending; see ledger.h */
#include "ledger.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ledger_db.h"

#define APPLICATION_ID 0x61696c67 /* "ailg" */
#define SCHEMA_VERSION 1
#define BUSY_MS 10000

static const char schema[] =
    "CREATE TABLE events (seq INTEGER PRIMARY KEY, kind TEXT NOT NULL, cluster TEXT NOT NULL,"
    " db_index INTEGER NOT NULL, at INTEGER NOT NULL, body TEXT NOT NULL, prev_hash TEXT NOT NULL,"
    " hash TEXT NOT NULL) STRICT;"
    "CREATE TRIGGER events_no_update BEFORE UPDATE ON events"
    " BEGIN SELECT raise(ABORT, 'ledger events are never changed'); END;"
    "CREATE TRIGGER events_no_delete BEFORE DELETE ON events"
    " BEGIN SELECT raise(ABORT, 'ledger events are never deleted'); END;"
    /* INSERT OR REPLACE deletes without asking the trigger above. */
    "CREATE TRIGGER events_in_order BEFORE INSERT ON events"
    " WHEN NEW.seq <> (SELECT coalesce(max(seq), 0) + 1 FROM events)"
    " BEGIN SELECT raise(ABORT, 'ledger events are only appended'); END;"
    /* What follows is convenience, and can be made again from the events and slurmdbd. */
    "CREATE TABLE latest (cluster TEXT NOT NULL, db_index INTEGER NOT NULL, seq INTEGER NOT NULL,"
    " end_at INTEGER NOT NULL, allocation TEXT NOT NULL, PRIMARY KEY (cluster, db_index)) STRICT, WITHOUT ROWID;"
    "CREATE INDEX latest_end ON latest (end_at);"
    "CREATE TABLE state (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;"
    "CREATE TABLE sends (resource TEXT NOT NULL, component TEXT NOT NULL, month TEXT NOT NULL,"
    " amount INTEGER NOT NULL, at INTEGER NOT NULL, status TEXT NOT NULL,"
    " PRIMARY KEY (resource, component, month)) STRICT, WITHOUT ROWID;"
    "CREATE TABLE quarantine (cluster TEXT NOT NULL, db_index INTEGER NOT NULL, job_id INTEGER NOT NULL,"
    " reason TEXT NOT NULL, first_seen INTEGER NOT NULL, PRIMARY KEY (cluster, db_index)) STRICT, WITHOUT ROWID;";

static int check_file(const char *path, int fd, struct aif_error *err)
{
    struct stat st;

    if (fstat(fd, &st) < 0)
        return aif_error_set(err, AIF_EIO, "%s: %s", path, strerror(errno));
    if (!S_ISREG(st.st_mode) || st.st_nlink != 1)
        return aif_error_set(err, AIF_EINVAL, "%s: not a regular file with one name", path);
    if (st.st_uid != geteuid() && st.st_uid != 0)
        return aif_error_set(err, AIF_EINVAL, "%s: belongs to user %u; must be this user's (%u) or root's",
                             path, (unsigned)st.st_uid, (unsigned)geteuid());
    if (st.st_mode & 077)
        return aif_error_set(err, AIF_EINVAL, "%s: mode is %04o; must be 0600", path,
                             (unsigned)st.st_mode & 07777);
    return 0;
}

/* Make sure that what SQLite will open is a private regular file. Closed again before SQLite takes its locks. */
static int prepare_file(const char *path, enum aif_ledger_access access, struct aif_error *err)
{
    const int flags = access == AIF_LEDGER_WRITE ? O_RDWR | O_CREAT : O_RDONLY;
    int fd = open(path, flags | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK, 0600);
    int rc;

    if (fd < 0)
        return aif_error_set(err, errno == ENOENT ? AIF_ENOENT : AIF_EIO, "%s: %s", path,
                             errno == ELOOP ? "is a symbolic link" : strerror(errno));
    rc = check_file(path, fd, err);
    close(fd);
    return rc;
}

/* The directory may be reached through links, the file may not: what SQLITE_OPEN_NOFOLLOW takes. */
static int resolve(const char *path, char **ret_path, struct aif_error *err)
{
    char *copy = strdup(path), *copy2 = strdup(path), *dir = NULL;
    char *result = NULL;

    if (copy && copy2)
        dir = realpath(dirname(copy), NULL);
    if (dir) {
        size_t size = strlen(dir) + strlen(basename(copy2)) + 2;

        result = malloc(size);
        if (result)
            snprintf(result, size, "%s/%s", strcmp(dir, "/") ? dir : "", basename(copy2));
    }
    if (!result)
        aif_error_set(err, errno == ENOENT ? AIF_ENOENT : AIF_EIO, "%s: %s", path, strerror(errno));
    free(copy);
    free(copy2);
    free(dir);
    *ret_path = result;
    return result ? 0 : -1;
}

static int pragma_number(struct aif_ledger *ledger, const char *sql, int *ret_number,
                         struct aif_error *err)
{
    sqlite3_stmt *statement = NULL;
    int rc = sqlite3_prepare_v2(ledger->db, sql, -1, &statement, NULL);

    if (rc == SQLITE_OK && (rc = sqlite3_step(statement)) == SQLITE_ROW)
        *ret_number = sqlite3_column_int(statement, 0);
    sqlite3_finalize(statement);
    return rc == SQLITE_ROW ? 0 : aif_ledger_fail(ledger, err);
}

static int create_schema(struct aif_ledger *ledger, struct aif_error *err)
{
    char versions[96];

    snprintf(versions, sizeof(versions), "PRAGMA application_id = %d; PRAGMA user_version = %d; COMMIT",
             APPLICATION_ID, SCHEMA_VERSION);
    if (aif_ledger_exec(ledger, "BEGIN EXCLUSIVE", err) < 0)
        return -1;
    if (aif_ledger_exec(ledger, schema, err) == 0 && aif_ledger_exec(ledger, versions, err) == 0)
        return 0;
    sqlite3_exec(ledger->db, "ROLLBACK", NULL, NULL, NULL);
    return -1;
}

static int check_schema(struct aif_ledger *ledger, bool may_create, struct aif_error *err)
{
    int id = 0, version = 0, tables = 0;

    if (pragma_number(ledger, "PRAGMA application_id", &id, err) < 0 ||
        pragma_number(ledger, "PRAGMA user_version", &version, err) < 0 ||
        pragma_number(ledger, "SELECT count(*) FROM sqlite_schema", &tables, err) < 0)
        return -1;
    if (!id && !version && !tables && may_create)
        return create_schema(ledger, err);
    if (id != APPLICATION_ID)
        return aif_error_set(err, AIF_EINVAL, "%s: is not a ledger of slurm-aif", ledger->path);
    if (version != SCHEMA_VERSION)
        return aif_error_set(err, AIF_EINVAL, "%s: ledger of version %d, this program knows %d",
                             ledger->path, version, SCHEMA_VERSION);
    return 0;
}

static int open_db(struct aif_ledger *ledger, enum aif_ledger_access access, struct aif_error *err)
{
    const bool write = access == AIF_LEDGER_WRITE;
    const int flags = write ? SQLITE_OPEN_READWRITE : SQLITE_OPEN_READONLY;

    if (sqlite3_open_v2(ledger->path, &ledger->db, flags | SQLITE_OPEN_NOFOLLOW | SQLITE_OPEN_NOMUTEX,
                        NULL) != SQLITE_OK)
        return aif_ledger_fail(ledger, err);
    sqlite3_busy_timeout(ledger->db, BUSY_MS);
    sqlite3_extended_result_codes(ledger->db, 1);
    if (aif_ledger_exec(ledger, "PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = ON", err) < 0)
        return -1;
    if (write && aif_ledger_exec(ledger, "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;"
                                         "PRAGMA recursive_triggers = ON", err) < 0)
        return -1;
    return check_schema(ledger, write, err);
}

int aif_ledger_open(const char *path, enum aif_ledger_access access, struct aif_ledger **ret_ledger,
                    struct aif_error *err)
{
    struct aif_ledger *ledger;

    if (prepare_file(path, access, err) < 0)
        return -1;
    ledger = calloc(1, sizeof(*ledger));
    if (!ledger)
        return aif_error_set(err, AIF_ENOMEM, "out of memory");
    if (resolve(path, &ledger->path, err) < 0 || open_db(ledger, access, err) < 0) {
        aif_ledger_close(ledger);
        return -1;
    }
    *ret_ledger = ledger;
    return 0;
}

void aif_ledger_close(struct aif_ledger *ledger)
{
    if (!ledger)
        return;
    for (int i = 0; i < Q_COUNT; i++)
        sqlite3_finalize(ledger->statements[i]);
    sqlite3_close(ledger->db);
    free(ledger->path);
    free(ledger);
}

int aif_ledger_lock(const char *path, int *ret_fd, struct aif_error *err)
{
    char name[PATH_MAX];
    int fd;

    if (snprintf(name, sizeof(name), "%s.lock", path) >= (int)sizeof(name))
        return aif_error_set(err, AIF_ELIMIT, "%s: path too long", path);
    fd = open(name, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (fd < 0)
        return aif_error_set(err, AIF_EIO, "%s: %s", name, strerror(errno));
    if (flock(fd, LOCK_EX | LOCK_NB) < 0) {
        int code = errno;

        close(fd);
        return aif_error_set(err, AIF_EIO, "%s: %s", name,
                             code == EWOULDBLOCK ? "another reporter works on this ledger" : strerror(code));
    }
    *ret_fd = fd;
    return 0;
}

static int read_head(struct aif_ledger *ledger, struct aif_error *err)
{
    sqlite3_stmt *statement = aif_ledger_query(ledger, Q_HEAD, err, "");
    int rc = statement ? aif_ledger_step(ledger, statement, err) : -1;

    aif_chain_start(&ledger->chain);
    if (rc <= 0)
        return rc;
    ledger->chain.count = (uint64_t)sqlite3_column_int64(statement, 0);
    snprintf(ledger->chain.head, sizeof(ledger->chain.head), "%s", aif_ledger_text(statement, 1));
    sqlite3_reset(statement);
    return 0;
}

int aif_ledger_begin(struct aif_ledger *ledger, struct aif_error *err)
{
    if (aif_ledger_exec(ledger, "BEGIN IMMEDIATE", err) < 0)
        return -1;
    if (read_head(ledger, err) == 0)
        return 0;
    aif_ledger_rollback(ledger);
    return -1;
}

int aif_ledger_commit(struct aif_ledger *ledger, struct aif_error *err)
{
    if (aif_ledger_exec(ledger, "COMMIT", err) == 0)
        return 0;
    aif_ledger_rollback(ledger);
    return -1;
}

void aif_ledger_rollback(struct aif_ledger *ledger)
{
    if (!sqlite3_get_autocommit(ledger->db))
        sqlite3_exec(ledger->db, "ROLLBACK", NULL, NULL, NULL);
}

/* In a transaction. */
static int append(struct aif_ledger *ledger, struct aif_event *event, struct aif_error *err)
{
    struct aif_chain next = ledger->chain;

    if (aif_chain_seal(&next, event, err) < 0)
        return -1;
    if (aif_ledger_run(ledger,
                       aif_ledger_query(ledger, Q_APPEND, err, "ittiittt", (int64_t)event->seq,
                                        event->kind, event->cluster, (int64_t)event->db_index,
                                        event->at, event->body, event->prev, event->hash),
                       err) < 0)
        return -1;
    ledger->chain = next;
    return 0;
}

static int event_fill(struct aif_event *event, const char *kind, const char *cluster,
                      struct aif_error *err)
{
    if (strlen(kind) >= sizeof(event->kind) || strlen(cluster) >= sizeof(event->cluster))
        return aif_error_set(err, AIF_ELIMIT, "event kind \"%s\" or cluster \"%s\" is too long", kind,
                             cluster);
    memcpy(event->kind, kind, strlen(kind) + 1);
    memcpy(event->cluster, cluster, strlen(cluster) + 1);
    return 0;
}

int aif_ledger_append(struct aif_ledger *ledger, const char *kind, const char *cluster,
                      uint64_t db_index, int64_t at, const char *body, struct aif_error *err)
{
    struct aif_event event = {.db_index = db_index, .at = at, .body = body};
    bool own;

    if (event_fill(&event, kind, cluster, err) < 0 || aif_ledger_enter(ledger, &own, err) < 0)
        return -1;
    return aif_ledger_leave(ledger, own, append(ledger, &event, err), err);
}

/* The record that the ledger has for this row: 1, 0 if none, -1. */
static int latest_record(struct aif_ledger *ledger, const struct aif_record *key,
                         struct aif_record *ret_record, struct aif_error *err)
{
    sqlite3_stmt *statement = aif_ledger_query(ledger, Q_LATEST_BODY, err, "ti", key->cluster,
                                               (int64_t)key->db_index);
    int rc = statement ? aif_ledger_step(ledger, statement, err) : -1;

    if (rc == 1 && aif_record_parse(aif_ledger_text(statement, 0), ret_record, err) < 0)
        rc = -1;
    sqlite3_reset(statement);
    return rc;
}

static int append_record(struct aif_ledger *ledger, const struct aif_record *record, int64_t at,
                         const char *kind, struct aif_error *err)
{
    struct aif_event event = {.db_index = record->db_index, .at = at};
    char *body;
    int rc;

    if (event_fill(&event, kind, record->cluster, err) < 0 ||
        aif_record_canonical(record, &body, err) < 0)
        return -1;
    event.body = body;
    rc = append(ledger, &event, err);
    if (rc == 0)
        rc = aif_ledger_run(ledger,
                            aif_ledger_query(ledger, Q_LATEST_SET, err, "tiiit", record->cluster,
                                             (int64_t)record->db_index, (int64_t)event.seq,
                                             record->end, record->allocation),
                            err);
    free(body);
    return rc;
}

static int record_locked(struct aif_ledger *ledger, const struct aif_record *given, int64_t at,
                         enum aif_ledger_outcome *ret_outcome, struct aif_error *err)
{
    struct aif_record record = *given, before;
    int known = latest_record(ledger, given, &before, err);

    if (known < 0)
        return -1;
    if (known)
        aif_record_inherit(&record, &before);
    *ret_outcome = !known ? AIF_LEDGER_NEW
                   : aif_record_differs(&before, &record) ? AIF_LEDGER_CORRECTED
                                                          : AIF_LEDGER_SAME;
    if (*ret_outcome == AIF_LEDGER_SAME)
        return 0;
    return append_record(ledger, &record, at, known ? "correction" : "job", err);
}

int aif_ledger_record(struct aif_ledger *ledger, const struct aif_record *record, int64_t at,
                      enum aif_ledger_outcome *ret_outcome, struct aif_error *err)
{
    enum aif_ledger_outcome outcome = AIF_LEDGER_SAME;
    bool own;

    if (aif_record_check(record, err) < 0 || aif_ledger_enter(ledger, &own, err) < 0)
        return -1;
    if (aif_ledger_leave(ledger, own, record_locked(ledger, record, at, &outcome, err), err) < 0)
        return -1;
    *ret_outcome = outcome;
    return 0;
}
