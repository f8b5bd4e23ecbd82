/* test_user_names.c - names of users are kept by uid, and never given to another */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "user_names.h"

static void gives_back_what_was_put(void **state)
{
	char name[AIF_USER_NAME_MAX];

	(void) state;
	assert_false(aif_user_names_get(1000, name));
	aif_user_names_put(1000, "ada");
	assert_true(aif_user_names_get(1000, name));
	assert_string_equal(name, "ada");
	aif_user_names_put(1000, "grace");
	assert_true(aif_user_names_get(1000, name));
	assert_string_equal(name, "grace");
}

static void gives_no_name_to_another_uid(void **state)
{
	char name[AIF_USER_NAME_MAX];

	(void) state;
	aif_user_names_put(7, "ada");
	for (uint32_t bit = 1; bit; bit <<= 1)
		assert_false(aif_user_names_get(7 ^ bit, name));
	aif_user_names_put(7 + 1024, "grace"); /* wants the same place */
	assert_false(aif_user_names_get(7, name));
	assert_true(aif_user_names_get(7 + 1024, name));
	assert_string_equal(name, "grace");
}

static void keeps_no_name_that_is_too_long(void **state)
{
	char name[AIF_USER_NAME_MAX], longest[AIF_USER_NAME_MAX + 1];

	(void) state;
	memset(longest, 'a', sizeof(longest));
	longest[AIF_USER_NAME_MAX] = '\0';
	aif_user_names_put(UINT32_MAX, longest);
	assert_false(aif_user_names_get(UINT32_MAX, name));
	aif_user_names_put(UINT32_MAX, longest + 1);
	assert_true(aif_user_names_get(UINT32_MAX, name));
	assert_string_equal(name, longest + 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(gives_back_what_was_put),
		cmocka_unit_test(gives_no_name_to_another_uid),
		cmocka_unit_test(keeps_no_name_that_is_too_long),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
