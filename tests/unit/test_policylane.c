/* test_policylane.c - unit tests of policylane.h */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "configtest.h"
#include "policytest.h"

static void test_every_key_of_a_lane(void **state)
{
    struct aif_policy *policy =
        policytest_make("", "\"lane\": {\"base\": 100000, \"target\": \"00:30:01\", \"from\": 0, "
                            "\"urgency\": 400000, \"level\": true,"
                            " \"preempts\": [\"N\"], \"preempts_free\": true, \"headroom\": 8, "
                            "\"headroom_partition\": \"boost\"}");
    const struct aif_lane *lane = &policy->modes[0].lane;

    (void)state;
    assert_true(lane->present);
    assert_int_equal(lane->base, 100000);
    assert_int_equal(lane->target, 1801);
    assert_int_equal(lane->from, 0);
    assert_int_equal(lane->urgency, 400000);
    assert_true(lane->level);
    assert_string_equal(lane->preempts[0], "N");
    assert_null(lane->preempts[1]);
    assert_true(lane->preempts_free);
    assert_int_equal(lane->headroom, 8);
    assert_string_equal(lane->headroom_partition, "boost");
    assert_false(policy->modes[1].lane.present);
    assert_int_equal(policy->lanes.guard_points, 900001);
    aif_policy_destroy(policy);
}

static void test_empty_lane_is_a_lane(void **state)
{
    struct aif_policy *policy = policytest_make("", "\"lane\": {}");
    const struct aif_lane *lane = &policy->modes[0].lane;

    (void)state;
    assert_true(lane->present);
    assert_int_equal(lane->base, 0);
    assert_int_equal(lane->target, 0);
    assert_int_equal(lane->from, 50);
    assert_false(lane->level);
    assert_null(lane->preempts);
    assert_int_equal(policy->lanes.guard_points, 1);
    aif_policy_destroy(policy);
}

static void test_yield(void **state)
{
    struct aif_policy *policy =
        policytest_make("", "\"yield\": {\"grace\": \"00:05:00\", \"how\": \"cancel\"}");

    (void)state;
    assert_int_equal(policy->modes[0].yield, AIF_YIELD_CANCEL);
    assert_int_equal(policy->modes[0].yield_grace, 300);
    assert_int_equal(policy->modes[1].yield, AIF_YIELD_REQUEUE);
    assert_int_equal(policy->modes[1].yield_grace, 0);
    aif_policy_destroy(policy);
}

static void test_all_lanes(void **state)
{
    struct aif_policy *policy =
        policytest_make("\"lanes\": {\"window\": \"1-00:00:00\", \"capacity\": 64, \"resume\": 80,"
                        " \"guard\": {\"after\": \"00:00:30\", \"points\": 7}}",
                        "");

    (void)state;
    assert_int_equal(policy->lanes.window, 86400);
    assert_int_equal(policy->lanes.capacity, 64);
    assert_int_equal(policy->lanes.resume, 80);
    assert_int_equal(policy->lanes.guard_after, 30);
    assert_int_equal(policy->lanes.guard_points, 7);
    aif_policy_destroy(policy);
}

static void test_defaults_of_all_lanes(void **state)
{
    struct aif_policy *policy = policytest_make("\"lanes\": {\"guard\": {}}", "");

    (void)state;
    assert_int_equal(policy->lanes.window, 7 * 86400);
    assert_int_equal(policy->lanes.capacity, 0);
    assert_int_equal(policy->lanes.resume, 95);
    assert_int_equal(policy->lanes.guard_after, 2 * 86400);
    assert_int_equal(policy->lanes.guard_points, 0);
    aif_policy_destroy(policy);
    policy = policytest_make("\"lanes\": {\"guard\": {\"after\": \"never\"}}", "");
    assert_int_equal(policy->lanes.guard_after, 0);
    aif_policy_destroy(policy);
}

static void test_bad_modes(void **state)
{
    static const struct policytest_bad cases[] = {
        {"\"lane\": 5", "modes.m.lane: wrong type: 5"},
        {"\"lane\": {\"boost\": 5}", "modes.m.lane.boost: unknown key: \"boost\""},
        {"\"lane_boost\": 5", "modes.m.lane_boost: no longer known: \"lane_boost\" (AIF-C003); "
                              "write \"lane\": {\"base\": 5}"},
        {"\"lane_boost\": null", "modes.m.lane_boost: no longer known"},
        {"\"lane\": {\"base\": -1}", "modes.m.lane.base: out of range: -1, limit 0 to 250000000"},
        {"\"lane\": {\"base\": 250000001}", "modes.m.lane.base: out of range"},
        {"\"lane\": {\"target\": \"00:00:00\"}",
         "modes.m.lane.target: out of range: \"00:00:00\", limit a Slurm time, \"HH:MM:SS\" or "
         "\"D-HH:MM:SS\", 1 seconds to 30 days"},
        {"\"lane\": {\"target\": \"30-00:00:01\"}", "modes.m.lane.target: out of range"},
        {"\"lane\": {\"target\": 30}", "modes.m.lane.target: wrong type: 30"},
        {"\"lane\": {\"target\": \"5\", \"from\": 100}",
         "modes.m.lane.from: out of range: 100, limit 0 to 99"},
        {"\"lane\": {\"target\": \"5\", \"urgency\": 250000001}",
         "modes.m.lane.urgency: out of range"},
        {"\"lane\": {\"urgency\": 1}",
         "modes.m.lane.urgency: out of range: 1, limit 0 without \"target\""},
        {"\"lane\": {\"preempts\": []}", "modes.m.lane.preempts: out of range"},
        {"\"lane\": {\"preempts\": [\"x\"]}",
         "modes.m.lane.preempts: no such mode: \"x\", limit those of \"modes\" (AIF-C008)"},
        {"\"lane\": {\"preempts\": [\"n\", \"M\"]}",
         "modes.m.lane.preempts: out of range: \"M\", limit other modes than its own"},
        {"\"lane\": {\"headroom\": -1}",
         "modes.m.lane.headroom: out of range: -1, limit 0 to 1000000000"},
        {"\"lane\": {\"headroom_partition\": \"\"}",
         "modes.m.lane.headroom_partition: out of range"},
        {"\"yield\": \"cancel\"", "modes.m.yield: wrong type"},
        {"\"yield\": {\"how\": \"suspend\"}",
         "modes.m.yield.how: out of range: \"suspend\", limit \"requeue\" or \"cancel\""},
        {"\"yield\": {\"grace\": \"5m\"}", "modes.m.yield.grace: out of range: \"5m\""},
    };

    (void)state;
    policytest_refused_modes(cases, COUNT_OF(cases));
}

static int parse_modes(const char *modes, struct aif_error *err)
{
    struct aif_policy *policy = NULL;
    char text[512];
    int rc;

    snprintf(text, sizeof(text), "{\"version\": 1, \"cluster\": \"c\", \"modes\": {%s}}", modes);
    rc = aif_policy_parse(text, strlen(text), "f", &policy, err);
    aif_policy_destroy(policy);
    return rc;
}

static void test_no_circle(void **state)
{
    struct aif_error err = {0};

    (void)state;
    assert_int_equal(parse_modes("\"a\": {\"lane\": {\"preempts\": [\"b\", \"c\"]}},"
                                 " \"b\": {\"lane\": {\"preempts\": [\"c\"]}}, \"c\": {}",
                                 &err),
                     0);
    assert_int_equal(parse_modes("\"a\": {\"lane\": {\"preempts\": [\"b\"]}}, \"b\": {\"lane\": "
                                 "{\"preempts\": [\"a\"]}}",
                                 &err),
                     -1);
    drop_column(err.text);
    assert_string_equal(err.text, "f:1: modes.a.lane.preempts: out of range: \"b\", limit modes "
                                  "that do not preempt \"a\" in turn"
                                  " (AIF-C007); take one of them out");
    assert_int_equal(parse_modes("\"x\": {\"lane\": {\"preempts\": [\"a\"]}}, \"a\": {\"lane\": "
                                 "{\"preempts\": [\"b\"]}},"
                                 " \"b\": {\"lane\": {\"preempts\": [\"c\"]}}, \"c\": {\"lane\": "
                                 "{\"preempts\": [\"b\", \"A\"]}}",
                                 &err),
                     -1);
    assert_non_null(strstr(err.text, "modes.a.lane.preempts: out of range: \"b\""));
}

static void test_bad_tops(void **state)
{
    static const struct policytest_bad cases[] = {
        {"\"lanes\": []", "lanes: wrong type"},
        {"\"lanes\": {\"window\": \"00:00:59\"}", "lanes.window: out of range"},
        {"\"lanes\": {\"window\": \"367-00:00:00\"}", "lanes.window: out of range"},
        {"\"lanes\": {\"capacity\": 1000000001}", "lanes.capacity: out of range"},
        {"\"lanes\": {\"resume\": 0}", "lanes.resume: out of range: 0, limit 1 to 100"},
        {"\"lanes\": {\"resume\": 101}", "lanes.resume: out of range"},
        {"\"lanes\": {\"guard\": {\"after\": \"0\"}}", "lanes.guard.after: out of range"},
        {"\"lanes\": {\"guard\": {\"points\": -1}}",
         "lanes.guard.points: out of range: -1, limit 0 to 1000000000"},
    };

    (void)state;
    policytest_refused_tops(cases, COUNT_OF(cases));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_key_of_a_lane),
        cmocka_unit_test(test_empty_lane_is_a_lane),
        cmocka_unit_test(test_yield),
        cmocka_unit_test(test_all_lanes),
        cmocka_unit_test(test_defaults_of_all_lanes),
        cmocka_unit_test(test_bad_modes),
        cmocka_unit_test(test_bad_tops),
        cmocka_unit_test(test_no_circle),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
