/* test_policyplacement.c - unit tests of policyplacement.h */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "configtest.h"
#include "policyplacement.h"
#include "policytest.h"

static void test_defaults(void **state)
{
    struct aif_policy *policy = policytest_make("\"placement\": {}", "");
    const struct aif_placement_conf *conf = &policy->placement;

    (void)state;
    assert_int_equal(conf->mode, AIF_PLACEMENT_OFF);
    assert_int_equal(conf->partition_count, 0);
    assert_int_equal(conf->level_count, 0);
    assert_null(conf->map);
    assert_null(conf->preset);
    assert_int_equal(conf->leftover_seconds, 60);
    assert_int_equal(conf->strict_max, 24 * 60 * 60);
    assert_false(conf->correct_devices);
    assert_false(aif_placement_is_wanted(conf));
    aif_policy_destroy(policy);
}

static void test_every_key(void **state)
{
    struct aif_policy *policy = NULL;
    const struct aif_placement_conf *conf;
    struct aif_error err;

    (void)state;
    assert_int_equal(aif_policy_load(CONFIG_DATA "/good/policy.json", &policy, &err), 0);
    conf = &policy->placement;
    assert_int_equal(conf->mode, AIF_PLACEMENT_SHADOW);
    assert_int_equal(conf->level_count, 3);
    assert_string_equal(conf->levels[0].name, "leaf");
    assert_int_equal(conf->levels[0].weight, 0);
    assert_int_equal(conf->levels[0].segment_count, 2);
    assert_int_equal(conf->levels[0].segments[0], 16);
    assert_int_equal(conf->levels[0].segments[1], 8);
    assert_string_equal(conf->levels[1].name, "dragonfly_group-1.0");
    assert_int_equal(conf->levels[1].weight, 100);
    assert_int_equal(conf->levels[1].segment_count, 0);
    assert_int_equal(conf->levels[2].weight, 10000);
    assert_int_equal(conf->leftover_seconds, 0);
    assert_int_equal(conf->strict_max, 1800);
    assert_true(conf->correct_devices);
    aif_policy_destroy(policy);
}

static void test_mode_of_partition(void **state)
{
    struct aif_policy *policy =
        policytest_make("\"placement\": {\"mode\": \"shadow\", \"partitions\": {\"gpu\": \"on\", "
                        "\"old\": \"off\"}}",
                        "");

    (void)state;
    assert_int_equal(aif_placement_mode_of(&policy->placement, "gpu"), AIF_PLACEMENT_ON);
    assert_int_equal(aif_placement_mode_of(&policy->placement, "old"), AIF_PLACEMENT_OFF);
    assert_int_equal(aif_placement_mode_of(&policy->placement, "GPU"), AIF_PLACEMENT_SHADOW);
    assert_int_equal(aif_placement_mode_of(&policy->placement, NULL), AIF_PLACEMENT_SHADOW);
    assert_string_equal(aif_placement_mode_name(AIF_PLACEMENT_SHADOW), "shadow");
    aif_policy_destroy(policy);
    policy =
        policytest_make("\"placement\": {\"partitions\": {\"a\": \"off\", \"b\": \"on\"}}", "");
    assert_true(aif_placement_is_wanted(&policy->placement));
    aif_policy_destroy(policy);
}

static void test_presets(void **state)
{
    (void)state;
    for (const char *const *name = aif_fabric_preset_names; *name; name++) {
        struct aif_policy *policy;
        char text[128];

        snprintf(text, sizeof(text), "\"placement\": {\"preset\": \"%s\"}", *name);
        policy = policytest_make(text, "");
        assert_string_equal(policy->placement.preset, *name);
        assert_true(policy->placement.level_count >= 1);
        assert_true(policy->placement.levels[0].name[0]);
        aif_policy_destroy(policy);
    }
}

static void test_map(void **state)
{
    struct aif_policy *policy = policytest_make("\"placement\": {\"map\": \"fabric.json\"}", "");

    (void)state;
    assert_string_equal(policy->placement.map, "fabric.json");
    aif_policy_destroy(policy);
}

static void test_bad(void **state)
{
    static const struct policytest_bad cases[] = {
        {"\"placement\": []", "placement: wrong type"},
        {"\"placement\": {\"enabled\": false}",
         "placement.enabled: no longer known: \"enabled\" (AIF-C003); write \"mode\": \"off\""},
        {"\"placement\": {\"mode\": true}", "placement.mode: wrong type: true, must be a text"},
        {"\"placement\": {\"mode\": \"yes\"}", "placement.mode: out of range: \"yes\""},
        {"\"placement\": {\"partitions\": [\"gpu\"]}", "placement.partitions: wrong type"},
        {"\"placement\": {\"partitions\": {\"gpu\": \"maybe\"}}",
         "placement.partitions.gpu: out of range: \"maybe\""},
        {"\"placement\": {\"partitions\": {\"gpu\": \"on\", \"gpu\": \"off\"}}",
         "placement.partitions"},
        {"\"placement\": {\"preset\": \"lumi\"}",
         "placement.preset: no such preset: \"lumi\" (AIF-C008); "},
        {"\"placement\": {\"preset\": \"nvl27\"}",
         "placement.preset: no such preset: \"nvl27\" (AIF-C008); did you mean \"nvl72\"?"},
        {"\"placement\": {\"levels\": []}", "placement.levels: too few entries: 0, limit 1 to 6"},
        {"\"placement\": {\"levels\": [{}]}", "placement.levels[0].name: required key is missing"},
        {"\"placement\": {\"levels\": [{\"name\": \"a b\"}]}",
         "placement.levels[0].name: out of range"},
        {"\"placement\": {\"levels\": [{\"name\": \"\"}]}",
         "placement.levels[0].name: out of range"},
        {"\"placement\": {\"levels\": [{\"name\": \"abcdefghijklmnopqrstuvwxyzabcdef\"}]}",
         "placement.levels[0].name: out of range"},
        {"\"placement\": {\"levels\": [{\"name\": \"a\"}, {\"name\": \"a\"}]}",
         "placement.levels[1]: name given twice: \"a\" (AIF-C006)"},
        {"\"placement\": {\"levels\": [{\"name\": \"a\", \"weight\": 1000001}]}",
         "placement.levels[0].weight: out of range: 1000001, limit 0 to 1000000"},
        {"\"placement\": {\"levels\": [{\"name\": \"a\", \"weight\": -1}]}",
         "placement.levels[0].weight: out of range"},
        {"\"placement\": {\"levels\": [{\"name\": \"a\", \"segments\": [8, 8]}]}",
         "placement.levels[0].segments[1]: out of range: 8, limit less than the one before"},
        {"\"placement\": {\"levels\": [{\"name\": \"a\", \"segments\": [0]}]}",
         "placement.levels[0].segments[0]: out of range: 0, limit 1 to 1000000"},
        {"\"placement\": {\"levels\": [{\"name\": \"a\", \"segments\": [9,8,7,6,5,4,3,2,1]}]}",
         "placement.levels[0].segments: too many entries: 9, limit 8"},
        {"\"placement\": {\"levels\": [{\"name\": \"a\"}, {\"name\": \"b\"}, {\"name\": \"c\"}, "
         "{\"name\": \"d\"}, {\"name\": \"e\"}, {\"name\": \"f\"}, {\"name\": \"g\"}]}",
         "placement.levels: too many entries: 7, limit 6"},
        {"\"placement\": {\"map\": \"f\", \"preset\": \"nvl72\"}",
         "placement.map: out of range: \"map\" beside \"preset\", limit one of preset, levels, "
         "map"},
        {"\"placement\": {\"preset\": \"nvl72\", \"levels\": [{\"name\": \"a\"}]}",
         "placement.levels: out of range: \"levels\" beside \"preset\""},
        {"\"placement\": {\"map\": \"\"}", "placement.map: out of range"},
        {"\"placement\": {\"leftover\": 86401}", "placement.leftover: out of range"},
        {"\"placement\": {\"strict_max\": \"0\"}", "placement.strict_max: out of range"},
        {"\"placement\": {\"strict_max\": \"367-00\"}", "placement.strict_max: out of range"},
        {"\"placement\": {\"strict_max\": 60}", "placement.strict_max: wrong type"},
        {"\"placement\": {\"correct_devices\": 1}", "placement.correct_devices: wrong type"},
    };

    (void)state;
    policytest_refused_tops(cases, COUNT_OF(cases));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_defaults),
        cmocka_unit_test(test_every_key),
        cmocka_unit_test(test_mode_of_partition),
        cmocka_unit_test(test_presets),
        cmocka_unit_test(test_map),
        cmocka_unit_test(test_bad),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
