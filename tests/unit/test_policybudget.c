/* test_policybudget.c - unit tests of policybudget.h */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "configtest.h"
#include "policytest.h"

static void test_defaults(void **state)
{
    struct aif_policy *policy = policytest_make("", "");

    (void)state;
    assert_int_equal(policy->carrier, AIF_CARRIER_QOS);
    assert_false(policy->count_pending);
    assert_int_equal(policy->recheck, 30);
    assert_int_equal(policy->notice_below, 0);
    assert_null(policy->holds);
    aif_policy_destroy(policy);
}

static void test_every_key(void **state)
{
    struct aif_policy *policy = policytest_make(
        "\"carrier\": \"association\", \"budget\": {\"count_pending\": true, \"recheck\": 3600},"
        " \"notice_below\": 100, \"hold\": [\"AIF-Q005\", \"AIF-A002\", \"AIF-A004\", \"AIF-M003\","
        " \"AIF-Q001\"]",
        "");

    (void)state;
    assert_int_equal(policy->carrier, AIF_CARRIER_ASSOCIATION);
    assert_true(policy->count_pending);
    assert_int_equal(policy->recheck, 3600);
    assert_int_equal(policy->notice_below, 100);
    assert_string_equal(policy->holds[0], "AIF-Q005");
    assert_string_equal(policy->holds[1], "AIF-A002");
    assert_string_equal(policy->holds[4], "AIF-Q001");
    assert_null(policy->holds[5]);
    aif_policy_destroy(policy);
    policy = policytest_make("\"carrier\": \"qos\", \"hold\": [], \"budget\": {}", "");
    assert_null(policy->holds[0]);
    aif_policy_destroy(policy);
}

static void test_bad(void **state)
{
    static const struct policytest_bad cases[] = {
        {"\"carrier\": \"user\"",
         "carrier: out of range: \"user\", limit \"qos\" or \"association\""},
        {"\"budget\": {\"recheck\": 0}", "budget.recheck: out of range: 0, limit 1 to 3600"},
        {"\"budget\": {\"recheck\": 3601}", "budget.recheck: out of range"},
        {"\"budget\": {\"count_pending\": 1}", "budget.count_pending: wrong type"},
        {"\"budget\": {\"pending\": true}", "budget.pending: unknown key"},
        {"\"notice_below\": -1", "notice_below: out of range: -1, limit 0 to 100"},
        {"\"notice_below\": 101", "notice_below: out of range"},
        {"\"hold\": \"AIF-A002\"", "hold: wrong type"},
        {"\"hold\": [\"AIF-A003\"]", "hold[0]: out of range: \"AIF-A003\", limit \"AIF-A002\" or "
                                     "\"AIF-A004\" or \"AIF-M003\" or "
                                     "\"AIF-Q001\" or \"AIF-Q005\" (AIF-C007)"},
        {"\"hold\": [\"AIF-A002\", \"AIF-Q001\", \"AIF-A002\"]",
         "hold[2]: rule given twice: \"AIF-A002\" (AIF-C006)"},
        {"\"hold\": [1]", "hold[0]: wrong type: 1"},
        {"\"hold\": [\"\",\"\",\"\",\"\",\"\",\"\"]", "hold: too many entries: 6, limit 5"},
    };

    (void)state;
    policytest_refused_tops(cases, COUNT_OF(cases));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_defaults),
        cmocka_unit_test(test_every_key),
        cmocka_unit_test(test_bad),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
