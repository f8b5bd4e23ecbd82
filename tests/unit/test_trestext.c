/* test_trestext.c - unit tests of trestext.h */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "trestext.h"

static void test_counts(void **state)
{
    static const struct {
        const char *text;
        int rc;
        uint64_t count;
    } cases[] = {
        {"1=64,2=256000,4=2,1001=8", 1, 8},
        {"1001=8", 1, 8},
        {"1001=0", 1, 0},
        {"1001=18446744073709551614", 1, 18446744073709551614ULL},
        {"11001=8,100=3", 0, 0},
        {"", 0, 0},
        {NULL, 0, 0},
        {"1001=8,1001=8", -1, 0},
        {"1001", -1, 0},
        {"1001=", -1, 0},
        {"=8", -1, 0},
        {"1001=-8", -1, 0},
        {"1001=8;1=2", -1, 0},
        {"1001=8 ", -1, 0},
        {"gres/gpu=8", -1, 0},
        {"1001=99999999999999999999999", -1, 0},
        {",1001=8", -1, 0},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        uint64_t count = 0;

        assert_int_equal(aif_trestext_count(cases[i].text, 1001, &count), cases[i].rc);
        assert_true(count == cases[i].count);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_counts),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
