/* test_tally_table.c - jobs just accepted are counted once: neither lost nor doubled nor kept for ever */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "tally_table.h"

#define PG "EHPC-AIF-2026PG01-905"
#define FL "EHPC-AIF-2026FL01-991"

static int setup(void **state)
{
	*state = aif_tally_table_create();
	return *state ? 0 : -1;
}

static int teardown(void **state)
{
	aif_tally_table_destroy(*state);
	return 0;
}

static uint64_t pending(struct aif_tally_table *table, const char *id)
{
	struct aif_tally_sum sum;

	aif_tally_table_get(table, id, &sum);
	return sum.pending;
}

static void note(struct aif_tally_table *table, const char *id, uint64_t cost, time_t at)
{
	aif_tally_table_note(table, id, &(struct aif_tally_sum){ .pending = cost }, at);
}

static void see(struct aif_tally_table *table, const char *id, uint64_t cost, uint64_t counts, time_t at)
{
	aif_tally_table_see(table, id, cost, &(struct aif_tally_sum){ .pending = counts }, at);
}

static void look(struct aif_tally_table *table)
{
	aif_tally_table_begin(table);
	aif_tally_table_end(table);
}

static void nothing_is_nothing(void **state)
{
	assert_int_equal(pending(*state, PG), 0);
	look(*state);
	assert_int_equal(pending(*state, PG), 0);
}

static void a_note_counts_at_once(void **state)
{
	note(*state, PG, 3600, 100);
	note(*state, PG, 60, 100);
	assert_int_equal(pending(*state, PG), 3660);
	assert_int_equal(pending(*state, FL), 0);
}

static void a_job_that_is_seen_is_not_counted_twice(void **state)
{
	note(*state, PG, 3600, 100);
	aif_tally_table_begin(*state);
	see(*state, PG, 3600, 3600, 101);
	aif_tally_table_end(*state);
	assert_int_equal(pending(*state, PG), 3600);
}

static void a_job_that_runs_already_takes_its_note_with_it(void **state)
{
	note(*state, PG, 3600, 100);
	aif_tally_table_begin(*state);
	see(*state, PG, 3600, 0, 100);
	aif_tally_table_end(*state);
	assert_int_equal(pending(*state, PG), 0);
}

static void an_older_job_of_the_same_size_is_another_one(void **state)
{
	note(*state, PG, 3600, 100);
	aif_tally_table_begin(*state);
	see(*state, PG, 3600, 3600, 99);
	aif_tally_table_end(*state);
	assert_int_equal(pending(*state, PG), 7200);
}

static void each_job_takes_one_note(void **state)
{
	note(*state, PG, 3600, 100);
	note(*state, PG, 3600, 100);
	aif_tally_table_begin(*state);
	see(*state, PG, 3600, 3600, 100);
	aif_tally_table_end(*state);
	assert_int_equal(pending(*state, PG), 7200);
}

static void a_note_survives_the_first_look_that_misses_it(void **state)
{
	note(*state, PG, 3600, 100);
	look(*state);
	assert_int_equal(pending(*state, PG), 3600);
	look(*state);
	assert_int_equal(pending(*state, PG), 0);
}

static void what_is_noted_during_a_look_counts_after_it(void **state)
{
	aif_tally_table_begin(*state);
	note(*state, PG, 3600, 100);
	see(*state, PG, 3600, 3600, 100); /* cannot be told apart: counted double until the next look */
	aif_tally_table_end(*state);
	assert_int_equal(pending(*state, PG), 7200);
	aif_tally_table_begin(*state);
	see(*state, PG, 3600, 3600, 100);
	aif_tally_table_end(*state);
	assert_int_equal(pending(*state, PG), 3600);
}

static void inference_is_a_sum_of_its_own(void **state)
{
	struct aif_tally_sum sum;

	aif_tally_table_note(*state, PG, &(struct aif_tally_sum){ .pending = 60, .inference = 60 }, 5);
	note(*state, PG, 30, 5);
	aif_tally_table_get(*state, PG, &sum);
	assert_int_equal(sum.pending, 90);
	assert_int_equal(sum.inference, 60);
}

static void growth_counts_until_it_is_seen(void **state)
{
	aif_tally_table_begin(*state);
	see(*state, PG, 60, 60, 5);
	aif_tally_table_end(*state);
	aif_tally_table_grow(*state, PG, &(struct aif_tally_sum){ .pending = 10 });
	assert_int_equal(pending(*state, PG), 70);
	aif_tally_table_begin(*state);
	see(*state, PG, 70, 70, 5);
	aif_tally_table_end(*state);
	assert_int_equal(pending(*state, PG), 70);
}

static void sums_saturate(void **state)
{
	note(*state, PG, UINT64_MAX - 1, 5);
	note(*state, PG, 60, 5);
	assert_true(pending(*state, PG) == UINT64_MAX);
}

static void many_allocations_and_notes_fit(void **state)
{
	char id[32];

	for (int i = 0; i < 3 * AIF_TALLY_NOTES_MAX; i++) {
		snprintf(id, sizeof(id), "EHPC-%d", i);
		note(*state, id, (uint64_t) i + 1, 5);
	}
	for (int i = 0; i < 3 * AIF_TALLY_NOTES_MAX; i++) {
		snprintf(id, sizeof(id), "EHPC-%d", i);
		assert_int_equal(pending(*state, id), i + 1);
	}
	look(*state);
	assert_int_equal(pending(*state, "EHPC-7"), 8);
	assert_int_equal(pending(*state, "EHPC-5000"), 0);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(nothing_is_nothing),
		TEST(a_note_counts_at_once),
		TEST(a_job_that_is_seen_is_not_counted_twice),
		TEST(a_job_that_runs_already_takes_its_note_with_it),
		TEST(an_older_job_of_the_same_size_is_another_one),
		TEST(each_job_takes_one_note),
		TEST(a_note_survives_the_first_look_that_misses_it),
		TEST(what_is_noted_during_a_look_counts_after_it),
		TEST(inference_is_a_sum_of_its_own),
		TEST(growth_counts_until_it_is_seen),
		TEST(sums_saturate),
		TEST(many_allocations_and_notes_fit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
