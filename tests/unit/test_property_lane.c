/*
 * test_property_lane.c - lanes keep what they promise, for random policies and jobs
 *
 * More for who waits longer, first in first out where the lane levels, the same for all of a mode,
 * nothing in a closed lane, the guard ahead of every lane, sums that fit.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "lane.h"
#include "pace.h"
#include "property_seed.h"
#include "property_site.h"

#define RUNS 100000
#define RUNS_CHECKED 1000
#define START INT64_C(1795219200)

/* Of all sequences: that they reach what they are to test. */
static struct {
    unsigned clipped, urgent, guarded;
} seen;

#define broken(what, one, two)                                                                     \
    fail_msg("%s: %lld, %lld; " REPEATS, what, (long long)(one), (long long)(two),                 \
             (unsigned long long)seed)

static struct aif_lane_parts parts_at(const struct aif_lane_job *job,
                                      const struct aif_sharewindow *windows, int64_t now)
{
    struct aif_lane_parts parts;
    int64_t sum;

    aif_lane_parts(&policy, windows, job, (time_t)now, &parts);
    sum = (int64_t)parts.base + parts.urgency + parts.level + parts.guard + parts.pace;
    if (parts.total < AIF_PACE_LOWEST || parts.total > AIF_LANE_BOOST_MAX)
        broken("total out of range", parts.total, sum);
    if ((parts.total == AIF_PACE_LOWEST) != (job->pace <= AIF_PACE_LOWEST))
        broken("last, and should not be, or the other way round", parts.total, job->pace);
    if (parts.total != sum && sum < AIF_LANE_BOOST_MAX && sum > AIF_PACE_LOWEST)
        broken("total is not the sum", parts.total, sum);
    seen.clipped += sum > AIF_LANE_BOOST_MAX;
    seen.urgent += parts.urgency > 0;
    seen.guarded += parts.guard > 0;
    return parts;
}

/* Often about the target of a lane, where its curve bends. */
static int64_t random_wait(void)
{
    const int64_t target = allocs[chance(ALLOCS)].mode->lane.target;

    if (chance(2) && target)
        return target + chance_in(target < 100 ? -target : -100, 100);
    return chance_in(0, chance(3) ? 3600 : chance(2) ? 60 * 86400 : 2 * START);
}

static struct aif_lane_job random_job(void)
{
    struct aif_lane_job job = {.alloc = chance(6) ? &allocs[chance(ALLOCS)] : NULL,
                               .since = (time_t)(START - random_wait())};

    job.free = !chance(6);
    job.behind = (int32_t)chance(chance(10) ? 100000 : INT32_MAX);
    if (!chance(4))
        job.pace = -(int32_t)chance(chance(2) ? 10000 : 1u << 30);
    return job;
}

static void check_older_is_ahead(const struct aif_sharewindow *windows)
{
    struct aif_lane_job job = random_job();
    const struct aif_lane_parts younger = parts_at(&job, windows, START);
    const int64_t since = job.since;
    struct aif_lane_parts older;

    job.since =
        (time_t)chance_in(since > 200 && chance(2) ? since - 200 : 1, since > 1 ? since : 1);
    if (since <= 0)
        return;
    older = parts_at(&job, windows, START);
    if (older.total < younger.total)
        broken("waits longer, has less", older.total, younger.total);
}

/* Two of one lane, of whatever allocation, with whatever rest of the priority. */
static void check_first_in_first_out(void)
{
    const int32_t rest[2] = {(int32_t)chance(1000000), (int32_t)chance(1000000)},
                  best = rest[0] > rest[1] ? rest[0] : rest[1];
    struct aif_lane_job job[2];
    int64_t priority[2];

    for (int i = 0; i < 2; i++) {
        job[i] = (struct aif_lane_job){.alloc = &allocs[chance(ALLOCS)], .behind = best - rest[i]};
        job[i].since = (time_t)(START - random_wait() / 2);
        priority[i] = parts_at(&job[i], NULL, START).total + (int64_t)rest[i];
    }
    if (job[0].alloc->mode != job[1].alloc->mode || job[0].alloc->state != job[1].alloc->state)
        return;
    if (job[0].alloc->mode->lane.level && job[0].alloc->state == AIF_STATE_OK) {
        if ((job[0].since < job[1].since && priority[0] < priority[1]) ||
            (job[0].since > job[1].since && priority[0] > priority[1]) ||
            (job[0].since == job[1].since && priority[0] != priority[1]))
            broken("not first in, first out", priority[0], priority[1]);
    }
    job[1] = (struct aif_lane_job){
        .alloc = job[1].alloc, .since = job[0].since, .behind = job[0].behind};
    if (parts_at(&job[0], NULL, START).total != parts_at(&job[1], NULL, START).total)
        broken("not the same for all of a mode", job[0].alloc - allocs, job[1].alloc - allocs);
}

static void check_closed_lane(const struct aif_sharewindow *windows)
{
    const struct aif_lane_job job = random_job();
    const struct aif_lane_parts parts = parts_at(&job, windows, START);
    const bool lane =
        job.alloc && !job.free && job.alloc->mode->lane.present && job.alloc->state == AIF_STATE_OK;
    const struct aif_share *closed = job.alloc ? aif_sharewindow_closed(windows, job.alloc) : NULL;

    if (job.pace <= AIF_PACE_LOWEST)
        return;
    if (parts.capped != (lane ? closed : NULL))
        broken("capped by another share", parts.capped != NULL, closed != NULL);
    if ((!lane || closed) && (parts.base || parts.urgency || parts.level))
        broken("points without a lane", parts.base, parts.urgency);
    if (parts.level && !job.alloc->mode->lane.level)
        broken("levelled against the policy", parts.level, job.behind);
    if (lane && !closed && parts.base != job.alloc->mode->lane.base)
        broken("a lane without its points", job.alloc->mode->lane.base, parts.base);
}

static void check_guard(void)
{
    const int64_t after = policy.lanes.guard_after;
    struct aif_lane_job outside = {0}, inside = {.alloc = &allocs[chance(ALLOCS)]};

    if (!after || aif_lane_top(&policy) == 0 || policy.lanes.guard_points != aif_lane_top(&policy))
        return;
    outside.since = (time_t)(START - 2 * after - random_wait() / 4);
    inside.since = (time_t)(START - chance_in(0, after));
    if (inside.alloc->state == AIF_STATE_OK && inside.alloc->mode->lane.present &&
        parts_at(&outside, NULL, START).total <= parts_at(&inside, NULL, START).total)
        broken("a lane is ahead of the guard", parts_at(&outside, NULL, START).total,
               parts_at(&inside, NULL, START).total);
    outside.since = (time_t)(START - chance_in(0, after));
    if (parts_at(&outside, NULL, START).total)
        broken("guarded too soon", after, START - outside.since);
}

static void check_lanes(void)
{
    struct aif_sharewindow *windows;

    make_site();
    windows = aif_sharewindow_create(&policy, capacity,
                                     (time_t)(START - chance_in(0, policy.lanes.window)));
    for (size_t i = 0; i < ALLOCS; i++)
        aif_sharewindow_start(windows, &allocs[i], chance(16),
                              (time_t)START - (time_t)policy.lanes.window);
    aif_sharewindow_advance(windows, (time_t)START);
    for (int i = 0; i < 4; i++) {
        check_older_is_ahead(windows);
        check_first_in_first_out();
        check_closed_lane(windows);
        check_guard();
    }
    aif_sharewindow_destroy(windows);
}

static void test_lanes(void **state)
{
    (void)state;
    if (!for_each_seed(RUNS, RUNS_CHECKED, check_lanes))
        return;
    print_message("clipped %u, urgent %u, guarded %u\n", seen.clipped, seen.urgent, seen.guarded);
    assert_true(seen.clipped > RUNS / 100 && seen.urgent > RUNS && seen.guarded > RUNS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_lanes),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
