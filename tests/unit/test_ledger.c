/* test_ledger.c - unit tests of ledger.h */
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

#include "report_helper.h"

static void add(struct fixture *fixture, const struct aif_record *record, enum aif_ledger_outcome expected)
{
    enum aif_ledger_outcome outcome;
    struct aif_error err = {0};

    if (aif_ledger_record(fixture->ledger, record, 1700004000, &outcome, &err) < 0)
        fail_msg("%s", err.text);
    assert_int_equal(outcome, expected);
}

static void reopen(struct fixture *fixture)
{
    struct aif_error err = {0};

    aif_ledger_close(fixture->ledger);
    fixture->ledger = NULL;
    if (aif_ledger_open(fixture->path, AIF_LEDGER_WRITE, &fixture->ledger, &err) < 0)
        fail_msg("%s", err.text);
}

/* What someone with an SQLite shell could do. */
static int tamper(struct fixture *fixture, const char *sql)
{
    sqlite3 *db;
    int rc;

    aif_ledger_close(fixture->ledger);
    fixture->ledger = NULL;
    assert_int_equal(sqlite3_open(fixture->path, &db), SQLITE_OK);
    rc = sqlite3_exec(db, sql, NULL, NULL, NULL);
    sqlite3_close(db);
    reopen(fixture);
    return rc;
}

static uint64_t verified(struct fixture *fixture)
{
    struct aif_chain chain;
    struct aif_error err = {0};

    if (aif_ledger_verify(fixture->ledger, &chain, &err) < 0)
        fail_msg("%s", err.text);
    return chain.count;
}

static void broken(struct fixture *fixture, const char *words)
{
    struct aif_chain chain;
    struct aif_error err = {0};

    assert_int_equal(aif_ledger_verify(fixture->ledger, &chain, &err), -1);
    assert_int_equal(err.code, AIF_ECHAIN);
    if (!strstr(err.text, words))
        fail_msg("\"%s\" does not say \"%s\"", err.text, words);
}

static void test_same_row_is_recorded_once(void **state)
{
    struct aif_record record = fixture_record(1);

    add(*state, &record, AIF_LEDGER_NEW);
    add(*state, &record, AIF_LEDGER_SAME);
    reopen(*state);
    add(*state, &record, AIF_LEDGER_SAME);
    record.user[0] = '\0'; /* the user was deleted meanwhile */
    add(*state, &record, AIF_LEDGER_SAME);
    assert_int_equal(verified(*state), 1);
}

static void test_key_is_cluster_and_index(void **state)
{
    struct aif_record record = fixture_record(1);

    add(*state, &record, AIF_LEDGER_NEW);
    record.db_index = UINT64_MAX;
    add(*state, &record, AIF_LEDGER_NEW);
    add(*state, &record, AIF_LEDGER_SAME);
    snprintf(record.cluster, sizeof(record.cluster), "c2");
    add(*state, &record, AIF_LEDGER_NEW);
    assert_int_equal(verified(*state), 3);
}

static uint64_t total_of(struct fixture *fixture, int64_t from, int64_t until, const char *allocation)
{
    struct aif_ledger_total *totals;
    uint64_t sum = 0;
    size_t count;

    assert_int_equal(aif_ledger_totals(fixture->ledger, NULL, from, until, &totals, &count, NULL), 0);
    for (size_t i = 0; i < count; i++)
        if (!strcmp(totals[i].allocation, allocation))
            sum += totals[i].tres_secs[AIF_CHARGE_GPU];
    free(totals);
    return sum;
}

static void test_correction_replaces(void **state)
{
    struct fixture *fixture = *state;
    struct aif_record record = fixture_record(1);

    add(fixture, &record, AIF_LEDGER_NEW);
    record.elapsed = 1800;
    add(fixture, &record, AIF_LEDGER_CORRECTED);
    assert_int_equal(verified(fixture), 2);
    assert_int_equal(total_of(fixture, 0, 2000000000, "A-1"), 4 * 1800);
}

static void test_totals_per_allocation_and_month(void **state)
{
    struct fixture *fixture = *state;
    struct aif_record record = fixture_record(1);
    const int64_t december = 1701388800; /* 2023-12-01T00:00:00Z */

    add(fixture, &record, AIF_LEDGER_NEW);
    record = fixture_record(2);
    record.start = december - 1000;
    record.end = december + 3000;
    record.elapsed = 4000;
    add(fixture, &record, AIF_LEDGER_NEW);
    record = fixture_record(3);
    snprintf(record.allocation, sizeof(record.allocation), "B-2");
    add(fixture, &record, AIF_LEDGER_NEW);
    record = fixture_record(4); /* cancelled before it started */
    record.start = 0;
    record.elapsed = 0;
    add(fixture, &record, AIF_LEDGER_NEW);
    assert_int_equal(total_of(fixture, 1698796800, december, "A-1"), 4 * (3600 + 1000));
    assert_int_equal(total_of(fixture, december, 1704067200, "A-1"), 4 * 3000);
    assert_int_equal(total_of(fixture, 1698796800, december, "B-2"), 4 * 3600);
    assert_int_equal(total_of(fixture, december, 1704067200, "B-2"), 0);
}

static void test_totals_come_in_order(void **state)
{
    static const char *const names[] = {"B-2", "A-1", "C", "A-0", "A-1"};
    struct fixture *fixture = *state;
    struct aif_ledger_total *totals;
    struct aif_record record;
    size_t count;

    for (unsigned i = 0; i < 5; i++) {
        record = fixture_record(i + 1);
        snprintf(record.allocation, sizeof(record.allocation), "%s", names[i]);
        add(fixture, &record, AIF_LEDGER_NEW);
    }
    assert_int_equal(aif_ledger_totals(fixture->ledger, NULL, 0, 2000000000, &totals, &count, NULL), 0);
    assert_int_equal(count, 4);
    assert_string_equal(totals[0].allocation, "A-0");
    assert_string_equal(totals[1].allocation, "A-1");
    assert_string_equal(totals[2].allocation, "B-2");
    assert_string_equal(totals[3].allocation, "C");
    assert_int_equal(totals[1].jobs, 2);
    free(totals);
}

static void test_totals_by_resource_without_the_free_qos(void **state)
{
    static const char text[] = "{\"version\":1,\"allocations\":[{\"id\":\"A-1\",\"account\":\"acct\",\"mode\":\"m\","
                               "\"amount\":1,\"unit\":\"gpu-hour\",\"start\":\"2026-01-01\",\"end\":\"2026-12-31\"}]}";
    static const char policy_text[] = "{\"version\":1,\"cluster\":\"c1\",\"modes\":{\"m\":{}}}";
    struct fixture *fixture = *state;
    struct aif_record record = fixture_record(1);
    struct aif_alloctable *allocs = NULL;
    struct aif_policy *policy = NULL;
    struct aif_ledger_total *totals;
    struct aif_alloc *alloc;
    char free_qos[] = "a-1-free";
    size_t count;

    assert_int_equal(aif_policy_parse(policy_text, strlen(policy_text), "p", &policy, NULL), 0);
    assert_int_equal(aif_alloctable_parse(text, strlen(text), "a", policy, &allocs, NULL), 0);
    alloc = (struct aif_alloc *)aif_alloctable_at(allocs, 0);
    alloc->free_qos = free_qos;
    add(fixture, &record, AIF_LEDGER_NEW);
    record = fixture_record(2);
    snprintf(record.qos, sizeof(record.qos), "A-1-free");
    add(fixture, &record, AIF_LEDGER_NEW);
    assert_int_equal(aif_ledger_totals(fixture->ledger, allocs, 0, 2000000000, &totals, &count, NULL), 0);
    assert_int_equal(count, 1);
    assert_int_equal(totals[0].jobs, 1);
    assert_int_equal(totals[0].tres_secs[AIF_CHARGE_GPU], 4 * 3600);
    assert_int_equal(totals[0].tres_secs[AIF_CHARGE_NODE], 3600);
    assert_int_equal(totals[0].tres_secs[AIF_CHARGE_BILLING], 16 * 3600);
    free(totals);
    alloc->free_qos = NULL;
    aif_alloctable_destroy(allocs);
    aif_policy_destroy(policy);
}

#define OLDER_BODY(version)                                                                                       \
    "{\"v\":" version ",\"cluster\":\"c1\",\"db_index\":\"1\",\"job_id\":1,\"allocation\":\"A-1\","       \
    "\"account\":\"acct\",\"user\":\"alice\",\"qos\":\"a-1\",\"mode\":\"playground\",\"residency\":\"\"," \
    "\"partition\":\"gpu\",\"state\":\"COMPLETED\",\"submit\":1700000000,\"start\":1700000100,"           \
    "\"end\":1700003700,\"elapsed\":3600,\"gpus\":4,\"nodes\":1"

static void append_older(struct fixture *fixture, const char *body)
{
    assert_int_equal(aif_ledger_append(fixture->ledger, "job", "c1", 1, 1700004000, body, NULL), 0);
    assert_int_equal(tamper(fixture, "INSERT INTO latest VALUES ('c1', 1, 1, 1700003700, 'A-1')"), SQLITE_OK);
    assert_int_equal(verified(fixture), 1);
    assert_int_equal(total_of(fixture, 0, 2000000000, "A-1"), 4 * 3600);
}

/* What a ledger of before billing and purpose holds: it verifies, and the row is corrected to what slurmdbd says now. */
static void test_older_rows_stay_valid(void **state)
{
    struct fixture *fixture = *state;
    struct aif_record record = fixture_record(1);

    append_older(fixture, OLDER_BODY("1") "}");
    record.billing = 0;
    add(fixture, &record, AIF_LEDGER_SAME);
    record.billing = 16;
    add(fixture, &record, AIF_LEDGER_CORRECTED);
    assert_int_equal(verified(fixture), 2);
    assert_int_equal(total_of(fixture, 0, 2000000000, "A-1"), 4 * 3600);
}

/* Nor do records without an eligible time get a correction only because slurmdbd knows it. */
static void test_rows_without_eligible_stay(void **state)
{
    struct fixture *fixture = *state;
    struct aif_record record = fixture_record(1);

    append_older(fixture, OLDER_BODY("2") ",\"billing\":16,\"purpose\":\"\"}");
    record.eligible = record.submit + 10;
    add(fixture, &record, AIF_LEDGER_SAME);
    record.state[0] = 'X';
    add(fixture, &record, AIF_LEDGER_CORRECTED);
    record.eligible++;
    add(fixture, &record, AIF_LEDGER_CORRECTED);
    assert_int_equal(verified(fixture), 3);
}

/* The same of the placement's score; a correction for another reason has it then. */
static void test_rows_without_score_stay(void **state)
{
    struct fixture *fixture = *state;
    struct aif_record record = fixture_record(1);

    append_older(fixture, OLDER_BODY("3") ",\"billing\":16,\"purpose\":\"\",\"eligible\":0}");
    snprintf(record.score, sizeof(record.score), "100 leaf 1/1");
    add(fixture, &record, AIF_LEDGER_SAME);
    record.state[0] = 'X';
    add(fixture, &record, AIF_LEDGER_CORRECTED);
    assert_int_equal(verified(fixture), 2);
}

static void test_bad_record_is_refused(void **state)
{
    struct fixture *fixture = *state;
    struct aif_record record = fixture_record(1);
    enum aif_ledger_outcome outcome;
    struct aif_error err;

    record.elapsed = 999999;
    assert_int_equal(aif_ledger_record(fixture->ledger, &record, 1, &outcome, &err), -1);
    assert_int_equal(err.code, AIF_EINVAL);
    assert_int_equal(verified(fixture), 0);
}

static void test_rollback_leaves_nothing(void **state)
{
    struct fixture *fixture = *state;
    struct aif_record record = fixture_record(1);

    assert_int_equal(aif_ledger_begin(fixture->ledger, NULL), 0);
    add(fixture, &record, AIF_LEDGER_NEW);
    aif_ledger_rollback(fixture->ledger);
    assert_int_equal(verified(fixture), 0);
    assert_int_equal(aif_ledger_begin(fixture->ledger, NULL), 0);
    add(fixture, &record, AIF_LEDGER_NEW);
    assert_int_equal(aif_ledger_append(fixture->ledger, "sent", "c1", 0, 5, "{}", NULL), 0);
    assert_int_equal(aif_ledger_commit(fixture->ledger, NULL), 0);
    assert_int_equal(verified(fixture), 2);
}

static void test_triggers_refuse_changes(void **state)
{
    struct aif_record record = fixture_record(1);

    add(*state, &record, AIF_LEDGER_NEW);
    assert_int_not_equal(tamper(*state, "UPDATE events SET at = 0"), SQLITE_OK);
    assert_int_not_equal(tamper(*state, "DELETE FROM events"), SQLITE_OK);
    assert_int_not_equal(tamper(*state, "INSERT OR REPLACE INTO events SELECT seq, kind, cluster, 9, at,"
                                        " body, prev_hash, hash FROM events"), SQLITE_OK);
    assert_int_equal(verified(*state), 1);
}

#define UNGUARD "DROP TRIGGER events_no_update; DROP TRIGGER events_no_delete; DROP TRIGGER events_in_order;"

static void test_every_column_is_covered(void **state)
{
    static const char *const changes[] = {
        "kind = 'jod'", "cluster = 'c9'", "db_index = db_index + 1", "at = at + 1",
        "body = replace(body, 'alice', 'alicf')", "body = body || ' '", "prev_hash = upper(prev_hash) || 'x'",
        "hash = upper(hash)", "seq = seq + 100", "body = body || char(0)", "body = ''",
    };
    struct fixture *fixture = *state;
    char sql[256];

    for (uint64_t i = 1; i <= 4; i++) {
        struct aif_record record = fixture_record(i);

        add(fixture, &record, AIF_LEDGER_NEW);
    }
    assert_int_equal(tamper(fixture, UNGUARD "CREATE TABLE aside AS SELECT * FROM events"), SQLITE_OK);
    broken(fixture, "guard");
    for (size_t i = 0; i < sizeof(changes) / sizeof(changes[0]); i++) {
        snprintf(sql, sizeof(sql), "UPDATE events SET %s WHERE seq = 3", changes[i]);
        assert_int_equal(tamper(fixture, sql), SQLITE_OK);
        broken(fixture, "event 3");
        assert_int_equal(tamper(fixture, "DELETE FROM events; INSERT INTO events SELECT * FROM aside"), SQLITE_OK);
    }
    assert_int_equal(tamper(fixture, "DELETE FROM events WHERE seq = 2"), SQLITE_OK);
    broken(fixture, "event 2");
}

static int ignore(const struct aif_event *event, void *data, struct aif_error *err)
{
    (void)event;
    (void)data;
    (void)err;
    return 0;
}

static void test_index_must_agree(void **state)
{
    struct fixture *fixture = *state;
    struct aif_record record = fixture_record(1);
    struct aif_ledger_total *totals;
    size_t count;

    add(fixture, &record, AIF_LEDGER_NEW);
    assert_int_equal(tamper(fixture, "UPDATE latest SET allocation = 'B-2'"), SQLITE_OK);
    broken(fixture, "index");
    assert_int_equal(aif_ledger_totals(fixture->ledger, NULL, 0, 2000000000, &totals, &count, NULL), -1);
    /* A row whose event is not there is not just left out. */
    assert_int_equal(tamper(fixture, "UPDATE latest SET allocation = 'A-1', seq = 9"), SQLITE_OK);
    broken(fixture, "index");
    assert_int_equal(aif_ledger_totals(fixture->ledger, NULL, 0, 2000000000, &totals, &count, NULL), -1);
    assert_int_equal(aif_ledger_iterate_since(fixture->ledger, 0, ignore, NULL, NULL), -1);
    assert_int_equal(tamper(fixture, "DELETE FROM latest"), SQLITE_OK);
    broken(fixture, "index");
}

static int count_visits(const struct aif_event *event, void *data, struct aif_error *err)
{
    (void)err;
    *(uint64_t *)data = *(uint64_t *)data * 10 + event->seq;
    return 0;
}

static int end_at_once(const struct aif_event *event, void *data, struct aif_error *err)
{
    (void)event;
    (void)data;
    return aif_error_set(err, AIF_EIO, "enough");
}

static void test_iterates_in_order(void **state)
{
    struct fixture *fixture = *state;
    struct aif_record record = fixture_record(1), second = fixture_record(2);
    struct aif_error err;
    uint64_t seen = 0;

    add(fixture, &record, AIF_LEDGER_NEW);
    add(fixture, &second, AIF_LEDGER_NEW);
    record.gpus = 8;
    add(fixture, &record, AIF_LEDGER_CORRECTED);
    assert_int_equal(aif_ledger_iterate(fixture->ledger, count_visits, &seen, NULL), 0);
    assert_int_equal(seen, 123);
    seen = 0;
    assert_int_equal(aif_ledger_iterate_latest(fixture->ledger, count_visits, &seen, NULL), 0);
    assert_int_equal(seen, 23);
    assert_int_equal(aif_ledger_iterate(fixture->ledger, end_at_once, NULL, &err), -1);
    assert_string_equal(err.text, "enough");
}

static void test_iterates_since(void **state)
{
    struct fixture *fixture = *state;
    struct aif_record record = fixture_record(1), second = fixture_record(2);
    uint64_t seen = 0;

    second.end += 10;
    add(fixture, &record, AIF_LEDGER_NEW);
    add(fixture, &second, AIF_LEDGER_NEW);
    assert_int_equal(aif_ledger_iterate_since(fixture->ledger, second.end, count_visits, &seen, NULL), 0);
    assert_int_equal(seen, 2);
    record.end = record.start; /* corrected to an earlier end */
    record.elapsed = 0;
    add(fixture, &record, AIF_LEDGER_CORRECTED);
    seen = 0;
    assert_int_equal(aif_ledger_iterate_since(fixture->ledger, record.end + 1, count_visits, &seen, NULL), 0);
    assert_int_equal(seen, 2);
    assert_int_equal(aif_ledger_iterate_since(fixture->ledger, second.end + 1, count_visits, &seen, NULL), 0);
    assert_int_equal(seen, 2);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_same_row_is_recorded_once),
        TEST(test_key_is_cluster_and_index),
        TEST(test_correction_replaces),
        TEST(test_totals_per_allocation_and_month),
        TEST(test_totals_come_in_order),
        TEST(test_totals_by_resource_without_the_free_qos),
        TEST(test_older_rows_stay_valid),
        TEST(test_rows_without_eligible_stay),
        TEST(test_rows_without_score_stay),
        TEST(test_bad_record_is_refused),
        TEST(test_rollback_leaves_nothing),
        TEST(test_triggers_refuse_changes),
        TEST(test_every_column_is_covered),
        TEST(test_index_must_agree),
        TEST(test_iterates_in_order),
        TEST(test_iterates_since),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
