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
    struct aif_snapshot *snapshot = fixture_create(NULL);

    (void)state;
    assert_int_equal(aif_lane_factor(snapshot, "fl-1"), 100000);
    assert_int_equal(aif_lane_factor(snapshot, "FL-1"), 100000);
    assert_int_equal(aif_lane_factor(snapshot, "pg-1"), 0);
    assert_int_equal(aif_lane_factor(snapshot, "normal"), 0);
    assert_int_equal(aif_lane_factor(snapshot, ""), 0);
    assert_int_equal(aif_lane_factor(snapshot, NULL), 0);
    assert_int_equal(aif_lane_factor(NULL, "fl-1"), 0);
    fixture_destroy(snapshot);
}

static void test_no_boost_unless_ok(void **state)
{
    struct aif_snapshot *snapshot = fixture_create(
        "\"residency\": \"EUROHPC\"}\t\"residency\": \"EUROHPC\", \"lane_boost\": 7}");

    (void)state;
    assert_int_equal(aif_lane_factor(snapshot, "pg-1"), 7);
    assert_int_equal(aif_lane_factor(snapshot, "pg-paused"), 0);
    fixture_destroy(snapshot);
}

static void test_out_of_range_is_bounded(void **state)
{
    struct aif_snapshot *snapshot = fixture_create(NULL);
    struct aif_mode *mode = (struct aif_mode *)aif_policy_mode(snapshot->policy, "fast-lane");

    (void)state;
    mode->lane_boost = INT32_MAX;
    assert_int_equal(aif_lane_factor(snapshot, "fl-1"), AIF_LANE_BOOST_MAX);
    mode->lane_boost = -5;
    assert_int_equal(aif_lane_factor(snapshot, "fl-1"), 0);
    fixture_destroy(snapshot);
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
