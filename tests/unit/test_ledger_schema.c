/* test_ledger_schema.c - unit tests of ledger_schema.h: older and newer ledgers, and what keeps types in their columns */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include <sqlite3.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ledger_schema.h"
#include "report_helper.h"

/* As the first version made it. */
static const char version_1[] =
    "CREATE TABLE events (seq INTEGER PRIMARY KEY, kind TEXT NOT NULL, cluster TEXT NOT NULL,"
    " db_index INTEGER NOT NULL, at INTEGER NOT NULL, body TEXT NOT NULL, prev_hash TEXT NOT NULL,"
    " hash TEXT NOT NULL) STRICT;"
    "CREATE TRIGGER events_no_update BEFORE UPDATE ON events"
    " BEGIN SELECT raise(ABORT, 'ledger events are never changed'); END;"
    "CREATE TRIGGER events_no_delete BEFORE DELETE ON events"
    " BEGIN SELECT raise(ABORT, 'ledger events are never deleted'); END;"
    "CREATE TRIGGER events_in_order BEFORE INSERT ON events"
    " WHEN NEW.seq <> (SELECT coalesce(max(seq), 0) + 1 FROM events)"
    " BEGIN SELECT raise(ABORT, 'ledger events are only appended'); END;"
    "CREATE TABLE latest (cluster TEXT NOT NULL, db_index INTEGER NOT NULL, seq INTEGER NOT NULL,"
    " end_at INTEGER NOT NULL, allocation TEXT NOT NULL, PRIMARY KEY (cluster, db_index)) STRICT, WITHOUT ROWID;"
    "CREATE INDEX latest_end ON latest (end_at);"
    "CREATE TABLE state (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;"
    "CREATE TABLE sends (resource TEXT NOT NULL, component TEXT NOT NULL, month TEXT NOT NULL,"
    " amount INTEGER NOT NULL, at INTEGER NOT NULL, status TEXT NOT NULL,"
    " PRIMARY KEY (resource, component, month)) STRICT, WITHOUT ROWID;"
    "CREATE TABLE quarantine (cluster TEXT NOT NULL, db_index INTEGER NOT NULL, job_id INTEGER NOT NULL,"
    " reason TEXT NOT NULL, first_seen INTEGER NOT NULL, PRIMARY KEY (cluster, db_index)) STRICT, WITHOUT ROWID;"
    "PRAGMA application_id = 1634298983; PRAGMA user_version = 1; PRAGMA journal_mode = WAL;";

static void run(sqlite3 *db, const char *sql)
{
    char *why = NULL;

    if (sqlite3_exec(db, sql, NULL, NULL, &why) != SQLITE_OK)
        fail_msg("%s: %s", sql, why);
}

static long long number(const char *path, const char *sql)
{
    sqlite3_stmt *row = NULL;
    long long value;
    sqlite3 *db;

    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    assert_int_equal(sqlite3_prepare_v2(db, sql, -1, &row, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_step(row), SQLITE_ROW);
    value = sqlite3_column_int64(row, 0);
    sqlite3_finalize(row);
    sqlite3_close(db);
    return value;
}

static void old_event(sqlite3 *db, struct aif_chain *chain, const char *kind, const struct aif_record *record)
{
    struct aif_event event = {.cluster = "c1", .db_index = record->db_index, .at = 1700004000};
    char *body, *sql;

    snprintf(event.kind, sizeof(event.kind), "%s", kind);
    assert_int_equal(aif_record_canonical(record, &body, NULL), 0);
    event.body = body;
    assert_int_equal(aif_chain_seal(chain, &event, NULL), 0);
    sql = sqlite3_mprintf("INSERT INTO events VALUES (%lld, %Q, 'c1', %lld, 1700004000, %Q, %Q, %Q);"
                          "INSERT OR REPLACE INTO latest VALUES ('c1', %lld, %lld, %lld, 'A-1');",
                          (long long)event.seq, kind, (long long)record->db_index, body, event.prev, event.hash,
                          (long long)record->db_index, (long long)event.seq, (long long)record->end);
    run(db, sql);
    sqlite3_free(sql);
    free(body);
}

/* Two rows, the first of them corrected: three events. */
static void make_old(struct fixture *fixture)
{
    struct aif_record record = fixture_record(1);
    struct aif_chain chain;
    sqlite3 *db;

    aif_ledger_close(fixture->ledger);
    fixture->ledger = NULL;
    unlink(fixture->path);
    assert_int_equal(sqlite3_open(fixture->path, &db), SQLITE_OK);
    assert_int_equal(chmod(fixture->path, 0600), 0);
    run(db, version_1);
    aif_chain_start(&chain);
    old_event(db, &chain, "job", &record);
    record.elapsed = 1800;
    old_event(db, &chain, "correction", &record);
    record = fixture_record(2);
    old_event(db, &chain, "job", &record);
    sqlite3_close(db);
}

static void open_again(struct fixture *fixture, enum aif_ledger_access access)
{
    struct aif_error err = {0};

    aif_ledger_close(fixture->ledger);
    fixture->ledger = NULL;
    if (aif_ledger_open(fixture->path, access, &fixture->ledger, &err) < 0)
        fail_msg("%s", err.text);
}

static void verified(struct fixture *fixture, uint64_t events)
{
    struct aif_chain chain;
    struct aif_error err = {0};

    if (aif_ledger_verify(fixture->ledger, &chain, &err) < 0)
        fail_msg("%s", err.text);
    assert_int_equal(chain.count, events);
}

static int sum_seqs(const struct aif_event *event, void *data, struct aif_error *err)
{
    (void)err;
    *(uint64_t *)data += event->seq;
    return 0;
}

static uint64_t latest_seqs(struct fixture *fixture)
{
    uint64_t sum = 0;

    assert_int_equal(aif_ledger_iterate_latest(fixture->ledger, sum_seqs, &sum, NULL), 0);
    return sum;
}

static void test_older_ledger_is_brought_up(void **state)
{
    struct fixture *fixture = *state;
    struct aif_record record = fixture_record(2);
    enum aif_ledger_outcome outcome;
    char backup[128];
    struct stat st;

    make_old(fixture);
    snprintf(backup, sizeof(backup), "%s.v1.bak", fixture->path);
    open_again(fixture, AIF_LEDGER_WRITE);
    verified(fixture, 3);
    assert_int_equal(latest_seqs(fixture), 2 + 3);
    assert_int_equal(aif_ledger_record(fixture->ledger, &record, 1, &outcome, NULL), 0);
    assert_int_equal(outcome, AIF_LEDGER_SAME);
    record.elapsed--;
    assert_int_equal(aif_ledger_record(fixture->ledger, &record, 1, &outcome, NULL), 0);
    assert_int_equal(outcome, AIF_LEDGER_CORRECTED);
    verified(fixture, 4);
    assert_int_equal(latest_seqs(fixture), 2 + 4);
    assert_int_equal(number(fixture->path, "PRAGMA user_version"), AIF_LEDGER_VERSION);
    assert_int_equal(stat(backup, &st), 0);
    assert_int_equal(st.st_mode & 07777, 0600);
    assert_int_equal(number(backup, "PRAGMA user_version"), 1);
    assert_int_equal(number(backup, "SELECT count(*) FROM events"), 3);
    unlink(backup);
}

/* As the second version made it: nothing was ever kept. */
static void make_second(struct fixture *fixture)
{
    struct aif_record record = fixture_record(1);
    enum aif_ledger_outcome outcome;
    sqlite3 *db;

    assert_int_equal(aif_ledger_record(fixture->ledger, &record, 1, &outcome, NULL), 0);
    record.elapsed--;
    assert_int_equal(aif_ledger_record(fixture->ledger, &record, 1, &outcome, NULL), 0);
    aif_ledger_close(fixture->ledger);
    fixture->ledger = NULL;
    assert_int_equal(sqlite3_open(fixture->path, &db), SQLITE_OK);
    run(db, "DROP TABLE kept; PRAGMA user_version = 2");
    sqlite3_close(db);
}

static void test_the_second_version_is_brought_up(void **state)
{
    struct fixture *fixture = *state;
    char backup[128];

    make_second(fixture);
    snprintf(backup, sizeof(backup), "%s.v2.bak", fixture->path);
    open_again(fixture, AIF_LEDGER_READ);
    verified(fixture, 2);
    assert_int_equal(latest_seqs(fixture), 2);
    assert_int_equal(number(fixture->path, "PRAGMA user_version"), 2);
    open_again(fixture, AIF_LEDGER_WRITE);
    verified(fixture, 2);
    assert_int_equal(latest_seqs(fixture), 2);
    assert_int_equal(number(fixture->path, "PRAGMA user_version"), AIF_LEDGER_VERSION);
    assert_int_equal(number(fixture->path, "SELECT count(*) FROM sqlite_schema WHERE name LIKE 'kept%'"), 4);
    assert_int_equal(number(backup, "PRAGMA user_version"), 2);
    unlink(backup);
}

static void refused(const char *path, const char *sql)
{
    sqlite3 *db;

    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_CONSTRAINT);
    sqlite3_close(db);
}

/* Whether the file was made so or brought up, and whatever other tables somebody adds. */
static void test_events_stay(void **state)
{
    static const char *const changes[] = {"DELETE FROM events", "DELETE FROM events WHERE seq = 1",
                                          "UPDATE events SET at = 0 WHERE seq = 1",
                                          ("CREATE TABLE archives (last INTEGER); INSERT INTO archives VALUES (1);"
                                           "DELETE FROM events WHERE seq = 1")};
    struct fixture *fixture = *state;
    struct aif_record record = fixture_record(1);
    enum aif_ledger_outcome outcome;
    char backup[128];

    assert_int_equal(aif_ledger_record(fixture->ledger, &record, 1, &outcome, NULL), 0);
    for (size_t i = 0; i < sizeof(changes) / sizeof(changes[0]); i++)
        refused(fixture->path, changes[i]);
    verified(fixture, 1);
    make_old(fixture);
    open_again(fixture, AIF_LEDGER_WRITE);
    for (size_t i = 0; i < sizeof(changes) / sizeof(changes[0]); i++)
        refused(fixture->path, changes[i]);
    verified(fixture, 3);
    snprintf(backup, sizeof(backup), "%s.v1.bak", fixture->path);
    unlink(backup);
}

static void test_reading_leaves_an_older_ledger_alone(void **state)
{
    struct fixture *fixture = *state;

    make_old(fixture);
    open_again(fixture, AIF_LEDGER_READ);
    verified(fixture, 3);
    assert_int_equal(latest_seqs(fixture), 2 + 3);
    assert_int_equal(number(fixture->path, "PRAGMA user_version"), 1);
    assert_int_equal(number(fixture->path, "SELECT count(*) FROM sqlite_schema WHERE name = 'superseded'"), 0);
}

static void test_a_copy_that_is_there_is_replaced(void **state)
{
    struct fixture *fixture = *state;
    char backup[128];
    FILE *file;

    make_old(fixture);
    snprintf(backup, sizeof(backup), "%s.v1.bak", fixture->path);
    file = fopen(backup, "w");
    fputs("half of a copy", file);
    fclose(file);
    open_again(fixture, AIF_LEDGER_WRITE);
    assert_int_equal(number(backup, "SELECT count(*) FROM events"), 3);
    unlink(backup);
}

static void test_no_copy_no_change(void **state)
{
    struct fixture *fixture = *state;
    struct aif_ledger *ledger = NULL;
    char backup[128];
    struct aif_error err;

    make_old(fixture);
    snprintf(backup, sizeof(backup), "%s.v1.bak", fixture->path);
    assert_int_equal(mkdir(backup, 0700), 0); /* nothing can be renamed to it */
    assert_int_equal(aif_ledger_open(fixture->path, AIF_LEDGER_WRITE, &ledger, &err), -1);
    assert_non_null(strstr(err.text, ".v1.bak"));
    rmdir(backup);
    snprintf(backup + strlen(backup), sizeof(backup) - strlen(backup), ".%ld", (long)getpid());
    assert_int_equal(access(backup, F_OK), -1); /* nor is half of it left */
    assert_int_equal(number(fixture->path, "PRAGMA user_version"), 1);
}

static void test_newer_ledger_is_refused(void **state)
{
    struct fixture *fixture = *state;
    struct aif_ledger *ledger = NULL;
    struct aif_error err;
    sqlite3 *db;

    assert_int_equal(sqlite3_open(fixture->path, &db), SQLITE_OK);
    run(db, "PRAGMA user_version = 4");
    sqlite3_close(db);
    for (int access = AIF_LEDGER_READ; access <= AIF_LEDGER_WRITE; access++) {
        assert_int_equal(aif_ledger_open(fixture->path, (enum aif_ledger_access)access, &ledger, &err), -1);
        assert_non_null(strstr(err.text, "ledger of version 4, this program knows versions up to 3"));
    }
}

static void test_guards_are_compared_word_by_word(void **state)
{
    struct fixture *fixture = *state;
    struct aif_chain chain;
    struct aif_error err;
    sqlite3 *db;

    verified(fixture, 0);
    assert_int_equal(sqlite3_open(fixture->path, &db), SQLITE_OK);
    run(db, "DROP TRIGGER events_no_delete; CREATE TRIGGER events_no_delete BEFORE DELETE ON events WHEN OLD.seq < 0"
            " BEGIN SELECT raise(ABORT, 'ledger events are never deleted'); END");
    sqlite3_close(db);
    assert_int_equal(aif_ledger_verify(fixture->ledger, &chain, &err), -1);
    assert_non_null(strstr(err.text, "triggers"));
}

/* Both kinds of tables take the same values and refuse the same. */
static void test_types_are_kept_with_and_without_strict(void **state)
{
    static const char *const wrong[] = {
        "INSERT INTO state VALUES ('a', x'00')", "INSERT INTO latest VALUES ('c', 'x', 1, 1, 'a')",
        "INSERT INTO events VALUES (1, 'k', 'c', 1.5, 1, '{}', 'p', 'h')",
        "INSERT INTO sends VALUES ('r', 'c', 'm', 'much', 1, 'ok')", "INSERT INTO superseded VALUES ('x')",
        "INSERT INTO quarantine VALUES ('c', 1, 1, NULL, 1)",
    };
    sqlite3 *db;

    (void)state;
    for (int strict = 0; strict < 2; strict++) {
        assert_int_equal(sqlite3_open(":memory:", &db), SQLITE_OK);
        run(db, aif_ledger_schema(strict));
        for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
            if (sqlite3_exec(db, wrong[i], NULL, NULL, NULL) == SQLITE_OK)
                fail_msg("%s, strict %d", wrong[i], strict);
        run(db, "INSERT INTO events VALUES (1, 'k', 'c', 1, 1, '{}', 'p', 'h'); INSERT INTO latest VALUES"
                " ('c', 1, 1, 1, 'a'); INSERT INTO state VALUES ('a', '1')");
        sqlite3_close(db);
    }
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)
    const struct CMUnitTest tests[] = {
        TEST(test_older_ledger_is_brought_up),
        TEST(test_the_second_version_is_brought_up),
        TEST(test_events_stay),
        TEST(test_reading_leaves_an_older_ledger_alone),
        TEST(test_a_copy_that_is_there_is_replaced),
        TEST(test_no_copy_no_change),
        TEST(test_newer_ledger_is_refused),
        TEST(test_guards_are_compared_word_by_word),
        cmocka_unit_test(test_types_are_kept_with_and_without_strict),
    };
#undef TEST

    return cmocka_run_group_tests(tests, NULL, NULL);
}
