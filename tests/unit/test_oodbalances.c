/* test_oodbalances.c - unit tests of oodbalances.h */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "oodbalances.h"
#include "report_helper.h"

static void test_file(void **state)
{
    struct aif_text text = {0};

    (void)state;
    assert_int_equal(aif_oodbalances_begin(&text, 1700000000, "GPU-hour"), 0);
    assert_int_equal(aif_oodbalances_entry(&text, true, "alice", "A-1", 36000, 3601), 0);
    assert_int_equal(aif_oodbalances_entry(&text, false, "bob", "A-2", 3600, 3601), 0);
    assert_int_equal(aif_oodbalances_end(&text), 0);
    assert_string_equal(text.data, "{\"version\":1,\"timestamp\":1700000000,\"config\":{\"unit\":\"GPU-hour\","
                                   "\"project_type\":\"allocation\"},\"balances\":[\n"
                                   "{\"user\":\"alice\",\"project\":\"A-1\",\"value\":8},\n"
                                   "{\"user\":\"bob\",\"project\":\"A-2\",\"value\":-1}\n]}\n");
    aif_text_free(&text);
}

static void test_hours_are_rounded_down(void **state)
{
    static const struct {
        uint64_t amount, used;
        const char *value;
    } cases[] = {{7200, 0, "2}"},     {7199, 0, "1}"},       {3600, 3600, "0}"},
                 {0, 1, "-1}"},       {0, 3600, "-1}"},      {0, 3601, "-2}"},
                 {0, UINT64_MAX, "-5124095576030432}"},      {UINT64_MAX, 0, "5124095576030431}"}};

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct aif_text text = {0};

        assert_int_equal(aif_oodbalances_entry(&text, true, "u", "p", cases[i].amount, cases[i].used), 0);
        assert_string_equal(strstr(text.data, "\"value\":") + 8, cases[i].value);
        aif_text_free(&text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_file),
        cmocka_unit_test(test_hours_are_rounded_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
