/*
 * test_property_order.c - any order of the same events gives the same balance
 *
 * In memory: the same use added in two orders. In the ledger: the rows of random jobs as slurmdbd shows them, first and
 * corrected, once in order and once in an order in which only the versions of one row follow each other, with rows shown
 * again and commits in between. AIF_PROPERTY_SEED=<n> repeats the sequence that a failure names, alone.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <cmocka.h>

#include "ledgerbalance.h"
#include "property_seed.h"
#include "report_helper.h"

#define SEQUENCES 20000
#define LEDGERS 30 /* each writes to disk */
#define CHECKED 10 /* so many times less under valgrind */
#define ROWS 24
#define EVENTS (3 * ROWS)
#define START 1767225600 /* 2026-01-01T00:00:00Z */
#define YEAR (365 * 86400)

static const char policy_text[] = "{\"version\":1,\"cluster\":\"c1\",\"modes\":{\"m\":{}}}";
static const char allocs_text[] =
    "{\"version\":1,\"allocations\":["
    "{\"id\":\"A-1\",\"account\":\"a\",\"mode\":\"m\",\"amount\":1,\"unit\":\"gpu-hour\",\"start\":\"2026-01-01\",\"end\":\"2026-12-31\"},"
    "{\"id\":\"B-2\",\"account\":\"b\",\"mode\":\"m\",\"amount\":1,\"unit\":\"node-hour\",\"start\":\"2026-01-01\",\"end\":\"2026-12-31\"}]}";
static const char *const ids[] = {"A-1", "B-2", "a-1", "gone"};
static char free_name[] = "a-1-free";

static struct aif_policy *policy;
static struct aif_alloctable *allocs;

static void check_same(const struct aif_balances *one, const struct aif_balances *two)
{
    if (!aif_balances_same(one, two) || !aif_balances_same(two, one))
        fail_msg("another order gave another balance; " REPEATS, (unsigned long long)seed);
}

/* ---- in memory ---- */

struct use {
    const char *id;
    time_t when;
    uint64_t secs;
    unsigned what;
};

static struct aif_balances *added(const struct use *uses, const size_t *order, size_t count)
{
    struct aif_balances *balances = aif_balances_create(START);
    struct aif_error err = {0};

    for (size_t i = 0; i < count; i++) {
        const struct use *use = &uses[order ? order[i] : i];

        if (aif_balances_add(balances, use->id, use->when, use->secs, use->what, &err))
            fail_msg("%s", err.text);
    }
    aif_balances_charge(balances, allocs);
    return balances;
}

static void add_in_two_orders(void)
{
    struct aif_balances *one, *two;
    struct use uses[ROWS];
    size_t order[ROWS];

    for (size_t i = 0; i < ROWS; i++)
        uses[i] = (struct use){.id = ids[chance(4)],
                               .when = START + (time_t)chance(2 * (uint64_t)YEAR) - YEAR / 2,
                               .secs = chance(chance(50) ? 100000 : (uint64_t)1 << 52),
                               .what = (unsigned)chance(4)};
    shuffle(order, ROWS);
    one = added(uses, NULL, ROWS);
    two = added(uses, order, ROWS);
    check_same(one, two);
    aif_balances_destroy(one);
    aif_balances_destroy(two);
}

static void test_added_in_any_order(void **state)
{
    (void)state;
    for_each_seed(SEQUENCES, SEQUENCES / CHECKED, add_in_two_orders);
}

/* ---- in the ledger ---- */

static struct aif_record random_record(uint64_t db_index)
{
    struct aif_record record = fixture_record(db_index);

    snprintf(record.allocation, sizeof(record.allocation), "%s", ids[chance(4)]);
    snprintf(record.qos, sizeof(record.qos), "%s", chance(4) ? "a-1" : free_name);
    snprintf(record.purpose, sizeof(record.purpose), "%s", chance(4) ? "" : "inference");
    record.submit = record.start = START + (int64_t)chance(YEAR);
    record.end = record.start + (int64_t)chance(40 * 86400);
    record.elapsed = record.end > record.start ? chance((uint64_t)(record.end - record.start)) : 0;
    record.gpus = chance(9);
    record.nodes = chance(5);
    record.billing = chance(1000);
    return record;
}

/* Another version of the same row: what changes is a quantity, the allocation or the end. */
static struct aif_record corrected(const struct aif_record *before)
{
    struct aif_record record = random_record(before->db_index);

    record.submit = before->submit;
    if (chance(2))
        memcpy(record.allocation, before->allocation, sizeof(record.allocation));
    if (record.start < record.submit) {
        record.end += record.submit - record.start;
        record.start = record.submit;
    }
    memcpy(record.qos, before->qos, sizeof(record.qos));
    return record;
}

static size_t make_events(struct aif_record events[EVENTS])
{
    size_t count = 0;

    for (uint64_t row = 1; row <= ROWS; row++) {
        events[count++] = random_record(row);
        for (uint64_t more = chance(3); more; more--, count++)
            events[count] = corrected(&events[count - 1]);
    }
    return count;
}

static void put(struct fixture *books, const struct aif_record *record)
{
    enum aif_ledger_outcome outcome;
    struct aif_error err = {0};

    if (aif_ledger_record(books->ledger, record, record->end, &outcome, &err))
        fail_msg("%s", err.text);
}

/* Shuffled rows; the events of each row take the row's places one after the other. */
static void put_shuffled(struct fixture *books, const struct aif_record *events, size_t count)
{
    size_t order[EVENTS], next[ROWS + 1] = {0};
    struct aif_error err = {0};

    for (size_t i = count; i-- > 0;)
        next[events[i].db_index] = i;
    shuffle(order, count);
    for (size_t i = 0; i < count; i++) {
        const struct aif_record *event = &events[next[events[order[i]].db_index]++];

        put(books, event);
        if (!chance(3))
            put(books, event);
        if (!chance(20) && (aif_ledger_commit(books->ledger, &err) || aif_ledger_begin(books->ledger, &err)))
            fail_msg("%s", err.text);
    }
}

static struct aif_balances *balances_of(const struct aif_record *events, size_t count, bool shuffled)
{
    struct aif_balances *balances = NULL;
    struct aif_error err = {0};
    void *state = NULL;
    struct fixture *books;

    assert_int_equal(fixture_setup(&state), 0);
    books = state;
    assert_int_equal(aif_ledger_begin(books->ledger, &err), 0);
    if (shuffled)
        put_shuffled(books, events, count);
    for (size_t i = 0; !shuffled && i < count; i++)
        put(books, &events[i]);
    if (aif_ledger_commit(books->ledger, &err) ||
        aif_ledgerbalance_read(books->ledger, allocs, START + 2 * YEAR, &balances, &err))
        fail_msg("%s", err.text);
    fixture_teardown(&state);
    return balances;
}

static void record_in_two_orders(void)
{
    struct aif_record events[EVENTS];
    const size_t count = make_events(events);
    struct aif_balances *one = balances_of(events, count, false), *two = balances_of(events, count, true);

    assert_int_equal(aif_balances_count(one), 2);
    check_same(one, two);
    aif_balances_destroy(one);
    aif_balances_destroy(two);
}

static void test_recorded_in_any_order(void **state)
{
    (void)state;
    for_each_seed(LEDGERS, LEDGERS / CHECKED, record_in_two_orders);
}

static struct aif_alloc *alloc_at(size_t index)
{
    return (struct aif_alloc *)aif_alloctable_at(allocs, index);
}

static int set_up(void **state)
{
    struct aif_error err = {0};

    (void)state;
    setenv("TZ", "EET-2EEST,M3.5.0/3,M10.5.0/4", 1);
    tzset();
    if (aif_policy_parse(policy_text, strlen(policy_text), "p", &policy, &err) ||
        aif_alloctable_parse(allocs_text, strlen(allocs_text), "a", policy, &allocs, &err)) {
        fprintf(stderr, "%s\n", err.text);
        return -1;
    }
    alloc_at(0)->free_qos = free_name;
    alloc_at(1)->charge = (struct aif_charge){AIF_CHARGE_BILLING, 333333};
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    alloc_at(0)->free_qos = NULL;
    aif_alloctable_destroy(allocs);
    aif_policy_destroy(policy);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_added_in_any_order),
        cmocka_unit_test(test_recorded_in_any_order),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
