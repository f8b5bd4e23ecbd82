/* test_ledger_archive.c - unit tests of ledger_archive.h and ledger_kept.h: what is moved, what stays, and what of it is proved */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include <sqlite3.h>

#include "ledger_archive.h"
#include "report_helper.h"
#include "witness.h"

#define DAY 86400
#define BEGIN 1700010000 /* after the rows of fixture_record have ended */

struct site {
    struct fixture *fixture;
    struct aif_signkey *key;
    int64_t at;
};

static enum aif_ledger_outcome record(struct site *site, uint64_t index, uint64_t elapsed)
{
    struct aif_record row = fixture_record(index);
    enum aif_ledger_outcome outcome;
    struct aif_error err = {0};

    row.elapsed = elapsed;
    if (aif_ledger_record(site->fixture->ledger, &row, site->at, &outcome, &err) < 0)
        fail_msg("%s", err.text);
    return outcome;
}

static void say(struct site *site, const char *kind, const char *month, const char *amount)
{
    char body[160];

    snprintf(body, sizeof(body), "{\"v\":1,\"sink\":\"w\",\"month\":\"%s\",\"amount\":\"%s\",\"note\":\"set\"}", month, amount);
    assert_int_equal(aif_ledger_append(site->fixture->ledger, kind, "c1", 0, site->at, body, NULL), 0);
}

static void sign(struct site *site)
{
    struct aif_error err = {0};

    if (aif_ledger_checkpoint(site->fixture->ledger, site->key, site->at, &err) < 0)
        fail_msg("%s", err.text);
}

/* Day 0: 1 row job 1, 2 job 2, 3 job 1 corrected, 4 and 5 sent, 6 key, 7 checkpoint. Day 1: 8 job 3, 9 job 2 corrected. */
static int setup(void **state)
{
    struct site *site = calloc(1, sizeof(*site));
    void *fixture = NULL;

    if (!site || fixture_setup(&fixture) < 0)
        return -1;
    site->fixture = fixture;
    site->at = BEGIN;
    *state = site;
    assert_int_equal(aif_signkey_generate(&site->key, NULL), 0);
    record(site, 1, 3600);
    record(site, 2, 3600);
    record(site, 1, 1800);
    say(site, "sent", "2023-11", "1.00");
    say(site, "sent", "2023-11", "2.00");
    sign(site);
    site->at += DAY;
    record(site, 3, 3600);
    record(site, 2, 900);
    return 0;
}

static int teardown(void **state)
{
    struct site *site = *state;
    void *fixture = site->fixture;

    aif_signkey_destroy(site->key);
    free(site);
    return fixture_teardown(&fixture);
}

static struct aif_ledger_prefix prefix_of(struct site *site, int64_t before)
{
    struct aif_ledger_prefix prefix;
    struct aif_error err = {0};

    if (aif_ledger_prefix(site->fixture->ledger, before, &prefix, &err) < 0)
        fail_msg("%s", err.text);
    return prefix;
}

static void cut(struct site *site, int64_t before, bool commit)
{
    struct aif_ledger *ledger = site->fixture->ledger;
    struct aif_ledger_prefix prefix = prefix_of(site, before);
    struct aif_anchor anchor = {.before = before, .file = "old.jsonl"};
    struct aif_error err = {0};

    memset(anchor.sha256, 'a', AIF_HASH_SIZE - 1);
    if (aif_ledger_begin(ledger, &err) < 0 || aif_ledger_cut(ledger, &prefix, &anchor, site->key, site->at, &err) < 0 ||
        (commit && aif_ledger_commit(ledger, &err) < 0))
        fail_msg("%s", err.text);
    aif_ledger_rollback(ledger);
}

static struct aif_chain verified(struct site *site)
{
    struct aif_witness *witness = aif_witness_create(site->key, NULL);
    struct aif_chain chain;
    struct aif_error err = {0};

    if (aif_ledger_verify_signed(site->fixture->ledger, witness, &chain, &err) < 0)
        fail_msg("%s", err.text);
    assert_true(aif_witness_testimony(witness)->checkpoints > 0);
    aif_witness_destroy(witness);
    return chain;
}

static uint64_t gpu_secs(struct site *site, uint64_t *ret_jobs)
{
    struct aif_ledger_total *totals;
    uint64_t secs;
    size_t count;

    assert_int_equal(aif_ledger_totals(site->fixture->ledger, NULL, 0, INT64_MAX, &totals, &count, NULL), 0);
    assert_int_equal(count, 1);
    secs = totals->tres_secs[AIF_CHARGE_GPU];
    *ret_jobs = totals->jobs;
    free(totals);
    return secs;
}

struct list {
    char text[512];
};

static int add_seq(const struct aif_event *event, void *data, struct aif_error *err)
{
    struct list *list = data;
    size_t length = strlen(list->text);

    (void)err;
    assert_int_equal(event->body[0], '{');
    snprintf(list->text + length, sizeof(list->text) - length, "%llu%.1s ", (unsigned long long)event->seq, event->kind);
    return 0;
}

typedef int iterate(struct aif_ledger *ledger, aif_ledger_visit *visit, void *data, struct aif_error *err);

static void expect(struct site *site, iterate *each, const char *seqs)
{
    struct list list = {""};
    struct aif_error err = {0};

    if (each(site->fixture->ledger, add_seq, &list, &err) < 0)
        fail_msg("%s", err.text);
    assert_string_equal(list.text, seqs);
}

static int since_ever(struct aif_ledger *ledger, aif_ledger_visit *visit, void *data, struct aif_error *err)
{
    return aif_ledger_iterate_since(ledger, 0, visit, data, err);
}

static void test_what_is_before(void **state)
{
    struct site *site = *state;
    struct aif_ledger_prefix prefix = prefix_of(site, BEGIN + 1);
    uint64_t lacks;

    assert_int_equal(prefix.first, 1);
    assert_int_equal(prefix.last, 7);
    assert_int_equal(prefix.rows, 3);
    assert_true(prefix.bytes > 7 * 300);
    assert_int_equal(prefix_of(site, BEGIN).last, 0);
    assert_int_equal(prefix_of(site, INT64_MAX).last, 9);
    assert_int_equal(aif_ledger_lacks(site->fixture->ledger, 1, 7, &lacks, NULL), 0);
    assert_int_equal(lacks, 2);
    site->at = BEGIN; /* a clock that went back moves nothing from behind what stays */
    record(site, 4, 1);
    assert_int_equal(prefix_of(site, BEGIN + 1).last, 7);
}

static void test_all_stays_as_it_was(void **state)
{
    struct site *site = *state;
    struct aif_anchor anchor;
    uint64_t jobs, secs = gpu_secs(site, &jobs);
    struct aif_chain before = verified(site);
    int64_t begun;

    expect(site, aif_ledger_iterate_latest, "3c 8j 9c ");
    cut(site, BEGIN + 1, true);
    assert_int_equal(verified(site).count, before.count + 2);
    assert_int_equal(gpu_secs(site, &before.count), secs);
    assert_int_equal(before.count, jobs);
    expect(site, aif_ledger_iterate, "8j 9c 10a 11c ");
    expect(site, aif_ledger_iterate_latest, "3c 8j 9c ");
    expect(site, since_ever, "3c 9c 8j ");
    expect(site, aif_ledger_iterate_findings, "5s ");
    expect(site, aif_ledger_iterate_keys, "6k ");
    assert_int_equal(aif_ledger_anchor(site->fixture->ledger, &anchor, NULL), 0);
    assert_int_equal(anchor.seq, 10);
    assert_int_equal(anchor.last, 7);
    assert_int_equal(anchor.kept, 4); /* 3, 5, 6, and 2, which 9 corrects */
    assert_int_equal(aif_ledger_begun(site->fixture->ledger, &begun, NULL), 0);
    assert_int_equal(begun, BEGIN);
    assert_int_equal(aif_ledger_shrink(site->fixture->ledger, NULL), 0);
    verified(site);
}

static void test_rows_that_come_again(void **state)
{
    struct site *site = *state;
    struct aif_record key = fixture_record(1), found;
    uint64_t jobs;

    cut(site, INT64_MAX, true); /* all of them go */
    expect(site, aif_ledger_iterate, "10a 11c ");
    assert_int_equal(record(site, 1, 1800), AIF_LEDGER_SAME);
    assert_int_equal(record(site, 3, 3600), AIF_LEDGER_SAME);
    assert_int_equal(record(site, 1, 60), AIF_LEDGER_CORRECTED);
    assert_int_equal(record(site, 9, 60), AIF_LEDGER_NEW);
    assert_int_equal(gpu_secs(site, &jobs), 4 * (60 + 900 + 3600 + 60));
    assert_int_equal(jobs, 4);
    expect(site, aif_ledger_iterate_latest, "8j 9c 12c 13j ");
    assert_int_equal(aif_ledger_before(site->fixture->ledger, &key, 12, &found, NULL), 1);
    assert_int_equal(found.elapsed, 1800);
    key.db_index = 77;
    assert_int_equal(aif_ledger_before(site->fixture->ledger, &key, 12, &found, NULL), 0);
    verified(site);
}

static void test_again_and_again(void **state)
{
    struct site *site = *state;
    uint64_t jobs;

    for (int i = 1; i < 6; i++) {
        site->at += DAY;
        record(site, 2, 900 - (uint64_t)i);
        record(site, 10 + (uint64_t)i, 10);
        say(site, i & 1 ? "refused" : "sent", "2023-11", "3.00");
        cut(site, site->at, true); /* all but this day's */
        verified(site);
        assert_int_equal(gpu_secs(site, &jobs), 4 * (1800 + 900 - (uint64_t)i + 3600 + 10 * (uint64_t)i));
        assert_int_equal(jobs, 3 + i);
    }
    cut(site, INT64_MAX, true);
    verified(site);
    assert_int_equal(record(site, 2, 895), AIF_LEDGER_SAME);
    expect(site, aif_ledger_iterate_keys, "6k ");
}

static void test_without_a_commit_nothing_happens(void **state)
{
    struct site *site = *state;
    struct aif_chain before = verified(site), after;

    cut(site, BEGIN + 1, false);
    after = verified(site);
    assert_memory_equal(&before, &after, sizeof(before));
    expect(site, aif_ledger_iterate_latest, "3c 8j 9c ");
}

static void test_a_new_key(void **state)
{
    struct site *site = *state;
    struct aif_signkey *first = site->key, *second;
    struct aif_witness *witness;
    struct aif_chain chain;

    assert_int_equal(aif_signkey_generate(&second, NULL), 0);
    assert_int_equal(aif_ledger_rotate(site->fixture->ledger, first, second, site->at, NULL), 0);
    site->key = second;
    cut(site, INT64_MAX, true);
    witness = aif_witness_create(first, NULL); /* whoever has the first key only, believes the second */
    assert_int_equal(aif_ledger_verify_signed(site->fixture->ledger, witness, &chain, NULL), 0);
    assert_string_equal(aif_witness_testimony(witness)->key, aif_signkey_id(second));
    aif_witness_destroy(witness);
    aif_signkey_destroy(first);
}

static void tamper(struct site *site, const char *sql)
{
    char *why = NULL;
    sqlite3 *db;

    assert_int_equal(sqlite3_open(site->fixture->path, &db), SQLITE_OK);
    if (sqlite3_exec(db, sql, NULL, NULL, &why) != SQLITE_OK)
        fail_msg("%s: %s", sql, why);
    sqlite3_close(db);
}

/* Taken out and put back around, so that only what is kept is wrong. */
static void forge(struct site *site, const char *sql, const char *said)
{
    static const char *const names[] = {"kept_no_update", "kept_no_delete", "kept_no_insert", "events_no_delete"};
    sqlite3_stmt *row;
    struct aif_chain chain;
    struct aif_error err;
    char back[4][256], drop[64];
    sqlite3 *db;

    assert_int_equal(sqlite3_open(site->fixture->path, &db), SQLITE_OK);
    for (size_t i = 0; i < 4; i++) {
        assert_int_equal(sqlite3_prepare_v2(db, "SELECT sql FROM sqlite_schema WHERE name = ?1", -1, &row, NULL), SQLITE_OK);
        sqlite3_bind_text(row, 1, names[i], -1, SQLITE_STATIC);
        assert_int_equal(sqlite3_step(row), SQLITE_ROW);
        snprintf(back[i], sizeof(back[i]), "%s", (const char *)sqlite3_column_text(row, 0));
        sqlite3_finalize(row);
        snprintf(drop, sizeof(drop), "DROP TRIGGER %s", names[i]);
        tamper(site, drop);
    }
    tamper(site, sql);
    for (size_t i = 0; i < 4; i++)
        tamper(site, back[i]);
    sqlite3_close(db);
    assert_int_equal(aif_ledger_verify(site->fixture->ledger, &chain, &err), -1);
    assert_int_equal(err.code, AIF_ECHAIN);
    if (!strstr(err.text, said))
        fail_msg("%s", err.text);
}

static void test_forged(void **state)
{
    static const char *const sql[][2] = {
        {"UPDATE kept SET body = replace(body, '3600', '3601') WHERE seq = 2", "what is kept"},
        {"UPDATE kept SET at = at + 1 WHERE seq = 5", "what is kept"},
        {"DELETE FROM kept WHERE seq = 6", "what is kept"},
        {"INSERT INTO kept VALUES (1, 'job', 'c1', 1, 1, '', '', '')", "what is kept"},
        {"DELETE FROM events WHERE seq = 8", "event 8"},
        {"UPDATE latest SET end_at = end_at + 1 WHERE db_index = 1", "index of latest events"},
        {"DELETE FROM state WHERE key = 'archive.seq'", "event 1"},
        {"UPDATE state SET value = '9' WHERE key = 'archive.seq'", "event 9"},
        {"UPDATE state SET value = '99' WHERE key = 'archive.seq'", "event 99"},
    };

    for (size_t i = 0; i < sizeof(sql) / sizeof(sql[0]); i++) {
        if (i)
            assert_int_equal(setup(state), 0);
        cut(*state, BEGIN + 1, true);
        forge(*state, sql[i][0], sql[i][1]);
        if (i + 1 < sizeof(sql) / sizeof(sql[0]))
            teardown(state);
    }
}

/* Whoever writes into the file, but has no key, cannot make events go. */
static void test_unsigned(void **state)
{
    struct site *site = *state;
    struct aif_ledger *ledger = site->fixture->ledger;
    struct aif_chain chain;
    struct aif_error err;

    cut(site, BEGIN + 1, true);
    assert_int_equal(aif_ledger_verify(ledger, &chain, NULL), 0);
    tamper(site, "DROP TRIGGER events_no_delete; DELETE FROM events WHERE seq = 11; CREATE TRIGGER events_no_delete BEFORE DELETE ON"
                 " events BEGIN SELECT raise(ABORT, 'ledger events are never deleted'); END");
    assert_int_equal(aif_ledger_verify(ledger, &chain, &err), -1);
    assert_non_null(strstr(err.text, "event 10: says that those to 7"));
}

static void test_kept_is_guarded(void **state)
{
    static const char *const sql[] = {"UPDATE kept SET at = 1", "DELETE FROM kept", "DELETE FROM events",
                                      "INSERT INTO kept VALUES (1, 'job', 'c1', 1, 1, '', '', '')"};
    struct site *site = *state;
    sqlite3 *db;

    cut(site, BEGIN + 1, true);
    assert_int_equal(sqlite3_open(site->fixture->path, &db), SQLITE_OK);
    for (size_t i = 0; i < sizeof(sql) / sizeof(sql[0]); i++)
        assert_int_not_equal(sqlite3_exec(db, sql[i], NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(db);
}

static void test_what_joins_an_archive(void **state)
{
    struct site *site = *state;
    struct aif_record found, key = fixture_record(1);
    struct list list = {""};

    assert_int_equal(aif_ledger_iterate_between(site->fixture->ledger, 2, 4, add_seq, &list, NULL), 0);
    assert_string_equal(list.text, "2j 3c 4s ");
    cut(site, BEGIN + 1, true);
    assert_int_equal(aif_ledger_kept_row(site->fixture->ledger, 3, &found, NULL), 1);
    assert_int_equal(found.elapsed, 1800);
    assert_int_equal(aif_ledger_kept_row(site->fixture->ledger, 1, &found, NULL), 0);
    assert_int_equal(aif_ledger_kept_later(site->fixture->ledger, &key, 1, NULL), 1);
    assert_int_equal(aif_ledger_kept_later(site->fixture->ledger, &key, 3, NULL), 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_what_is_before),
        TEST(test_all_stays_as_it_was),
        TEST(test_rows_that_come_again),
        TEST(test_again_and_again),
        TEST(test_without_a_commit_nothing_happens),
        TEST(test_a_new_key),
        TEST(test_forged),
        TEST(test_unsigned),
        TEST(test_kept_is_guarded),
        TEST(test_what_joins_an_archive),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
