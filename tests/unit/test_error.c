/* test_error.c - unit tests of error.h */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "error.h"

static void test_fills_code_and_text(void **state)
{
    struct aif_error err = {0};

    (void)state;
    assert_int_equal(aif_error_set(&err, AIF_EINVAL, "mode %s", "x"), -1);
    assert_int_equal(err.code, AIF_EINVAL);
    assert_string_equal(err.text, "mode x");
}

static void test_accepts_no_error_struct(void **state)
{
    (void)state;
    assert_int_equal(aif_error_set(NULL, AIF_EINVAL, "unused"), -1);
}

static void test_cuts_and_cleans(void **state)
{
    struct aif_error err;
    char big[2000];

    (void)state;
    memset(big, 'a', sizeof(big) - 1);
    big[sizeof(big) - 1] = '\0';
    big[3] = '\n';
    aif_error_set(&err, AIF_EIO, "%s", big);
    assert_int_equal(strlen(err.text), sizeof(err.text) - 1);
    assert_int_equal(err.text[3], '?');
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_fills_code_and_text),
        cmocka_unit_test(test_accepts_no_error_struct),
        cmocka_unit_test(test_cuts_and_cleans),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
