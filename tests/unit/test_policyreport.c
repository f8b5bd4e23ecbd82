/* test_policyreport.c - unit tests of policyreport.h */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "configtest.h"
#include "policytest.h"

static void test_balances_lie_beside_the_ledger(void **state)
{
    static const char *const cases[][2] = {
        {"", "/var/lib/slurm-aif/balances.json"},
        {"\"report\": {}", "/var/lib/slurm-aif/balances.json"},
        {"\"report\": {\"ledger\": \"/srv/aif/l.db\"}", "/srv/aif/balances.json"},
        {"\"report\": {\"ledger\": \"/l.db\"}", "/balances.json"},
        {"\"report\": {\"ledger\": \"/srv/l.db\", \"balances\": \"/run/b\"}", "/run/b"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct aif_policy *policy = policytest_make(cases[i][0], "");

        assert_string_equal(policy->report.balances, cases[i][1]);
        aif_policy_destroy(policy);
    }
}

static void test_keys_lie_beside_the_ledger(void **state)
{
    struct aif_policy *policy = policytest_make("\"report\": {\"ledger\": \"/srv/l.db\", \"users\": \"pseudonym\"}", "");

    (void)state;
    assert_string_equal(policy->report.key, "/srv/ledger.key");
    assert_string_equal(policy->report.users_key, "/srv/users.key");
    assert_int_equal(policy->report.users, AIF_USERS_PSEUDONYM);
    assert_int_equal(policy->report.checkpoint, 1000);
    assert_int_equal(policy->report.reconcile, 86400);
    assert_int_equal(policy->report.retain_months, 0);
    aif_policy_destroy(policy);
    policy = policytest_make("\"report\": {\"key\": \"/k\", \"users_key\": \"/u\", \"checkpoint\": 5, \"reconcile\": 0,"
                             " \"retain_months\": 24}", "");
    assert_string_equal(policy->report.key, "/k");
    assert_string_equal(policy->report.users_key, "/u");
    assert_int_equal(policy->report.users, AIF_USERS_PLAIN);
    assert_int_equal(policy->report.checkpoint, 5);
    assert_int_equal(policy->report.reconcile, 0);
    assert_int_equal(policy->report.retain_months, 24);
    aif_policy_destroy(policy);
}

static void test_bad(void **state)
{
    static const struct policytest_bad cases[] = {
        {"\"report\": {\"balances\": \"b.json\"}",
         "report.balances: out of range: \"b.json\", limit an absolute path (AIF-C007)"},
        {"\"report\": {\"metrics\": \"aif.prom\"}", "report.metrics: out of range: \"aif.prom\", limit an absolute path"},
        {"\"report\": {\"retain_months\": 1201}", "report.retain_months: out of range"},
        {"\"report\": {\"balances\": \"\"}", "report.balances: out of range"},
        {"\"report\": {\"balance\": \"/b\"}",
         "report.balance: unknown key: \"balance\" (AIF-C003); did you mean \"balances\"?"},
        {"\"report\": {\"ledger\": 1}", "report.ledger: wrong type"},
        {"\"report\": {\"users\": \"some\"}", "report.users: "},
        {"\"report\": {\"key\": \"ledger.key\"}", "report.key: out of range"},
        {"\"report\": {\"checkpoint\": 0}", "report.checkpoint: out of range"},
    };

    (void)state;
    policytest_refused_tops(cases, COUNT_OF(cases));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_balances_lie_beside_the_ledger),
        cmocka_unit_test(test_keys_lie_beside_the_ledger),
        cmocka_unit_test(test_bad),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
