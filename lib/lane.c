/* lane.c - see lane.h */
#include "lane.h"

#include <stddef.h>

/* Seconds; longer waits differ no more, so that products fit into 64 bits. */
#define WAIT_MAX (INT64_C(10) * 366 * 86400)
#define LANE_GUARD_MAX (AIF_LANE_BOOST_MAX / 5) /* leaves room to level, or it would not be first in, first out */
#define LATE_SLOWER 4 /* how many targets after the first the second urgency is half reached */

/* ---- parts ---- */

/* Seconds; less than 0 while it cannot start; 0 when it is not known since when it could. */
static int64_t wait_of(const struct aif_lane_job *job, time_t now)
{
    const int64_t wait = job->since > 0 ? (int64_t)now - (int64_t)job->since : 0;

    return wait < WAIT_MAX ? wait : WAIT_MAX;
}

static int32_t urgency_of(const struct aif_lane *lane, int64_t wait)
{
    const int64_t target = lane->target, begin = target * lane->from / 100, late = wait - target;

    if (!target || wait <= begin)
        return 0;
    if (late <= 0)
        return (int32_t)(lane->urgency * (wait - begin) / (target - begin));
    return lane->urgency + (int32_t)(lane->urgency * late / (late + LATE_SLOWER * target));
}

/* Grows on after it has reached its points, as other factors may differ by more than lanes give. */
static int32_t guard_of(const struct aif_lanes_conf *conf, int64_t wait, int32_t most)
{
    const int64_t over = wait - conf->guard_after;
    int64_t points;

    if (!conf->guard_after || over <= 0)
        return 0;
    points = conf->guard_points * over / conf->guard_after;
    return points < most ? (int32_t)points : most;
}

static int32_t level_of(const struct aif_lane *lane, int32_t behind)
{
    if (!lane->level || behind < 0)
        return 0;
    return behind < AIF_LANE_BOOST_MAX ? behind : AIF_LANE_BOOST_MAX;
}

/* The lane that the job is in, or NULL. *ret_capped gets the share that keeps it out. */
static const struct aif_lane *lane_of(const struct aif_sharewindow *windows,
                                      const struct aif_lane_job *job,
                                      const struct aif_share **ret_capped)
{
    const struct aif_alloc *alloc = job->alloc;

    if (!alloc || job->free || alloc->state != AIF_STATE_OK || !alloc->mode->lane.present)
        return NULL;
    *ret_capped = aif_sharewindow_closed(windows, alloc);
    return *ret_capped ? NULL : &alloc->mode->lane;
}

/* Never less than pace alone, so above AIF_PACE_LOWEST, which is for jobs that come last. */
static int32_t total_of(const struct aif_lane_parts *parts)
{
    const int64_t total =
        (int64_t)parts->base + parts->urgency + parts->level + parts->guard + parts->pace;

    return total < AIF_LANE_BOOST_MAX ? (int32_t)total : AIF_LANE_BOOST_MAX;
}

/* ---- all of them ---- */

void aif_lane_parts(const struct aif_policy *policy, const struct aif_sharewindow *windows,
                    const struct aif_lane_job *job, time_t now, struct aif_lane_parts *ret_parts)
{
    struct aif_lane_parts parts = {.pace = job->pace, .total = AIF_PACE_LOWEST};
    const int64_t wait = wait_of(job, now);
    const struct aif_lane *lane;

    if (job->pace > AIF_PACE_LOWEST) {
        lane = lane_of(windows, job, &parts.capped);
        parts.base = lane ? lane->base : 0;
        parts.urgency = lane ? urgency_of(lane, wait) : 0;
        parts.level = lane ? level_of(lane, job->behind) : 0;
        parts.guard = guard_of(&policy->lanes, wait, lane ? LANE_GUARD_MAX : AIF_LANE_BOOST_MAX);
        parts.total = total_of(&parts);
    }
    *ret_parts = parts;
}

int32_t aif_lane_top(const struct aif_policy *policy)
{
    int32_t top = -1;

    for (size_t i = 0; i < policy->mode_count; i++) {
        const struct aif_lane *lane = &policy->modes[i].lane;
        const int32_t most = lane->base + 2 * lane->urgency;

        if (lane->present && most > top)
            top = most;
    }
    return top + 1;
}
