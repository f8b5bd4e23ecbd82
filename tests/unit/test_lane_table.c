/* lane_table: entries by job id stay what they are through growth, walks and drops, in little memory */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "lane_table.h"

#define MANY 100000u

static void forget(const struct aif_lane_entry *entry, void *arg)
{
    size_t *gone = arg;

    assert_int_not_equal(entry->job_id, 0);
    (*gone)++;
}

static void add(struct aif_lane_table *table, uint32_t job_id, uint32_t site)
{
    struct aif_lane_entry *entry = aif_lane_table_add(table, job_id);

    assert_non_null(entry);
    entry->site = site;
}

static void is_empty_at_first(void **state)
{
    struct aif_lane_table *table = aif_lane_table_create();

    (void)state;
    assert_int_equal(aif_lane_table_count(table), 0);
    assert_null(aif_lane_table_find(table, 1));
    assert_null(aif_lane_table_find(table, 0));
    assert_null(aif_lane_table_add(table, 0));
    aif_lane_table_destroy(table);
    aif_lane_table_destroy(NULL);
}

static void new_entry_knows_nothing(void **state)
{
    struct aif_lane_table *table = aif_lane_table_create();
    struct aif_lane_entry *entry = aif_lane_table_add(table, 7);

    (void)state;
    assert_int_equal(entry->own, AIF_LANE_OWN_UNKNOWN);
    assert_int_equal(entry->flags, 0);
    entry->site = 5;
    assert_int_equal(aif_lane_table_add(table, 7)->site, 5);
    assert_int_equal(aif_lane_table_count(table), 1);
    aif_lane_table_destroy(table);
}

/* Neighbours, far apart, and equal in the bits that a weak hash would use. */
static uint32_t id_of(uint32_t i)
{
    return i % 3 == 0 ? i + 1 : i % 3 == 1 ? (i << 12) + 1 : UINT32_MAX - i;
}

static void finds_each_of_many(void **state)
{
    struct aif_lane_table *table = aif_lane_table_create();

    (void)state;
    for (uint32_t i = 0; i < MANY; i++)
        add(table, id_of(i), i);
    for (uint32_t i = MANY; i-- > 0;)
        assert_int_equal(id_of(aif_lane_table_find(table, id_of(i))->site), id_of(i));
    aif_lane_table_destroy(table);
}

static void keeps_the_order_of_those_that_stay(void **state)
{
    struct aif_lane_table *table = aif_lane_table_create();
    size_t gone = 0;

    (void)state;
    for (uint32_t i = 1; i <= 1000; i++)
        add(table, i, i);
    for (uint32_t i = 1; i <= 1000; i++)
        aif_lane_table_find(table, i)->flags = i % 2 ? AIF_LANE_SEEN | AIF_LANE_WAITS : AIF_LANE_WAITS;
    aif_lane_table_drop(table, forget, &gone);
    assert_int_equal(gone, 500);
    assert_int_equal(aif_lane_table_count(table), 500);
    for (uint32_t i = 0; i < 500; i++) {
        assert_int_equal(aif_lane_table_at(table, i)->job_id, 2 * i + 1);
        assert_int_equal(aif_lane_table_at(table, i)->flags, AIF_LANE_WAITS);
        assert_ptr_equal(aif_lane_table_find(table, 2 * i + 1), aif_lane_table_at(table, i));
        assert_null(aif_lane_table_find(table, 2 * i + 2));
    }
    aif_lane_table_destroy(table);
}

static void takes_little_memory_at_any_size(void **state)
{
    struct aif_lane_table *table = aif_lane_table_create();

    (void)state;
    for (uint32_t i = 1; i <= 3 * MANY; i++) {
        add(table, i, i);
        if (i >= 4096)
            assert_in_range(aif_lane_table_bytes(table), 0, (size_t)AIF_LANE_TABLE_BYTES * i);
    }
    aif_lane_table_destroy(table);
}

static void gives_memory_back(void **state)
{
    struct aif_lane_table *table = aif_lane_table_create();
    size_t gone = 0;

    (void)state;
    for (uint32_t i = 1; i <= MANY; i++)
        add(table, i, i);
    aif_lane_table_find(table, MANY / 2)->flags = AIF_LANE_SEEN;
    aif_lane_table_drop(table, forget, &gone);
    assert_int_equal(gone, MANY - 1);
    assert_in_range(aif_lane_table_bytes(table), 0, 16384);
    assert_int_equal(aif_lane_table_find(table, MANY / 2)->site, MANY / 2);
    aif_lane_table_destroy(table);
}

/* Against a plain array: what is there after any sequence of adds and drops is what should be. */
static void agrees_with_a_plain_array(void **state)
{
    static unsigned char there[2048];
    struct aif_lane_table *table = aif_lane_table_create();
    unsigned int seed = 4711;

    (void)state;
    for (int round = 0; round < 200; round++) {
        size_t gone = 0, expected = 0;

        for (int i = 0; i < 100; i++) {
            uint32_t id = 1 + (uint32_t)rand_r(&seed) % 2047;

            add(table, id, id);
            there[id] = 1;
        }
        for (uint32_t id = 1; id < 2048; id++) {
            struct aif_lane_entry *entry = aif_lane_table_find(table, id);

            assert_int_equal(entry != NULL, there[id]);
            if (entry && rand_r(&seed) % 4)
                entry->flags |= AIF_LANE_SEEN;
            else if (entry)
                expected++, there[id] = 0;
        }
        aif_lane_table_drop(table, forget, &gone);
        assert_int_equal(gone, expected);
    }
    aif_lane_table_destroy(table);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(is_empty_at_first),
        cmocka_unit_test(new_entry_knows_nothing),
        cmocka_unit_test(finds_each_of_many),
        cmocka_unit_test(keeps_the_order_of_those_that_stay),
        cmocka_unit_test(takes_little_memory_at_any_size),
        cmocka_unit_test(gives_memory_back),
        cmocka_unit_test(agrees_with_a_plain_array),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
