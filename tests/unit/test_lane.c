/* test_lane.c - unit tests of lane.h */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "decide_fixture.h"
#include "lane.h"

static void test_boost_by_qos(void **state)
{
    struct aif_snapshot *site = fixture_create(NULL);

    (void)state;
    assert_int_equal(aif_lane_factor(site, "fl-1"), 100000);
    assert_int_equal(aif_lane_factor(site, "FL-1"), 100000);
    assert_int_equal(aif_lane_factor(site, "pg-1"), 0);
    assert_int_equal(aif_lane_factor(site, "normal"), 0);
    assert_int_equal(aif_lane_factor(site, ""), 0);
    assert_int_equal(aif_lane_factor(site, NULL), 0);
    assert_int_equal(aif_lane_factor(NULL, "fl-1"), 0);
    fixture_destroy(site);
}

static void test_no_boost_unless_ok(void **state)
{
    struct aif_snapshot *site = fixture_create(
        "\"residency\": \"EUROHPC\"}\t\"residency\": \"EUROHPC\", \"lane_boost\": 7}");

    (void)state;
    assert_int_equal(aif_lane_factor(site, "pg-1"), 7);
    assert_int_equal(aif_lane_factor(site, "pg-paused"), 0);
    fixture_destroy(site);
}

static void test_out_of_range_is_bounded(void **state)
{
    struct aif_snapshot *site = fixture_create(NULL);
    struct aif_mode *mode = (struct aif_mode *)aif_policy_mode(site->policy, "fast-lane");

    (void)state;
    mode->lane_boost = INT32_MAX;
    assert_int_equal(aif_lane_factor(site, "fl-1"), AIF_LANE_BOOST_MAX);
    mode->lane_boost = -5;
    assert_int_equal(aif_lane_factor(site, "fl-1"), 0);
    fixture_destroy(site);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_boost_by_qos),
        cmocka_unit_test(test_no_boost_unless_ok),
        cmocka_unit_test(test_out_of_range_is_bounded),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
