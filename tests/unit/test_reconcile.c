/* test_reconcile.c - unit tests of reconcile.h */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "reconcile.h"
#include "report_helper.h"

#define MONTH 1764547200 /* 2025-12-01 */
#define NEXT 1767225600
#define BEGIN (MONTH + 1000)
#define COLLECTED (MONTH + 500000)

static const char policy_text[] = "{\"version\":1,\"cluster\":\"c1\",\"modes\":{\"m\":{}}}";
static const char allocs_text[] =
    "{\"version\":1,\"allocations\":["
    "{\"id\":\"A-1\",\"account\":\"a\",\"mode\":\"m\",\"amount\":1,\"unit\":\"gpu-hour\",\"start\":\"2025-01-01\",\"end\":\"2026-12-31\"},"
    "{\"id\":\"B-2\",\"account\":\"b\",\"mode\":\"m\",\"amount\":1,\"unit\":\"node-hour\",\"start\":\"2025-01-01\",\"end\":\"2026-12-31\"}]}";

struct sides {
    struct aif_policy *policy;
    struct aif_alloctable *allocs;
    struct aif_reconcile *reconcile;
};

static int sides_setup(void **state)
{
    const struct aif_reconcile_span span = {MONTH, NEXT, BEGIN, COLLECTED};
    struct sides *sides = calloc(1, sizeof(*sides));

    if (!sides || aif_policy_parse(policy_text, strlen(policy_text), "p", &sides->policy, NULL) ||
        aif_alloctable_parse(allocs_text, strlen(allocs_text), "a", sides->policy, &sides->allocs, NULL))
        return -1;
    sides->reconcile = aif_reconcile_create(sides->allocs, &span);
    *state = sides;
    return sides->reconcile ? 0 : -1;
}

static int sides_teardown(void **state)
{
    struct sides *sides = *state;

    aif_reconcile_destroy(sides->reconcile);
    aif_alloctable_destroy(sides->allocs);
    aif_policy_destroy(sides->policy);
    free(sides);
    return 0;
}

static struct aif_record job(uint64_t index, int64_t end, uint64_t elapsed)
{
    struct aif_record record = fixture_record(index);

    record.end = end;
    record.elapsed = elapsed;
    record.start = elapsed ? end - (int64_t)elapsed : 0;
    return record;
}

static void add(struct sides *sides, enum aif_reconcile_side side, struct aif_record record)
{
    assert_int_equal(aif_reconcile_add(sides->reconcile, side, &record, NULL), 0);
}

static void both(struct sides *sides, struct aif_record slurmdbd, struct aif_record ledger)
{
    add(sides, AIF_RECONCILE_SLURMDBD, slurmdbd);
    add(sides, AIF_RECONCILE_LEDGER, ledger);
}

static void assert_part(const struct aif_reconcile_part *part, uint64_t rows, uint64_t secs)
{
    assert_int_equal(part->rows, rows);
    assert_int_equal(part->secs, secs);
}

static const struct aif_reconcile_item *compared(struct sides *sides, size_t index)
{
    aif_reconcile_compare(sides->reconcile);
    return aif_reconcile_item(sides->reconcile, index);
}

static void test_the_same_rows_are_no_difference(void **state)
{
    struct sides *sides = *state;
    const struct aif_reconcile_item *item;

    both(sides, job(1, MONTH + 5000, 100), job(1, MONTH + 5000, 100));
    both(sides, job(2, MONTH + 6000, 0), job(2, MONTH + 6000, 0));
    add(sides, AIF_RECONCILE_SLURMDBD, job(1, MONTH + 5000, 100)); /* found by two questions */
    item = compared(sides, 0);
    assert_part(&item->slurmdbd, 2, 400);
    assert_part(&item->ledger, 2, 400);
    assert_part(&item->late, 0, 0);
    assert_part(&item->extra, 0, 0);
    assert_part(&aif_reconcile_item(sides->reconcile, 1)->slurmdbd, 0, 0);
}

static void test_missing_rows_by_when_they_ended(void **state)
{
    struct sides *sides = *state;
    const struct aif_reconcile_item *item;

    add(sides, AIF_RECONCILE_SLURMDBD, job(1, BEGIN - 1, 10));
    add(sides, AIF_RECONCILE_SLURMDBD, job(2, BEGIN, 20));
    add(sides, AIF_RECONCILE_SLURMDBD, job(3, COLLECTED - 1, 30));
    add(sides, AIF_RECONCILE_SLURMDBD, job(4, COLLECTED, 40));
    item = compared(sides, 0);
    assert_part(&item->older, 1, 40);
    assert_part(&item->late, 2, 200);
    assert_part(&item->fresh, 1, 160);
}

static void test_changed_and_left_over_rows(void **state)
{
    struct sides *sides = *state;
    const struct aif_reconcile_item *item;

    both(sides, job(1, MONTH + 5000, 100), job(1, MONTH + 5000, 90));
    both(sides, job(2, MONTH + 5000, 100), job(2, MONTH + 5000, 130));
    add(sides, AIF_RECONCILE_LEDGER, job(3, MONTH + 5000, 7));
    item = compared(sides, 0);
    assert_part(&item->more, 1, 40);
    assert_part(&item->less, 1, 120);
    assert_part(&item->extra, 1, 28);
}

static void test_unusable_rows_are_neither_missing_nor_left_over(void **state)
{
    struct sides *sides = *state;
    const struct aif_reconcile_item *item;

    for (int question = 0; question < 3; question++) {
        add(sides, AIF_RECONCILE_UNUSABLE, job(1, MONTH + 5000, 100));
        add(sides, AIF_RECONCILE_UNUSABLE, job(2, MONTH + 5000, 100));
    }
    add(sides, AIF_RECONCILE_LEDGER, job(2, MONTH + 5000, 100));
    item = compared(sides, 0);
    assert_part(&item->unusable, 2, 400);
    assert_part(&item->extra, 0, 0);
    assert_part(&item->slurmdbd, 0, 0);
}

static void test_what_runs_stands_apart(void **state)
{
    struct sides *sides = *state;
    struct aif_record running = job(1, MONTH + 5000, 100);
    const struct aif_reconcile_item *item;

    running.end = 0;
    add(sides, AIF_RECONCILE_SLURMDBD, running);
    add(sides, AIF_RECONCILE_SLURMDBD, running);
    item = compared(sides, 0);
    assert_part(&item->running, 1, 400);
    assert_part(&item->slurmdbd, 0, 0);
    assert_part(&item->late, 0, 0);
}

static void test_a_row_that_moved_to_another_allocation(void **state)
{
    struct sides *sides = *state;
    struct aif_record moved = job(1, MONTH + 5000, 100);

    strcpy(moved.allocation, "B-2"); /* charged by nodes: one */
    both(sides, moved, job(1, MONTH + 5000, 100));
    assert_part(&compared(sides, 0)->extra, 1, 400);
    assert_part(&aif_reconcile_item(sides->reconcile, 1)->late, 1, 100);
}

static void test_only_what_falls_into_the_month_counts(void **state)
{
    struct sides *sides = *state;
    struct aif_record foreign = job(6, MONTH + 5000, 100);

    add(sides, AIF_RECONCILE_SLURMDBD, job(1, MONTH + 10, 100)); /* began the month before */
    add(sides, AIF_RECONCILE_SLURMDBD, job(2, NEXT + 90, 100));
    add(sides, AIF_RECONCILE_SLURMDBD, job(3, MONTH - 1, 100));
    add(sides, AIF_RECONCILE_SLURMDBD, job(4, NEXT + 200, 100));
    add(sides, AIF_RECONCILE_SLURMDBD, job(7, NEXT, 0));
    strcpy(foreign.allocation, "C-3");
    add(sides, AIF_RECONCILE_SLURMDBD, foreign);
    assert_part(&compared(sides, 0)->slurmdbd, 2, 80);
}

static void test_jobs_on_the_free_qos_are_left_out(void **state)
{
    struct sides *sides = *state;
    struct aif_alloc *alloc = (struct aif_alloc *)aif_alloctable_at(sides->allocs, 0);
    char free_qos[] = "a-1";

    alloc->free_qos = free_qos;
    add(sides, AIF_RECONCILE_SLURMDBD, job(1, MONTH + 5000, 100));
    alloc->free_qos = NULL;
    assert_part(&compared(sides, 0)->slurmdbd, 0, 0);
}

/* Whatever the rows: the parts make up the difference. */
static void test_parts_add_up(void **state)
{
    struct sides *sides = *state;
    static const enum aif_reconcile_side sides_of[] = {AIF_RECONCILE_SLURMDBD, AIF_RECONCILE_LEDGER};
    uint64_t seed = 42, rows[2] = {0};
    const struct aif_reconcile_item *item;
    int64_t difference;

    for (uint64_t i = 1; i <= 3000; i++) {
        seed = seed * 6364136223846793005ULL + 1442695040888963407ULL;
        for (int side = 0; side < 2; side++)
            if ((seed >> (40 + side)) & 3) {
                add(sides, sides_of[side],
                    job(i * 7919 % 3001, MONTH + (int64_t)(seed >> 43) % 3000 * (i % 2 ? 1 : 400), 1 + ((seed >> (20 + 5 * side)) & 31)));
                rows[side]++;
            }
    }
    item = compared(sides, 0);
    assert_int_equal(item->slurmdbd.rows, rows[0]);
    assert_int_equal(item->ledger.rows, rows[1]);
    difference = (int64_t)(item->fresh.secs + item->late.secs + item->older.secs + item->more.secs) -
                 (int64_t)(item->less.secs + item->extra.secs);
    assert_int_equal(difference, (int64_t)(item->slurmdbd.secs - item->ledger.secs));
    assert_true(item->fresh.rows && item->late.rows && item->older.rows && item->more.rows && item->less.rows &&
                item->extra.rows);
}

int main(void)
{
#define SIDES_TEST(name) cmocka_unit_test_setup_teardown(name, sides_setup, sides_teardown)
    const struct CMUnitTest tests[] = {
        SIDES_TEST(test_the_same_rows_are_no_difference),
        SIDES_TEST(test_missing_rows_by_when_they_ended),
        SIDES_TEST(test_changed_and_left_over_rows),
        SIDES_TEST(test_unusable_rows_are_neither_missing_nor_left_over),
        SIDES_TEST(test_what_runs_stands_apart),
        SIDES_TEST(test_a_row_that_moved_to_another_allocation),
        SIDES_TEST(test_only_what_falls_into_the_month_counts),
        SIDES_TEST(test_jobs_on_the_free_qos_are_left_out),
        SIDES_TEST(test_parts_add_up),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
