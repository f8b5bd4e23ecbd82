/* Which jobs are on each node: random changes against a plain list. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "held_table.h"

#define NODES 5
#define JOBS 40

static void nothing_is_held_at_first(void **state)
{
	struct held_table *table = held_table_create(NODES);
	struct held_sum sum = {.jobs = 9, .until = 9};

	(void)state;
	assert_null(held_table_first(table, 0));
	assert_false(held_table_remove(table, 0, 1));
	held_table_sum(table, NODES - 1, &sum);
	assert_int_equal(sum.jobs, 0);
	assert_int_equal(sum.until, 0);
	held_table_destroy(table);
	held_table_destroy(NULL);
}

static void nodes_that_are_none_are_left_alone(void **state)
{
	struct held_table *table = held_table_create(NODES);
	struct aif_held held = {.job_id = 1};

	(void)state;
	assert_int_equal(held_table_set(table, NODES, &held), 0);
	assert_null(held_table_first(table, NODES));
	assert_null(held_table_find(table, NODES, 1));
	assert_false(held_table_remove(table, NODES, 1));
	held_table_destroy(table);
}

/* What a naive table says. */
static struct aif_held naive[NODES][JOBS];
static bool there[NODES][JOBS];

static void sum_naively(uint32_t node, struct held_sum *ret)
{
	*ret = (struct held_sum){0};
	for (uint32_t j = 0; j < JOBS; j++) {
		if (!there[node][j])
			continue;
		ret->jobs++;
		ret->memory += naive[node][j].memory;
		ret->sharing |= naive[node][j].sharing;
		if (naive[node][j].until > ret->until)
			ret->until = naive[node][j].until;
	}
}

static void assert_same(const struct held_table *table)
{
	for (uint32_t node = 0; node < NODES; node++) {
		struct held_sum got, want;

		held_table_sum(table, node, &got);
		sum_naively(node, &want);
		assert_int_equal(got.jobs, want.jobs);
		assert_int_equal(got.memory, want.memory);
		assert_int_equal(got.until, want.until);
		assert_int_equal(got.sharing, want.sharing);
	}
}

static void random_changes_keep_the_sums_right(void **state)
{
	struct held_table *table = held_table_create(NODES);

	(void)state;
	srand(7);
	memset(there, 0, sizeof(there));
	for (int step = 0; step < 20000; step++) {
		uint32_t node = (uint32_t)rand() % NODES, j = (uint32_t)rand() % JOBS;
		struct aif_held held = {.job_id = j, .until = (uint32_t)rand() % 1000,
					.memory = (uint64_t)rand() % 1000, .sharing = (uint8_t)(1 << rand() % 3)};

		if (rand() % 2) {
			assert_int_equal(held_table_set(table, node, &held), 0);
			naive[node][j] = held;
			there[node][j] = true;
		} else {
			assert_int_equal(held_table_remove(table, node, j), there[node][j]);
			there[node][j] = false;
		}
		if (step % 100 == 0)
			assert_same(table);
	}
	held_table_destroy(table);
}

static void memory_is_used_again(void **state)
{
	struct held_table *table = held_table_create(NODES);
	struct aif_held held = {.job_id = 3};
	size_t bytes;

	(void)state;
	assert_int_equal(held_table_set(table, 2, &held), 0);
	bytes = held_table_bytes(table);
	for (int i = 0; i < 100000; i++) {
		assert_true(held_table_remove(table, 2, 3));
		assert_int_equal(held_table_set(table, 2, &held), 0);
	}
	assert_int_equal(held_table_bytes(table), bytes);
	held_table_destroy(table);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_is_held_at_first),
		cmocka_unit_test(nodes_that_are_none_are_left_alone),
		cmocka_unit_test(random_changes_keep_the_sums_right),
		cmocka_unit_test(memory_is_used_again),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
