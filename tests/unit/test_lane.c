/* test_lane.c - unit tests of lane.h */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "decide_fixture.h"
#include "lane.h"
#include "pace.h"

#define LANE "\"lane\": {\"base\": 100000}\t\"lane\": "
#define TARGETED "{\"base\": 1000, \"target\": \"00:30:00\", \"urgency\": 400000, \"level\": true}"
#define TARGET 1800
#define TOP 801001

static struct aif_snapshot *lanes;

static const struct aif_alloc *alloc_of(const char *id)
{
    const struct aif_alloc *alloc = aif_alloctable_by_id(lanes->allocs, id);

    assert_non_null(alloc);
    return alloc;
}

static struct aif_lane_parts parts_of(const struct aif_lane_job *job)
{
    struct aif_lane_parts parts;

    aif_lane_parts(lanes->policy, NULL, job, NOW, &parts);
    return parts;
}

/* Points of a job of that allocation that has waited so long. */
static struct aif_lane_parts waited(const char *id, time_t seconds)
{
    return parts_of(
        &(struct aif_lane_job){.alloc = id ? alloc_of(id) : NULL, .since = NOW - seconds});
}

static void test_base_from_the_start(void **state)
{
    struct aif_lane_parts parts = waited("FL-1", 0);

    (void)state;
    assert_int_equal(parts.base, 1000);
    assert_int_equal(parts.urgency, 0);
    assert_int_equal(parts.total, 1000);
    assert_null(parts.capped);
    assert_int_equal(waited("FL-1", -TARGET).total, 1000);
    assert_int_equal(waited("PG-1", 0).total, 0);
    assert_int_equal(waited(NULL, 0).total, 0);
}

static void test_urgency_rises_towards_the_target(void **state)
{
    (void)state;
    assert_int_equal(waited("FL-1", TARGET / 2).urgency, 0);
    assert_int_equal(waited("FL-1", TARGET * 3 / 4).urgency, 200000);
    assert_int_equal(waited("FL-1", TARGET - 9).urgency, 396000);
    assert_int_equal(waited("FL-1", TARGET).urgency, 400000);
    assert_int_equal(waited("FL-1", TARGET + 9).urgency, 400499);
    assert_int_equal(waited("FL-1", TARGET * 5).urgency, 600000);
    assert_in_range(waited("FL-1", TARGET * 1000).urgency, 798000, 800000);
    assert_int_equal(waited("FL-1", TARGET).total, 401000);
}

static void test_not_known_since_when(void **state)
{
    (void)state;
    assert_int_equal(waited("FL-1", NOW).total, 1000);
    assert_int_equal(waited(NULL, NOW).total, 0);
}

static void test_level_lifts_to_the_best(void **state)
{
    struct aif_lane_job job = {.alloc = alloc_of("FL-1"), .since = NOW, .behind = 77};

    (void)state;
    assert_int_equal(parts_of(&job).level, 77);
    assert_int_equal(parts_of(&job).total, 1077);
    job.behind = -5;
    assert_int_equal(parts_of(&job).total, 1000);
    job.behind = INT32_MAX;
    assert_int_equal(parts_of(&job).total, AIF_LANE_BOOST_MAX);
    job.alloc = alloc_of("PG-1");
    assert_int_equal(parts_of(&job).total, 0);
}

static void test_no_lane_on_the_free_qos_or_unless_ok(void **state)
{
    struct aif_lane_job job = {
        .alloc = alloc_of("FL-1"), .since = NOW - TARGET, .free = true, .pace = -7};
    struct aif_alloc *paused = (struct aif_alloc *)alloc_of("FL-1");

    (void)state;
    assert_int_equal(parts_of(&job).total, -7);
    job.free = false;
    assert_int_equal(parts_of(&job).total, 401000 - 7);
    paused->state = AIF_STATE_PAUSED;
    assert_int_equal(parts_of(&job).total, -7);
    paused->state = AIF_STATE_OK;
}

static void test_lowest_stays_lowest(void **state)
{
    struct aif_lane_job job = {
        .alloc = alloc_of("FL-1"), .since = NOW - TARGET, .pace = AIF_PACE_LOWEST};

    (void)state;
    assert_int_equal(parts_of(&job).total, AIF_PACE_LOWEST);
    job.since = NOW - 100 * 86400;
    job.free = true;
    assert_int_equal(parts_of(&job).total, AIF_PACE_LOWEST);
    job.pace = AIF_PACE_LOWEST + 1;
    job.since = NOW;
    assert_int_equal(parts_of(&job).total, AIF_PACE_LOWEST + 1);
}

static void test_guard_gets_ahead_of_every_lane(void **state)
{
    const uint32_t after = lanes->policy->lanes.guard_after;

    (void)state;
    assert_int_equal(aif_lane_top(lanes->policy), TOP);
    assert_int_equal(lanes->policy->lanes.guard_points, TOP);
    assert_int_equal(waited("PG-1", after).total, 0);
    assert_int_equal(waited("PG-1", after * 3 / 2).guard, TOP / 2);
    assert_int_equal(waited("PG-1", after * 2).total, TOP);
    assert_int_equal(waited(NULL, after * 2).total, TOP);
    assert_int_equal(waited(NULL, after * 3).total, 2 * TOP);
    assert_int_equal(waited(NULL, INT64_C(10) * NOW / 11).total,
                     waited("PG-PAUSED", INT64_C(10) * NOW / 11).total);
    assert_true(waited("FL-1", after).total < TOP);
}

static void test_guard_starves_no_lane(void **state)
{
    const uint32_t after = lanes->policy->lanes.guard_after;

    (void)state;
    assert_int_equal(waited("FL-1", after).guard, 0);
    assert_int_equal(waited("FL-1", after * 3).guard, 2 * TOP);
    for (uint32_t wait = 0; wait < 6 * after; wait += after / 7)
        assert_true(waited("FL-1", wait).total > waited(NULL, wait).total);
}

static void test_guard_as_the_site_says(void **state)
{
    struct aif_lanes_conf *conf = &lanes->policy->lanes;
    const struct aif_lanes_conf before = *conf;

    (void)state;
    conf->guard_points = 600;
    conf->guard_after = 3600;
    assert_int_equal(waited("PG-1", 3600 + 60).guard, 10);
    conf->guard_points = AIF_LANE_BOOST_MAX;
    conf->guard_after = 1;
    assert_int_equal(waited("PG-1", NOW / 2).total, AIF_LANE_BOOST_MAX);
    conf->guard_after = 0;
    assert_int_equal(waited("PG-1", NOW / 2).total, 0);
    *conf = before;
}

static void test_used_up_share_closes_the_lane(void **state)
{
    struct aif_share share = {.title = "all", .percent = 10};
    struct aif_policy policy = *lanes->policy;
    struct aif_lane_job job = {.alloc = alloc_of("FL-1"), .since = NOW - TARGET, .behind = 5};
    struct aif_sharewindow *windows;
    struct aif_lane_parts parts;

    (void)state;
    policy.shares = &share;
    policy.share_count = 1;
    windows = aif_sharewindow_create(&policy, 10, NOW - policy.lanes.window);
    aif_sharewindow_start(windows, job.alloc, 2, NOW - policy.lanes.window);
    aif_sharewindow_advance(windows, NOW);
    aif_lane_parts(&policy, windows, &job, NOW, &parts);
    assert_ptr_equal(parts.capped, &share);
    assert_int_equal(parts.total, 0);
    job.alloc = alloc_of("PG-1");
    aif_lane_parts(&policy, windows, &job, NOW, &parts);
    assert_null(parts.capped);
    aif_sharewindow_destroy(windows);
}

static void test_without_lanes_no_guard(void **state)
{
    struct aif_snapshot *plain = fixture_create("\"lane\": {\"base\": 100000},\t");
    struct aif_lane_job job = {.since = 1};
    struct aif_lane_parts parts;

    (void)state;
    assert_int_equal(aif_lane_top(plain->policy), 0);
    aif_lane_parts(plain->policy, NULL, &job, NOW, &parts);
    assert_int_equal(parts.total, 0);
    fixture_destroy(plain);
}

static int make_lanes(void **state)
{
    (void)state;
    lanes = fixture_create(LANE TARGETED);
    return 0;
}

static int destroy_lanes(void **state)
{
    (void)state;
    fixture_destroy(lanes);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_base_from_the_start),
        cmocka_unit_test(test_urgency_rises_towards_the_target),
        cmocka_unit_test(test_not_known_since_when),
        cmocka_unit_test(test_level_lifts_to_the_best),
        cmocka_unit_test(test_no_lane_on_the_free_qos_or_unless_ok),
        cmocka_unit_test(test_lowest_stays_lowest),
        cmocka_unit_test(test_guard_gets_ahead_of_every_lane),
        cmocka_unit_test(test_guard_starves_no_lane),
        cmocka_unit_test(test_guard_as_the_site_says),
        cmocka_unit_test(test_used_up_share_closes_the_lane),
        cmocka_unit_test(test_without_lanes_no_guard),
    };

    return cmocka_run_group_tests(tests, make_lanes, destroy_lanes);
}
