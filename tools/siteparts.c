/* siteparts.c - see siteparts.h */
#include "config.h"

#include <stddef.h>

#include "siteparts.h"

/* As much of rest as a part that rises with time may have: the controller's last look was a moment
 * ago. */
static int64_t risen(int64_t rest, int64_t now)
{
    if (rest < 0)
        return 0;
    return rest < now ? rest : now;
}

/* Pacing moves with all that is used: small differences are its. */
static bool is_paced(const struct aif_lane_job *job)
{
    return job->alloc && (job->free || job->alloc->pacing.kind != AIF_PACING_NONE);
}

static void split_lane(const struct aif_lane_parts *policys, const struct aif_lane_job *job,
                       int64_t site, struct aif_siteparts *parts)
{
    int64_t rest = site - policys->base - job->pace;
    const int64_t rises = risen(rest - policys->level, (int64_t)policys->urgency + policys->guard);

    parts->place = AIF_SITEPLACE_LANE;
    parts->base = policys->base;
    parts->pace = job->pace;
    parts->urgency = rises < policys->urgency ? rises : policys->urgency;
    parts->guard = rises - parts->urgency;
    rest -= rises;
    if (is_paced(job) && (rest < 0 || !job->alloc->mode->lane.level))
        parts->pace += rest;
    else
        parts->level = rest;
}

static void split_outside(const struct aif_lane_parts *policys, const struct aif_lane_job *job,
                          const int64_t *admin, int64_t site, struct aif_siteparts *parts)
{
    int64_t rest = site - job->pace;

    parts->place = job->alloc ? AIF_SITEPLACE_OUTSIDE : AIF_SITEPLACE_FOREIGN;
    parts->pace = job->pace;
    parts->guard = risen(admin && !job->alloc ? rest - *admin : rest, policys->guard);
    rest -= parts->guard;
    if (is_paced(job))
        parts->pace += rest;
    else
        parts->admin = rest;
}

static bool has_lane(const struct aif_lane_job *job)
{
    return job->alloc && !job->free && job->alloc->state == AIF_STATE_OK &&
           job->alloc->mode->lane.present;
}

/* What the policy makes of it where no lane takes it. */
static struct aif_lane_parts outside_of(const struct aif_policy *policy,
                                        const struct aif_lane_job *job, time_t now)
{
    struct aif_lane_job outside = *job;
    struct aif_lane_parts parts;

    outside.free = true;
    aif_lane_parts(policy, NULL, &outside, now, &parts);
    return parts;
}

/*
 * A share that closed or opened a moment ago may not show yet: the factor decides where it can.
 * Pacing takes off a little more or less than it did, and a new job of a lane that levels is behind
 * the others at first: what is nearer to the base is in the lane.
 */
static bool is_closed(const struct aif_lane_parts *lane, const struct aif_lane_parts *outside,
                      const struct aif_lane_job *job, const struct aif_share *capped, int64_t rest)
{
    const bool levels = job->alloc->mode->lane.level, paced = is_paced(job);
    const int64_t least = levels || paced ? lane->base / 2 : lane->base;

    return (rest < least && (least || !levels || paced)) || (capped && rest <= outside->guard);
}

void aif_siteparts_split(const struct aif_policy *policy, const struct aif_sharewindow *windows,
                         const struct aif_lane_job *job, const int64_t *admin, int64_t site,
                         time_t now, struct aif_siteparts *ret_parts)
{
    const struct aif_lane_parts outside = outside_of(policy, job, now);
    struct aif_siteparts parts = {.capped = NULL};
    const struct aif_share *capped;
    struct aif_lane_parts lane;

    if (!has_lane(job)) {
        split_outside(&outside, job, admin, site, &parts);
        *ret_parts = parts;
        return;
    }
    capped = aif_sharewindow_closed(windows, job->alloc);
    aif_lane_parts(policy, NULL, job, now, &lane);
    if (is_closed(&lane, &outside, job, capped, site - job->pace)) {
        split_outside(&outside, job, admin, site, &parts);
        parts.place = AIF_SITEPLACE_CLOSED;
        parts.capped = capped;
    } else {
        split_lane(&lane, job, site, &parts);
    }
    *ret_parts = parts;
}
