/* test_policycategory.c - unit tests of policycategory.h */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "configtest.h"
#include "policycategory.h"
#include "policytest.h"

static void test_names(void **state)
{
    static const char *const names[] = {"sme",    "startup",  "science",
                                        "public", "industry", "commercial"};

    (void)state;
    assert_int_equal(COUNT_OF(names), AIF_CATEGORIES);
    for (int i = 0; i < AIF_CATEGORIES; i++)
        assert_string_equal(aif_category_name(i), names[i]);
    assert_string_equal(aif_category_name(AIF_CATEGORY_PUBLIC), "public");
    assert_null(aif_category_name(AIF_CATEGORY_UNKNOWN));
    assert_null(aif_category_name(AIF_CATEGORIES));
}

static void test_sets(void **state)
{
    struct aif_policy *policy =
        policytest_make("", "\"categories\": [\"commercial\", \"sme\", \"science\"]");

    (void)state;
    assert_int_equal(policy->modes[0].categories, 1u << AIF_CATEGORY_COMMERCIAL |
                                                      1u << AIF_CATEGORY_SME |
                                                      1u << AIF_CATEGORY_SCIENCE);
    assert_int_equal(policy->modes[1].categories, 0);
    aif_policy_destroy(policy);
}

static void test_bad(void **state)
{
    static const struct policytest_bad cases[] = {
        {"\"categories\": \"sme\"", "modes.m.categories: wrong type"},
        {"\"categories\": []", "modes.m.categories: out of range: no category, limit at least one"},
        {"\"categories\": [\"SME\"]",
         "modes.m.categories[0]: out of range: \"SME\", limit \"sme\" or"},
        {"\"categories\": [\"sme\", 2]", "modes.m.categories[1]: wrong type: 2"},
        {"\"categories\": [\"sme\", \"sme\"]",
         "modes.m.categories: category given twice: \"sme\" (AIF-C006)"},
        {"\"categories\": [\"sme\",\"sme\",\"sme\",\"sme\",\"sme\",\"sme\",\"sme\"]",
         "modes.m.categories: too many entries: 7, limit 6"},
    };

    (void)state;
    policytest_refused_modes(cases, COUNT_OF(cases));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_names),
        cmocka_unit_test(test_sets),
        cmocka_unit_test(test_bad),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
