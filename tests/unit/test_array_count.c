/* test_array_count.c - job array expressions are counted without being expanded */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "array_count.h"

#define MAX_ARRAY 1001

static void counts_what_sbatch_takes(void **state)
{
	static const struct {
		const char *text;
		uint32_t count;
	} cases[] = {
		{ NULL, 1 },
		{ "", 1 },
		{ "7", 1 },
		{ "0-9", 10 },
		{ "1-10%2", 10 },
		{ "0-15:4", 4 },
		{ "0-15:4%3", 4 },
		{ "1,3,5-7", 5 },
		{ "[1-4,6]", 5 },
		{ "5-5", 1 },
	};

	(void) state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_int_equal(aif_array_count(cases[i].text, MAX_ARRAY), cases[i].count);
}

static void is_capped(void **state)
{
	(void) state;
	assert_int_equal(aif_array_count("0-4000000", MAX_ARRAY), MAX_ARRAY);
	assert_int_equal(aif_array_count("0-99999999999999999999", MAX_ARRAY), MAX_ARRAY);
	assert_int_equal(aif_array_count("0-9223372036854775807", MAX_ARRAY), MAX_ARRAY);
	assert_int_equal(aif_array_count("0-900,0-900", MAX_ARRAY), MAX_ARRAY);
	assert_int_equal(aif_array_count("0-3", 0), 1);
}

static void takes_nonsense_for_one_task(void **state)
{
	static const char *const texts[] = { "x", "-1", ",,,", "5-1", "1-5:0", "1-5:-1", "%", "[", "-" };

	(void) state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		assert_int_equal(aif_array_count(texts[i], MAX_ARRAY), 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(counts_what_sbatch_takes),
		cmocka_unit_test(is_capped),
		cmocka_unit_test(takes_nonsense_for_one_task),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
