/* test_ledgerbalance.c - unit tests of ledgerbalance.h */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <cmocka.h>

#include <sqlite3.h>

#include "ledgerbalance.h"
#include "report_helper.h"

#define HOUR 3600
#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))

static const char policy_text[] = "{\"version\":1,\"cluster\":\"c1\",\"modes\":{\"m\":{}}}";
static const char allocs_text[] =
    "{\"version\":1,\"allocations\":["
    "{\"id\":\"A-1\",\"account\":\"a\",\"mode\":\"m\",\"amount\":1,\"unit\":\"gpu-hour\",\"start\":\"2026-01-01\",\"end\":\"2026-12-31\"},"
    "{\"id\":\"B-2\",\"account\":\"b\",\"mode\":\"m\",\"amount\":1,\"unit\":\"node-hour\",\"start\":\"2026-01-01\",\"end\":\"2026-12-31\"}]}";

/* A ledger, and allocations to add it up for. */
struct books {
    struct fixture *fixture;
    struct aif_policy *policy;
    struct aif_alloctable *allocs;
    struct aif_alloc *first, *second;
    char free_qos[16];
};

static int books_setup(void **state)
{
    struct books *books = calloc(1, sizeof(*books));

    setenv("TZ", "Europe/Helsinki", 1);
    tzset();
    if (!books || fixture_setup((void **)&books->fixture) ||
        aif_policy_parse(policy_text, strlen(policy_text), "p", &books->policy, NULL) ||
        aif_alloctable_parse(allocs_text, strlen(allocs_text), "a", books->policy, &books->allocs, NULL))
        return -1;
    books->first = (struct aif_alloc *)aif_alloctable_at(books->allocs, 0);
    books->second = (struct aif_alloc *)aif_alloctable_at(books->allocs, 1);
    strcpy(books->free_qos, "a-1-free");
    books->first->free_qos = books->free_qos;
    *state = books;
    return 0;
}

static int books_teardown(void **state)
{
    struct books *books = *state;

    books->first->free_qos = NULL;
    aif_alloctable_destroy(books->allocs);
    aif_policy_destroy(books->policy);
    fixture_teardown((void **)&books->fixture);
    free(books);
    return 0;
}

static void add(struct books *books, const struct aif_record *record)
{
    enum aif_ledger_outcome outcome;
    struct aif_error err = {0};

    if (aif_ledger_record(books->fixture->ledger, record, record->end, &outcome, &err) < 0)
        fail_msg("%s", err.text);
}

static struct aif_balances *read_with(struct books *books, const struct aif_record *running, size_t count, time_t now)
{
    struct aif_balances *balances = NULL;
    struct aif_error err = {0};

    if (aif_ledgerbalance_read_with(books->fixture->ledger, books->allocs, running, count, now, &balances, &err))
        fail_msg("%s", err.text);
    return balances;
}

static struct aif_balances *read_all(struct books *books)
{
    struct aif_balances *balances = NULL;
    struct aif_error err = {0};

    if (aif_ledgerbalance_read(books->fixture->ledger, books->allocs, 1800000000, &balances, &err))
        fail_msg("%s", err.text);
    return balances;
}

static struct aif_record job(uint64_t db_index, int64_t start, int64_t hours)
{
    struct aif_record record = fixture_record(db_index);

    record.submit = record.start = start;
    record.elapsed = (uint64_t)hours * HOUR;
    record.end = start + hours * HOUR;
    return record;
}

static void test_empty_ledger(void **state)
{
    struct aif_balances *balances = read_all(*state);

    assert_int_equal(aif_balances_count(balances), 0);
    assert_int_equal(aif_balances_at(balances), 1800000000);
    aif_balances_destroy(balances);
}

/* 2026-01-31T22:00:00Z is midnight in Helsinki: January's last hour there and February's first two. */
static void test_months_are_local(void **state)
{
    struct aif_record record = job(1, 1769893200, 3);
    const struct aif_balance *balance;
    struct aif_balances *balances;

    add(*state, &record);
    balances = read_all(*state);
    balance = aif_balances_find(balances, "A-1");
    assert_int_equal(balance->used_secs, 4 * 3 * HOUR);
    assert_int_equal(balance->first_month, 2026 * 12);
    assert_int_equal(balance->months, 2);
    assert_int_equal(balance->by_month[0], 4 * HOUR);
    assert_int_equal(balance->by_month[1], 8 * HOUR);
    assert_int_equal(balance->free_secs + balance->inference_secs, 0);
    aif_balances_destroy(balances);
}

static void test_each_by_its_own_rule(void **state)
{
    struct books *books = *state;
    struct aif_record gpu = job(1, 1770000000, 1), node = job(2, 1770000000, 1), billing = job(3, 1770000000, 1);
    struct aif_balances *balances;

    snprintf(node.allocation, sizeof(node.allocation), "b-2");
    billing.gpus = 0;
    add(books, &gpu);
    add(books, &node);
    add(books, &billing);
    books->first->charge = (struct aif_charge){AIF_CHARGE_GPU, 500000};
    balances = read_all(books);
    assert_int_equal(aif_balances_find(balances, "A-1")->used_secs, 2 * HOUR);
    assert_int_equal(aif_balances_find(balances, "B-2")->used_secs, HOUR);
    aif_balances_destroy(balances);
    books->first->charge = (struct aif_charge){AIF_CHARGE_BILLING, 125000};
    balances = read_all(books);
    assert_int_equal(aif_balances_find(balances, "A-1")->used_secs, 2 * 2 * HOUR); /* 16 / 8, two jobs */
    aif_balances_destroy(balances);
}

static void test_kinds_of_use(void **state)
{
    struct aif_record records[] = {job(1, 1770000000, 1), job(2, 1770000000, 2), job(3, 1770000000, 3),
                                   job(4, 1770000000, 4), job(5, 1770000000, 5)};
    const struct aif_balance *balance;
    struct aif_balances *balances;

    snprintf(records[1].purpose, sizeof(records[1].purpose), "inference");
    snprintf(records[2].qos, sizeof(records[2].qos), "A-1-FREE");
    snprintf(records[3].allocation, sizeof(records[3].allocation), "gone");
    records[4].start = 0; /* cancelled before it started */
    records[4].elapsed = 0;
    for (size_t i = 0; i < COUNT_OF(records); i++)
        add(*state, &records[i]);
    balances = read_all(*state);
    balance = aif_balances_find(balances, "A-1");
    assert_int_equal(aif_balances_count(balances), 1);
    assert_int_equal(balance->used_secs, 4 * 3 * HOUR);
    assert_int_equal(balance->inference_secs, 4 * 2 * HOUR);
    assert_int_equal(balance->free_secs, 4 * 3 * HOUR);
    aif_balances_destroy(balances);
}

static void test_corrections_count_once(void **state)
{
    struct aif_record record = job(1, 1770000000, 2);
    struct aif_balances *balances;

    add(*state, &record);
    record.elapsed = HOUR;
    add(*state, &record);
    snprintf(record.state, sizeof(record.state), "FAILED");
    add(*state, &record);
    balances = read_all(*state);
    assert_int_equal(aif_balances_find(balances, "A-1")->used_secs, 4 * HOUR);
    aif_balances_destroy(balances);
}

/* This month's part of what runs is still among what Slurm has reserved. */
static void test_running_jobs_count_in_months_that_are_over(void **state)
{
    const int64_t evening = 1769889600; /* 2026-01-31 22:00 in Helsinki, two hours before the month ends */
    struct aif_record ended = job(1, evening, 1), running[] = {job(2, evening, 6), job(3, evening, 3), job(4, evening + 3 * HOUR, 3)};
    struct aif_balances *balances;
    const struct aif_balance *balance;

    for (size_t i = 0; i < COUNT_OF(running); i++)
        running[i].end = 0;
    add(*state, &ended);
    balances = read_with(*state, running, COUNT_OF(running), evening + 6 * HOUR);
    balance = aif_balances_find(balances, "A-1");
    assert_int_equal(balance->used_secs, 4 * (1 + 2 + 1) * HOUR); /* the second was suspended half of the time */
    assert_int_equal(balance->months, 1);
    aif_balances_destroy(balances);
}

/* Shuffled jobs of a year, each once more as a correction of a wrong first event. */
static void test_any_order_gives_the_same(void **state)
{
    struct books *books = *state, *other = NULL;
    struct aif_balances *one, *two;
    uint64_t indexes[200];

    srandom(20261121);
    assert_int_equal(books_setup((void **)&other), 0);
    for (size_t i = 0; i < COUNT_OF(indexes); i++)
        indexes[i] = i + 1;
    for (int pass = 0; pass < 2; pass++) {
        for (size_t i = COUNT_OF(indexes) - 1; pass && i > 0; i--) {
            size_t j = (size_t)random() % (i + 1);
            uint64_t kept = indexes[i];

            indexes[i] = indexes[j];
            indexes[j] = kept;
        }
        for (size_t i = 0; i < COUNT_OF(indexes); i++) {
            struct aif_record record = job(indexes[i], 1767225600 + (int64_t)(indexes[i] * 7919 % 8000) * HOUR, 30);

            snprintf(record.allocation, sizeof(record.allocation), indexes[i] % 3 ? "A-1" : "B-2");
            record.elapsed -= indexes[i] * 13 % 90000;
            add(pass ? other : books, &record);
            record.nodes = 2;
            add(pass ? other : books, &record);
        }
    }
    one = read_all(books);
    two = read_all(other);
    assert_int_equal(aif_balances_count(one), 2);
    assert_true(aif_balances_same(one, two));
    aif_balances_destroy(one);
    aif_balances_destroy(two);
    books_teardown((void **)&other);
}

static void test_damaged_bodies_are_refused(void **state)
{
    struct books *books = *state;
    struct aif_record record = job(1, 1770000000, 1);
    struct aif_balances *balances = NULL;
    struct aif_error err = {0};
    sqlite3 *db;

    add(books, &record);
    assert_int_equal(sqlite3_open(books->fixture->path, &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, "DROP TRIGGER events_no_update; UPDATE events SET body = '{}'", NULL, NULL, NULL),
                     SQLITE_OK);
    sqlite3_close(db);
    assert_int_equal(aif_ledgerbalance_read(books->fixture->ledger, books->allocs, 1, &balances, &err), -1);
    assert_null(balances);
    assert_int_equal(err.code, AIF_ESCHEMA);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, books_setup, books_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_empty_ledger),
        TEST(test_months_are_local),
        TEST(test_each_by_its_own_rule),
        TEST(test_kinds_of_use),
        TEST(test_corrections_count_once),
        TEST(test_running_jobs_count_in_months_that_are_over),
        TEST(test_any_order_gives_the_same),
        TEST(test_damaged_bodies_are_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
