/* When nodes become free: against the definitions, by looking at each moment. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>

#include <cmocka.h>

#include <stdlib.h>

#include "ready.h"

#define JOBS 6

static void a_node_is_ready_at_the_first_moment_that_suffices(void **state)
{
	(void)state;
	srand(3);
	for (int round = 0; round < 3000; round++) {
		struct held_table *table = held_table_create(1);
		struct aif_held jobs[JOBS];
		uint32_t count = (uint32_t)rand() % (JOBS + 1), unused = (uint32_t)rand() % 3;
		uint32_t gpus = 1 + (uint32_t)rand() % 6;
		bool whole = rand() % 3 == 0;
		uint32_t want = READY_NEVER;

		for (uint32_t j = 0; j < count; j++) {
			jobs[j] = (struct aif_held){.job_id = j + 1, .until = 1 + (uint32_t)rand() % 20,
						    .gpus = (uint8_t)(rand() % 3), .has_no_cores = rand() % 4 == 0};
			assert_int_equal(held_table_set(table, 0, &jobs[j]), 0);
		}
		for (uint32_t t = 0; t <= 20 && want == READY_NEVER; t++) {
			uint32_t there = unused, left = 0;

			for (uint32_t j = 0; j < count; j++) {
				if (jobs[j].until <= t)
					there += jobs[j].gpus;
				else
					left += !jobs[j].has_no_cores;
			}
			if (there >= gpus && !(whole && left))
				want = t;
		}
		assert_int_equal(ready_at(table, 0, unused, gpus, whole), want);
		held_table_destroy(table);
	}
}

static int by_time(const void *a, const void *b)
{
	const uint32_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

static void nth_is_as_sorted(void **state)
{
	(void)state;
	srand(5);
	for (int round = 0; round < 5000; round++) {
		uint32_t times[40], sorted[40], count = 1 + (uint32_t)rand() % 40;
		uint32_t nth = 1 + (uint32_t)rand() % count, range = 1 + (uint32_t)rand() % 50;

		for (uint32_t i = 0; i < count; i++)
			times[i] = sorted[i] = rand() % 9 ? (uint32_t)rand() % range : READY_NEVER;
		qsort(sorted, count, sizeof(*sorted), by_time);
		assert_int_equal(ready_nth(times, count, nth), sorted[nth - 1]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_node_is_ready_at_the_first_moment_that_suffices),
		cmocka_unit_test(nth_is_as_sorted),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
