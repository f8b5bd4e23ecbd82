/* ledger_schema.c - see ledger_schema.h */
#include "ledger_schema.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define APPLICATION_ID 0x61696c67 /* "ailg" */
#define STRICT_SINCE 3037000

/* A column that is not the primary key, and the end of a table. */
#define STRICT_INT(name) name " INTEGER NOT NULL"
#define STRICT_TEXT(name) name " TEXT NOT NULL"
#define STRICT_END ") STRICT;"
#define STRICT_END_KEYED ") STRICT, WITHOUT ROWID;"
#define CHECKED_INT(name) name " INTEGER NOT NULL CHECK (typeof(" name ") = 'integer')"
#define CHECKED_TEXT(name) name " TEXT NOT NULL CHECK (typeof(" name ") = 'text')"
#define CHECKED_END ");"
#define CHECKED_END_KEYED ") WITHOUT ROWID;"

/* What is in version 1, too. All but the events is convenience, and can be made again from them and slurmdbd. */
#define FIRST_TABLES(INT, TEXT, END, END_KEYED)                                                                       \
    "CREATE TABLE events (seq INTEGER PRIMARY KEY, " TEXT("kind") ", " TEXT("cluster") ", " INT("db_index") ", "      \
    INT("at") ", " TEXT("body") ", " TEXT("prev_hash") ", " TEXT("hash") END                                          \
    "CREATE TABLE latest (" TEXT("cluster") ", " INT("db_index") ", " INT("seq") ", " INT("end_at") ", "              \
    TEXT("allocation") ", PRIMARY KEY (cluster, db_index)" END_KEYED                                                  \
    "CREATE INDEX latest_end ON latest (end_at);"                                                                     \
    "CREATE TABLE state (" TEXT("key") ", " TEXT("value") ", PRIMARY KEY (key)" END_KEYED                             \
    "CREATE TABLE sends (" TEXT("resource") ", " TEXT("component") ", " TEXT("month") ", " INT("amount") ", "         \
    INT("at") ", " TEXT("status") ", PRIMARY KEY (resource, component, month)" END_KEYED                              \
    "CREATE TABLE quarantine (" TEXT("cluster") ", " INT("db_index") ", " INT("job_id") ", " TEXT("reason") ", "      \
    INT("first_seen") ", PRIMARY KEY (cluster, db_index)" END_KEYED

#define SECOND_TABLES(CREATE, END) CREATE " superseded (seq INTEGER PRIMARY KEY" END

#define SECOND_FILL                                                                                                   \
    "INSERT INTO superseded SELECT e.seq FROM events AS e WHERE e.kind IN ('job', 'correction') AND NOT EXISTS"       \
    " (SELECT 1 FROM latest AS l WHERE l.cluster = e.cluster AND l.db_index = e.db_index AND l.seq = e.seq);"

/* Those of the columns of events that are not there of a kept row are "". */
#define THIRD_TABLES(CREATE, INT, TEXT, END)                                                                          \
    CREATE " kept (seq INTEGER PRIMARY KEY, " TEXT("kind") ", " TEXT("cluster") ", " INT("db_index") ", "              \
    INT("at") ", " TEXT("body") ", " TEXT("prev_hash") ", " TEXT("hash") END

static const char tables_strict[] = FIRST_TABLES(STRICT_INT, STRICT_TEXT, STRICT_END, STRICT_END_KEYED)
    SECOND_TABLES("CREATE TABLE", STRICT_END) THIRD_TABLES("CREATE TABLE", STRICT_INT, STRICT_TEXT, STRICT_END);
static const char tables_checked[] = FIRST_TABLES(CHECKED_INT, CHECKED_TEXT, CHECKED_END, CHECKED_END_KEYED)
    SECOND_TABLES("CREATE TABLE", CHECKED_END) THIRD_TABLES("CREATE TABLE", CHECKED_INT, CHECKED_TEXT, CHECKED_END);

/* What an older version lacks, by that version: in the file (STRICT or not), or aside. */
static const struct added {
    const char *strict, *checked, *aside;
} added[AIF_LEDGER_VERSION] = {
    [1] = {SECOND_TABLES("CREATE TABLE", STRICT_END) SECOND_FILL, SECOND_TABLES("CREATE TABLE", CHECKED_END) SECOND_FILL,
           SECOND_TABLES("CREATE TEMP TABLE", ");") SECOND_FILL},
    [2] = {THIRD_TABLES("CREATE TABLE", STRICT_INT, STRICT_TEXT, STRICT_END),
           THIRD_TABLES("CREATE TABLE", CHECKED_INT, CHECKED_TEXT, CHECKED_END),
           THIRD_TABLES("CREATE TEMP TABLE", STRICT_INT, STRICT_TEXT, ");")},
};

#define NEVER(what) " BEGIN SELECT raise(ABORT, 'ledger events are never " what "'); END"

/* INSERT OR REPLACE deletes without asking the triggers of deletion, so what is inserted is looked at as well. */
static const struct guard {
    const char *name;
    int from, until; /* versions */
    const char *sql;
} guards[] = {
    {"events_no_update", 1, AIF_LEDGER_VERSION,
     "CREATE TRIGGER events_no_update BEFORE UPDATE ON events" NEVER("changed")},
    {"events_no_delete", 1, AIF_LEDGER_VERSION,
     "CREATE TRIGGER events_no_delete BEFORE DELETE ON events" NEVER("deleted")},
    {"events_in_order", 1, 1,
     "CREATE TRIGGER events_in_order BEFORE INSERT ON events"
     " WHEN NEW.seq <> (SELECT coalesce(max(seq), 0) + 1 FROM events)"
     " BEGIN SELECT raise(ABORT, 'ledger events are only appended'); END"},
    /* FAIL, because ABORT makes SQLite keep a journal for each statement; a row that is refused is not there either way. */
    {"events_in_order", 2, AIF_LEDGER_VERSION,
     "CREATE TRIGGER events_in_order BEFORE INSERT ON events"
     " WHEN NEW.seq <> (SELECT coalesce(max(seq), 0) + 1 FROM events)"
     " BEGIN SELECT raise(FAIL, 'ledger events are only appended'); END"},
    {"kept_no_update", 3, AIF_LEDGER_VERSION, "CREATE TRIGGER kept_no_update BEFORE UPDATE ON kept" NEVER("changed")},
    {"kept_no_delete", 3, AIF_LEDGER_VERSION, "CREATE TRIGGER kept_no_delete BEFORE DELETE ON kept" NEVER("deleted")},
    {"kept_no_insert", 3, AIF_LEDGER_VERSION, "CREATE TRIGGER kept_no_insert BEFORE INSERT ON kept" NEVER("kept by hand")},
};
#define GUARDS (sizeof(guards) / sizeof(guards[0]))

const char *aif_ledger_schema(bool strict)
{
    return strict ? tables_strict : tables_checked;
}

static bool strict_known(void)
{
    return sqlite3_libversion_number() >= STRICT_SINCE;
}

static int pragma_number(sqlite3 *db, const char *sql, int *ret_number)
{
    sqlite3_stmt *statement = NULL;
    int rc = sqlite3_prepare_v2(db, sql, -1, &statement, NULL);

    if (rc == SQLITE_OK && (rc = sqlite3_step(statement)) == SQLITE_ROW)
        *ret_number = sqlite3_column_int(statement, 0);
    sqlite3_finalize(statement);
    return rc == SQLITE_ROW ? 0 : -1;
}

static bool in_force(const struct guard *guard, int version)
{
    return guard->from <= version && version <= guard->until;
}

/* Those of the present version that the given one (0: none yet) has not. */
static int create_guards(struct aif_ledger *ledger, int version, struct aif_error *err)
{
    for (size_t i = 0; i < GUARDS; i++)
        if (in_force(&guards[i], AIF_LEDGER_VERSION) && !in_force(&guards[i], version) &&
            aif_ledger_exec(ledger, guards[i].sql, err) < 0)
            return -1;
    return 0;
}

static int drop_guards(struct aif_ledger *ledger, int version, struct aif_error *err)
{
    char sql[96];

    for (size_t i = 0; i < GUARDS; i++) {
        if (!in_force(&guards[i], version) || in_force(&guards[i], AIF_LEDGER_VERSION))
            continue;
        snprintf(sql, sizeof(sql), "DROP TRIGGER %s", guards[i].name);
        if (aif_ledger_exec(ledger, sql, err) < 0)
            return -1;
    }
    return 0;
}

static int set_version(struct aif_ledger *ledger, struct aif_error *err)
{
    char sql[96];

    snprintf(sql, sizeof(sql), "PRAGMA application_id = %d; PRAGMA user_version = %d", APPLICATION_ID,
             AIF_LEDGER_VERSION);
    return aif_ledger_exec(ledger, sql, err);
}

static int create(struct aif_ledger *ledger, struct aif_error *err)
{
    if (aif_ledger_exec(ledger, aif_ledger_schema(strict_known()), err) < 0 || create_guards(ledger, 0, err) < 0)
        return -1;
    return set_version(ledger, err);
}

/* ---- an older ledger ---- */

static int sync_path(const char *path, int flags)
{
    int fd = open(path, flags | O_CLOEXEC);
    int rc = fd < 0 ? -1 : fsync(fd);

    if (fd >= 0)
        close(fd);
    return rc;
}

static int sync_directory_of(const char *path)
{
    char copy[PATH_MAX];

    snprintf(copy, sizeof(copy), "%s", path);
    return sync_path(dirname(copy), O_RDONLY | O_DIRECTORY);
}

/* What was copied must be whole, and still of that version: somebody else may have been quicker. */
static bool copy_is(const char *path, int version)
{
    sqlite3 *db = NULL;
    int found = 0, rc;

    rc = sqlite3_open_v2(path, &db, SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX, NULL);
    if (rc == SQLITE_OK)
        rc = pragma_number(db, "PRAGMA user_version", &found);
    sqlite3_close(db);
    return rc == 0 && found == version;
}

static int copy_into(struct aif_ledger *ledger, const char *path, struct aif_error *err)
{
    char *sql;
    int rc, fd;

    if (unlink(path) < 0 && errno != ENOENT)
        return aif_error_set(err, AIF_EIO, "%s: %s", path, strerror(errno));
    fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600); /* SQLite takes an empty file as it is */
    if (fd < 0)
        return aif_error_set(err, AIF_EIO, "%s: %s", path, strerror(errno));
    close(fd);
    sql = sqlite3_mprintf("VACUUM INTO %Q", path);
    if (!sql)
        return aif_error_set(err, AIF_ENOMEM, "out of memory");
    rc = aif_ledger_exec(ledger, sql, err);
    sqlite3_free(sql);
    if (rc == 0 && sync_path(path, O_RDONLY) < 0)
        return aif_error_set(err, AIF_EIO, "%s: %s", path, strerror(errno));
    return rc;
}

static int back_up(struct aif_ledger *ledger, int version, struct aif_error *err)
{
    char name[PATH_MAX], part[PATH_MAX];

    if (snprintf(name, sizeof(name), "%s.v%d.bak", ledger->path, version) >= (int)sizeof(name) ||
        snprintf(part, sizeof(part), "%s.%ld", name, (long)getpid()) >= (int)sizeof(part))
        return aif_error_set(err, AIF_ELIMIT, "%s: path too long", ledger->path);
    if (copy_into(ledger, part, err) < 0) {
        unlink(part);
        return -1;
    }
    if (!copy_is(part, version)) {
        unlink(part);
        return 0;
    }
    if (rename(part, name) < 0 || sync_directory_of(name) < 0) {
        aif_error_set(err, AIF_EIO, "%s: %s", name, strerror(errno));
        unlink(part);
        return -1;
    }
    return 0;
}

static int bring_up(struct aif_ledger *ledger, int version, struct aif_error *err)
{
    if (drop_guards(ledger, version, err) < 0)
        return -1;
    for (int lacks = version; lacks < AIF_LEDGER_VERSION; lacks++)
        if (aif_ledger_exec(ledger, strict_known() ? added[lacks].strict : added[lacks].checked, err) < 0)
            return -1;
    return create_guards(ledger, version, err) < 0 ? -1 : set_version(ledger, err);
}

/* ---- either ---- */

struct found {
    int id;
    int version;
    int tables;
};

static int look(struct aif_ledger *ledger, struct found *ret_found, struct aif_error *err)
{
    *ret_found = (struct found){0};
    if (pragma_number(ledger->db, "PRAGMA application_id", &ret_found->id) < 0 ||
        pragma_number(ledger->db, "PRAGMA user_version", &ret_found->version) < 0 ||
        pragma_number(ledger->db, "SELECT count(*) FROM sqlite_schema", &ret_found->tables) < 0)
        return aif_ledger_fail(ledger, err);
    return 0;
}

static bool empty(const struct found *found)
{
    return !found->id && !found->version && !found->tables;
}

/* In a transaction of its own, which no other process can come into. */
static int change(struct aif_ledger *ledger, struct aif_error *err)
{
    struct found found;
    int rc;

    if (aif_ledger_exec(ledger, "BEGIN EXCLUSIVE", err) < 0)
        return -1;
    rc = look(ledger, &found, err);
    if (rc == 0 && empty(&found))
        rc = create(ledger, err);
    else if (rc == 0 && found.version < AIF_LEDGER_VERSION)
        rc = bring_up(ledger, found.version, err);
    if (rc == 0)
        return aif_ledger_commit(ledger, err);
    aif_ledger_rollback(ledger);
    return -1;
}

static int add_aside(struct aif_ledger *ledger, struct aif_error *err)
{
    for (int lacks = ledger->version; lacks < AIF_LEDGER_VERSION; lacks++)
        if (aif_ledger_exec(ledger, added[lacks].aside, err) < 0)
            return -1;
    return 0;
}

int aif_ledger_schema_check(struct aif_ledger *ledger, bool write, struct aif_error *err)
{
    struct found found;

    ledger->version = AIF_LEDGER_VERSION;
    if (look(ledger, &found, err) < 0)
        return -1;
    if (write && empty(&found))
        return change(ledger, err);
    if (found.id != APPLICATION_ID || found.version < 1)
        return aif_error_set(err, AIF_EINVAL, "%s: is not a ledger of slurm-aif", ledger->path);
    if (found.version > AIF_LEDGER_VERSION)
        return aif_error_set(err, AIF_EINVAL, "%s: ledger of version %d, this program knows versions up to %d; use "
                                              "the slurm-aif that wrote it, or a newer one",
                             ledger->path, found.version, AIF_LEDGER_VERSION);
    if (found.version == AIF_LEDGER_VERSION)
        return 0;
    if (!write) {
        ledger->version = found.version;
        return add_aside(ledger, err);
    }
    return back_up(ledger, found.version, err) < 0 ? -1 : change(ledger, err);
}

static int check_guard(struct aif_ledger *ledger, const struct guard *guard, struct aif_error *err)
{
    sqlite3_stmt *row = aif_ledger_query(ledger, Q_GUARD, err, "t", guard->name);
    int rc = row ? aif_ledger_step(ledger, row, err) : -1;
    bool same = rc == 1 && !strcmp(aif_ledger_text(row, 0), guard->sql);

    sqlite3_reset(row);
    if (rc >= 0 && !same)
        return aif_error_set(err, AIF_ECHAIN, "%s: the triggers that guard the events are gone", ledger->path);
    return rc < 0 ? -1 : 0;
}

int aif_ledger_schema_unguard(struct aif_ledger *ledger, struct aif_error *err)
{
    char sql[96];

    for (size_t i = 0; i < GUARDS; i++) {
        if (!in_force(&guards[i], AIF_LEDGER_VERSION))
            continue;
        snprintf(sql, sizeof(sql), "DROP TRIGGER %s", guards[i].name);
        if (aif_ledger_exec(ledger, sql, err) < 0)
            return -1;
    }
    return 0;
}

int aif_ledger_schema_guard(struct aif_ledger *ledger, struct aif_error *err)
{
    return create_guards(ledger, 0, err);
}

int aif_ledger_schema_guards(struct aif_ledger *ledger, struct aif_error *err)
{
    for (size_t i = 0; i < GUARDS; i++)
        if (in_force(&guards[i], ledger->version) && check_guard(ledger, &guards[i], err) < 0)
            return -1;
    return 0;
}
