/* test_policyenforce.c - unit tests of policyenforce.h */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "configtest.h"
#include "policyenforce.h"
#include "policytest.h"
#include "rules.h"

/* How many rules of the table have that scope. */
static size_t count_scope(enum aif_enforce_scope scope)
{
    size_t count, found = 0;
    const struct aif_rule *rules = aif_rules(&count);

    for (size_t i = 0; i < count; i++)
        found += aif_policyenforce_scope(rules[i].id) == scope;
    return found;
}

static void check(const char *top, enum aif_enforce limits, const char *other, enum aif_enforce enforce)
{
    struct aif_policy *policy = policytest_make(top, "");
    size_t count;
    const struct aif_rule *rules = aif_rules(&count);

    for (size_t i = 0; i < count; i++) {
        const bool limit = aif_policyenforce_scope(rules[i].id) == AIF_ENFORCE_LIMIT;
        enum aif_enforce want = limit ? limits : AIF_ENFORCE_ON;

        if (other && !strcmp(rules[i].id, other))
            want = enforce;
        if (aif_policyenforce_of(policy, rules[i].id) != want)
            fail_msg("%s: %s", top, rules[i].id);
    }
    assert_int_equal(policy->enforce.fallback, limits);
    aif_policy_destroy(policy);
}

static void test_table(void **state)
{
    size_t count;

    (void)state;
    aif_rules(&count);
    assert_true(count <= AIF_ENFORCE_RULES);
    assert_int_equal(count_scope(AIF_ENFORCE_LIMIT), 18);
    assert_int_equal(count_scope(AIF_ENFORCE_BOOKING), 7);
    assert_true((18 + 7) * sizeof("AIF-M001") <= AIF_POLICYENFORCE_LIST);
    assert_int_equal(aif_policyenforce_scope("AIF-X001"), AIF_ENFORCE_ALWAYS);
}

/* Whatever protects data, and whatever is not about one job, is always on. */
static void test_what_is_never_relaxed(void **state)
{
    size_t count;
    const struct aif_rule *rules = aif_rules(&count);

    (void)state;
    for (size_t i = 0; i < count; i++)
        if (strchr("RCP", rules[i].id[4]))
            assert_int_equal(aif_policyenforce_scope(rules[i].id), AIF_ENFORCE_ALWAYS);
    assert_int_equal(aif_policyenforce_scope(AIF_A_MEMBER), AIF_ENFORCE_ALWAYS);
}

static void test_spellings(void **state)
{
    (void)state;
    check("", AIF_ENFORCE_ON, NULL, AIF_ENFORCE_ON);
    check("\"enforce\": \"on\"", AIF_ENFORCE_ON, NULL, AIF_ENFORCE_ON);
    check("\"enforce\": \"advise\"", AIF_ENFORCE_ADVISE, NULL, AIF_ENFORCE_ON);
    check("\"enforce\": \"off\"", AIF_ENFORCE_OFF, NULL, AIF_ENFORCE_ON);
    check("\"enforce\": {}", AIF_ENFORCE_ON, NULL, AIF_ENFORCE_ON);
    check("\"enforce\": {\"default\": \"advise\"}", AIF_ENFORCE_ADVISE, NULL, AIF_ENFORCE_ON);
    check("\"enforce\": {\"rules\": {\"AIF-Q001\": \"off\"}}", AIF_ENFORCE_ON, AIF_Q_LEFT, AIF_ENFORCE_OFF);
    check("\"enforce\": {\"rules\": {\"AIF-Q001\": \"on\"}, \"default\": \"advise\"}", AIF_ENFORCE_ADVISE, AIF_Q_LEFT, AIF_ENFORCE_ON);
    check("\"enforce\": {\"default\": \"off\", \"rules\": {\"AIF-A007\": \"advise\"}}", AIF_ENFORCE_OFF, AIF_A_NONE, AIF_ENFORCE_ADVISE);
    check("\"enforce\": {\"rules\": {\"AIF-R002\": \"on\"}}", AIF_ENFORCE_ON, NULL, AIF_ENFORCE_ON);
}

static void test_bad(void **state)
{
    static const struct policytest_bad cases[] = {
        {"\"enforce\": true", "enforce: wrong type: must be a text in quotes or an object, { ... } (AIF-C004)"},
        {"\"enforce\": [\"AIF-Q001\"]", "enforce: wrong type"},
        {"\"enforce\": null", "enforce: wrong type"},
        {"\"enforce\": \"Advise\"", "enforce: out of range: \"Advise\", limit \"on\" or \"advise\" or \"off\" (AIF-C007)"},
        {"\"enforce\": {\"AIF-Q001\": \"advise\"}", "enforce.AIF-Q001: unknown key"},
        {"\"enforce\": {\"default\": 1}", "enforce.default: wrong type"},
        {"\"enforce\": {\"rules\": [\"AIF-Q001\"]}", "enforce.rules: wrong type"},
        {"\"enforce\": {\"rules\": {\"AIF-Q001\": true}}", "enforce.rules.AIF-Q001: wrong type"},
        {"\"enforce\": {\"rules\": {\"AIF-Q001\": \"warn\"}}", "enforce.rules.AIF-Q001: out of range: \"warn\""},
        {"\"enforce\": {\"rules\": {\"AIF-Q099\": \"off\"}}", "enforce.rules.AIF-Q099: no such rule: \"AIF-Q099\" (AIF-C008); \"aif rules\""},
        {"\"enforce\": {\"rules\": {\"aif-q001\": \"off\"}}", "enforce.rules.aif-q001: no such rule"},
        {"\"enforce\": {\"rules\": {\"AIF-R003\": \"advise\"}}",
         "enforce.rules.AIF-R003: out of range: \"advise\", limit \"on\": this rule is always applied (AIF-C007)"},
        {"\"enforce\": {\"rules\": {\"AIF-A005\": \"off\"}}", "enforce.rules.AIF-A005: out of range: \"off\""},
        {"\"enforce\": {\"rules\": {\"AIF-C010\": \"off\"}}", "enforce.rules.AIF-C010: out of range"},
    };

    (void)state;
    policytest_refused_tops(cases, COUNT_OF(cases));
}

static void test_list(void **state)
{
    struct aif_policy *policy = policytest_make("\"enforce\": {\"rules\": {\"AIF-Q001\": \"off\", \"AIF-M005\": \"advise\","
                                                " \"AIF-A002\": \"advise\"}}", "");
    char list[AIF_POLICYENFORCE_LIST];

    (void)state;
    assert_int_equal(aif_policyenforce_list(policy, AIF_ENFORCE_ADVISE, list), 2);
    assert_string_equal(list, "AIF-A002 AIF-M005");
    assert_int_equal(aif_policyenforce_list(policy, AIF_ENFORCE_OFF, list), 1);
    assert_string_equal(list, "AIF-Q001");
    assert_string_equal(aif_policyenforce_name(AIF_ENFORCE_ADVISE), "advise");
    aif_policy_destroy(policy);
    policy = policytest_make("\"enforce\": \"advise\"", "");
    assert_int_equal(aif_policyenforce_list(policy, AIF_ENFORCE_ADVISE, list), 18);
    assert_int_equal(aif_policyenforce_list(policy, AIF_ENFORCE_OFF, list), 0);
    assert_string_equal(list, "");
    /* "on" are more than there is room for: the list is cut, their number is not. */
    assert_true(aif_policyenforce_list(policy, AIF_ENFORCE_ON, list) > 32);
    assert_true(strlen(list) < sizeof(list));
    aif_policy_destroy(policy);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_table), cmocka_unit_test(test_what_is_never_relaxed), cmocka_unit_test(test_spellings),
        cmocka_unit_test(test_bad),   cmocka_unit_test(test_list),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
