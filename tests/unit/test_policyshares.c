/* test_policyshares.c - unit tests of policyshares.h */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "configtest.h"
#include "policytest.h"

static void test_every_key(void **state)
{
    struct aif_policy *policy = policytest_make(
        "\"shares\": [{\"title\": \"both\", \"modes\": [\"N\", \"m\"], \"percent\": 10},"
        " {\"title\": \"sold\", \"categories\": [\"commercial\"], \"percent\": 100}]",
        "");

    (void)state;
    assert_int_equal(policy->share_count, 2);
    assert_string_equal(policy->shares[0].title, "both");
    assert_string_equal(policy->shares[0].modes[0], "N");
    assert_string_equal(policy->shares[0].modes[1], "m");
    assert_null(policy->shares[0].modes[2]);
    assert_int_equal(policy->shares[0].categories, 0);
    assert_int_equal(policy->shares[0].percent, 10);
    assert_null(policy->shares[1].modes);
    assert_int_equal(policy->shares[1].categories, 1u << AIF_CATEGORY_COMMERCIAL);
    assert_int_equal(policy->shares[1].percent, 100);
    aif_policy_destroy(policy);
}

static void test_bad(void **state)
{
    static const struct policytest_bad cases[] = {
        {"\"shares\": {}", "shares: wrong type"},
        {"\"shares\": [{\"percent\": 10}]", "shares[0].title: required key is missing"},
        {"\"shares\": [{\"title\": \"x\"}]", "shares[0].percent: required key is missing"},
        {"\"shares\": [{\"title\": \"x\", \"percent\": 1}, {\"title\": \"x\", \"percent\": 2}]",
         "shares[1]: title given twice: \"x\" (AIF-C006); keep one of them"},
        {"\"shares\": [{\"title\": \"x\", \"percent\": 0}]",
         "shares[0].percent: out of range: 0, limit 1 to 100"},
        {"\"shares\": [{\"title\": \"x\", \"percent\": 101}]", "shares[0].percent: out of range"},
        {"\"shares\": [{\"title\": \"x\", \"percent\": 1, \"modes\": []}]",
         "shares[0].modes: out of range"},
        {"\"shares\": [{\"title\": \"x\", \"percent\": 1, \"modes\": [\"o\"]}]",
         "shares[0].modes: no such mode: \"o\", limit those of \"modes\" (AIF-C008)"},
        {"\"shares\": [{\"title\": \"x\", \"percent\": 1, \"categories\": [\"all\"]}]",
         "shares[0].categories[0]: out of range: \"all\""},
    };

    (void)state;
    policytest_refused_tops(cases, COUNT_OF(cases));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_key),
        cmocka_unit_test(test_bad),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
