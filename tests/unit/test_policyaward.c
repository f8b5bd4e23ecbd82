/* test_policyaward.c - unit tests of policyaward.h */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "configtest.h"
#include "policycategory.h"
#include "policytest.h"

#define INDUSTRY (1u << AIF_CATEGORY_SME | 1u << AIF_CATEGORY_STARTUP)
#define TRACKS                                                                                     \
    (INDUSTRY | 1u << AIF_CATEGORY_SCIENCE | 1u << AIF_CATEGORY_PUBLIC |                           \
     1u << AIF_CATEGORY_INDUSTRY)

/* The figures of the calls as published in 2026. */
struct published {
    const char *mode, *code;
    enum aif_unit unit;
    uint64_t amount_min, amount_max;
    uint32_t months_min, months_max;
    uint32_t categories;
    int inference; /* percent, -1: no such rule */
};

static const struct published published[] = {
    {"playground", "PG", AIF_UNIT_GPU_HOUR, 5000, 5000, 1, 3, INDUSTRY, -1},
    {"fast-lane", "FL", AIF_UNIT_GPU_HOUR, 10000, 50000, 1, 3, INDUSTRY, -1},
    {"large-scale", "LS", AIF_UNIT_GPU_HOUR, 50000, 2400000, 3, 12, INDUSTRY, -1},
    {"science", "SC", AIF_UNIT_NODE_HOUR, 20000, 90000, 6, 6, TRACKS, 10},
    {"benchmark", "B", AIF_UNIT_NODE_HOUR, 200, 2500, 2, 3, 0, -1},
    {"development", "D", AIF_UNIT_NODE_HOUR, 800, 4500, 6, 12, 0, -1},
    {"regular", "R", AIF_UNIT_NODE_HOUR, 20000, 1800000, 12, 12, TRACKS, -1},
    {"extreme-scale", "E", AIF_UNIT_NODE_HOUR, 100000, 3000000, 12, 12, TRACKS, -1},
};

static struct aif_policy *shipped(void)
{
    struct aif_policy *policy = NULL;
    struct aif_error err = {0};

    if (aif_policy_load(ETC_DIR "/policy.json", &policy, &err))
        fail_msg("%s", err.text);
    return policy;
}

static void test_published_modes(void **state)
{
    struct aif_policy *policy = shipped();

    (void)state;
    assert_int_equal(policy->mode_count, COUNT_OF(published));
    for (size_t i = 0; i < COUNT_OF(published); i++) {
        const struct published *row = &published[i];
        const struct aif_mode *mode = &policy->modes[i];

        assert_string_equal(mode->name, row->mode);
        assert_string_equal(mode->code, row->code);
        assert_true(mode->open && mode->award.has_unit);
        assert_int_equal(mode->award.unit, row->unit);
        assert_int_equal(mode->award.amount_min, row->amount_min);
        assert_int_equal(mode->award.amount_max, row->amount_max);
        assert_int_equal(mode->award.months.min, row->months_min);
        assert_int_equal(mode->award.months.max, row->months_max);
        assert_int_equal(mode->categories, row->categories);
        assert_int_equal(mode->has_inference_share ? (int)mode->inference_percent : -1,
                         row->inference);
    }
    aif_policy_destroy(policy);
}

static const struct aif_share *share_of(const struct aif_policy *policy, const char *title)
{
    for (size_t i = 0; i < policy->share_count; i++)
        if (!strcmp(policy->shares[i].title, title))
            return &policy->shares[i];
    fail_msg("no share of %s", title);
    return NULL;
}

static void test_published_shares(void **state)
{
    struct aif_policy *policy = shipped();

    (void)state;
    assert_int_equal(policy->share_count, 4);
    assert_int_equal(share_of(policy, "Playground and Fast Lane")->percent, 10);
    assert_string_equal(share_of(policy, "Playground and Fast Lane")->modes[1], "fast-lane");
    assert_int_equal(share_of(policy, "Industrial innovation")->percent, 30);
    assert_int_equal(share_of(policy, "Commercial use")->percent, 20);
    assert_int_equal(share_of(policy, "Commercial use")->categories, 1u << AIF_CATEGORY_COMMERCIAL);
    assert_int_equal(share_of(policy, "AI for Science")->percent, 25);
    aif_policy_destroy(policy);
}

static void test_parts(void **state)
{
    struct aif_policy *policy =
        policytest_make("", "\"award\": {\"unit\": \"node-hour\", \"months\": {\"max\": 12}}");
    const struct aif_award *award = &policy->modes[0].award;

    (void)state;
    assert_true(award->has_unit);
    assert_int_equal(award->unit, AIF_UNIT_NODE_HOUR);
    assert_int_equal(award->amount_min, 0);
    assert_int_equal(award->amount_max, 0);
    assert_int_equal(award->months.min, 0);
    assert_int_equal(award->months.max, 12);
    assert_false(policy->modes[1].award.has_unit);
    aif_policy_destroy(policy);
    assert_string_equal(aif_unit_name(AIF_UNIT_GPU_HOUR), "gpu-hour");
    assert_string_equal(aif_unit_name(AIF_UNIT_NODE_HOUR), "node-hour");
}

static void test_bad(void **state)
{
    static const struct policytest_bad cases[] = {
        {"\"award\": {}", "modes.m.award.unit: required key is missing"},
        {"\"award\": {\"unit\": \"hour\"}",
         "modes.m.award.unit: out of range: \"hour\", limit \"gpu-hour\" or \"node-hour\""},
        {"\"award\": {\"unit\": \"gpu-hour\", \"amount\": 5000}",
         "modes.m.award.amount: wrong type"},
        {"\"award\": {\"unit\": \"gpu-hour\", \"amount\": {\"min\": 2, \"max\": 1}}",
         "modes.m.award.amount: out of range: min 2, limit max 1"},
        {"\"award\": {\"unit\": \"gpu-hour\", \"months\": {\"min\": 0}}",
         "modes.m.award.months.min: out of range: 0"},
        {"\"award\": {\"unit\": \"gpu-hour\", \"month\": {}}",
         "modes.m.award.month: unknown key: \"month\" (AIF-C003); did you mean \"months\"?"},
    };

    (void)state;
    policytest_refused_modes(cases, COUNT_OF(cases));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_published_modes),
        cmocka_unit_test(test_published_shares),
        cmocka_unit_test(test_parts),
        cmocka_unit_test(test_bad),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
