/* test_policycharge.c - unit tests of policycharge.h */
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
    assert_int_equal(policy->charge[AIF_UNIT_GPU_HOUR].tres, AIF_CHARGE_GPU);
    assert_int_equal(policy->charge[AIF_UNIT_GPU_HOUR].millionths, 1000000);
    assert_int_equal(policy->charge[AIF_UNIT_NODE_HOUR].tres, AIF_CHARGE_NODE);
    assert_int_equal(policy->charge[AIF_UNIT_NODE_HOUR].millionths, 1000000);
    aif_policy_destroy(policy);
}

/* LUMI's two devices per GPU, Karolina's eighth of a node. */
static void test_rules_of_sites(void **state)
{
    struct aif_policy *policy =
        policytest_make("\"charge\": {\"gpu-hour\": {\"factor\": 0.5},"
                        " \"node-hour\": {\"tres\": \"gres/gpu\", \"factor\": 0.125}}",
                        "");

    (void)state;
    assert_int_equal(policy->charge[AIF_UNIT_GPU_HOUR].tres, AIF_CHARGE_GPU);
    assert_int_equal(policy->charge[AIF_UNIT_GPU_HOUR].millionths, 500000);
    assert_int_equal(policy->charge[AIF_UNIT_NODE_HOUR].tres, AIF_CHARGE_GPU);
    assert_int_equal(policy->charge[AIF_UNIT_NODE_HOUR].millionths, 125000);
    aif_policy_destroy(policy);
}

static void test_factors(void **state)
{
    static const struct {
        const char *text;
        uint32_t millionths;
    } cases[] = {{"1", 1000000},     {"0.000001", 1}, {"1000", 1000000000},
                 {"4", 4000000},     {"1e-6", 1},     {"0.333333", 333333},
                 {"2.675", 2675000}, {"0.1", 100000}, {"999.999999", 999999999}};
    char top[128];

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct aif_policy *policy;

        snprintf(top, sizeof(top),
                 "\"charge\": {\"gpu-hour\": {\"tres\": \"billing\", \"factor\": %s}}",
                 cases[i].text);
        policy = policytest_make(top, "");
        assert_int_equal(policy->charge[AIF_UNIT_GPU_HOUR].tres, AIF_CHARGE_BILLING);
        assert_int_equal(policy->charge[AIF_UNIT_GPU_HOUR].millionths, cases[i].millionths);
        aif_policy_destroy(policy);
    }
}

static void test_bad(void **state)
{
    static const struct policytest_bad cases[] = {
        {"\"charge\": 1", "charge: wrong type: 1, must be an object"},
        {"\"charge\": {\"cpu-hour\": {}}", "charge.cpu-hour: unknown key"},
        {"\"charge\": {\"gpu-hour\": {\"tres\": \"cpu\"}}",
         "charge.gpu-hour.tres: out of range: \"cpu\", limit \"gres/gpu\" or \"node\" or "
         "\"billing\""},
        {"\"charge\": {\"gpu-hour\": {\"factor\": 0}}",
         "charge.gpu-hour.factor: out of range: 0, limit more than 0 and up to 1000 (AIF-C007)"},
        {"\"charge\": {\"gpu-hour\": {\"factor\": -0.5}}",
         "charge.gpu-hour.factor: out of range: -0.5"},
        {"\"charge\": {\"gpu-hour\": {\"factor\": 1000.000001}}",
         "charge.gpu-hour.factor: out of range"},
        {"\"charge\": {\"gpu-hour\": {\"factor\": 1e300}}", "charge.gpu-hour.factor: out of range"},
        {"\"charge\": {\"gpu-hour\": {\"factor\": NaN}}", "charge.gpu-hour.factor: out of range"},
        {"\"charge\": {\"gpu-hour\": {\"factor\": 0.1234567}}",
         "charge.gpu-hour.factor: out of range: 0.1234567, limit at most 6 decimals (AIF-C007)"},
        {"\"charge\": {\"gpu-hour\": {\"factor\": 0.0000001}}",
         "charge.gpu-hour.factor: out of range"},
        {"\"charge\": {\"node-hour\": {\"factor\": \"1\"}}", "charge.node-hour.factor: wrong type"},
    };

    (void)state;
    policytest_refused_tops(cases, COUNT_OF(cases));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_defaults),
        cmocka_unit_test(test_rules_of_sites),
        cmocka_unit_test(test_factors),
        cmocka_unit_test(test_bad),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
