/* test_siteparts.c - unit tests of siteparts.h */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "siteparts.h"

#define NOW 2000000000
#define HALF_AN_HOUR 1800

static struct aif_mode modes[] = {
    {.name = (char *)"fast-lane",
     .lane = {.present = true,
              .level = true,
              .base = 1000,
              .target = HALF_AN_HOUR,
              .from = 50,
              .urgency = 5000}},
    {.name = (char *)"regular"},
};
static struct aif_share shares[] = {{.title = (char *)"fast", .percent = 10}};
static struct aif_policy policy = {
    .modes = modes,
    .mode_count = 2,
    .shares = shares,
    .share_count = 1,
    .lanes = {.window = 3600, .resume = 95, .guard_after = 7200, .guard_points = 20000},
};
static struct aif_alloc alloc;

static int reset(void **state)
{
    (void)state;
    modes[0].lane.level = true;
    modes[0].lane.base = 1000;
    alloc = (struct aif_alloc){.id = (char *)"A-1", .mode = &modes[0], .category = 0};
    return 0;
}

static struct aif_lane_job waits(int64_t secs, int32_t pace)
{
    return (struct aif_lane_job){.alloc = &alloc, .since = NOW - secs, .pace = pace};
}

static struct aif_siteparts split(const struct aif_lane_job *job, int64_t site,
                                  const struct aif_sharewindow *windows)
{
    struct aif_siteparts parts;

    aif_siteparts_split(&policy, windows, job, NULL, site, NOW, &parts);
    assert_int_equal(
        parts.base + parts.urgency + parts.level + parts.guard + parts.pace + parts.admin, site);
    return parts;
}

static int64_t policys(const struct aif_lane_job *job, time_t at)
{
    struct aif_lane_parts parts;

    aif_lane_parts(&policy, NULL, job, at, &parts);
    return parts.total;
}

static void test_in_a_lane(void **state)
{
    struct aif_lane_job job = waits(HALF_AN_HOUR, 0);
    struct aif_siteparts parts = split(&job, policys(&job, NOW), NULL);

    (void)state;
    assert_int_equal(parts.place, AIF_SITEPLACE_LANE);
    assert_int_equal(parts.base, 1000);
    assert_int_equal(parts.urgency, 5000);
    assert_int_equal(parts.level, 0);
    job.behind = 77;
    parts = split(&job, policys(&job, NOW), NULL);
    assert_int_equal(parts.urgency, 5000);
    assert_int_equal(parts.level, 77);
}

/* Urgency has risen since the controller looked: the difference is not taken for something else. */
static void test_controller_looked_a_moment_ago(void **state)
{
    struct aif_lane_job job = waits(HALF_AN_HOUR - 100, 0);
    struct aif_siteparts parts = split(&job, policys(&job, NOW - 30), NULL);

    (void)state;
    assert_int_equal(parts.place, AIF_SITEPLACE_LANE);
    assert_true(parts.urgency > 0);
    assert_int_equal(parts.level + parts.pace + parts.admin, 0);
    modes[0].lane.level = false;
    parts = split(&job, policys(&job, NOW - 30), NULL);
    assert_int_equal(parts.level + parts.pace + parts.admin, 0);
}

/* Where it is known how far the job is behind, older urgency and level are told apart. */
static void test_older_urgency_and_level(void **state)
{
    struct aif_lane_job job = waits(HALF_AN_HOUR - 100, 0);
    struct aif_siteparts parts;

    (void)state;
    job.behind = 700;
    parts = split(&job, policys(&job, NOW - 30), NULL);
    assert_int_equal(parts.level, 700);
    assert_true(parts.urgency > 0);
    parts = split(&job, 1000 + 300, NULL); /* it is further behind than at the last look */
    assert_int_equal(parts.urgency, 0);
    assert_int_equal(parts.level, 300);
}

static void test_administrator_is_known(void **state)
{
    struct aif_lane_job job = waits(7200 + 3600, 0);
    const int64_t admin = 55;
    struct aif_siteparts parts;

    (void)state;
    job.alloc = NULL;
    aif_siteparts_split(&policy, NULL, &job, &admin, 9000 + 55, NOW, &parts);
    assert_int_equal(parts.guard, 9000);
    assert_int_equal(parts.admin, 55);
    aif_siteparts_split(&policy, NULL, &job, &admin, 40, NOW, &parts); /* given another since */
    assert_int_equal(parts.guard, 0);
    assert_int_equal(parts.admin, 40);
}

static void test_pacing(void **state)
{
    struct aif_lane_job job = waits(10, -300);
    struct aif_siteparts parts;

    (void)state;
    alloc.pacing.kind = AIF_PACING_LINEAR;
    parts = split(&job, policys(&job, NOW), NULL);
    assert_int_equal(parts.base, 1000);
    assert_int_equal(parts.pace, -300);
    parts = split(&job, policys(&job, NOW) - 5, NULL); /* more was used since */
    assert_int_equal(parts.place, AIF_SITEPLACE_LANE);
    assert_int_equal(parts.base, 1000);
    assert_int_equal(parts.pace, -305);
    assert_int_equal(split(&job, -290, NULL).place, AIF_SITEPLACE_CLOSED);
    parts = split(&job, policys(&job, NOW) + 5, NULL);
    assert_int_equal(parts.level, 5); /* for all that the factor can tell */
    modes[0].lane.level = false;
    parts = split(&job, policys(&job, NOW) + 5, NULL);
    assert_int_equal(parts.pace, -295);
    alloc.mode = &modes[1];
    parts = split(&job, -290, NULL);
    assert_int_equal(parts.place, AIF_SITEPLACE_OUTSIDE);
    assert_int_equal(parts.pace, -290);
    job.pace = AIF_PACE_LOWEST;
    parts = split(&job, AIF_PACE_LOWEST, NULL);
    assert_int_equal(parts.pace, AIF_PACE_LOWEST);
}

static void test_free_qos(void **state)
{
    struct aif_lane_job job = waits(100000, AIF_PACE_LOWEST);
    struct aif_siteparts parts;

    (void)state;
    job.free = true;
    parts = split(&job, policys(&job, NOW), NULL);
    assert_int_equal(parts.place, AIF_SITEPLACE_OUTSIDE);
    assert_int_equal(parts.pace, AIF_PACE_LOWEST);
    assert_int_equal(parts.guard + parts.admin, 0);
}

static void test_guard_and_administrator(void **state)
{
    struct aif_lane_job job = waits(7200 + 3600, 0);
    struct aif_siteparts parts;

    (void)state;
    alloc.mode = &modes[1];
    parts = split(&job, policys(&job, NOW), NULL);
    assert_int_equal(parts.place, AIF_SITEPLACE_OUTSIDE);
    assert_int_equal(parts.guard, 10000);
    assert_int_equal(parts.admin, 0);
    job.alloc = NULL;
    parts = split(&job, 10000 + 55, NULL);
    assert_int_equal(parts.place, AIF_SITEPLACE_FOREIGN);
    assert_int_equal(parts.guard, 10000);
    assert_int_equal(parts.admin, 55);
    parts = split(&job, -55, NULL);
    assert_int_equal(parts.guard, 0);
    assert_int_equal(parts.admin, -55);
    parts = split(&job, 9990, NULL); /* of a moment ago */
    assert_int_equal(parts.admin, 0);
}

static struct aif_sharewindow *used_up(void)
{
    struct aif_sharewindow *windows = aif_sharewindow_create(&policy, 4, NOW - 3600);

    aif_sharewindow_start(windows, &alloc, 4, NOW - 3600);
    aif_sharewindow_advance(windows, NOW);
    assert_ptr_equal(aif_sharewindow_closed(windows, &alloc), &shares[0]);
    return windows;
}

static void test_a_new_job_is_behind_its_lane(void **state)
{
    struct aif_lane_job job = waits(0, 0);
    struct aif_siteparts parts = split(&job, 998, NULL);

    (void)state;
    assert_int_equal(parts.place, AIF_SITEPLACE_LANE);
    assert_int_equal(parts.base, 1000);
    assert_int_equal(parts.level, -2);
    modes[0].lane.base = 0;
    parts = split(&job, -2, NULL);
    assert_int_equal(parts.place, AIF_SITEPLACE_LANE);
    assert_int_equal(parts.level, -2);
    modes[0].lane.level = false;
    assert_int_equal(split(&job, -2, NULL).place, AIF_SITEPLACE_CLOSED);
}

static void test_closed_lane(void **state)
{
    struct aif_sharewindow *windows = used_up(), *open = aif_sharewindow_create(&policy, 4, NOW);
    struct aif_lane_job job = waits(60, 0);
    struct aif_siteparts parts = split(&job, 0, windows);

    (void)state;
    assert_int_equal(parts.place, AIF_SITEPLACE_CLOSED);
    assert_ptr_equal(parts.capped, &shares[0]);
    parts =
        split(&job, 1000, windows); /* the controller has not seen it yet, or sees it otherwise */
    assert_int_equal(parts.place, AIF_SITEPLACE_LANE);
    parts = split(&job, 0, NULL); /* who may not read the windows sees it by the factor */
    assert_int_equal(parts.place, AIF_SITEPLACE_CLOSED);
    assert_null(parts.capped);
    parts = split(&job, 0, open);
    assert_int_equal(parts.place, AIF_SITEPLACE_CLOSED);
    modes[0].lane.base = 0; /* where it cannot, the windows decide */
    assert_int_equal(split(&job, 0, windows).place, AIF_SITEPLACE_CLOSED);
    assert_int_equal(split(&job, 0, open).place, AIF_SITEPLACE_LANE);
    assert_int_equal(split(&job, 0, NULL).place, AIF_SITEPLACE_LANE);
    job = waits(7200 + 3600, 0);
    modes[0].lane.base = 30000;
    parts = split(&job, 10000, windows);
    assert_int_equal(parts.place, AIF_SITEPLACE_CLOSED);
    assert_int_equal(parts.guard, 10000);
    aif_sharewindow_destroy(windows);
    aif_sharewindow_destroy(open);
}

static void test_paused_allocation_has_no_lane(void **state)
{
    struct aif_lane_job job = waits(60, 0);
    struct aif_siteparts parts;

    (void)state;
    alloc.state = AIF_STATE_PAUSED;
    parts = split(&job, 12, NULL);
    assert_int_equal(parts.place, AIF_SITEPLACE_OUTSIDE);
    assert_int_equal(parts.admin, 12);
}

/* Whatever the controller has, the parts are it; what the policy gives is found in it. */
static void test_any_factor_adds_up(void **state)
{
    struct aif_sharewindow *windows = used_up();

    (void)state;
    srandom(20261121);
    for (int i = 0; i < 20000; i++) {
        struct aif_lane_job job =
            waits(random() % 100000, random() % 2 ? 0 : -(int32_t)(random() % 3000));
        const struct aif_sharewindow *seen = random() % 2 ? windows : NULL;
        struct aif_siteparts parts;

        alloc.pacing.kind = job.pace ? AIF_PACING_LINEAR : AIF_PACING_NONE;
        alloc.mode = &modes[random() % 2];
        job.alloc = random() % 4 ? &alloc : NULL;
        job.pace = job.alloc ? job.pace : 0;
        job.behind = (int32_t)(random() % 5000);
        split(&job, random() % 100000 - 50000, seen);
        parts = split(&job, policys(&job, NOW), NULL);
        if (parts.place == AIF_SITEPLACE_LANE)
            assert_int_equal(parts.level, job.behind);
        assert_int_equal(parts.admin, 0);
        assert_int_equal(parts.pace, job.pace);
    }
    aif_sharewindow_destroy(windows);
}

#define TEST(name) cmocka_unit_test_setup(name, reset)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_in_a_lane),
        TEST(test_controller_looked_a_moment_ago),
        TEST(test_older_urgency_and_level),
        TEST(test_administrator_is_known),
        TEST(test_pacing),
        TEST(test_free_qos),
        TEST(test_guard_and_administrator),
        TEST(test_a_new_job_is_behind_its_lane),
        TEST(test_closed_lane),
        TEST(test_paused_allocation_has_no_lane),
        TEST(test_any_factor_adds_up),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
