/* test_policy.c - unit tests of policy.h: the whole file; policymodes.h and policyplaces.h have
 * their own */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "configtest.h"
#include "policy.h"

static struct aif_policy *load(const char *path)
{
    struct aif_policy *policy = NULL;
    struct aif_error err = {0};

    if (aif_policy_load(path, &policy, &err))
        fail_msg("%s", err.text);
    return policy;
}

static void test_example_file(void **state)
{
    struct aif_policy *policy = load(ETC_DIR "/policy.json");

    (void)state;
    assert_string_equal(policy->cluster, "cluster");
    assert_int_equal(policy->mode_count, 8);
    assert_string_equal(policy->modes[0].name, "playground");
    assert_int_equal(policy->modes[0].wall_max_minutes, 240);
    assert_true(aif_policy_mode(policy, "fast-lane")->lane.level);
    assert_int_equal(aif_policy_mode(policy, "fast-lane")->lane.target, 2 * 60 * 60);
    assert_int_equal(policy->home_country, aif_residency_country("FI"));
    assert_int_equal(policy->placement.mode, AIF_PLACEMENT_ON);
    assert_int_equal(policy->report.sink_count, 0);
    aif_policy_destroy(policy);
}

static void test_every_key(void **state)
{
    struct aif_policy *policy = load(CONFIG_DATA "/good/policy.json");

    (void)state;
    assert_string_equal(policy->cluster, "discoverer");
    assert_string_equal(policy->parent_account, "eurohpc");
    assert_string_equal(policy->qos_prefix, "aif-");
    assert_string_equal(policy->gpu_tres, "gres/gpu:a100");
    assert_int_equal(policy->time_excess, AIF_EXCESS_CAP);
    assert_true(policy->foreign_reject);
    assert_int_equal(policy->placement.mode, AIF_PLACEMENT_SHADOW);
    assert_int_equal(policy->placement.partition_count, 2);
    assert_int_equal(policy->placement.level_count, 3);
    assert_string_equal(policy->report.ledger, "/srv/aif/ledger.db");
    assert_int_equal(policy->report.interval, 60);
    assert_int_equal(policy->report.overlap, 0);
    assert_int_equal(policy->report.sink_count, 2);
    assert_string_equal(policy->report.sinks[0].name, "egi");
    assert_string_equal(policy->report.sinks[1].name, "waldur");
    assert_string_equal(policy->report.sinks[1].url, "https://allocations.example.eu:8443/waldur");
    assert_string_equal(policy->report.sinks[1].token_file, "/etc/aif/token");
    assert_string_equal(policy->report.sinks[1].ca_file, "/etc/aif/ca.pem");
    assert_string_equal(policy->report.sinks[1].component, "gpu_hours");
    assert_string_equal(policy->report.sinks[1].node_component, "node_hours");
    assert_int_equal(policy->report.sinks[1].timeout, 5);
    aif_policy_destroy(policy);
}

static void test_defaults(void **state)
{
    static const char text[] = "{\"version\": 1, \"cluster\": \"c\", \"modes\": {\"m\": {}}}";
    struct aif_policy *policy = NULL;

    (void)state;
    assert_int_equal(aif_policy_parse(text, strlen(text), "f", &policy, NULL), 0);
    assert_string_equal(policy->parent_account, "root");
    assert_string_equal(policy->qos_prefix, "");
    assert_string_equal(policy->gpu_tres, "gres/gpu");
    assert_int_equal(policy->time_excess, AIF_EXCESS_REJECT);
    assert_false(policy->foreign_reject);
    assert_int_equal(policy->home_country, -1);
    assert_int_equal(policy->location_count, 0);
    assert_int_equal(policy->placement.mode, AIF_PLACEMENT_OFF);
    assert_string_equal(policy->report.ledger, "/var/lib/slurm-aif/ledger.db");
    assert_int_equal(policy->report.interval, 300);
    assert_int_equal(policy->report.overlap, 86400);
    assert_int_equal(policy->report.sink_count, 0);
    aif_policy_destroy(policy);
    aif_policy_destroy(NULL);
}

static int load_bad(const char *path, struct aif_error *err)
{
    struct aif_policy *policy = NULL;
    int rc = aif_policy_load(path, &policy, err);

    assert_int_equal(policy != NULL, rc == 0);
    aif_policy_destroy(policy);
    return rc;
}

static void test_refuses_bad_files(void **state)
{
    (void)state;
    check_bad_files(CONFIG_DATA "/bad-policy", 80, load_bad);
}

static void test_missing_file(void **state)
{
    struct aif_error err;

    (void)state;
    assert_int_equal(load_bad("/nonexistent/policy.json", &err), -1);
    assert_int_equal(err.code, AIF_ENOENT);
    assert_int_equal(strncmp(err.text, "/nonexistent/policy.json: cannot be read: ", 42), 0);
}

static void test_finds_modes(void **state)
{
    struct aif_policy *policy = load(ETC_DIR "/policy.json");

    (void)state;
    assert_string_equal(aif_policy_mode(policy, "Fast-Lane")->name, "fast-lane");
    assert_null(aif_policy_mode(policy, "FL"));
    assert_null(aif_policy_mode(policy, ""));
    aif_policy_mode_fetch(policy, aif_policy_mode_expect(policy, "fast-lane"));
    aif_policy_mode_fetch(policy, aif_policy_mode_expect(policy, ""));
    assert_string_equal(aif_policy_mode_by_code(policy, "fl")->name, "fast-lane");
    assert_string_equal(aif_policy_mode_by_code(policy, "E")->name, "extreme-scale");
    assert_null(aif_policy_mode_by_code(policy, "X"));
    assert_string_equal(aif_policy_mode_suggest(policy, "plaground"), "playground");
    assert_string_equal(aif_policy_mode_suggest(policy, "fast"), "fast-lane");
    assert_string_equal(aif_policy_mode_suggest(policy, "pg"), "playground");
    assert_null(aif_policy_mode_suggest(policy, "holiday"));
    aif_policy_destroy(policy);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_example_file), cmocka_unit_test(test_every_key),
        cmocka_unit_test(test_defaults),     cmocka_unit_test(test_refuses_bad_files),
        cmocka_unit_test(test_missing_file), cmocka_unit_test(test_finds_modes),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
