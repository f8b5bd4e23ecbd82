/* test_policymodes.c - unit tests of policymodes.h */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "configtest.h"
#include "policy.h"
#include "policytest.h"

static int parse(const char *modes, struct aif_policy **ret_policy, struct aif_error *err)
{
    char *text = NULL;
    int length = asprintf(&text, "{\"version\": 1, \"cluster\": \"c\", \"modes\": {%s}}", modes),
        rc;

    assert_true(length > 0);
    rc = aif_policy_parse(text, (size_t)length, "f", ret_policy, err);
    free(text);
    return rc;
}

static void test_every_key(void **state)
{
    struct aif_policy *policy = NULL;
    const struct aif_mode *mode;
    char residency[64];

    (void)state;
    assert_int_equal(aif_policy_load(CONFIG_DATA "/good/policy.json", &policy, NULL), 0);
    assert_int_equal(policy->mode_count, 4);
    mode = &policy->modes[0];
    assert_string_equal(mode->name, "playground");
    assert_string_equal(mode->title, "Playground // not a comment");
    assert_string_equal(mode->code, "PG");
    assert_false(mode->open);
    assert_string_equal(mode->closed_note, "until the upgrade is done");
    assert_string_equal(mode->partitions[0], "gpu");
    assert_string_equal(mode->partitions[1], "gpu-long");
    assert_null(mode->partitions[2]);
    assert_int_equal(mode->gpus_per_job.min, 1);
    assert_int_equal(mode->gpus_per_job.max, 8);
    assert_int_equal(mode->nodes_per_job.min, 0);
    assert_int_equal(mode->nodes_per_job.max, 2);
    assert_int_equal(mode->wall_max_minutes, 240);
    assert_int_equal(mode->jobs_per_user, 4);
    assert_int_equal(mode->submits_per_user, 8);
    assert_int_equal(mode->jobs_per_allocation, 16);
    assert_int_equal(mode->submits_per_allocation, 32);
    assert_int_equal(mode->closure_count, 2);
    assert_int_equal(mode->categories, (1u << AIF_CATEGORIES) - 1);
    assert_true(mode->has_inference_share);
    assert_int_equal(mode->inference_percent, 0);
    assert_true(mode->interactive.forbidden);
    assert_int_equal(mode->interactive.wall_max_minutes, 30);
    assert_int_equal(mode->interactive.gpus_per_job.max, 1);
    assert_int_equal(mode->interactive.nodes_per_job.min, 1);
    assert_int_equal(mode->pacing.kind, AIF_PACING_CUT);
    assert_int_equal(mode->award.amount_max, 5000);
    assert_non_null(mode->residency);
    assert_int_equal(aif_restag_format(mode->residency, residency, sizeof(residency)), 0);
    assert_string_equal(residency, "DK|FI|SE"); /* TRUSTED-IE, a group defined with NORDIC */
    aif_policy_destroy(policy);
}

static void test_empty_mode_limits_nothing(void **state)
{
    struct aif_policy *policy = NULL;
    const struct aif_mode *mode;

    (void)state;
    assert_int_equal(parse("\"m\": {}", &policy, NULL), 0);
    mode = &policy->modes[0];
    assert_true(mode->open);
    assert_null(mode->title);
    assert_null(mode->code);
    assert_null(mode->closed_note);
    assert_null(mode->partitions);
    assert_int_equal(mode->closure_count, 0);
    assert_int_equal(mode->categories, 0);
    assert_false(mode->has_inference_share);
    assert_false(mode->interactive.forbidden);
    assert_int_equal(mode->submits_per_allocation, 0);
    assert_int_equal(mode->pacing.kind, AIF_PACING_NONE);
    assert_false(mode->award.has_unit);
    assert_int_equal(mode->gpus_per_job.max, 0);
    assert_int_equal(mode->wall_max_minutes, 0);
    assert_false(mode->lane.present);
    assert_null(mode->residency);
    aif_policy_destroy(policy);
}

static void test_bad(void **state)
{
    static const struct policytest_bad cases[] = {
        {"\"inference\": {}", "modes.m.inference.share: required key is missing"},
        {"\"inference\": {\"share\": 101}",
         "modes.m.inference.share: out of range: 101, limit 0 to 100"},
        {"\"inference\": 10", "modes.m.inference: wrong type: 10"},
        {"\"interactive\": false", "modes.m.interactive: wrong type: false"},
        {"\"interactive\": {\"allowed\": \"no\"}", "modes.m.interactive.allowed: wrong type"},
        {"\"interactive\": {\"wall_max\": \"2h\"}", "modes.m.interactive.wall_max: out of range"},
        {"\"interactive\": {\"gpus_per_job\": {\"min\": 2, \"max\": 1}}",
         "modes.m.interactive.gpus_per_job: out of range: min 2, limit max 1"},
        {"\"interactive\": {\"jobs\": 1}", "modes.m.interactive.jobs: unknown key"},
        {"\"submits_per_allocation\": 0", "modes.m.submits_per_allocation: out of range: 0"},
    };

    (void)state;
    policytest_refused_modes(cases, COUNT_OF(cases));
}

static void test_longest_name(void **state)
{
    char name[AIF_MODE_NAME_MAX], modes[AIF_MODE_NAME_MAX + 16];
    struct aif_policy *policy = NULL;

    (void)state;
    memset(name, 'a', sizeof(name) - 1);
    name[sizeof(name) - 1] = '\0';
    snprintf(modes, sizeof(modes), "\"%s\": {}", name);
    assert_int_equal(parse(modes, &policy, NULL), 0);
    assert_non_null(aif_policy_mode(policy, name));
    aif_policy_destroy(policy);
}

static void test_number_of_modes(void **state)
{
    struct aif_policy *policy = NULL;
    struct aif_error err;
    char *modes = malloc(300 * 16);
    size_t used = 0;

    (void)state;
    assert_non_null(modes);
    for (int i = 0; i < 256; i++)
        used += (size_t)sprintf(modes + used, "%s\"m%d\":{}", i ? "," : "", i);
    assert_int_equal(parse(modes, &policy, NULL), 0);
    assert_int_equal(policy->mode_count, 256);
    aif_policy_destroy(policy);
    policy = NULL;
    strcpy(modes + used, ",\"one-more\":{}");
    assert_int_equal(parse(modes, &policy, &err), -1);
    assert_non_null(strstr(err.text, "modes: too many entries: 257, limit 256 (AIF-C007)"));
    assert_null(policy);
    free(modes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_key),
        cmocka_unit_test(test_empty_mode_limits_nothing),
        cmocka_unit_test(test_bad),
        cmocka_unit_test(test_longest_name),
        cmocka_unit_test(test_number_of_modes),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
